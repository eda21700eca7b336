// NOOP: nothing, positively (RFC 1939 §5).
#include "protocol/pop3/commands.h"

namespace mail::pop3 {

awaitable<Result<void>> noop(Context& ctx, NoArguments)
{
    ctx.ok("");
    co_return Result<void> {};
}

} // namespace mail::pop3
