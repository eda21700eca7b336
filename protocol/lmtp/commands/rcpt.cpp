// RCPT: one more recipient (RFC 5321 §4.1.1.3).
#include "protocol/lmtp/commands.h"

namespace mail::lmtp {

awaitable<Result<void>> rcpt(Context& ctx, RcptArguments args)
{
    auto const most = ctx.session.settings().limits.lmtp_recipients;
    if (ctx.transaction->recipients.size() >= most)
        co_return Failure(
            "452", "4.5.3", "Too many recipients: send to the rest in another transaction");
    auto found = co_await find_recipient(
        ctx.session.services(), ctx.session.stream().executor(), std::move(args.recipient));
    if (!found)
        co_return found.error();
    ctx.transaction->recipients.push_back(std::move(*found));
    ctx.reply("250 2.1.5 OK");
    co_return Result<void> {};
}

} // namespace mail::lmtp
