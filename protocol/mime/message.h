// What the reader makes of a message: a flat list of its parts, with offsets into the stored
// octets.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mail::mime {

/// A parameter of a Content- field, quoting removed, RFC 2231 marks left in the name.
struct Param {
    std::string name;
    std::string value;
    bool operator==(Param const&) const = default;
};
using Params = std::vector<Param>;

enum class PartKind : std::uint8_t {
    leaf = 0,
    multipart = 1, ///< has at least one child
    message = 2
}; ///< message/rfc822 or message/global: has one child, the root of the embedded message

/// One part. Offsets count octets from the start of the whole message; header_begin <= body_begin
/// <= body_end; a child lies within its parent's body. MIME header: [header_begin, body_begin),
/// with the blank line; body: [body_begin, body_end), without the line end that belongs to the next
/// boundary.
struct Part {
    PartKind kind = PartKind::leaf;
    std::uint32_t depth = 0; ///< 0 for the root; parts are in preorder, so this is the whole tree
    std::uint64_t header_begin = 0;
    std::uint64_t body_begin = 0;
    std::uint64_t body_end = 0;
    std::uint64_t lines = 0; ///< of the body; a last line without line end counts
    std::string type = "text"; ///< never empty; spelled as in the message
    std::string subtype = "plain"; ///< never empty
    Params params; ///< of Content-Type
    std::string encoding; ///< Content-Transfer-Encoding; empty: 7bit
    std::string content_id;
    std::string description;
    std::string md5;
    std::string disposition; ///< empty: none given
    Params disposition_params;
    std::vector<std::string> languages;
    std::string location;
    std::string envelope; ///< kind message: the embedded message's, as envelope_of() writes it
};

struct Message {
    std::vector<Part> parts; ///< preorder, never empty; [0] is the message itself
    std::uint64_t size = 0; ///< octets
    std::uint64_t lines = 0;
    std::string header; ///< the message's own header block, up to Limits::header_octets
    std::string text_prefix; ///< first octets of the body of text_part, as stored (encoded)
    std::size_t text_part = 0; ///< index of the part that a preview is taken from
    bool has_text = false; ///< whether there is such a part
};

} // namespace mail::mime
