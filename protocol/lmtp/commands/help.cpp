// HELP: what is spoken here (RFC 5321 §4.1.1.8).
#include "protocol/lmtp/commands.h"

namespace mail::lmtp {

awaitable<Result<void>> help(Context& ctx, NoArguments)
{
    ctx.reply("214 2.0.0 LHLO MAIL RCPT DATA RSET NOOP VRFY STARTTLS HELP QUIT");
    co_return Result<void> {};
}

} // namespace mail::lmtp
