// Modified UTF-7, in which rev1 writes mailbox names (RFC 3501 §5.1.3).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mail::imap {

/// To UTF-8. nullopt when it is not well-formed: 8-bit octets, bad base64, lone surrogates, what
/// should have been written directly.
std::optional<std::string> decode_mutf7(std::string_view name);

/// From well-formed UTF-8.
std::string encode_mutf7(std::string_view name);

bool is_utf8(std::string_view octets); ///< well-formed (RFC 3629)

} // namespace mail::imap
