// A message on its way to a POP3 client: unpacked frame by frame, dot-stuffed, never held whole.
#pragma once

#include "protocol/mime/surrogate.h"
#include "protocol/pop3/context.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace mail::pop3 {

/// Puts a second dot before each line that begins with one (RFC 1939 §3). What follows any LF is a
/// line, a bare LF too: clients that cut at LF, most do, could otherwise be told the end of the
/// response by the message itself.
class DotStuffer {
public:
    void write(std::string_view octets, std::string& out);
    void end(std::string& out); ///< ends the last line, if it has to be, and the response

private:
    bool at_line_start_ = true;
    bool ends_with_cr_ = false;
    bool ends_with_crlf_ = true;
};

/// How much of a message TOP wants: the header, the empty line and so many lines of the body.
class TopCut {
public:
    explicit TopCut(std::uint64_t body_lines)
        : lines_left_(body_lines)
    {
    }
    /// How many of these octets, which follow on the last, belong to it. Cheap when it is done.
    std::size_t take(std::string_view octets);
    bool is_done() const { return !in_header_ && lines_left_ == 0; }

private:
    bool in_header_ = true;
    bool line_is_empty_ = true;
    std::uint64_t lines_left_;
};

/// The octets of a message as this client is to have them, frame by frame: as they are stored, or,
/// when it did not say UTF8, those of its surrogate (RFC 6856 §2.1, RFC 6858).
class MessageText {
public:
    /// Both outlive this.
    MessageText(Context& ctx, Maildrop::Message const& message);

    /// The next frame, unpacked in a read transaction of its own; the view lives until the next
    /// call. A refusal when the first one cannot be read; an exception when a later one cannot.
    Result<std::string_view> next();
    bool at_end() const { return offset_ >= message_.size; }
    bool is_changed() const { return surrogate_ && surrogate_->is_changed(); }

private:
    void find_headers();

    Context& ctx_;
    Maildrop::Message const& message_;
    std::optional<mime::Surrogate> surrogate_;
    std::uint64_t offset_ = 0; ///< in what is stored
    std::string frame_;
    std::string text_; ///< of the surrogate
};

/// Sends message `number` after a positive reply, whole when `cut` is null; the output is flushed
/// between frames. Refusals and exceptions of MessageText::next.
awaitable<Result<void>> send_message(Context& ctx, std::size_t number, TopCut* cut);

} // namespace mail::pop3
