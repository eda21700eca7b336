// AUTH: login by SASL (RFC 4954). Who has logged in as a deliverer may deliver from anywhere.
#include "protocol/lmtp/commands.h"
#include "protocol/sasl/exchange.h"

#include <algorithm>

namespace mail::lmtp {

Result<AuthArguments> parse_auth(std::string_view arguments)
{
    AuthArguments args;
    auto const space = arguments.find(' ');
    args.mechanism = arguments.substr(0, space);
    if (args.mechanism.empty())
        return Failure("501", "5.5.4", "The form is AUTH mechanism [initial response]");
    if (space == arguments.npos)
        return args;
    auto const initial = arguments.substr(space + 1);
    if (initial.empty() || initial.find(' ') != initial.npos)
        return Failure("501", "5.5.4", "AUTH takes a mechanism and at most one initial response");
    args.initial = std::string(initial);
    return args;
}

namespace {

    /// RFC 4954 §6, RFC 5248.
    Failure to_failure(session::Refusal why)
    {
        switch (why) {
        case session::Refusal::wrong_credentials:
            return { "535", "5.7.8", "Wrong name or password" };
        case session::Refusal::disabled:
            return { "525", "5.7.13", "This account may not log in: ask its administrator" };
        case session::Refusal::needs_tls:
            return { "538", "5.7.11", "A password is not taken without TLS: send STARTTLS first" };
        case session::Refusal::throttled:
            return { "454", "4.7.0", "Too many wrong passwords came before: try again later" };
        case session::Refusal::too_many:
            return { "454", "4.7.0", "Too many sessions of this account: try again later" };
        case session::Refusal::unavailable:
            break;
        }
        return { "454", "4.7.0", "The accounts cannot be asked now: try again later" };
    }

    Failure refuse_login(Context& ctx, session::Refusal why)
    {
        auto const failure = to_failure(why);
        if (++ctx.failed_logins < ctx.session.settings().limits.failed_logins)
            return failure;
        return Failure::closing(failure.code(), failure.enhanced(), failure.text());
    }

    std::optional<Failure> why_not(Context& ctx, sasl::MechanismRow const* row)
    {
        if (ctx.user)
            return Failure("503", "5.5.1", "You are logged in already");
        if (ctx.settings().deliverers.empty())
            return Failure("502", "5.5.1", "Nobody logs in here");
        if (!row)
            return Failure(
                "504", "5.5.4", "This mechanism is not spoken here: LHLO lists those that are");
        if (row->needs == sasl::Needs::anonymous)
            return Failure("504", "5.5.4", "Nobody delivers anonymously: use another mechanism");
        return std::nullopt;
    }

    Failure not_understood(sasl::Reply& reply)
    {
        if (reply.kind == sasl::Reply::Kind::cancelled)
            return { "501", "5.7.0", std::move(reply.text) };
        if (reply.kind == sasl::Reply::Kind::not_offered)
            return { "504", "5.5.4", std::move(reply.text) };
        return { "501", "5.5.2", std::move(reply.text) };
    }

} // namespace

awaitable<Result<void>> auth(Context& ctx, AuthArguments args)
{
    auto const* row = sasl::find_mechanism(args.mechanism);
    auto const refusal = why_not(ctx, row);
    if (refusal)
        co_return *refusal;

    sasl::Exchange exchange(ctx.session.login(), *row);
    std::optional<std::string_view> initial;
    if (args.initial)
        initial = *args.initial;
    auto reply = co_await exchange.start(initial);
    LineReader responses(ctx.in, sasl::Exchange::max_line); // longer than commands are
    while (reply.kind == sasl::Reply::Kind::challenge) {
        ctx.reply("334 " + reply.text);
        co_await ctx.out.flush();
        auto const found = co_await responses.wait_next();
        if (found == LineReader::Found::too_long)
            co_return Failure("500", "5.5.6", "The response is too long");
        reply = co_await exchange.answer(responses.line());
    }
    responses.forget();
    ctx.lines.forget();
    if (reply.kind == sasl::Reply::Kind::refused)
        co_return refuse_login(ctx, reply.why);
    if (reply.kind != sasl::Reply::Kind::done)
        co_return not_understood(reply);
    ctx.session.services().journal.logged_in(reply.attempt, reply.user);
    ctx.user = std::move(reply.user);
    if (ctx.may_deliver())
        ctx.session.stream().set_time_limit(ctx.session.settings().limits.lmtp_idle_time);
    ctx.reply("235 2.7.0 Logged in");
    co_return Result<void> {};
}

} // namespace mail::lmtp
