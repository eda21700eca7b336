// EXTERNAL: the client is who its TLS certificate says (RFC 4422, appendix A).
#include "protocol/sasl/mechanism.h"
#include "protocol/sasl/saslprep.h"

namespace mail::sasl {

namespace {

    class External final : public Mechanism {
    public:
        Step begin() override { return Challenge {}; }

        /// authz-id-string: whom to act as; empty: as whom the certificate names.
        Step feed(std::string_view response) override
        {
            auto const prepared = saslprep(response);
            if (!prepared || (prepared->empty() && !response.empty()))
                return Malformed { "EXTERNAL takes the name to act as, in UTF-8, or nothing" };
            return CertificateClaim { std::string(response) };
        }
    };

} // namespace

std::unique_ptr<Mechanism> make_external(Channel const&) { return std::make_unique<External>(); }

} // namespace mail::sasl
