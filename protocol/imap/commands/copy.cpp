// COPY and UID COPY: messages into another mailbox (RFC 9051 §6.4.7), with COPYUID (RFC 4315 §3).
#include "protocol/imap/commands.h"
#include "protocol/imap/context.h"
#include "protocol/imap/copied.h"
#include "protocol/imap/message_limit.h"
#include "protocol/imap/parser.h"

namespace mail::imap {

namespace {

    awaitable<Result<void>> copy(Context& ctx, CopyArgs args)
    {
        auto uids = resolve(args.set, ctx.numbering, ctx.mailbox());
        if (!uids)
            co_return uids.error();
        if (auto const cut = cut_to_limit(save_limit(ctx), *uids))
            co_return too_many_messages(*cut);
        if (uids->empty())
            co_return Result<void> {};
        auto const copied = co_await copy_to(ctx, *uids, std::move(args.target), CopyMode::copy);
        if (!copied)
            co_return copied.error();
        ctx.succeed_with(copyuid(*copied));
        co_return Result<void> {};
    }

} // namespace

awaitable<Result<void>> run_copy(Context& ctx, Parser& in)
{
    return command<parse_copy, copy>(ctx, in);
}

} // namespace mail::imap
