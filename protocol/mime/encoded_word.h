// Text of headers in UTF-8: encoded words (RFC 2047) and parameter values (RFC 2231).
#pragma once

#include "protocol/mime/message.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace mail::mime {

/// Decodes a raw field value: unfolds it, decodes its encoded words, takes plain 8-bit text as
/// UTF-8 or else windows-1252. What is no valid encoded word stays as it is. The result is valid
/// UTF-8. Linear.
std::string decode_text(std::string_view raw_value);

/// The same, without guesses, for comparison (RFC 5255 §4.6).
struct StrictText {
    std::string
        text; ///< UTF-8; when that cannot be, the octets that are left without MIME's encoding
    bool is_valid = true; ///< false: a charset is unknown, or octets are none of their charset
};
StrictText decode_text_strictly(std::string_view raw_value);

/// Decodes %XX of an RFC 2231 extended value, "charset'language'text".
std::string decode_extended_value(std::string_view value);

/// The value of a parameter: name, name*, name*0, name*0* ... joined and decoded to UTF-8.
std::optional<std::string> param_value(std::span<Param const> params, std::string_view name);

} // namespace mail::mime
