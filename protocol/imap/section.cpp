// Where sections lie in a stored message.
#include "protocol/imap/section.h"

#include "protocol/mime/wire.h"

#include <algorithm>
#include <fmt/format.h>

namespace mail::imap {

namespace {

    std::string_view name_of(Section::Text text)
    {
        switch (text) {
        case Section::Text::whole:
            return {};
        case Section::Text::header:
            return "HEADER";
        case Section::Text::fields:
            return "HEADER.FIELDS";
        case Section::Text::all_but_fields:
            return "HEADER.FIELDS.NOT";
        case Section::Text::mime:
            return "MIME";
        case Section::Text::text:
            return "TEXT";
        }
        return {};
    }

    bool is_atom(std::string_view name)
    {
        return !name.empty() && std::ranges::all_of(name, [](char c) {
            return c > ' ' && c < 0x7f
                && std::string_view("(){%*\"\\]").find(c) == std::string_view::npos;
        });
    }

    /// The root of the message that HEADER and TEXT are about.
    std::optional<mime::PartView> message_of(
        Section const& section, mime::StructureView const& structure)
    {
        if (section.path.empty())
            return structure.root();
        auto const part = structure.find(section.path);
        if (!part || part->kind != mime::PartKind::message)
            return std::nullopt;
        return structure.embedded(*part);
    }

} // namespace

void append_section(std::string& out, Section const& section)
{
    bool first = true;
    for (auto const number : section.path) {
        if (!first)
            out += '.';
        first = false;
        fmt::format_to(std::back_inserter(out), "{}", number);
    }
    if (section.text == Section::Text::whole)
        return;
    if (!first)
        out += '.';
    out += name_of(section.text);
    if (!section.selects_fields())
        return;
    out += " (";
    first = true;
    for (auto const& field : section.fields) {
        if (!first)
            out += ' ';
        first = false;
        if (is_atom(field))
            out += field;
        else
            mime::append_string(out, field);
    }
    out += ')';
}

std::optional<mime::Range> locate(
    Section const& section, mime::StructureView const& structure, std::uint64_t message_size)
{
    if (section.path.empty() && section.text == Section::Text::whole)
        return mime::Range { 0, message_size };
    if (!structure.valid()) // damaged: the octets are there all the same
        return section.path.empty() ? std::optional(mime::Range { 0, message_size }) : std::nullopt;
    std::optional<mime::PartView> part;
    bool wants_header = false;
    switch (section.text) {
    case Section::Text::whole:
        part = structure.find(section.path);
        break;
    case Section::Text::mime:
        part = structure.find(section.path);
        wants_header = true;
        break;
    case Section::Text::text:
        part = message_of(section, structure);
        break;
    case Section::Text::header:
    case Section::Text::fields:
    case Section::Text::all_but_fields:
        part = message_of(section, structure);
        wants_header = true;
        break;
    }
    if (!part)
        return std::nullopt;
    auto range = wants_header ? part->header : part->body;
    range.end = std::min(range.end, message_size);
    range.begin = std::min(range.begin, range.end);
    return range;
}

std::optional<mime::PartView> body_part_of(
    Section const& section, mime::StructureView const& structure)
{
    if (!structure.valid())
        return std::nullopt;
    if (section.text == Section::Text::text)
        return message_of(section, structure);
    if (section.text != Section::Text::whole || section.path.empty())
        return std::nullopt;
    return structure.find(section.path);
}

mime::Range cut(mime::Range whole, Partial const& partial)
{
    auto const skipped = std::min(partial.offset, whole.size());
    mime::Range result { whole.begin + skipped, whole.end };
    result.end = result.begin + std::min(partial.octets, result.size());
    return result;
}

} // namespace mail::imap
