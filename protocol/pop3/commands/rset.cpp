// RSET: takes all DELEs of the session back (RFC 1939 §5).
#include "protocol/pop3/commands.h"

namespace mail::pop3 {

awaitable<Result<void>> rset(Context& ctx, NoArguments)
{
    ctx.maildrop->reset();
    ctx.ok("Nothing is marked as deleted");
    co_return Result<void> {};
}

} // namespace mail::pop3
