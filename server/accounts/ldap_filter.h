// Filters of directories (RFC 4515) in which a name stands.
#pragma once

#include <string>
#include <string_view>

namespace mail::server {

/// A value as filters have it: what means something there is escaped (§3).
std::string escape_filter_value(std::string_view value);

/// The filter with the name in it: %u all of it, %n what stands in front of its last "@", %d what
/// stands behind it (empty when there is none), %% a percent sign.
std::string fill_filter(std::string_view filter, std::string_view name);

} // namespace mail::server
