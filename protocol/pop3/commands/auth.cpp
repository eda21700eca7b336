// AUTH: login by SASL (RFC 5034). Without an argument, as Thunderbird sends it, the mechanisms.
#include "protocol/pop3/commands.h"
#include "protocol/pop3/login.h"
#include "protocol/sasl/exchange.h"

namespace mail::pop3 {

Result<AuthArguments> parse_auth(std::string_view arguments)
{
    AuthArguments args;
    auto const space = arguments.find(' ');
    args.mechanism = arguments.substr(0, space);
    if (space == arguments.npos)
        return args;
    auto const initial = arguments.substr(space + 1);
    if (initial.empty() || initial.find(' ') != initial.npos)
        return Failure(Code::bad, "AUTH takes a mechanism and at most one initial response");
    args.initial = std::string(initial);
    return args;
}

namespace {

    void list_mechanisms(Context& ctx)
    {
        ctx.ok("The mechanisms are");
        for (auto const* row : sasl::offered_mechanisms(ctx.session.login()))
            ctx.line(row->name);
        ctx.end_of_lines();
    }

} // namespace

awaitable<Result<void>> auth(Context& ctx, AuthArguments args)
{
    if (args.mechanism.empty()) {
        list_mechanisms(ctx);
        co_return Result<void> {};
    }
    auto const* row = sasl::find_mechanism(args.mechanism);
    if (!row)
        co_return Failure(
            Code::bad, "This mechanism is not spoken here: CAPA lists those that are");

    sasl::Exchange exchange(ctx.session.login(), *row);
    std::optional<std::string_view> initial;
    if (args.initial)
        initial = *args.initial;
    auto reply = co_await exchange.start(initial);
    while (reply.kind == sasl::Reply::Kind::challenge) {
        ctx.out.buffer() += "+ ";
        ctx.line(reply.text);
        auto const found = co_await ctx.next_line();
        if (found == LineReader::Found::too_long)
            co_return Failure(Code::bad, "The response is too long");
        reply = co_await exchange.answer(ctx.lines.line());
    }
    ctx.lines.forget();
    if (reply.kind == sasl::Reply::Kind::refused)
        co_return refuse_login(ctx, reply.why);
    if (reply.kind == sasl::Reply::Kind::not_offered)
        co_return Failure(Code::none, std::move(reply.text));
    if (reply.kind != sasl::Reply::Kind::done)
        co_return Failure(Code::bad, std::move(reply.text));
    auto const entered
        = co_await ctx.session.enter(std::move(reply.user), std::move(reply.attempt));
    if (!entered)
        co_return refuse_login(ctx, entered.error());
    co_return co_await enter_maildrop(ctx);
}

} // namespace mail::pop3
