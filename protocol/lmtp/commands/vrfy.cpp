// VRFY: RCPT is the one that knows (RFC 5321 §3.5.3). The reply names no mailbox, so SMTPUTF8
// behind the argument changes nothing (RFC 6531 §3.7.4.2).
#include "protocol/lmtp/commands.h"

namespace mail::lmtp {

awaitable<Result<void>> vrfy(Context& ctx, NoArguments)
{
    ctx.reply("252 2.5.0 Not verified here: try RCPT");
    co_return Result<void> {};
}

} // namespace mail::lmtp
