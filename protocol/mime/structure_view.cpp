// The part tree read in place, and written as FETCH sends it (RFC 9051 §7.5.2).

#include "protocol/mime/structure.h"

#include "protocol/mime/blob.h"
#include "protocol/mime/continuation.h"
#include "protocol/mime/encoded_word.h"
#include "protocol/mime/header.h"
#include "protocol/mime/structure_format.h"
#include "protocol/mime/wire.h"
#include "storage/ascii.h"

#include <algorithm>
#include <array>
#include <limits>

namespace mail::mime {

namespace {

    using namespace structure_format;

    /// Reads the part that stands at the reader's place.
    PartView read_part(BlobReader& in, std::string_view blob)
    {
        PartView part;
        auto const flags = in.at() < blob.size() ? static_cast<unsigned char>(blob[in.at()]) : 0U;
        in = BlobReader(blob, std::min(in.at() + 1, blob.size()));
        part.kind = static_cast<PartKind>(flags & kind_mask);
        part.depth = static_cast<std::uint32_t>(std::min<std::uint64_t>(in.number(), deepest + 1));
        part.header.begin = in.number();
        part.header.end = part.header.begin + in.number();
        part.body.begin = part.header.end;
        part.body.end = part.body.begin + in.number();
        part.lines = in.number();
        part.type = in.string();
        part.subtype = in.string();
        part.encoding = in.string();
        auto const params = [&in] {
            auto const count = std::min<std::uint64_t>(
                in.number(), std::numeric_limits<std::uint32_t>::max() / 2);
            auto const strings = in.strings(2 * count);
            return in.failed() ? ParamsView()
                               : ParamsView(strings, static_cast<std::uint32_t>(count));
        };
        part.params = params();
        if ((flags & has_id) != 0)
            part.content_id = in.string();
        if ((flags & has_description) != 0)
            part.description = in.string();
        if ((flags & has_md5) != 0)
            part.md5 = in.string();
        if ((flags & has_disposition) != 0) {
            part.disposition = in.string();
            part.disposition_params = params();
        }
        if ((flags & has_languages) != 0) {
            auto const count
                = std::min<std::uint64_t>(in.number(), std::numeric_limits<std::uint32_t>::max());
            part.languages = in.strings(count);
            part.language_count = in.failed() ? 0 : static_cast<std::uint32_t>(count);
        }
        if ((flags & has_location) != 0)
            part.location = in.string();
        if (part.kind == PartKind::message)
            part.envelope = in.string();
        part.next_record = in.at();
        return part;
    }

    /// RFC 9051 §7.5.2 wants parameters whole that come in pieces.
    Params joined(ParamsView params)
    {
        Params whole;
        params.for_each([&](std::string_view name, std::string_view value) {
            whole.push_back({ std::string(name), std::string(value) });
        });
        return join_continuations(std::move(whole));
    }

    void write_params(std::string& out, ParamsView params, bool with_charset)
    {
        bool charset_given = !with_charset;
        char separator = '(';
        auto const write = [&](std::string_view name, std::string_view value) {
            out += separator;
            separator = ' ';
            append_string(out, name);
            out += ' ';
            append_string(out, value);
            charset_given |= equal_no_case(name.substr(0, 7), "charset")
                && (name.size() == 7 || name[7] == '*');
        };
        bool in_pieces = false;
        params.for_each(
            [&](std::string_view name, std::string_view) { in_pieces |= is_continuation(name); });
        if (in_pieces)
            for (auto const& [name, value] : joined(params))
                write(name, value);
        else
            params.for_each(write);
        if (!charset_given)
            write("charset", "us-ascii"); // RFC 2046 §4.1.2; some clients fail on text without any
        out += separator == '(' ? "NIL" : ")";
    }

    void write_disposition(std::string& out, PartView const& part)
    {
        if (part.disposition.empty()) {
            out += "NIL";
            return;
        }
        out += '(';
        append_string(out, part.disposition);
        out += ' ';
        write_params(out, part.disposition_params, false);
        out += ')';
    }

    void write_languages(std::string& out, PartView const& part)
    {
        if (part.language_count == 0) {
            out += "NIL";
            return;
        }
        BlobReader in(part.languages);
        if (part.language_count > 1)
            out += '(';
        for (std::uint32_t i = 0; i < part.language_count; ++i) {
            if (i != 0)
                out += ' ';
            append_string(out, in.string());
        }
        if (part.language_count > 1)
            out += ')';
    }

