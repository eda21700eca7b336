// PASS: the password of a login (RFC 1939 §7).
#include "protocol/pop3/commands.h"
#include "protocol/pop3/login.h"

#include <utility>

namespace mail::pop3 {

awaitable<Result<void>> pass(Context& ctx, Credential args)
{
    ctx.lines.forget();
    if (ctx.user.empty())
        co_return Failure(Code::bad, "USER comes first");
    auto const result
        = co_await ctx.session.log_in(std::exchange(ctx.user, {}), std::move(args.text), "PASS");
    if (!result)
        co_return refuse_login(ctx, result.error());
    co_return co_await enter_maildrop(ctx);
}

} // namespace mail::pop3
