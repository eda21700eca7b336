// Marks of the structure blob, shared by its writer and its reader.
#pragma once

#include <cstdint>

namespace mail::mime::structure_format {

// version, then numbers: octets and lines of the message, parts; then the parts in preorder, each:
//   octet    kind in bits 0 and 1, presence of optional items in the others
//   numbers  depth, header_begin, header octets, body octets, body lines
//   strings  type, subtype, encoding
//   params   number, then name and value of each
//   optional strings id, description, md5; disposition with params; number and strings of
//   languages; string location; for kind message the string envelope
inline constexpr char version = 1;
inline constexpr unsigned kind_mask = 0x03;
inline constexpr unsigned has_id = 0x04;
inline constexpr unsigned has_description = 0x08;
inline constexpr unsigned has_md5 = 0x10;
inline constexpr unsigned has_disposition = 0x20;
inline constexpr unsigned has_languages = 0x40;
inline constexpr unsigned has_location = 0x80;
inline constexpr std::uint32_t deepest = 201; ///< depth of a part: Limits::depth is 200 at most

} // namespace mail::mime::structure_format
