// DELE: marks a message; nothing is deleted before QUIT (RFC 1939 §5, §6).
#include "protocol/pop3/commands.h"

namespace mail::pop3 {

awaitable<Result<void>> dele(Context& ctx, MessageNumber args)
{
    auto const number = existing(*ctx.maildrop, args);
    if (!number)
        co_return number.error();
    if (ctx.session.is_read_only())
        co_return Failure(Code::none, "Nothing can be deleted in this session: it may only read");
    ctx.maildrop->mark_deleted(*number);
    ctx.ok("Marked as deleted");
    co_return Result<void> {};
}

} // namespace mail::pop3
