// UNAUTHENTICATE: back to before the login, on the same connection (RFC 8437).
#include "protocol/imap/commands.h"
#include "protocol/imap/context.h"

namespace mail::imap {
namespace {

    /// TLS stays. The count of failed logins stays too: who knows one password must not get more
    /// guesses at others by it.
    awaitable<Result<void>> unauthenticate(Context& ctx, NoArguments)
    {
        ctx.log_out();
        ctx.out.tagged(ctx.tag, Status::ok, "CAPABILITY " + announced_capabilities(ctx),
            "Logged out; log in again");
        ctx.is_answered = true;
        if (auto& compression = ctx.session.compression(); compression.is_compressing()) {
            co_await ctx.out.flush();
            co_await compression.finish();
        }
        co_return Result<void> {};
    }

} // namespace

awaitable<Result<void>> run_unauthenticate(Context& ctx, Parser& in)
{
    return command<no_arguments, unauthenticate>(ctx, in);
}

} // namespace mail::imap
