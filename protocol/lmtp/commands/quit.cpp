// QUIT (RFC 5321 §4.1.1.10).
#include "protocol/lmtp/commands.h"

namespace mail::lmtp {

awaitable<Result<void>> quit(Context& ctx, NoArguments)
{
    ctx.is_ended = true;
    ctx.reply("221 2.0.0 Bye");
    co_return Result<void> {};
}

} // namespace mail::lmtp
