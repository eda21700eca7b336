// How values of parameters hide octets that the grammar of SMTP has other uses for.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mail::lmtp {

/// Undoes xtext (RFC 3461 §4): "+" and two hexadecimal digits in upper case stand for an octet.
/// Octets beyond ASCII are taken as they are. Nothing when it is no xtext, or stands for a control
/// character: no value of RFC 3461 may have one, and they go into header fields.
std::optional<std::string> decode_xtext(std::string_view text);

} // namespace mail::lmtp
