// MOVE and UID MOVE: messages into another mailbox, in one step (RFC 9051 §6.4.8, RFC 6851).
#include "protocol/imap/commands.h"
#include "protocol/imap/context.h"
#include "protocol/imap/copied.h"
#include "protocol/imap/message_limit.h"
#include "protocol/imap/parser.h"

namespace mail::imap {

namespace {

    awaitable<Result<void>> move(Context& ctx, CopyArgs args)
    {
        if (ctx.mailbox().access() == session::SelectedMailbox::Access::read_only)
            co_return no("READ-ONLY",
                "The mailbox is opened read-only: SELECT it to move messages, or COPY them");
        if (!ctx.mailbox().may(storage::Right::delete_messages | storage::Right::expunge))
            co_return to_failure(storage::Errc::denied);
        auto uids = resolve(args.set, ctx.numbering, ctx.mailbox());
        if (!uids)
            co_return uids.error();
        auto const cut = cut_to_limit(message_limit(ctx), *uids);
        if (uids->empty())
            co_return Result<void> {};
        auto const moved = co_await copy_to(ctx, *uids, std::move(args.target), CopyMode::move);
        if (!moved)
            co_return moved.error();
        // Before the EXPUNGEs, which the dispatcher tells: the client learns where the messages are
        // before they leave (RFC 6851 §4.3).
        ctx.tells_highest_mod_seq = !moved->source.empty();
        if (auto const code = copyuid(*moved); !code.empty())
            ctx.out.untagged(Status::ok, code, "Moved");
        co_return with_cut(ctx, cut, {});
    }

} // namespace

awaitable<Result<void>> run_move(Context& ctx, Parser& in)
{
    return command<parse_copy, move>(ctx, in);
}

} // namespace mail::imap
