#include "protocol/lmtp/dot_reader.h"

namespace mail::lmtp {

std::string_view DotReader::next(std::string_view& in)
{
    while (!in.empty() && !is_done()) {
        switch (state_) {
        case State::line_start:
            if (in.front() != '.')
                return take_text(in);
            in.remove_prefix(1);
            state_ = State::dot;
            break;
        case State::dot: // it is dropped, whatever follows
            if (in.front() != '\r')
                return take_text(in);
            in.remove_prefix(1);
            state_ = State::dot_cr;
            break;
        case State::dot_cr:
            if (in.front() != '\n') {
                state_ = State::text_cr;
                return "\r"; // held back until now
            }
            in.remove_prefix(1);
            state_ = State::done;
            break;
        case State::text_cr:
            if (in.front() == '\n') {
                auto const newline = in.substr(0, 1);
                in.remove_prefix(1);
                state_ = State::line_start;
                return newline;
            }
            return take_text(in);
        case State::text:
            return take_text(in);
        case State::done:
            break;
        }
    }
    return {};
}

/// All up to the next line that begins with a dot.
std::string_view DotReader::take_text(std::string_view& in)
{
    auto const dot = in.find("\r\n.");
    auto const text = in.substr(0, dot == in.npos ? dot : dot + 2);
    in.remove_prefix(text.size());
    if (text.ends_with("\r\n"))
        state_ = State::line_start;
    else
        state_ = text.ends_with('\r') ? State::text_cr : State::text;
    return text;
}

} // namespace mail::lmtp
