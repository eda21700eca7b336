// STARTTLS: TLS on a plain connection (RFC 3207).
#include "protocol/lmtp/commands.h"

namespace mail::lmtp {

awaitable<Result<void>> starttls(Context& ctx, NoArguments)
{
    auto& stream = ctx.session.stream();
    if (stream.is_encrypted())
        co_return Failure("503", "5.5.1", "TLS is on already");
    if (!stream.may_start_tls())
        co_return Failure("502", "5.5.1", "This port does not offer TLS");
    ctx.reply("220 2.0.0 Begin TLS now");
    co_await ctx.out.flush();
    // What came before the handshake came from anybody (CVE-2021-38371's class).
    ctx.forget_client();
    co_await stream.start_tls();
    co_return Result<void> {};
}

} // namespace mail::lmtp
