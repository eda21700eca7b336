// One spelling of user names, however a client composes their characters (RFC 4013).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mail::sasl {

/// The text as SASLprep makes it; characters that are younger than the profile (Unicode 3.2) stay.
/// nullopt: it is no UTF-8, or has characters that no name may have. May become empty.
std::optional<std::string> saslprep(std::string_view utf8);

} // namespace mail::sasl
