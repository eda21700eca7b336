// DELETE, RENAME, SUBSCRIBE and UNSUBSCRIBE: changes of mailboxes as a whole (RFC 9051 §6.3).
#include "protocol/imap/commands.h"
#include "protocol/imap/context.h"
#include "protocol/imap/parser.h"
#include "protocol/imap/untagged.h"

namespace mail::imap {
namespace {

    struct MailboxArgs {
        std::string mailbox;
        std::string old_name; ///< as the client wrote it, when it is another one here
    };

    Result<MailboxArgs> parse_mailbox(Parser& in)
    {
        MailboxArgs args;
        in.space();
        args.mailbox = in.mailbox();
        args.old_name = in.denormalised();
        in.end();
        return in.finish(std::move(args));
    }

    struct RenameArgs {
        std::string from;
        std::string to;
        std::string
            old_name; ///< `from` as the client wrote it, when one of them is another one here
    };

    Result<RenameArgs> parse_rename(Parser& in)
    {
        RenameArgs args;
        in.space();
        args.from = in.mailbox();
        args.old_name = in.denormalised();
        in.space();
        args.to = in.mailbox();
        if (args.old_name.empty() && !in.denormalised().empty())
            args.old_name = args.from;
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
        tell_old_name(ctx, "\\NonExistent", args.mailbox, args.old_name);
        co_return Result<void> {};
    }

    /// In the account, whose mailboxes they are. `may_create` becomes false where the new name is
    /// not the user's to give.
    storage::Result<void> rename_in(Context& ctx, storage::WriteTxn& txn,
        session::MailboxName const& from, session::MailboxName const& to,
        storage::Quota const& quota, bool& may_create)
    {
        may_create = true;
        auto const mailbox = ctx.session.locate(txn, from, storage::Right::delete_mailbox);
        if (!mailbox)
            return mailbox.error();
        // It would take all messages out of it.
        if (mailbox->name == "INBOX" && from.account.id != ctx.account())
            return storage::Errc::denied;
        may_create = ctx.session.may_create(txn, to).has_value();
        if (!may_create)
            return storage::Errc::denied;
        return storage::rename_mailbox(txn, from.account.id, from.name, to.name, quota);
    }

    awaitable<Result<void>> rename(Context& ctx, RenameArgs args)
    {
        auto const from = ctx.session.interpret(args.from);
        if (!from)
            co_return to_failure(from.error());
        auto const to = ctx.session.interpret(args.to);
        if (!to)
            co_return may_not_create();
        if (to->account.id != from->account.id)
            co_return no("CANNOT",
                "A mailbox stays with the account it belongs to; CREATE one there and MOVE the "
                "messages");
        auto const quota = co_await ctx.session.quota_of(from->account);
        bool may_create = true;
        auto change = [&](storage::WriteTxn& txn) {
            return rename_in(ctx, txn, *from, *to, quota, may_create);
        };
        auto const renamed = co_await ctx.session.write_at(from->account, change);
        if (!may_create)
            co_return may_not_create();
        if (!renamed && renamed.error() == storage::Errc::not_permitted)
            co_return no("CANNOT", "A mailbox cannot move below itself, nor become INBOX");
        if (!renamed)
            co_return to_failure(renamed.error());
        tell_old_name(ctx, {}, args.to, args.old_name);
        co_return Result<void> {};
    }

    awaitable<Result<void>> subscribe(Context& ctx, MailboxArgs args)
    {
        // A name that is mistyped is told at once (RFC 9051 §6.3.7 allows the check).
        auto const mailbox = ctx.session.find_mailbox(args.mailbox, storage::Right::lookup);
        if (!mailbox)
            co_return to_failure(mailbox.error());
        auto const account = ctx.account();
        auto const name = ctx.session.client_name(mailbox->account, mailbox->name);
        auto change
            = [&](storage::WriteTxn& txn) { return storage::subscribe(txn, account, name); };
        auto const changed = co_await ctx.session.write(change);
        if (!changed)
            co_return to_failure(changed.error());
        co_return Result<void> {};
    }

    awaitable<Result<void>> unsubscribe(Context& ctx, MailboxArgs args)
    {
        auto const account = ctx.account();
        auto const name = ctx.session.canonical_name(args.mailbox);
        auto change = [&](storage::WriteTxn& txn) -> storage::Result<void> {
            // As it is spelled, too: a namespace may have got another name meanwhile.
            if (auto const gone = storage::unsubscribe(txn, account, args.mailbox); !gone)
                return gone.error();
            return storage::unsubscribe(txn, account, name);
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
