// LHLO: greets and lists the extensions (RFC 2033 §4.1).
#include "protocol/lmtp/commands.h"

#include <fmt/format.h>

namespace mail::lmtp {

awaitable<Result<void>> lhlo(Context& ctx, ClientName args)
{
    auto const& settings = ctx.session.settings();
    ctx.client_name = std::move(args.name);
    ctx.transaction.reset(); // as by RSET (RFC 5321 §4.1.4)
    ctx.reply(fmt::format("250-{}", settings.hostname));
    ctx.reply("250-PIPELINING");
    ctx.reply(fmt::format("250-SIZE {}", settings.limits.message_octets));
    ctx.reply("250-8BITMIME");
    if (ctx.session.stream().may_start_tls())
        ctx.reply("250-STARTTLS");
    ctx.reply("250 ENHANCEDSTATUSCODES");
    co_return Result<void> {};
}

} // namespace mail::lmtp
