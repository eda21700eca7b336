// FETCH and UID FETCH: data of messages (RFC 9051 §6.4.5, RFC 3501 §6.4.5).
// RFC 7162 §3.1.4 adds MODSEQ and the modifier CHANGEDSINCE.
#include "protocol/imap/commands.h"
#include "protocol/imap/context.h"
#include "protocol/imap/fetch_items.h"
#include "protocol/imap/fetch_writer.h"
#include "protocol/imap/parser.h"
#include "protocol/imap/untagged.h"
#include "protocol/imap/wanted.h"
#include "protocol/session/resync.h"
#include "storage/messages.h"

namespace mail::imap {

namespace {

    struct FetchArgs {
        SequenceSet set;
        FetchItems items;
        std::optional<storage::ModSeq> changed_since;
        bool vanished = false; ///< RFC 7162 §3.2.6
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
                if (in.accept_word("VANISHED", Capability::qresync)) {
                    args.vanished = true;
                    return;
                }
                if (!in.accept_word("CHANGEDSINCE", Capability::condstore))
                    return in.fail("CHANGEDSINCE and a mod-sequence, or VANISHED");
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

    Result<void> check_vanished(Context const& ctx, FetchArgs const& args)
    {
        if (ctx.numbering != Numbering::uid)
            return bad("VANISHED belongs to UID FETCH");
        if (!args.changed_since)
            return bad("VANISHED goes with CHANGEDSINCE");
        if (!ctx.terms.is_enabled(Capability::qresync))
            return bad("VANISHED needs ENABLE QRESYNC first");
        return {};
    }

    /// VANISHED (EARLIER) of those in the set that were expunged meanwhile.
    void tell_vanished_earlier(Context& ctx, FetchArgs const& args)
    {
        auto& mailbox = ctx.mailbox();
        storage::Uid const star = mailbox.map().last().value_or(storage::Uid { 1 });
        auto const known = all_of(args.set, star);
        auto const vanished = mailbox.read([&](storage::ReadTxn const& txn) {
            return session::vanished_since(
                txn, mailbox.place(), *args.changed_since, known, mailbox.map());
        });
        tell_vanished(ctx, vanished, Vanished::earlier);
    }

    awaitable<Result<void>> fetch(Context& ctx, FetchArgs args)
    {
        if (args.vanished)
            if (auto const checked = check_vanished(ctx, args); !checked)
                co_return checked.error();
        auto uids = resolve(args.set, ctx.numbering, ctx.mailbox());
        if (!uids)
            co_return uids.error();
        FetchJob job;
        job.uids = std::move(*uids);
        job.items = std::move(args.items);
        job.changed_since = args.changed_since;
        if (ctx.numbering == Numbering::uid && !ctx.terms.uids_only())
            job.items.add(FetchItem::Kind::uid);
        if (job.changed_since)
            job.items.add(FetchItem::Kind::mod_seq);
        if (job.items.has(FetchItem::Kind::mod_seq))
            ctx.enable(Capability::condstore);
        if (args.vanished)
            tell_vanished_earlier(ctx, args);
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
