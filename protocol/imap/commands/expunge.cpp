// EXPUNGE (RFC 9051 §6.4.3) and UID EXPUNGE (§6.4.9, RFC 4315 §2.1): removes messages with
// \Deleted. The dispatcher tells the EXPUNGE responses, those of other sessions among them.
#include "protocol/imap/commands.h"
#include "protocol/imap/context.h"
#include "protocol/imap/message_limit.h"
#include "protocol/imap/parser.h"
#include "storage/mailboxes.h"
#include "storage/messages.h"

namespace mail::imap {

namespace {

    Result<SequenceSet> parse_uid_expunge(Parser& in)
    {
        in.space();
        auto set = in.sequence_set();
        in.end();
        return in.finish(std::move(set));
    }

    /// Leaves the newest of those with \Deleted in the set, when they are more than the limit.
    std::optional<Cut> cut_deleted(storage::ReadTxn const& txn, storage::Place place,
        std::uint32_t limit, storage::UidSet& uids)
    {
        storage::UidSet deleted;
        storage::scan_messages(txn, place.account, place.mailbox, uids, storage::Columns::flags,
            [&](storage::HotRecord const& hot) {
                if (hot.flags.has(storage::Flags::deleted))
                    deleted.add(hot.uid);
                return true;
            });
        auto const cut = cut_to_limit(limit, deleted);
        if (cut)
            uids = std::move(deleted);
        return cut;
    }

    /// Of the messages that the client knows: what arrived meanwhile is none of its business.
    awaitable<Result<void>> expunge_uids(Context& ctx, storage::UidSet uids, std::uint32_t limit)
    {
        auto& mailbox = ctx.mailbox();
        if (mailbox.access() == session::SelectedMailbox::Access::read_only)
            co_return no(
                "READ-ONLY", "The mailbox is opened read-only: SELECT it to expunge messages");
        if (!mailbox.may(storage::Right::expunge))
            co_return to_failure(storage::Errc::denied);
        auto const place = mailbox.place();
        auto const look = [&](storage::ReadTxn const& txn) {
            return storage::get_mailbox(txn, place.account, place.mailbox);
        };
        auto const now = mailbox.read(look);
        if (!now)
            co_return to_failure(now.error());
        if (uids.empty() || now->deleted == 0) // nothing to write, nothing to sync
            co_return Result<void> {};
        std::optional<Cut> cut;
        auto const expunge = [&](storage::WriteTxn& txn) {
            auto chosen = uids;
            if (limit != 0)
                cut = cut_deleted(txn, place, limit, chosen);
            return storage::expunge_deleted(txn, place.account, place.mailbox, chosen);
        };
        auto const expunged = co_await ctx.session.write_at(mailbox.owner(), expunge);
        if (!expunged)
            co_return to_failure(expunged.error());
        ctx.tells_highest_mod_seq = !expunged->uids.empty();
        co_return with_cut(ctx, cut, {});
    }

    awaitable<Result<void>> expunge(Context& ctx, NoArguments)
    {
        return expunge_uids(ctx, ctx.mailbox().map().uids(), 0); // never limited (RFC 9738 §3.1)
    }

    awaitable<Result<void>> uid_expunge(Context& ctx, SequenceSet set)
    {
        auto uids = resolve(set, Numbering::uid, ctx.mailbox());
        if (!uids)
            co_return uids.error();
        co_return co_await expunge_uids(ctx, std::move(*uids), message_limit(ctx));
    }

} // namespace

awaitable<Result<void>> run_expunge(Context& ctx, Parser& in)
{
    return command<no_arguments, expunge>(ctx, in);
}

awaitable<Result<void>> run_uid_expunge(Context& ctx, Parser& in)
{
    return command<parse_uid_expunge, uid_expunge>(ctx, in);
}

} // namespace mail::imap
