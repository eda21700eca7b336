// LOGIN: name and password as arguments (RFC 9051 §6.2.3).
#include "protocol/imap/login.h"

#include "protocol/imap/commands.h"
#include "protocol/imap/context.h"
#include "protocol/imap/parser.h"

namespace mail::imap {
namespace {

    struct LoginArgs {
        std::string name;
        std::string password;
    };

    Result<LoginArgs> parse_login(Parser& in)
    {
        LoginArgs args;
        in.space();
        args.name = in.astring();
        in.space();
        args.password = in.astring();
        in.end();
        return in.finish(std::move(args));
    }

    awaitable<Result<void>> login(Context& ctx, LoginArgs args)
    {
        auto const outcome
            = co_await ctx.session.log_in(std::move(args.name), std::move(args.password), "LOGIN");
        if (!outcome)
            co_return refuse_login(ctx, outcome.error());
        enter_authenticated(ctx);
        co_return Result<void> {};
    }

} // namespace

void enter_authenticated(Context& ctx)
{
    ctx.state = authenticated_only;
    ctx.terms.offered = offered_capabilities(ctx.session); // the account may have switches
    ctx.succeed_with("CAPABILITY " + announced_capabilities(ctx), "Logged in");
}

Failure refuse_login(Context& ctx, session::Refusal why)
{
    if (why == session::Refusal::wrong_credentials || why == session::Refusal::disabled)
        ++ctx.failed_logins;
    return to_failure(why);
}

awaitable<Result<void>> run_login(Context& ctx, Parser& in)
{
    return command<parse_login, login>(ctx, in);
}

} // namespace mail::imap
