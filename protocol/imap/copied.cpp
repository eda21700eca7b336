// Copies messages for COPY and MOVE.
#include "protocol/imap/copied.h"

#include "protocol/imap/context.h"
#include "protocol/imap/parser.h"
#include "protocol/imap/response.h"
#include "protocol/imap/rights.h"
#include "protocol/imap/uidplus.h"
#include "protocol/imap/worker.h"
#include "storage/transfer.h"

namespace mail::imap {

Result<CopyArgs> parse_copy(Parser& in)
{
    CopyArgs args;
    in.space();
    args.set = in.sequence_set();
    in.space();
    args.target = in.mailbox();
    in.end();
    return in.finish(std::move(args));
}

namespace {

    /// Within one account, in one transaction.
    awaitable<storage::Result<storage::Copied>> copy_within(Context& ctx,
        storage::UidSet const& uids, session::Located const& to, CopyMode mode,
        storage::OnBehalf const& who)
    {
        auto const from = ctx.mailbox().place();
        bool const all_or_nothing = mode == CopyMode::copy && ctx.numbering == Numbering::sequence;
        auto const copy = [&](storage::WriteTxn& txn) -> storage::Result<storage::Copied> {
            if (mode == CopyMode::move)
                return storage::move_messages(txn, from.account, from.mailbox, uids, to.id, who);
            auto copied = storage::copy_messages(txn, from.account, from.mailbox, uids, to.id, who);
            if (copied && all_or_nothing && copied->source.count() != uids.count())
                return storage::Errc::expunged;
            return copied;
        };
        co_return co_await ctx.session.write_at(to.account, copy);
    }

    /// To another account: read, put, and when moving expunged. What fails after the put leaves the
    /// messages in both mailboxes, never in none.
    awaitable<storage::Result<storage::Copied>> copy_across(Context& ctx,
        storage::UidSet const& uids, session::Located const& to, CopyMode mode,
        storage::OnBehalf const& who)
    {
        auto& mailbox = ctx.mailbox();
        auto& volume = ctx.session.volume_of(mailbox.owner());
        auto const from = mailbox.viewpoint();
        auto const take = [&] { return storage::take_messages(volume.read(), from, uids); };
        auto const taken = co_await at_worker(ctx, Effort::by_messages(uids.count()), take);
        if (!taken)
            co_return taken.error();
        if (mode == CopyMode::copy && ctx.numbering == Numbering::sequence
            && taken->source.count() != uids.count())
            co_return storage::Errc::expunged;
        auto const put = [&](storage::WriteTxn& txn) {
            return storage::put_messages(txn, to.account.id, to.id, *taken, who);
        };
        auto copied = co_await ctx.session.write_at(to.account, put);
        if (!copied || mode == CopyMode::copy)
            co_return std::move(copied);
        auto const remove = [&](storage::WriteTxn& txn) {
            return storage::expunge(txn, from.place.account, from.place.mailbox, copied->source);
        };
        auto const removed = co_await ctx.session.write_at(mailbox.owner(), remove);
        if (!removed)
            co_return removed.error();
        co_return std::move(copied);
    }

} // namespace

awaitable<Result<Copied>> copy_to(
    Context& ctx, storage::UidSet const& uids, std::string target, CopyMode mode)
{
    auto const to = ctx.session.find_mailbox(target, storage::Right::insert);
    if (!to)
        co_return to_target_failure(to.error());
    auto const quota = co_await ctx.session.quota_of(to->account);
    storage::OnBehalf const who {
        .viewer = ctx.account(), .quota = quota, .keeps = flags_allowed(to->rights)
    };
    bool const within = to->account.id == ctx.mailbox().owner().id;
    auto copying
        = within ? copy_within(ctx, uids, *to, mode, who) : copy_across(ctx, uids, *to, mode, who);
    auto copied = co_await std::move(copying);
    if (copied) {
        warn_of_quota(ctx);
        co_return Copied { std::move(*copied), tells_new_uids(ctx, *to) };
    }
    if (copied.error() == storage::Errc::expunged)
        co_return no("EXPUNGEISSUED",
            "Some of the messages are expunged, so none was copied: send NOOP to learn which");
    if (copied.error() == storage::Errc::limit && !within)
        co_return no("LIMIT",
            "Too many messages or keywords for a mailbox of another account, so none was copied: "
            "name fewer at a time");
    co_return to_target_failure(copied.error());
}

ResponseCode copyuid(Copied const& copied)
{
    if (copied.source.empty() || !copied.tells_uids)
        return {};
    std::string code = "COPYUID ";
    append_number(code, copied.uid_validity.value);
    code += ' ';
    append_set(code, copied.source);
    code += ' ';
    append_set(code, copied.target);
    return code;
}

} // namespace mail::imap
