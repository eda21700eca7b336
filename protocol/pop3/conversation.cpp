#include "protocol/pop3/conversation.h"

#include "protocol/pop3/commands.h"

#include <fmt/format.h>

namespace mail::pop3 {

awaitable<void> Conversation::run()
{
    auto const& limits = ctx_.session.settings().limits;
    // No timestamp in the greeting: APOP would need passwords stored in clear.
    ctx_.ok(fmt::format("{} POP3 server ready", ctx_.session.settings().hostname));
    int bad_commands = 0;
    while (ctx_.state != State::ended) {
        auto const found = co_await ctx_.next_line();
        if (found == LineReader::Found::nothing)
            break; // without a word and without UPDATE, as when its time is over (RFC 1939 §3)
        Result<void> result;
        if (found == LineReader::Found::too_long)
            result = Failure(Code::bad, "The line is too long: 8192 octets at most");
        else
            result = co_await obey(ctx_.lines.line());
        if (!result)
            ctx_.error(result.error());
        if (result || result.error().code() != Code::bad)
            bad_commands = 0;
        else if (++bad_commands >= limits.bad_commands)
            break; // a program that does not speak POP3, or hammers
        if (ctx_.out.is_full())
            co_await ctx_.flush();
    }
    co_await ctx_.out.finish();
}

awaitable<Result<void>> Conversation::obey(std::string_view line)
{
    if (ctx_.has_lost_maildrop()) {
        ctx_.state = State::ended;
        co_return Failure(
            Code::sys_temp, "Another session has taken this maildrop over; nothing was deleted");
    }
    auto const space = line.find(' ');
    auto const* command = find_command(line.substr(0, space));
    if (!command)
        co_return Failure(Code::bad, "Unknown command: CAPA lists what is spoken here");
    if (ctx_.state == State::authorization && !command->in_authorization)
        co_return Failure(Code::bad, "Log in first");
    if (ctx_.state == State::transaction && !command->in_transaction)
        co_return Failure(Code::bad, "Not after the login");
    auto const arguments = space == line.npos ? std::string_view {} : line.substr(space + 1);
    co_return co_await command->run(ctx_, arguments);
}

} // namespace mail::pop3
