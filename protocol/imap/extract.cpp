// Stored octets, frame by frame, perhaps decoded.
#include "protocol/imap/extract.h"

#include "protocol/mime/header.h"
#include "storage/body.h"

#include <algorithm>
#include <array>

namespace mail::imap {
namespace {

    constexpr std::uint64_t max_fields_header = 1 << 20; ///< octets that HEADER.FIELDS looks at
    constexpr std::size_t most_ready
        = 64 * 1024; ///< decoded octets that are kept instead of being decoded twice

    void read_stored(storage::ReadTxn const& txn, storage::BodyId body, std::uint64_t& at,
        std::uint64_t end, std::string& out)
    {
        auto const before = out.size();
        auto const read = storage::read_body(txn, body, at, end - at, out);
        if (!read || out.size() == before) // others were promised these octets
            throw storage::Damaged("a body ends before its size");
        at += out.size() - before;
    }

    /// Appends the octets with CRLF for each bare LF.
    void complete_lines(std::string_view octets, bool& after_cr, std::string& out)
    {
        while (!octets.empty()) {
            auto const newline = octets.find('\n');
            auto const line = octets.substr(0, newline);
            out += line;
            after_cr = line.empty() ? after_cr : line.back() == '\r';
            if (newline == std::string_view::npos)
                return;
            out += after_cr ? "\n" : "\r\n";
            after_cr = false;
            octets.remove_prefix(newline + 1);
        }
    }

    /// Charsets in which an octet LF need not be a line end.
    bool is_wide(std::string_view charset)
    {
        constexpr std::array<std::string_view, 5> wide { "utf-16", "utf-32", "ucs-2", "ucs-4",
            "iso-10646" };
        return std::ranges::any_of(
            wide, [charset](std::string_view name) { return charset.starts_with(name); });
    }

