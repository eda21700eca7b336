#include "protocol/lmtp/local_input.h"

#include <utility>

namespace mail::lmtp {

namespace {

    constexpr std::string_view from_line = "From ";

} // namespace

void LocalInput::feed(std::string_view octets, std::string& out)
{
    if (at_beginning_) {
        held_ += octets;
        if (held_.size() < from_line.size() && from_line.starts_with(held_))
            return;
        at_beginning_ = false;
        in_from_line_ = held_.starts_with(from_line);
        auto const held = std::exchange(held_, {});
        return feed(held, out);
    }
    if (in_from_line_) {
        auto const end = octets.find('\n');
        if (end == octets.npos)
            return;
        in_from_line_ = false;
        octets.remove_prefix(end + 1);
    }
    convert(octets, out);
}

void LocalInput::finish(std::string& out)
{
    if (at_beginning_)
        convert(std::exchange(held_, {}), out);
    at_beginning_ = false;
}

void LocalInput::convert(std::string_view octets, std::string& out)
{
    for (std::size_t begin = 0; begin < octets.size();) {
        auto const end = octets.find('\n', begin);
        auto const text = octets.substr(begin, end == octets.npos ? end : end - begin);
        out += text;
        if (!text.empty())
            after_cr_ = text.back() == '\r';
        if (end == octets.npos)
            return;
        out += after_cr_ ? "\n" : "\r\n";
        after_cr_ = false;
        begin = end + 1;
    }
}

} // namespace mail::lmtp
