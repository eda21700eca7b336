// Strings as IMAP sends them (RFC 9051 §4.3).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mail::mime {

/// Appends a quoted string where one may be used; a literal for 8-bit octets, CR, LF and long
/// strings. NULs are left out: no form may carry them.
void append_string(std::string& out, std::string_view text);
/// The same; NIL for an empty text.
void append_nstring(std::string& out, std::string_view text);

void append_number(std::string& out, std::uint64_t number);

} // namespace mail::mime