    /// disposition, language, location: they end the extension data of every kind of part.
    void write_last_extensions(std::string& out, PartView const& part)
    {
        out += ' ';
        write_disposition(out, part);
        out += ' ';
        write_languages(out, part);
        out += ' ';
        append_nstring(out, part.location);
    }

    void write_fields(std::string& out, PartView const& part)
    {
        append_string(out, part.type);
        out += ' ';
        append_string(out, part.subtype);
        out += ' ';
        write_params(out, part.params, part.is_text());
        out += ' ';
        append_nstring(out, part.content_id);
        out += ' ';
        append_nstring(out, part.description);
        out += ' ';
        append_string(out, part.encoding.empty() ? std::string_view("7bit") : part.encoding);
        out += ' ';
        append_number(out, part.body.size());
    }

    /// What stands in front of the children.
    void open_part(std::string& out, PartView const& part)
    {
        out += '(';
        if (part.kind == PartKind::multipart)
            return;
        write_fields(out, part);
        if (part.kind == PartKind::message) {
            out += ' ';
            out += part.envelope;
            out += ' ';
        } else if (part.is_text()) {
            out += ' ';
            append_number(out, part.lines);
        }
    }

    /// What stands behind the children.
    void close_part(std::string& out, PartView const& part, bool extended)
    {
        if (part.kind == PartKind::multipart) {
            out += ' ';
            append_string(out, part.subtype);
            if (extended) {
                out += ' ';
                write_params(out, part.params, false);
                write_last_extensions(out, part);
            }
            out += ')';
            return;
        }
        if (part.kind == PartKind::message) {
            out += ' ';
            append_number(out, part.lines);
        }
        if (extended) {
            out += ' ';
            append_nstring(out, part.md5);
            write_last_extensions(out, part);
        }
        out += ')';
    }

    /// Watches that the parts of a blob make a tree.
    class TreeCheck {
    public:
        bool accept(PartView const& part, std::uint64_t message_size)
        {
            bool const is_root = first_;
            first_ = false;
            auto const parent_open = previous_kind_ != PartKind::leaf;
            if (part.kind > PartKind::message || part.depth > deepest
                || is_root != (part.depth == 0))
                return false;
            if (!is_root) {
                // A part behind one that has children is its first child; any other is one more
                // child of a multipart.
                bool const is_first_child = parent_open && part.depth == previous_depth_ + 1;
                bool const is_sibling = !parent_open && part.depth <= previous_depth_
                    && kinds_[part.depth - 1] == PartKind::multipart;
                if (!is_first_child && !is_sibling)
                    return false;
            }
            kinds_[part.depth] = part.kind;
            previous_kind_ = part.kind;
            previous_depth_ = part.depth;
            return part.header.begin <= part.header.end && part.body.begin <= part.body.end
                && part.body.end <= message_size && !part.type.empty() && !part.subtype.empty()
                && (part.kind != PartKind::message || !part.envelope.empty());
        }
        bool complete() const { return !first_ && previous_kind_ == PartKind::leaf; }

