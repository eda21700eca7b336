// PLAIN: authorization identity, name and password in one response (RFC 4616).
#include "protocol/sasl/mechanism.h"

namespace mail::sasl {

namespace {

    class Plain final : public Mechanism {
    public:
        Step begin() override { return Challenge {}; }

        Step feed(std::string_view response) override
        {
            auto const first = response.find('\0');
            auto const second = first == response.npos ? first : response.find('\0', first + 1);
            if (second == response.npos || response.find('\0', second + 1) != response.npos)
                return Malformed { "PLAIN takes identity NUL name NUL password" };
            PasswordClaim claim { std::string(response.substr(0, first)),
                std::string(response.substr(first + 1, second - first - 1)),
                std::string(response.substr(second + 1)) };
            if (claim.name.empty() || claim.password.empty())
                return Malformed { "PLAIN needs a name and a password" };
            return claim;
        }
    };

} // namespace

std::unique_ptr<Mechanism> make_plain(Channel const&) { return std::make_unique<Plain>(); }

} // namespace mail::sasl
