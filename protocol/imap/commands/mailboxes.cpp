// DELETE, RENAME, SUBSCRIBE and UNSUBSCRIBE: changes of mailboxes as a whole (RFC 9051 §6.3).
#include "protocol/imap/commands.h"
#include "protocol/imap/context.h"
#include "protocol/imap/parser.h"

namespace mail::imap {
namespace {

    struct MailboxArgs {
        std::string mailbox;
    };

    Result<MailboxArgs> parse_mailbox(Parser& in)
    {
        MailboxArgs args;
        in.space();
        args.mailbox = in.mailbox();
        in.end();
        return in.finish(std::move(args));
    }

    struct RenameArgs {
        std::string from;
        std::string to;
    };

    Result<RenameArgs> parse_rename(Parser& in)
    {
        RenameArgs args;
        in.space();
        args.from = in.mailbox();
        in.space();
        args.to = in.mailbox();
        in.end();
        return in.finish(std::move(args));
    }

    awaitable<Result<void>> remove(Context& ctx, MailboxArgs args)
    {
        auto const where = ctx.session.interpret(args.mailbox);
        if (!where)
            co_return to_failure(where.error());
        storage::Place place;
        auto erase = [&](storage::WriteTxn& txn) -> storage::Result<void> {
            auto const mailbox = ctx.session.locate(txn, *where, storage::Right::delete_mailbox);
            if (!mailbox)
                return mailbox.error();
            place = mailbox->place();
            return storage::delete_mailbox(txn, place.account, where->name);
        };
        auto const removed = co_await ctx.session.write_at(where->account, erase);
        if (!removed && removed.error() == storage::Errc::not_permitted)
            co_return no("CANNOT", "INBOX cannot be deleted; delete its messages instead");
        if (!removed)
            co_return to_failure(removed.error());
        // Our own client knows what it did: no reason to part with it.
        if (ctx.selected && ctx.mailbox().place() == place) {
            ctx.unselect();
            ctx.out.untagged(Status::ok, "CLOSED", "The deleted mailbox is closed");
        }
        co_return Result<void> {};
    }

    awaitable<Result<void>> rename(Context& ctx, RenameArgs args)
    {
        auto const from = ctx.session.interpret(args.from);
        if (!from)
            co_return to_failure(from.error());
        auto const to = ctx.session.interpret(args.to);
        if (!to)
            co_return to_failure(to.error());
        if (to->account.id != from->account.id)
            co_return no("CANNOT",
                "A mailbox stays with the account it belongs to; CREATE one there and MOVE the "
                "messages");
        auto const quota = ctx.session.quota_of(from->account);
        auto change = [&](storage::WriteTxn& txn) -> storage::Result<void> {
            auto const mailbox = ctx.session.locate(txn, *from, storage::Right::delete_mailbox);
            if (!mailbox)
                return mailbox.error();
            if (auto const may = ctx.session.may_create(txn, *to); !may)
                return may.error();
            return storage::rename_mailbox(txn, from->account.id, from->name, to->name, quota);
        };
        auto const renamed = co_await ctx.session.write_at(from->account, change);
        if (!renamed && renamed.error() == storage::Errc::not_permitted)
            co_return no("CANNOT", "A mailbox cannot move below itself, nor become INBOX");
        if (!renamed)
            co_return to_failure(renamed.error());
        co_return Result<void> {};
    }

    awaitable<Result<void>> subscribe(Context& ctx, MailboxArgs args)
    {
        // A name that is mistyped is told at once (RFC 9051 §6.3.7 allows the check).
        auto const mailbox = ctx.session.find_mailbox(args.mailbox, storage::Right::lookup);
        if (!mailbox)
            co_return to_failure(mailbox.error());
        auto const account = ctx.account();
        auto change = [&](storage::WriteTxn& txn) {
            return storage::subscribe(txn, account, args.mailbox);
        };
        auto const changed = co_await ctx.session.write(change);
        if (!changed)
            co_return to_failure(changed.error());
        co_return Result<void> {};
    }

    awaitable<Result<void>> unsubscribe(Context& ctx, MailboxArgs args)
    {
        auto const account = ctx.account();
        auto change = [&](storage::WriteTxn& txn) {
            return storage::unsubscribe(txn, account, args.mailbox);
        };
        auto const changed = co_await ctx.session.write(change);
        if (!changed)
            co_return to_failure(changed.error());
        co_return Result<void> {};
    }

} // namespace

awaitable<Result<void>> run_delete(Context& ctx, Parser& in)
{
    return command<parse_mailbox, remove>(ctx, in);
}

awaitable<Result<void>> run_rename(Context& ctx, Parser& in)
{
    return command<parse_rename, rename>(ctx, in);
}

awaitable<Result<void>> run_subscribe(Context& ctx, Parser& in)
{
    return command<parse_mailbox, subscribe>(ctx, in);
}

awaitable<Result<void>> run_unsubscribe(Context& ctx, Parser& in)
{
    return command<parse_mailbox, unsubscribe>(ctx, in);
}

} // namespace mail::imap