    private:
        bool first_ = true;
        PartKind previous_kind_ = PartKind::leaf;
        std::uint32_t previous_depth_ = 0;
        std::array<PartKind, deepest + 1> kinds_ {};
    };

} // namespace

std::string_view ParamsView::take(std::string_view& rest)
{
    BlobReader in(rest);
    auto const text = in.string();
    rest.remove_prefix(in.at());
    return text;
}

std::optional<std::string> ParamsView::find(std::string_view name) const
{
    Params params;
    for_each([&](std::string_view given, std::string_view value) {
        if (equal_no_case(given.substr(0, name.size()), name))
            params.push_back({ std::string(given), std::string(value) });
    });
    return param_value(params, name);
}

bool PartView::is_text() const { return equal_no_case(type, "text"); }

std::string PartView::charset() const
{
    return ascii::lower_case(params.find("charset").value_or(""));
}

StructureView::StructureView(std::string_view blob)
    : blob_(blob)
{
    if (blob.empty() || blob[0] != version)
        return;
    BlobReader in(blob, 1);
    size_ = in.number();
    lines_ = in.number();
    auto const count = in.number();
    first_ = in.at();
    TreeCheck tree;
    for (std::uint64_t i = 0; i < count && !in.failed(); ++i) {
        if (in.at() >= blob.size() || !tree.accept(read_part(in, blob), size_))
            return;
    }
    if (!in.failed() && tree.complete() && in.at() == blob.size())
        count_ = count;
}

PartView StructureView::part_at(std::size_t record, std::size_t index) const
{
    BlobReader in(blob_, record);
    auto part = read_part(in, blob_);
    part.record = record;
    part.index = index;
    return part;
}

PartView StructureView::root() const { return valid() ? part_at(first_, 0) : PartView(); }

bool StructureView::next(PartView& part) const
{
    if (part.index + 1 >= count_)
        return false;
    part = part_at(part.next_record, part.index + 1);
    return true;
}

std::optional<PartView> StructureView::embedded(PartView const& message) const
{
    return message.kind == PartKind::message ? child(message, 1) : std::nullopt;
}

/// The `number`-th child, counted from 1.
std::optional<PartView> StructureView::child(PartView const& parent, std::uint32_t number) const
{
    std::uint32_t seen = 0;
    auto part = parent;
    while (next(part) && part.depth > parent.depth)
        if (part.depth == parent.depth + 1 && ++seen == number)
            return part;
    return std::nullopt;
}

std::optional<PartView> StructureView::find(std::span<std::uint32_t const> path) const
{
    if (!valid())
        return std::nullopt;
    std::optional<PartView> part = root();
    bool whole_message = true; // the numbers count within a message: its parts, or its text as [1]
    for (auto const number : path) {
        if (!whole_message && part->kind == PartKind::message) {
            part = embedded(*part);
            whole_message = true;
        }
        if (part->kind == PartKind::multipart)
            part = child(*part, number);
        else if (!whole_message || number != 1)
            return std::nullopt;
        whole_message = false;
        if (!part)
            return std::nullopt;
    }
    return part;
}

namespace {

    constexpr std::string_view unknown_structure
        = R"(("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 0 0 NIL NIL NIL NIL))";
    constexpr std::string_view unknown_body
        = R"(("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 0 0))";

} // namespace

/// `top` and all below it.
void StructureView::write(
    std::string& out, PartView const& top, bool extended, Globals globals) const
{
    std::array<std::pair<std::size_t, std::size_t>, deepest + 1>
        open; // record and index of each ancestor
    for (auto part = top;;) {
        bool const is_opaque = globals == Globals::are_leaves && part.kind == PartKind::message
            && equal_no_case(part.subtype, "global");
        if (is_opaque)
            part.kind = PartKind::leaf;
        open_part(out, part);
        open[part.depth] = { part.record, part.index };
        auto const depth = part.depth;
        if (part.kind == PartKind::leaf)
            close_part(out, part, extended);
        bool more = next(part);
        while (is_opaque && more && part.depth > depth)
            more = next(part);
        more = more && part.depth > top.depth;
        // The ancestors that the next part does not belong to are complete.
        for (auto level = depth; level > (more ? part.depth : top.depth);) {
            --level;
            close_part(out, part_at(open[level].first, open[level].second), extended);
        }
        if (!more)
            return;
    }
}

void StructureView::write_bodystructure(std::string& out, Globals globals) const
{
    if (valid())
        write(out, root(), true, globals);
    else
        out += unknown_structure;
}

void StructureView::write_body(std::string& out, Globals globals) const
{
    if (valid())
        write(out, root(), false, globals);
    else
        out += unknown_body;
}

void StructureView::write_part(std::string& out, PartView const& part) const
{
    write(out, part, true, Globals::are_messages);
}

void StructureView::write_as_part(std::string& out, std::string_view envelope) const
{
    out += R"(("message" "rfc822" NIL NIL NIL "8bit" )";
    append_number(out, size_);
    out += ' ';
    out += envelope;
    out += ' ';
    write_bodystructure(out);
    out += ' ';
    append_number(out, lines_);
    out += " NIL NIL NIL NIL)";
}

void write_decoded_leaf(std::string& out, PartView part, std::uint64_t octets, std::uint64_t lines)
{
    part.encoding = "binary";
    part.body.end = part.body.begin + octets;
    part.lines = lines;
    open_part(out, part);
    close_part(out, part, true);
}

void write_header_part(std::string& out, std::uint64_t octets, std::uint64_t lines)
{
    out += R"(("text" "rfc822-headers" NIL NIL NIL "8bit" )";
    append_number(out, octets);
    out += ' ';
    append_number(out, lines);
    out += " NIL NIL NIL NIL)";
}

} // namespace mail::mime
