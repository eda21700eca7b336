// What SCRAM and OAUTHBEARER have of the GS2 family (RFC 5801 §4).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mail::sasl {

/// A saslname without its escapes: "=2C" and "=3D" stand for a comma and an equals sign. nullopt:
/// it is none, or empty, or has a NUL.
std::optional<std::string> decode_saslname(std::string_view text);

} // namespace mail::sasl
