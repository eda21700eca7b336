// RETR: a message (RFC 1939 §5).
#include "protocol/pop3/body_stream.h"
#include "protocol/pop3/commands.h"

namespace mail::pop3 {

/// Remembers the message for \Seen, which it gets at QUIT as with Dovecot: IMAP shows it as read.
awaitable<Result<void>> retr(Context& ctx, MessageNumber args)
{
    auto const number = existing(*ctx.maildrop, args);
    if (!number)
        co_return number.error();
    auto const sent = co_await send_message(ctx, *number, nullptr);
    if (!sent)
        co_return sent.error();
    ctx.maildrop->mark_retrieved(*number);
    ++ctx.totals.retrieved;
    co_return Result<void> {};
}

} // namespace mail::pop3
