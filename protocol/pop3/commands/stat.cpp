// STAT: how much there is, what is marked as deleted left out (RFC 1939 §5).
#include "protocol/pop3/commands.h"

#include <fmt/format.h>

namespace mail::pop3 {

awaitable<Result<void>> stat(Context& ctx, NoArguments)
{
    // Nothing may follow the two numbers on this line.
    ctx.ok(fmt::format("{} {}", ctx.maildrop->count(), ctx.maildrop->octets()));
    co_return Result<void> {};
}

} // namespace mail::pop3
