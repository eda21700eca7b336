// The data after DATA: undoes dot-stuffing and finds the end (RFC 5321 §4.5.2), as octets come in.
// Only CRLF ends a line: bare CR and LF are content, and LF "." LF never ends a message, else its
// sender could smuggle in a second one (CVE-2023-51764's class).
#pragma once

#include <string_view>

namespace mail::lmtp {

class DotReader {
public:
    /// Takes octets from the front of `in` and returns the next piece of the message, a view into
    /// `in` or of static octets. Empty when nothing of the message was in what it took: call again
    /// until `in` is empty or is_done(). What follows the end stays in `in`.
    std::string_view next(std::string_view& in);
    bool is_done() const { return state_ == State::done; }

private:
    enum class State {
        line_start,
        dot, ///< of a line
        dot_cr, ///< "." CR of a line
        text,
        text_cr, ///< a CR was the last octet
        done,
    };
    std::string_view take_text(std::string_view& in);

    State state_ = State::line_start;
};

} // namespace mail::lmtp
