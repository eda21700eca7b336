// UTF8: the client takes messages with UTF-8 in their headers (RFC 6856 §2.1).
#include "protocol/pop3/commands.h"

namespace mail::pop3 {

awaitable<Result<void>> utf8(Context& ctx, NoArguments)
{
    ctx.is_utf8 = true;
    ctx.ok("Messages come as they are");
    co_return Result<void> {};
}

} // namespace mail::pop3
