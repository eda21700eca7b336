// NOOP: nothing, positively (RFC 5321 §4.1.1.9).
#include "protocol/lmtp/commands.h"

namespace mail::lmtp {

awaitable<Result<void>> noop(Context& ctx, NoArguments)
{
    ctx.reply("250 2.0.0 OK");
    co_return Result<void> {};
}

} // namespace mail::lmtp
