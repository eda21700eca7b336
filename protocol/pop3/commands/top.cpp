// TOP: a header and some lines (RFC 1939 §7). fetchmail asks for 99999999 lines, all of the
// message, in order to leave it unread.
#include "protocol/pop3/body_stream.h"
#include "protocol/pop3/commands.h"

namespace mail::pop3 {

awaitable<Result<void>> top(Context& ctx, TopArguments args)
{
    auto const number = existing(*ctx.maildrop, args.message);
    if (!number)
        co_return number.error();
    TopCut cut(args.lines);
    co_return co_await send_message(ctx, *number, &cut);
}

} // namespace mail::pop3
