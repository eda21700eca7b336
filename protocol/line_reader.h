// Lines of a client that speaks in lines: POP3 and LMTP. A bare LF ends a line as well as CRLF
// does, so that people can talk to the server by hand; message data is not read by this.
#pragma once

#include "protocol/buffers.h"

#include <string>
#include <string_view>

namespace mail {

class LineReader {
public:
    enum class Found {
        line, ///< line() is complete
        nothing, ///< what is available holds no whole line: fill the input
        too_long, ///< a line longer than the limit was thrown away
    };

    /// `limit` is the longest line, in octets without its end; well below Input::block_size.
    LineReader(Input& input, std::size_t limit)
        : input_(input)
        , limit_(limit)
    {
    }

    Found next(); ///< takes a line from what is available, without waiting
    /// As next(), but waits for as much input as it takes. Throws as ByteStream does.
    awaitable<Found> wait_next();
    std::string_view line() const { return line_; } ///< without CRLF; until the next call
    void forget(); ///< overwrites and frees the line: it held a password, or was long

private:
    Input& input_;
    std::size_t limit_;
    std::string line_;
    bool skipping_ = false; ///< the line began with more than limit_ octets
};

} // namespace mail
