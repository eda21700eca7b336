// [proxy]
#include "config/reading.h"

namespace mail::config {

void read_proxy(Reading& r, Section& in)
{
    in.require("networks", "[\"10.0.0.5\"]");
    in.texts("networks", r.config.proxy.networks, r.checks.is_network,
        "write the proxies' addresses or networks, such as \"10.0.0.5\" or \"2001:db8::/64\"");
}

} // namespace mail::config
