// MAIL: begins a transaction (RFC 5321 §4.1.1.2, RFC 1870).
#include "protocol/lmtp/commands.h"

#include <fmt/format.h>

namespace mail::lmtp {

awaitable<Result<void>> mail(Context& ctx, MailArguments args)
{
    auto const most = ctx.session.settings().limits.message_octets;
    if (args.size && *args.size > most)
        co_return Failure("552", "5.3.4", fmt::format("At most {} octets are taken here", most));
    ctx.transaction.emplace().sender = std::move(args.sender);
    ctx.reply("250 2.1.0 OK");
    co_return Result<void> {};
}

} // namespace mail::lmtp
