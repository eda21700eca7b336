// Base64 as SASL exchanges carry it (RFC 4648 §4): strict, so that one value has one spelling.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace mail::sasl {

/// The octets that `text` stands for. Nothing when it is not canonical base64 (white space, missing
/// or superfluous padding, bits set behind the end) or would be more than `max_octets`.
std::optional<std::string> decode_base64(std::string_view text, std::size_t max_octets);

/// Appends `octets`, encoded with padding and without line ends.
void append_base64(std::string& out, std::string_view octets);

} // namespace mail::sasl
