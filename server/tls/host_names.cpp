// Compares names of hosts.
#include "server/tls/host_names.h"

#include "storage/ascii.h"

namespace mail::server::tls {

std::string host_name(std::string_view written)
{
    if (written.ends_with('.'))
        written.remove_suffix(1);
    return ascii::lower_case(written);
}

bool is_for(std::string_view pattern, std::string_view name)
{
    return pattern == name
        || (pattern.starts_with("*.") && !name.starts_with('*') && pattern == wildcard_for(name));
}

std::string wildcard_for(std::string_view name)
{
    auto const dot = name.find('.');
    if (dot == std::string_view::npos || dot == 0)
        return {};
    return "*" + std::string(name.substr(dot));
}

} // namespace mail::server::tls
