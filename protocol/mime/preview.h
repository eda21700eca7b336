// The first words of a message, for lists of messages (RFC 8970).
#pragma once

#include "protocol/mime/message.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace mail::mime {

inline constexpr std::size_t preview_characters = 200; ///< RFC 8970 §3.1 asks for no more than 256

/// From the prefix of the first text part that the reader kept: decoded, HTML's tags left out,
/// white space run together; valid UTF-8 on one line. Empty when there is no text.
std::string preview_of(Message const& message);

/// From UTF-8 text.
std::string preview_of_plain(std::string_view text);
std::string preview_of_html(std::string_view html);

} // namespace mail::mime
