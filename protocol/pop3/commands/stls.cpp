// STLS: TLS on a plain connection (RFC 2595 §4).
#include "protocol/pop3/commands.h"

namespace mail::pop3 {

awaitable<Result<void>> stls(Context& ctx, NoArguments)
{
    auto& stream = ctx.session.stream();
    if (!stream.may_start_tls())
        co_return Failure(Code::bad,
            stream.is_encrypted() ? "TLS is on already" : "This port does not offer TLS: use 995");
    if (ctx.is_utf8)
        co_return Failure(Code::bad, "STLS comes before UTF8: connect again"); // RFC 6856 §2.1
    ctx.ok("Begin TLS now");
    co_await ctx.out.flush();
    // What came before the handshake came from anybody (CVE-2021-38371's class; for the language
    // RFC 6856 §7).
    ctx.in.discard();
    ctx.user.clear();
    ctx.session.translate(nullptr);
    co_await stream.start_tls();
    co_return Result<void> {};
}

} // namespace mail::pop3
