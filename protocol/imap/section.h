// Sections of a message: what BODY[...] names, and the octets of the stored message that it means
// (RFC 9051 §6.4.5.1).
#pragma once

#include "protocol/mime/structure.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mail::imap {

struct Section {
    enum class Text : std::uint8_t {
        whole, ///< BODY[], BODY[1.2]
        header, ///< HEADER
        fields, ///< HEADER.FIELDS
        all_but_fields, ///< HEADER.FIELDS.NOT
        mime, ///< MIME
        text, ///< TEXT
    };
    std::vector<std::uint32_t> path; ///< part numbers; empty: the message itself
    Text text = Text::whole;
    std::vector<std::string> fields; ///< for the two that select fields; spelled as asked

    bool selects_fields() const { return text == Text::fields || text == Text::all_but_fields; }
};

/// What stands after "<" (RFC 9051 §6.4.5).
struct Partial {
    std::uint64_t offset = 0;
    std::uint64_t octets = 0; ///< never 0
};

inline constexpr std::size_t max_section_depth = 128; ///< part numbers in one section

/// Appends the section as responses repeat it, without the brackets: "1.HEADER.FIELDS (DATE FROM)".
void append_section(std::string& out, Section const& section);

/// The octets of the stored message that the section means, or those it selects its fields from;
/// nothing when the message has no such part. A message whose structure is unknown (not valid())
/// has only its whole text.
std::optional<mime::Range> locate(
    Section const& section, mime::StructureView const& structure, std::uint64_t message_size);

/// The part whose body the section is; nothing for headers, and for the message itself.
std::optional<mime::PartView> body_part_of(
    Section const& section, mime::StructureView const& structure);

/// The part of `whole` that a partial FETCH asks for: cut at the end, empty beyond it.
mime::Range cut(mime::Range whole, Partial const& partial);

} // namespace mail::imap
