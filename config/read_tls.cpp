// [tls]
#include "config/reading.h"

namespace mail::config {

void read_tls(Reading& r, Section& in)
{
    auto& out = r.config.tls;
    in.require("certificate", "\"/etc/mailroom/certificate.pem\"");
    in.require("private_key", "\"/etc/mailroom/private-key.pem\"");
    if (in.path("certificate", out.certificate, r.base))
        require_readable(
            r, in, "certificate", out.certificate, "name a PEM file that this user may read");
    if (in.path("private_key", out.private_key, r.base))
        require_readable(
            r, in, "private_key", out.private_key, "name a PEM file that this user may read");
    static constexpr Choice<bool> versions[] = { { "1.2", false }, { "1.3", true } };
    in.choice("minimum_version", out.only_tls13, versions);
}

} // namespace mail::config
