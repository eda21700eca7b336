// LOGIN: name, then password, each asked for by a challenge (draft-murchison-sasl-login). Obsolete,
// and what some clients of Microsoft still speak; Outlook for Mac sends the name as initial
// response.
#include "protocol/sasl/mechanism.h"

namespace mail::sasl {

namespace {

    class Login final : public Mechanism {
    public:
        Step begin() override { return Challenge { "Username:" }; }

        Step feed(std::string_view response) override
        {
            if (response.empty() || response.find('\0') != response.npos)
                return Malformed {
                    "LOGIN needs a name and a password, neither empty nor with NUL"
                };
            if (name_.empty()) {
                name_ = response;
                return Challenge { "Password:" };
            }
            return PasswordClaim { {}, std::move(name_), std::string(response) };
        }

    private:
        std::string name_;
    };

} // namespace

std::unique_ptr<Mechanism> make_login(Channel const&) { return std::make_unique<Login>(); }

} // namespace mail::sasl
