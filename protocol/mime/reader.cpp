// The MIME reader: lines are found in the chunks, a machine of two states (header, body) and a
// stack of open parts makes the tree of them.

#include "protocol/mime/reader.h"

#include "protocol/mime/content.h"
#include "protocol/mime/envelope.h"
#include "protocol/mime/header.h"
#include "protocol/mime/transfer.h"

#include <algorithm>
#include <functional>

namespace mail::mime {

namespace {

    constexpr std::size_t longest_delimiter = 1000; ///< octets; longer lines are never boundaries
    constexpr std::uint32_t most_levels = 200; ///< structure blobs count on it
    constexpr int own_boundary_looks = 16; ///< per header block

    std::string_view without_line_end(std::string_view line)
    {
        return line.substr(0, line.find_last_not_of("\r\n") + 1);
    }

} // namespace

class Reader::Machine {
public:
    explicit Machine(Limits limits);
    void feed(std::string_view octets);
    Message finish();

private:
    enum class LineEnds {
        undecided,
        lf, ///< LF or CRLF
        cr
    }; ///< CR or CRLF: the first line ends so
    struct Open { ///< an unfinished part; they nest
        std::size_t part;
        std::uint64_t first_line = 0; ///< number of the body's first line
        std::size_t children = 0;
        bool digest = false;
    };
    struct Boundary {
        std::size_t hash;
        std::size_t level; ///< of its multipart in open_
        std::string text;
    };

    std::size_t feed_undecided(std::string_view octets);
    void feed_lines(std::string_view octets);
    void feed_cr_lines(std::string_view octets);
    void segment(std::string_view raw, bool ends);
    void end_line(std::string_view line, std::uint64_t line_end);
    void header_line(std::string_view line, std::string_view content, std::uint64_t begin);
    bool delimiter(std::string_view content, std::uint64_t begin);
    bool is_own_boundary(std::string_view text);

    void begin_part(std::uint64_t offset);
    void end_header(std::uint64_t body_begin, std::uint64_t first_line);
    void settle_kind(Part& part);
    void begin_capture(Part const& part);
    void close_down_to(std::size_t level, std::uint64_t end, std::uint64_t line_begin);
    void add_only_child(Open& multipart, std::uint64_t end, std::uint64_t line_begin);
    std::uint64_t lines_until(std::uint64_t first_line, std::uint64_t begin, std::uint64_t end,
        std::uint64_t line_begin) const;

    Limits limits_;
    Message message_;
    std::vector<Open> open_;
    std::vector<Boundary> boundaries_; ///< of open multiparts, innermost last

    LineEnds line_ends_ = LineEnds::undecided;
    std::uint64_t first_crs_ = 0; ///< CRs seen while undecided
    bool pending_cr_ = false;
    std::uint64_t offset_ = 0; ///< of the next octet
    std::uint64_t line_no_ = 0; ///< complete lines so far
    std::uint64_t line_length_ = 0; ///< of the current line so far
    std::string prefix_; ///< of the current line when it came in more than one chunk
    char last_ = 0; ///< the last octet of the line so far
    std::uint64_t previous_end_ = 0; ///< length of the line end before the current line
    bool previous_empty_ = false;

    bool in_header_ = false;
    std::string header_;
    std::size_t header_line_ = 0; ///< where the current line begins in header_
    std::size_t headers_kept_ = 0; ///< octets of all blocks before this one
    int own_looks_ = 0;
    bool junk_ = false; ///< the lines since the last field are none
    std::uint64_t junk_begin_ = 0;
    std::uint64_t junk_line_ = 0;

