// USER: the name of a login by plain password (RFC 1939 §7).
#include "protocol/pop3/commands.h"

namespace mail::pop3 {

awaitable<Result<void>> user(Context& ctx, Credential args)
{
    if (!ctx.session.login().may_send_password())
        co_return to_failure(session::Refusal::needs_tls);
    ctx.user = std::move(args.text);
    ctx.ok("Now the password"); // whether or not there is such a user
    co_return Result<void> {};
}

} // namespace mail::pop3
