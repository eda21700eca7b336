#include "protocol/pop3/context.h"

#include <algorithm>

namespace mail::pop3 {

void Context::ok(std::string_view text)
{
    auto& buffer = out.buffer();
    buffer += "+OK";
    if (!text.empty()) {
        buffer += ' ';
        buffer += session.translated(text);
    }
    buffer += "\r\n";
}

void Context::error(Failure const& failure)
{
    auto& buffer = out.buffer();
    buffer += "-ERR ";
    buffer += name_of(failure.code());
    buffer += session.translated(failure.text());
    buffer += "\r\n";
}

void Context::line(std::string_view text)
{
    out.buffer() += text;
    out.buffer() += "\r\n";
}

awaitable<void> Context::flush()
{
    co_await out.flush();
    if (maildrop)
        maildrop->hold().note_activity();
}

awaitable<LineReader::Found> Context::next_line()
{
    for (;;) {
        auto const found = lines.next();
        if (found != LineReader::Found::nothing)
            co_return found;
        co_await out.flush();
        if (has_lost_maildrop())
            co_return LineReader::Found::nothing;
        if (state == State::authorization) {
            // The whole login has one limit: a client cannot stretch it by talking slowly.
            auto const left = std::chrono::ceil<std::chrono::seconds>(
                login_deadline - std::chrono::steady_clock::now());
            session.stream().set_time_limit(std::max(left, std::chrono::seconds(0)));
        }
        if (maildrop) {
            auto const woken_by = co_await session.stream().wait_input();
            if (woken_by == ByteStream::Wake::interrupted)
                continue;
        }
        co_await in.fill();
        if (maildrop)
            maildrop->hold().note_activity();
    }
}

} // namespace mail::pop3