    bool capturing_ = false;
    std::size_t capture_level_ = 0;
    std::size_t capture_parent_ = 0;
    bool capture_may_change_ = false; ///< HTML of a multipart/alternative: its plain text is better
};

Reader::Machine::Machine(Limits limits)
    : limits_(limits)
{
    limits_.parts = std::max<std::size_t>(limits_.parts, 1);
    limits_.depth = std::min(limits_.depth, most_levels);
    begin_part(0);
}

void Reader::Machine::feed(std::string_view octets)
{
    if (line_ends_ == LineEnds::undecided)
        octets.remove_prefix(feed_undecided(octets));
    if (octets.empty())
        return;
    if (line_ends_ == LineEnds::lf)
        feed_lines(octets);
    else
        feed_cr_lines(octets);
}

/// Takes octets until the first line end shows of which kind it is; returns how many.
std::size_t Reader::Machine::feed_undecided(std::string_view octets)
{
    std::size_t at = 0;
    if (first_crs_ == 0) {
        at = std::min(octets.find_first_of("\r\n"), octets.size());
        if (at != 0)
            segment(octets.substr(0, at), false);
    }
    while (at < octets.size() && octets[at] == '\r') {
        ++first_crs_;
        ++at;
    }
    if (at == octets.size())
        return at;
    line_ends_ = octets[at] == '\n' ? LineEnds::lf : LineEnds::cr;
    for (; first_crs_ != 0; --first_crs_)
        segment("\r", line_ends_ == LineEnds::cr);
    return at;
}

void Reader::Machine::feed_lines(std::string_view octets)
{
    std::size_t at = 0;
    while (at < octets.size()) {
        if (!in_header_ && boundaries_.empty()) { // nothing but text can follow
            auto const rest = octets.substr(at);
            if (capturing_ && message_.text_prefix.size() < limits_.text_prefix)
                message_.text_prefix
                    += rest.substr(0, limits_.text_prefix - message_.text_prefix.size());
            line_no_ += static_cast<std::uint64_t>(std::ranges::count(rest, '\n'));
            offset_ += rest.size();
            line_length_ = rest.back() == '\n'
                ? 0
                : 1; // only whether there is an unfinished line matters now
            return;
        }
        auto const end = octets.find('\n', at);
        bool const ends = end != octets.npos;
        auto const next = ends ? end + 1 : octets.size();
        segment(octets.substr(at, next - at), ends);
        at = next;
    }
}

void Reader::Machine::feed_cr_lines(std::string_view octets)
{
    std::size_t at = 0;
    while (at < octets.size()) {
        if (pending_cr_) {
            pending_cr_ = false;
            std::size_t const lf = octets[at] == '\n' ? 1 : 0;
            segment(octets.substr(at, lf), true);
            at += lf;
            continue;
        }
        auto const end = octets.find('\r', at);
        pending_cr_ = end != octets.npos;
        auto const next = pending_cr_ ? end + 1 : octets.size();
        segment(octets.substr(at, next - at), false);
        at = next;
    }
}

/// A piece of the current line, with its line end when it `ends`.
void Reader::Machine::segment(std::string_view raw, bool ends)
{
    bool const whole = ends && line_length_ == 0;
    if (in_header_) {
        if (line_length_ == 0)
            header_line_ = header_.size();
        auto const room
            = std::min(limits_.header_octets - std::min(limits_.header_octets, header_.size()),
                limits_.all_header_octets
                    - std::min(limits_.all_header_octets, headers_kept_ + header_.size()));
        header_ += raw.substr(0, room);
    }
    if (capturing_ && message_.text_prefix.size() < limits_.text_prefix)
        message_.text_prefix += raw.substr(0, limits_.text_prefix - message_.text_prefix.size());
    if (!whole && prefix_.size() < longest_delimiter)
        prefix_ += raw.substr(0, longest_delimiter - prefix_.size());
    char const before = raw.size() > 1 ? raw[raw.size() - 2] : last_;
    bool const has_before = line_length_ + raw.size() > 1;
    if (!raw.empty())
        last_ = raw.back();
    line_length_ += raw.size();
    offset_ += raw.size();
    if (!ends)
        return;
    std::uint64_t const line_end = last_ == '\n' && has_before && before == '\r' ? 2 : 1;
    end_line(whole ? raw.substr(0, longest_delimiter) : std::string_view(prefix_), line_end);
}

void Reader::Machine::end_line(std::string_view line, std::uint64_t line_end)
{
    auto const begin = offset_ - line_length_;
    bool const is_short = line_length_ <= longest_delimiter;
    auto const content = is_short ? without_line_end(line) : line;
    bool const is_delimiter = is_short && content.starts_with("--") && delimiter(content, begin);
    if (!is_delimiter && in_header_)
        header_line(line, content, begin);
    previous_end_ = line_end;
    previous_empty_ = line_length_ == line_end;
    ++line_no_;
    line_length_ = 0;
    prefix_.clear();
}

// Headers

void Reader::Machine::header_line(
    std::string_view line, std::string_view content, std::uint64_t begin)
{
    if (content.empty())
        return end_header(offset_, line_no_ + 1);
    bool const first = begin == message_.parts.back().header_begin;
    if (!first && (line.front() == ' ' || line.front() == '\t'))
        return; // goes on with what came before
    if (is_field_line(line)) {
        junk_ = false;
    } else if (!junk_) {
        junk_ = true;
        junk_begin_ = begin;
        junk_line_ = line_no_;
    }
}

void Reader::Machine::begin_part(std::uint64_t offset)
{
    Part part;
    part.depth = static_cast<std::uint32_t>(open_.size());
    part.header_begin = part.body_begin = part.body_end = offset;
    if (!open_.empty()) {
        ++open_.back().children;
        if (open_.back().digest) {
            part.type = "message";
            part.subtype = "rfc822";
        }
    }
    open_.push_back({ message_.parts.size() });
    message_.parts.push_back(std::move(part));
    in_header_ = true;
    header_.clear();
    own_looks_ = 0;
    junk_ = false;
}

/// The last part's header is complete: what follows from `body_begin` is its body, or the header of
/// the message within it.
void Reader::Machine::end_header(std::uint64_t body_begin, std::uint64_t first_line)
{
    in_header_ = false;
    headers_kept_ += header_.size();
    auto& part = message_.parts.back();
    read_content_fields(header_, part);
    settle_kind(part);
    if (part.kind == PartKind::leaf && junk_) {
        // The blank line is missing: the text begins behind the last field.
        body_begin = junk_begin_;
        first_line = junk_line_;
    }
    part.body_begin = part.body_end = body_begin;
    open_.back().first_line = first_line;
    auto const header_size
        = std::min<std::uint64_t>(header_.size(), body_begin - part.header_begin);
    auto const header = std::string_view(header_).substr(0, header_size);
    if (open_.size() == 1)
        message_.header = header;
    else if (auto& parent = message_.parts[open_[open_.size() - 2].part];
             parent.kind == PartKind::message)
        parent.envelope = envelope_of(header);

    if (part.kind == PartKind::message)
        return begin_part(body_begin);
    if (part.kind == PartKind::multipart) {
        open_.back().digest = equal_no_case(part.subtype, "digest");
        if (auto text = boundary_of(part.params, longest_delimiter - 4); !text.empty()) {
            auto const hash = std::hash<std::string_view> {}(text);
            boundaries_.push_back({ hash, open_.size() - 1, std::move(text) });
        }
        return;
    }
    begin_capture(part);
}

/// Decides whether the part has parts. A leaf may not be called multipart or message/rfc822:
/// clients expect more behind those names.
void Reader::Machine::settle_kind(Part& part)
{
    bool const is_multipart = equal_no_case(part.type, "multipart");
    bool const is_message = equal_no_case(part.type, "message")
        && (equal_no_case(part.subtype, "rfc822") || equal_no_case(part.subtype, "global"));
    if (!is_multipart && !is_message)
        return;
    bool const is_readable
        = is_multipart || transfer_encoding(part.encoding) == TransferEncoding::identity;
    bool const has_room
        = part.depth < limits_.depth && (is_multipart || message_.parts.size() < limits_.parts);
    if (is_readable && has_room) {
        part.kind = is_multipart ? PartKind::multipart : PartKind::message;
    } else {
        part.type = "application";
        part.subtype = "octet-stream";
    }
}

void Reader::Machine::begin_capture(Part const& part)
{
    bool const is_plain = equal_no_case(part.subtype, "plain");
    bool const is_html = equal_no_case(part.subtype, "html");
    if (limits_.text_prefix == 0 || !equal_no_case(part.type, "text") || (!is_plain && !is_html)
        || equal_no_case(part.disposition, "attachment"))
        return;
    auto const parent = open_.size() > 1 ? open_[open_.size() - 2].part : 0;
    bool const is_better = capture_may_change_ && is_plain && parent == capture_parent_;
    if (message_.has_text && !is_better)
        return;
    message_.has_text = true;
    message_.text_part = message_.parts.size() - 1;
    message_.text_prefix.clear();
    capture_parent_ = parent;
    capture_may_change_ = is_html && open_.size() > 1
        && equal_no_case(message_.parts[parent].subtype, "alternative");
    capturing_ = true;
    capture_level_ = open_.size() - 1;
    if (part.body_begin < offset_) // lines that were read as header
        message_.text_prefix = std::string_view(header_).substr(
            std::min<std::uint64_t>(header_.size(), part.body_begin - part.header_begin),
            limits_.text_prefix);
}

// Boundaries

/// Whether the line is a boundary that the unfinished header block itself declares: its blank line
/// is missing.
bool Reader::Machine::is_own_boundary(std::string_view text)
{
    if (++own_looks_ > own_boundary_looks)
        return false;
    auto const type = find_field(std::string_view(header_).substr(0, header_line_), "content-type");
    if (!type)
        return false;
    auto const content = parse_content_type(*type);
    if (!equal_no_case(content.type, "multipart"))
        return false;
    auto const boundary = boundary_of(content.params, longest_delimiter - 4);
    return !boundary.empty() && text.substr(2) == boundary;
}

/// Takes a line that begins with "--" as a boundary if it is one (RFC 2046 §5.1.1).
bool Reader::Machine::delimiter(std::string_view content, std::uint64_t begin)
{
    if (message_.parts.size() >= limits_.parts)
        return false;
    content = trim_end(content);
    bool const own = in_header_ && is_own_boundary(content);
    if (!own && boundaries_.empty())
        return false;
    auto const text = content.substr(std::min<std::size_t>(2, content.size()));
    bool const may_close = text.ends_with("--");
    auto const closing = may_close ? text.substr(0, text.size() - 2) : text;
    auto const hash = std::hash<std::string_view> {}(text);
    auto const closing_hash = may_close ? std::hash<std::string_view> {}(closing) : hash;
    auto const matches = [&](Boundary const& b) {
        return (b.hash == hash && b.text == text)
            || (may_close && b.hash == closing_hash && b.text == closing);
    };
    if (!own && std::ranges::none_of(boundaries_, matches))
        return false;

    if (in_header_) {
        header_.resize(std::min(header_.size(), header_line_));
        end_header(begin, line_no_);
        while (in_header_) { // of a message that has not even a header
            header_.clear();
            end_header(begin, line_no_);
        }
    }
    auto const found = std::ranges::find_if(boundaries_.rbegin(), boundaries_.rend(), matches);
    if (found == boundaries_.rend())
        return false; // a header block that was cut at its limit has lost the boundary
    auto const level = found->level;
    bool const closes = found->text != text;
    boundaries_.erase(closes ? std::prev(found.base()) : found.base(), boundaries_.end());

    auto const before = begin - std::min(begin, previous_end_);
    close_down_to(level + 1, std::max(before, message_.parts[open_.back().part].body_begin), begin);
    if (!closes)
        begin_part(offset_);
    else if (auto& multipart = open_[level]; multipart.children == 0)
        add_only_child(
            multipart, std::max(before, message_.parts[multipart.part].body_begin), begin);
    return true;
}

std::uint64_t Reader::Machine::lines_until(std::uint64_t first_line, std::uint64_t begin,
    std::uint64_t end, std::uint64_t line_begin) const
{
    if (begin == end)
        return 0;
    bool const without_last
        = end < line_begin && previous_empty_; // its line end belongs to the boundary
    return line_no_ - first_line - (without_last ? 1 : 0);
}

/// Ends all open parts from the innermost to the one at `level`; their last octet is before `end`,
/// the line that ends them begins at `line_begin`.
void Reader::Machine::close_down_to(std::size_t level, std::uint64_t end, std::uint64_t line_begin)
{
    while (open_.size() > level) {
        auto& open = open_.back();
        if (message_.parts[open.part].kind == PartKind::multipart && open.children == 0)
            add_only_child(open, end, line_begin);
        auto& part = message_.parts[open.part];
        part.body_end = end;
        part.lines = lines_until(open.first_line, part.body_begin, end, line_begin);
        if (capturing_ && capture_level_ == open_.size() - 1) {
            capturing_ = false;
            auto const size
                = std::min<std::uint64_t>(message_.text_prefix.size(), end - part.body_begin);
            message_.text_prefix.resize(size);
        }
        open_.pop_back();
    }
}

/// A multipart without parts, or without a boundary: clients need one, and its user wants to see
/// the text.
void Reader::Machine::add_only_child(Open& multipart, std::uint64_t end, std::uint64_t line_begin)
{
    auto const begin = message_.parts[multipart.part].body_begin;
    Part part;
    part.depth = message_.parts[multipart.part].depth + 1;
    part.header_begin = part.body_begin = begin;
    part.body_end = end;
    part.lines = lines_until(multipart.first_line, begin, end, line_begin);
    ++multipart.children;
    message_.parts.push_back(std::move(part));
}

Message Reader::Machine::finish()
{
    for (; first_crs_ != 0; --first_crs_) // no LF came behind them
        segment("\r", true);
    if (pending_cr_)
        segment({}, true);
    if (line_length_ != 0)
        end_line(prefix_, 0);
    while (in_header_) {
        end_header(offset_, line_no_);
        header_.clear();
    }
    previous_empty_ = false;
    close_down_to(0, offset_, offset_);
    message_.size = offset_;
    message_.lines = line_no_;
    return std::move(message_);
}

Reader::Reader(Limits limits)
    : machine_(std::make_unique<Machine>(limits))
{
}
Reader::~Reader() = default;
Reader::Reader(Reader&&) noexcept = default;
Reader& Reader::operator=(Reader&&) noexcept = default;

void Reader::feed(std::string_view octets) { machine_->feed(octets); }
Message Reader::finish() { return machine_->finish(); }

Message read_message(std::string_view octets, Limits limits)
{
    Reader reader(limits);
    reader.feed(octets);
    return reader.finish();
}

} // namespace mail::mime