    Decoding decoding_of(mime::PartView const& part)
    {
        Decoding how { .encoding = mime::transfer_encoding(part.encoding) };
        // What base64 hides is no line of the transport, and binary data has no lines.
        how.completes_lines = part.is_text() && how.encoding != mime::TransferEncoding::base64
            && !mime::equal_no_case(part.encoding, "binary") && !is_wide(part.charset());
        return how;
    }

} // namespace

Extract::Extract(storage::BodyId body, mime::Range range, Decoding how)
    : body_(body)
    , range_(range)
    , how_(how)
    , walk_ { mime::TransferDecoder(how.encoding), range.begin }
{
}

Extract Extract::stored(storage::BodyId body, mime::Range range)
{
    Extract extract(body, range, {});
    extract.size_ = range.size();
    extract.is_measured_ = true;
    return extract;
}

Extract Extract::in_memory(std::string octets)
{
    Extract extract({}, {}, {});
    extract.take_measure(octets);
    extract.ready_ = std::move(octets);
    extract.finish_measure();
    extract.is_ready_ = true;
    return extract;
}

Extract Extract::decoded(
    storage::BodyId body, mime::Range range, Decoding how, std::optional<Partial> part)
{
    if (part && how.changes_nothing()) { // no need to walk to its beginning
        range = cut(range, *part);
        part.reset();
    }
    Extract extract(body, range, how);
    if (part) {
        extract.first_ = part->offset;
        extract.last_ = part->offset + std::min(part->octets, UINT64_MAX - part->offset);
    }
    extract.is_ready_ = true; // until it turns out to be too much
    return extract;
}

/// Decodes one frame; the wanted ones of the octets that come out.
std::string_view Extract::next_decoded(storage::ReadTxn const& txn, std::string& scratch)
{
    std::string stored;
    if (walk_.at < range_.end)
        read_stored(txn, body_, walk_.at, range_.end, stored);
    if (how_.completes_lines) {
        std::string completed;
        complete_lines(stored, walk_.after_cr, completed);
        stored = std::move(completed);
    }
    walk_.decoder.decode(stored, scratch);
    if (walk_.at == range_.end)
        walk_.decoder.finish(scratch);
    auto const begin = walk_.decoded;
    walk_.decoded += scratch.size();
    auto const from = std::clamp(first_, begin, walk_.decoded);
    auto const to = std::clamp(last_, from, walk_.decoded);
    return std::string_view(scratch).substr(
        static_cast<std::size_t>(from - begin), static_cast<std::size_t>(to - from));
}

void Extract::take_measure(std::string_view octets)
{
    if (octets.empty())
        return;
    size_ += octets.size();
    lines_ += static_cast<std::uint64_t>(std::ranges::count(octets, '\n'));
    ends_in_line_ = octets.back() != '\n';
    has_nul_ = has_nul_ || octets.find('\0') != std::string_view::npos;
    if (is_ready_ && ready_.size() + octets.size() <= most_ready) {
        ready_ += octets;
    } else {
        is_ready_ = false;
        std::string().swap(ready_);
    }
}

std::uint64_t Extract::measure(storage::ReadTxn const& txn)
{
    auto const before = walk_.at;
    std::string scratch;
    take_measure(next_decoded(txn, scratch));
    auto const looked_at = walk_.at - before;
    if (walk_.at == range_.end || walk_.decoded >= last_)
        finish_measure();
    return looked_at;
}

void Extract::finish_measure()
{
    is_measured_ = true;
    lines_ += ends_in_line_ ? 1 : 0;
    walk_ = Walk { mime::TransferDecoder(how_.encoding), range_.begin };
}

std::uint64_t Extract::read(storage::ReadTxn const& txn, std::string& out)
{
    auto const before = out.size();
    auto const walked = walk_.at;
    if (is_ready_) {
        out += ready_;
    } else if (how_.changes_nothing() && first_ == 0 && last_ == UINT64_MAX) {
        read_stored(txn, body_, walk_.at, range_.begin + size_, out);
    } else {
        std::string scratch;
        out += next_decoded(txn, scratch);
    }
    given_ += out.size() - before;
    return walk_.at - walked;
}

std::optional<Extract> extract_section(storage::ReadTxn const& txn, storage::HotRecord const& hot,
    std::string_view structure, Section const& section, std::optional<Partial> const& partial)
{
    bool const is_whole = section.path.empty() && section.text == Section::Text::whole;
    auto range = is_whole ? std::optional(mime::Range { 0, hot.size })
                          : locate(section, mime::StructureView(structure), hot.size);
    if (!range)
        return std::nullopt;
    if (!section.selects_fields())
        return Extract::stored(hot.body, partial ? cut(*range, *partial) : *range);
    range->end = std::min(range->end, range->begin + max_fields_header);
    std::string header;
    while (range->begin != range->end)
        read_stored(txn, hot.body, range->begin, range->end, header);
    auto const which
        = section.text == Section::Text::fields ? mime::Select::these : mime::Select::all_but_these;
    auto selected = mime::select_fields(header, section.fields, which);
    if (partial) {
        auto const part = cut({ 0, selected.size() }, *partial);
        selected = selected.substr(
            static_cast<std::size_t>(part.begin), static_cast<std::size_t>(part.size()));
    }
    auto extract = Extract::in_memory(std::move(selected));
    extract.octets_read_ = header.size();
    return extract;
}

std::optional<BinaryPart> find_binary_part(
    Section const& section, mime::StructureView const& structure, std::uint64_t message_size)
{
    auto const range = locate(section, structure, message_size);
    if (!range)
        return std::nullopt;
    BinaryPart binary { .range = *range, .how = {} };
    auto const part = body_part_of(section, structure);
    if (part && part->kind == mime::PartKind::leaf) {
        binary.is_decodable = mime::is_known_encoding(part->encoding);
        binary.how = decoding_of(*part);
    }
    return binary;
}

} // namespace mail::imap
