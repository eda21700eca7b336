#include "protocol/lmtp/conversation.h"

#include "protocol/lmtp/commands.h"

#include <fmt/format.h>

namespace mail::lmtp {

awaitable<void> Conversation::run()
{
    auto const& settings = ctx_.session.settings();
    ctx_.session.stream().set_time_limit(settings.limits.lmtp_idle_time);
    ctx_.reply(fmt::format("220 {} LMTP server ready", settings.hostname));
    int bad_commands = 0;
    while (!ctx_.is_ended) {
        auto const found = ctx_.lines.next();
        if (found == LineReader::Found::nothing) {
            co_await ctx_.out.flush();
            co_await ctx_.in.fill();
            continue;
        }
        Result<void> result;
        if (found == LineReader::Found::too_long)
            result = Failure("500", "5.5.6", "The line is too long: 4096 octets at most");
        else
            result = co_await obey(ctx_.lines.line());
        if (!result)
            ctx_.refuse(result.error());
        bad_commands = !result && result.error().is_bad_command() ? bad_commands + 1 : 0;
        if (bad_commands >= settings.limits.bad_commands) {
            ctx_.reply("421 4.7.0 Too many bad commands: closing the connection");
            break;
        }
        if (ctx_.out.is_full())
            co_await ctx_.out.flush();
    }
    co_await ctx_.out.flush();
}

awaitable<Result<void>> Conversation::obey(std::string_view line)
{
    auto const space = line.find(' ');
    auto const* command = find_command(line.substr(0, space));
    if (!command)
        co_return Failure("500", "5.5.1", "Unknown command: HELP lists what is spoken here");
    if (command->valid != Valid::always && ctx_.client_name.empty())
        co_return Failure("503", "5.5.1", "LHLO comes first");
    if (command->valid == Valid::after_lhlo && ctx_.transaction)
        co_return Failure("503", "5.5.1", "A transaction is open: end it by DATA or RSET");
    if (command->valid == Valid::in_transaction && !ctx_.transaction)
        co_return Failure("503", "5.5.1", "MAIL comes first");
    auto const arguments = space == line.npos ? std::string_view {} : line.substr(space + 1);
    co_return co_await command->run(ctx_, arguments);
}

} // namespace mail::lmtp
