// Lines and literals. All states are explicit, so that input may be cut anywhere.
#include "protocol/imap/command_reader.h"

#include "protocol/wipe.h"

#include <algorithm>
#include <limits>
#include <optional>

namespace mail::imap {
namespace {

    // Of a command that is dropped: its beginning holds the tag, its end may announce a literal.
    constexpr std::size_t kept_head = 256;
    constexpr std::size_t kept_tail = 64;
    constexpr std::size_t kept_capacity = 256; ///< larger memory is given back after a command

    struct Announcement {
        std::uint64_t octets = 0;
        bool synchronizing = true;
    };

    /// The literal that a line (without its end) announces. "{n}" stands after a space, a "(" or a
    /// "~" (RFC 9051 §9, RFC 3516): in any other place it is no literal.
    std::optional<Announcement> announced_literal(std::string_view line)
    {
        Announcement literal;
        if (!line.ends_with('}'))
            return std::nullopt;
        line.remove_suffix(1);
        if (line.ends_with('+')) {
            literal.synchronizing = false;
            line.remove_suffix(1);
        }
        auto const open = line.find_last_not_of("0123456789");
        if (open == std::string_view::npos || open == 0 || line[open] != '{'
            || open + 1 == line.size()
            || std::string_view(" (~").find(line[open - 1]) == std::string_view::npos)
            return std::nullopt;
        constexpr auto most = std::numeric_limits<std::uint64_t>::max();
        for (char const digit : line.substr(open + 1)) {
            auto const value = static_cast<std::uint64_t>(digit - '0');
            literal.octets
                = literal.octets > (most - value) / 10 ? most : literal.octets * 10 + value;
        }
        return literal;
    }

} // namespace

void CommandReader::start()
{
    wipe(buffer_); // it may have been a LOGIN
    if (buffer_.capacity() > kept_capacity)
        std::string().swap(buffer_);
    else
        buffer_.clear();
    line_octets_ = literal_octets_ = line_start_ = 0;
    pending_ = dropped_ = 0;
    mode_ = Mode::line;
    too_long_ = false;
    finished_ = false;
}

CommandReader::Step CommandReader::feed(std::string_view& bytes)
{
    if (finished_)
        start();
    while (!bytes.empty()) {
        if (mode_ == Mode::literal || mode_ == Mode::drop_literal) {
            auto const taken
                = static_cast<std::size_t>(std::min<std::uint64_t>(pending_, bytes.size()));
            if (mode_ == Mode::literal)
                buffer_.append(bytes.substr(0, taken));
            bytes.remove_prefix(taken);
            pending_ -= taken;
            if (pending_ == 0)
                literal_ended();
            continue;
        }
        auto const newline = bytes.find('\n');
        auto const taken = newline == std::string_view::npos ? bytes.size() : newline + 1;
        take_line_part(bytes.substr(0, taken));
        bytes.remove_prefix(taken);
        if (newline != std::string_view::npos)
            if (auto step = end_of_line(); !std::holds_alternative<NeedMore>(step))
                return step;
    }
    return NeedMore {};
}

void CommandReader::take_line_part(std::string_view part)
{
    if (mode_ == Mode::line) {
        line_octets_ += part.size();
        if (line_octets_ <= line_limit_ + 2) { // the limit is without CRLF
            buffer_.append(part);
            return;
        }
        too_long_ = true;
        mode_ = Mode::drop_line;
        auto const line = std::string_view(buffer_).substr(line_start_);
        std::string const tail(line.substr(line.size() - std::min(line.size(), kept_tail)));
        if (buffer_.size() < kept_head)
            buffer_.append(part.substr(0, kept_head - buffer_.size()));
        start_dropping();
        buffer_.append(tail);
    }
    dropped_ += part.size();
    buffer_.append(part.substr(part.size() - std::min(part.size(), kept_tail)));
    if (buffer_.size() > line_start_ + kept_tail)
        buffer_.erase(line_start_, buffer_.size() - line_start_ - kept_tail);
}

/// Keeps the beginning of the command; what follows line_start_ is then the end of the present
/// line.
void CommandReader::start_dropping()
{
    auto const head = std::min({ buffer_.find_first_of("\r\n"), kept_head, line_limit_ });
    buffer_.resize(std::min(head, buffer_.size()));
    buffer_.shrink_to_fit();
    line_start_ = buffer_.size();
}

CommandReader::Step CommandReader::end_of_line()
{
    buffer_.pop_back();
    if (buffer_.size() > line_start_ && buffer_.back() == '\r')
        buffer_.pop_back();
    auto const literal = announced_literal(std::string_view(buffer_).substr(line_start_));
    if (mode_ == Mode::drop_line) {
        buffer_.resize(line_start_);
        if (literal && !literal->synchronizing) {
            drop_literal(literal->octets);
            return NeedMore {};
        }
        finished_ = true;
        return Dropped { buffer_, too_long_ };
    }
    if (literal) {
        pending_ = literal->octets;
        mode_ = Mode::announced;
        return NeedLiteral { literal->octets, literal->synchronizing };
    }
    finished_ = true;
    return Complete { buffer_ };
}

void CommandReader::literal_ended()
{
    if (mode_ == Mode::drop_literal) {
        mode_ = Mode::drop_line;
        return;
    }
    mode_ = Mode::line;
    line_start_ = buffer_.size();
}

void CommandReader::accept_literal()
{
    buffer_.append("\r\n");
    literal_octets_ += pending_;
    mode_ = Mode::literal;
    if (pending_ == 0)
        literal_ended();
}

void CommandReader::refuse_literal() { finished_ = true; }

void CommandReader::skip_literal(std::uint64_t octets)
{
    start_dropping();
    drop_literal(octets);
}

void CommandReader::drop_literal(std::uint64_t octets)
{
    pending_ = octets;
    dropped_ += std::min(octets, std::numeric_limits<std::uint64_t>::max() - dropped_);
    mode_ = pending_ == 0 ? Mode::drop_line : Mode::drop_literal;
}

void CommandReader::stream_literal() { start(); }

} // namespace mail::imap
