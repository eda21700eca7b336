#include "protocol/lmtp/conversation.h"

#include "protocol/lmtp/commands.h"

#include <fmt/format.h>

#include <chrono>

namespace mail::lmtp {

awaitable<void> Conversation::run()
{
    auto const& settings = ctx_.session.settings();
    ctx_.session.stream().set_time_limit(
        ctx_.session.is_trusted() ? settings.limits.lmtp_idle_time : settings.limits.login_time);
    auto const login_deadline = std::chrono::steady_clock::now() + settings.limits.login_time;
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
        if (!result && result.error().closes())
            break;
        if (!ctx_.may_deliver() && std::chrono::steady_clock::now() > login_deadline) {
            ctx_.reply("421 4.7.0 Nobody logged in: closing the connection");
            break;
        }
        bad_commands = !result && result.error().is_bad_command() ? bad_commands + 1 : 0;
        if (bad_commands >= settings.limits.bad_commands) {
            ctx_.reply("421 4.7.0 Too many bad commands: closing the connection");
            break;
        }
        if (ctx_.out.is_full())
            co_await ctx_.out.flush();
    }
    co_await ctx_.out.finish();
}

awaitable<Result<void>> Conversation::obey(std::string_view line)
{
    auto const space = line.find(' ');
    auto const* command = find_command(line.substr(0, space));
    if (!command)
        co_return Failure("500", "5.5.1", "Unknown command: HELP lists what is spoken here");
    if (command->name == "MAIL" && !ctx_.transaction)
        ctx_.was_mail_refused = true; // until it is accepted
    if (command->valid != Valid::always && ctx_.client_name.empty())
        co_return Failure("503", "5.5.1", "LHLO comes first");
    if (command->who == For::trusted && !ctx_.may_deliver())
        co_return ctx_.may_not_deliver();
    if (command->valid == Valid::after_lhlo && ctx_.transaction)
        co_return Failure("503", "5.5.1", "A transaction is open: end it by DATA or RSET");
    if (command->valid == Valid::in_transaction && !ctx_.transaction)
        co_return Failure("503", "5.5.1", "MAIL comes first");
    auto const arguments = space == line.npos ? std::string_view {} : line.substr(space + 1);
    co_return co_await command->run(ctx_, arguments);
}

} // namespace mail::lmtp
