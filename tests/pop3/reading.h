// A client's strict reading of what a POP3 server says, and what it must say of a maildrop.
#pragma once

#include "protocol/mime/surrogate.h"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace mail::pop3 {

/// Takes responses from the front of what the server said; throws when there is none.
class Responses {
public:
    explicit Responses(std::string_view said)
        : left_(said)
    {
    }
    bool empty() const { return left_.empty(); }
    std::string_view line()
    {
        auto const end = left_.find("\r\n");
        if (end == left_.npos)
            throw std::runtime_error("a line does not end");
        auto const text = left_.substr(0, end);
        left_.remove_prefix(end + 2);
        return text;
    }
    /// What follows the first line of a multi-line response, without stuffing, for clients that cut
    /// at LF.
    std::string block()
    {
        std::string text;
        for (;;) {
            auto one = left_.substr(0, left_.find('\n') + 1);
            if (one.empty())
                throw std::runtime_error("a response does not end");
            left_.remove_prefix(one.size());
            if (one == ".\r\n")
                return text;
            if (one == ".\n")
                throw std::runtime_error("a response ends early for some clients");
            one.remove_prefix(one.starts_with('.') ? 1 : 0);
            text += one;
        }
    }

private:
    std::string_view left_;
};

/// Digits alone, blanks around them; nothing for anything else.
inline std::optional<std::size_t> number_in(std::string_view text)
{
    while (text.starts_with(' '))
        text.remove_prefix(1);
    while (text.ends_with(' '))
        text.remove_suffix(1);
    if (text.empty() || text.find_first_not_of("0123456789") != text.npos)
        return std::nullopt;
    auto const digits = text.substr(std::min(text.find_first_not_of('0'), text.size()));
    return digits.empty() ? 0 : digits.size() > 9 ? SIZE_MAX : std::stoul(std::string(digits));
}

/// How a client gets a message.
inline std::string as_sent(std::string const& stored, bool is_utf8)
{
    auto const end = stored.find("\r\n\r\n");
    auto const header = end == stored.npos ? stored.size() : end + 4;
    auto sent = is_utf8 ? stored
                        : mime::downgrade_header(stored.substr(0, header)) + stored.substr(header);
    if (!sent.empty() && !sent.ends_with("\r\n"))
        sent += "\r\n";
    return sent;
}

/// The header, the empty line and so many lines of the body.
inline std::string top_of(std::string const& sent, std::size_t lines)
{
    auto at = sent.find("\r\n\r\n");
    if (at == sent.npos)
        return sent;
    at += 4;
    for (; lines > 0 && at < sent.size(); --lines)
        at = std::min(sent.find('\n', at), sent.size() - 1) + 1;
    auto const top = sent.substr(0, at);
    return top.ends_with("\r\n") ? top : top + "\r\n";
}

} // namespace mail::pop3
