// RSET: forgets the transaction (RFC 5321 §4.1.1.5).
#include "protocol/lmtp/commands.h"

namespace mail::lmtp {

awaitable<Result<void>> rset(Context& ctx, NoArguments)
{
    ctx.end_transaction();
    ctx.reply("250 2.0.0 OK");
    co_return Result<void> {};
}

} // namespace mail::lmtp
