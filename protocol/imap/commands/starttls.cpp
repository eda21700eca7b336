// STARTTLS: from plain text to TLS on the same connection (RFC 9051 §6.2.1).
#include "protocol/imap/commands.h"
#include "protocol/imap/context.h"

namespace mail::imap {
namespace {

    awaitable<Result<void>> starttls(Context& ctx, NoArguments)
    {
        ctx.out.tagged(ctx.tag, Status::ok, {}, "Begin TLS now");
        ctx.is_answered = true;
        co_await ctx.out.flush();
        // What came before the handshake may be an attacker's: it must not run as the client's
        // command (the class of CVE-2021-38371).
        ctx.input.discard();
        co_await ctx.session.stream().start_tls();
        co_return Result<void> {};
    }

} // namespace

awaitable<Result<void>> run_starttls(Context& ctx, Parser& in)
{
    return command<no_arguments, starttls>(ctx, in);
}

} // namespace mail::imap
