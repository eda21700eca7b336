// FETCH and UID FETCH: data of messages (RFC 9051 §6.4.5, RFC 3501 §6.4.5).
// RFC 7162 §3.1.4 adds MODSEQ and the modifier CHANGEDSINCE.
#include "protocol/imap/commands.h"
#include "protocol/imap/context.h"
#include "protocol/imap/fetch_items.h"
#include "protocol/imap/fetch_writer.h"
#include "protocol/imap/parser.h"
#include "protocol/imap/wanted.h"
#include "storage/messages.h"

namespace mail::imap {

namespace {

    struct FetchArgs {
        SequenceSet set;
        FetchItems items;
        std::optional<storage::ModSeq> changed_since;
    };

    Result<FetchArgs> parse_fetch(Parser& in)
    {
        FetchArgs args;
        in.space();
        args.set = in.sequence_set();
        in.space();
        args.items = parse_fetch_items(in);
        if (!in.at_end()) {
            in.space();
            in.list([&] {
                if (!in.accept_word("CHANGEDSINCE", Capability::condstore))
                    return in.fail("CHANGEDSINCE and a mod-sequence");
                in.space();
                // Not RFC: 0, which the grammar excludes, is what Apple Mail sends for "all".
                args.changed_since = storage::ModSeq { in.number64() };
            });
        }
        in.end();
        return in.finish(std::move(args));
    }

    /// Those of `uids` that this command is going to show and that are not \Seen yet.
    storage::UidSet find_unseen(
        Context& ctx, storage::UidSet const& uids, std::optional<storage::ModSeq> changed_since)
    {
        storage::UidSet unseen;
        auto const look = [&](storage::ReadTxn const& txn) {
            Wanted wanted(uids);
            storage::MailboxView const view(txn, ctx.mailbox().viewpoint());
            auto const scan = [&](storage::UidRange range, auto const& each) {
                view.scan(range, std::cref(each));
            };
            auto const found = [&](storage::HotRecord const& hot) {
                if (!hot.flags.has(storage::Flags::seen)
                    && (!changed_since || hot.mod_seq > *changed_since))
                    unseen.add(hot.uid);
                return true;
            };
            scan_wanted(wanted, scan, found, [](storage::Uid) { return true; });
        };
        ctx.mailbox().read(look);
        return unseen;
    }

    /// Sets \Seen in one write; returns the messages that have it now and had it not before. A
    /// store that takes no writes at the moment is no reason not to show the messages.
    awaitable<storage::UidSet> mark_seen(
        Context& ctx, storage::UidSet const& uids, std::optional<storage::ModSeq> changed_since)
    {
        auto const unseen = find_unseen(ctx, uids, changed_since);
        if (unseen.empty())
            co_return storage::UidSet {};
        storage::FlagChange change;
        change.system = storage::Flags::seen;
        change.viewer = ctx.account();
        auto const place = ctx.mailbox().place();
        auto const store = [&](storage::WriteTxn& txn) {
            return storage::store_flags(txn, place.account, place.mailbox, unseen, change);
        };
        auto stored = co_await ctx.session.write_at(ctx.mailbox().owner(), store);
        if (!stored || stored->changed.empty())
            co_return storage::UidSet {};
        ctx.mailbox().told_flags(stored->mod_seq);
        co_return std::move(stored->changed);
    }

    awaitable<Result<void>> fetch(Context& ctx, FetchArgs args)
    {
        auto uids = resolve(args.set, ctx.numbering, ctx.mailbox().map());
        if (!uids)
            co_return uids.error();
        FetchJob job;
        job.uids = std::move(*uids);
        job.items = std::move(args.items);
        job.changed_since = args.changed_since;
        if (ctx.numbering == Numbering::uid)
            job.items.add(FetchItem::Kind::uid);
        if (job.changed_since)
            job.items.add(FetchItem::Kind::mod_seq);
        if (job.items.has(FetchItem::Kind::mod_seq))
            ctx.enable(Capability::condstore);
        if (job.items.sets_seen
            && ctx.mailbox().access() == session::SelectedMailbox::Access::read_write
            && ctx.mailbox().may(storage::Right::keep_seen))
            job.newly_seen = co_await mark_seen(ctx, job.uids, job.changed_since);
        auto const gone = co_await send_fetch(ctx, std::move(job));
        if (ctx.numbering == Numbering::sequence && !gone.empty())
            co_return no("EXPUNGEISSUED",
                "Some of the messages are expunged for good: send NOOP to learn which"); // RFC 2180
                                                                                         // §4.1.2
        co_return Result<void> {};
    }

} // namespace

awaitable<Result<void>> run_fetch(Context& ctx, Parser& in)
{
    return command<parse_fetch, fetch>(ctx, in);
}

} // namespace mail::imap
