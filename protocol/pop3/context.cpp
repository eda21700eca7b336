#include "protocol/pop3/context.h"

#include <algorithm>

namespace mail::pop3 {

void Context::ok(std::string_view text)
{
    auto& buffer = out.buffer();
    buffer += "+OK";
    if (!text.empty()) {
        buffer += ' ';
        buffer += text;
    }
    buffer += "\r\n";
}

void Context::error(Failure const& failure)
{
    auto& buffer = out.buffer();
    buffer += "-ERR ";
    buffer += name_of(failure.code());
    buffer += failure.text();
    buffer += "\r\n";
}

void Context::line(std::string_view text)
{
    out.buffer() += text;
    out.buffer() += "\r\n";
}

awaitable<LineReader::Found> Context::next_line()
{
    for (;;) {
        auto const found = lines.next();
        if (found != LineReader::Found::nothing)
            co_return found;
        co_await out.flush();
        if (state == State::authorization) {
            // The whole login has one limit: a client cannot stretch it by talking slowly.
            auto const left = std::chrono::ceil<std::chrono::seconds>(
                login_deadline - std::chrono::steady_clock::now());
            session.stream().set_time_limit(std::max(left, std::chrono::seconds(0)));
        }
        co_await in.fill();
    }
}

} // namespace mail::pop3
