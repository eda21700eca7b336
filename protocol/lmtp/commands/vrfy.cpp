// VRFY: RCPT is the one that knows (RFC 5321 §3.5.3).
#include "protocol/lmtp/commands.h"

namespace mail::lmtp {

awaitable<Result<void>> vrfy(Context& ctx, NoArguments)
{
    ctx.reply("252 2.5.2 Not verified here: try RCPT");
    co_return Result<void> {};
}

} // namespace mail::lmtp
