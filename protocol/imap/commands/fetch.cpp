// FETCH and UID FETCH: data of messages (RFC 9051 §6.4.5, RFC 3501 §6.4.5).
// RFC 7162 §3.1.4 adds MODSEQ and the modifier CHANGEDSINCE, RFC 9394 §3.3 the modifier PARTIAL.
#include "protocol/imap/commands.h"
#include "protocol/imap/context.h"
#include "protocol/imap/fetch_items.h"
#include "protocol/imap/fetch_writer.h"
#include "protocol/imap/message_limit.h"
#include "protocol/imap/parser.h"
#include "protocol/imap/partial_range.h"
#include "protocol/imap/untagged.h"
#include "protocol/imap/wanted.h"
#include "protocol/imap/yield.h"
#include "protocol/session/resync.h"
#include "storage/messages.h"

namespace mail::imap {

namespace {

    struct FetchArgs {
        SequenceSet set;
        FetchItems items;
        std::optional<storage::ModSeq> changed_since;
        bool vanished = false; ///< RFC 7162 §3.2.6
        std::optional<PartialRange> page;
    };

    void parse_modifier(Parser& in, FetchArgs& args)
    {
        if (in.accept_word("VANISHED", Capability::qresync)) {
            args.vanished = true;
        } else if (in.accept_word("CHANGEDSINCE", Capability::condstore)) {
            in.space();
            // Not RFC: 0, which the grammar excludes, is what Apple Mail sends for "all".
            args.changed_since = storage::ModSeq { in.number64() };
        } else if (in.accept_word("PARTIAL", Capability::partial)) {
            in.space();
            if (args.page)
                in.fail("PARTIAL just once");
            args.page = parse_partial_range(in);
        } else {
            in.fail("CHANGEDSINCE and a mod-sequence, VANISHED, or PARTIAL and a range");
        }
    }

    Result<FetchArgs> parse_fetch(Parser& in)
    {
        FetchArgs args;
        in.space();
        args.set = in.sequence_set();
        in.space();
        args.items = parse_fetch_items(in);
        if (!in.at_end()) {
            in.space();
            in.list([&] { parse_modifier(in, args); });
        }
        in.end();
        return in.finish(std::move(args));
    }

    /// Looks for those of a FETCH that it is going to show and that are not \Seen yet.
    class UnseenFinder {
    public:
        UnseenFinder(Context& ctx, FetchJob const& job)
            : mailbox_(ctx.mailbox())
            , job_(job)
            , wanted_(job.uids)
            , has_binary_(job.items.has_binary())
        {
        }

        /// Looks at some; false when all were looked at.
        bool look(storage::ReadTxn const& txn)
        {
            constexpr std::uint64_t most_looked_at = 100'000; // at hot records
            constexpr std::uint64_t most_parsed = 512 * 1024; // octets of structures
            std::uint64_t looked_at = 0;
            parsed_ = 0;
            storage::MailboxView const view(txn, mailbox_.viewpoint());
            auto const goes_on
                = [&] { return ++looked_at < most_looked_at && parsed_ < most_parsed; };
            auto const columns = has_binary_ ? storage::Columns::all : storage::Columns::flags;
            auto const scan = [&](storage::UidRange range, auto const& each) {
                view.scan(range, columns, std::cref(each));
            };
            auto const found = [&](storage::HotRecord const& hot) {
                if (!hot.flags.has(storage::Flags::seen)
                    && (!job_.changed_since || hot.mod_seq > *job_.changed_since)
                    && shows_text(view, hot))
                    unseen_.add(hot.uid);
                return goes_on();
            };
            scan_wanted(wanted_, scan, found, [&](storage::Uid) { return goes_on(); });
            return !wanted_.done();
        }

        storage::UidSet take() { return std::move(unseen_); }

    private:
        /// Not when none of the items that mark the message can be shown.
        bool shows_text(storage::MailboxView const& view, storage::HotRecord const& hot)
        {
            if (!has_binary_)
                return true;
            auto const cold = view.get_cold(hot.uid);
            return cold && std::ranges::any_of(job_.items.list, [&](FetchItem const& item) {
                parsed_ += item.sets_seen ? cold->structure.size() : 0;
                return item.sets_seen && is_showable(item, *cold, hot.size);
            });
        }

        session::SelectedMailbox& mailbox_;
        FetchJob const& job_;
        Wanted wanted_;
        bool has_binary_;
        std::uint64_t parsed_ = 0; ///< octets, in this slice
        storage::UidSet unseen_;
    };

    /// Sets \Seen in one write; returns the messages that have it now and had it not before. A
    /// store that takes no writes at the moment is no reason not to show the messages.
    awaitable<storage::UidSet> mark_seen(Context& ctx, FetchJob const& job)
    {
        UnseenFinder finder(ctx, job);
        auto const look = [&](storage::ReadTxn const& txn) { return finder.look(txn); };
        while (ctx.mailbox().read(look))
            co_await yield(ctx);
        auto const unseen = finder.take();
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

    Result<void> check_page(Context const& ctx, PartialRange const& page)
    {
        if (ctx.numbering != Numbering::uid)
            return bad("PARTIAL belongs to UID FETCH");
        return check_limit(message_limit(ctx), page.size());
    }

    /// VANISHED (EARLIER) of those in the set that were expunged meanwhile. Below a cut the client
    /// asks again.
    void tell_vanished_earlier(Context& ctx, FetchArgs const& args, std::optional<Cut> const& cut)
    {
        auto& mailbox = ctx.mailbox();
        storage::Uid const star = mailbox.map().last().value_or(storage::Uid { 1 });
        auto known = all_of(args.set, star);
        if (cut)
            known.remove({ storage::Uid { 0 }, storage::Uid { cut->lowest.value - 1 } });
        auto const vanished = mailbox.read([&](storage::ReadTxn const& txn) {
            return session::vanished_since(
                txn, mailbox.place(), *args.changed_since, known, mailbox.map());
        });
        tell_vanished(ctx, vanished, Vanished::earlier);
    }

    Result<void> outcome(Context const& ctx, FetchSent const& sent)
    {
        if (sent.unknown_encoding) // RFC 3516 §4.3
            return no("UNKNOWN-CTE",
                "The encoding of some part is not known here: fetch it by BODY, as it is");
        if (ctx.numbering == Numbering::sequence && !sent.gone.empty()) // RFC 2180 §4.1.2
            return no("EXPUNGEISSUED",
                "Some of the messages are expunged for good: send NOOP to learn which");
        return {};
    }

    awaitable<Result<void>> fetch(Context& ctx, FetchArgs args)
    {
        if (args.vanished)
            if (auto const checked = check_vanished(ctx, args); !checked)
                co_return checked.error();
        if (args.page)
            if (auto const checked = check_page(ctx, *args.page); !checked)
                co_return checked.error();
        auto uids = resolve(args.set, ctx.numbering, ctx.mailbox());
        if (!uids)
            co_return uids.error();
        FetchJob job;
        job.uids = args.page ? page_of(*uids, *args.page) : std::move(*uids);
        auto const cut = cut_to_limit(message_limit(ctx), job.uids);
        job.items = std::move(args.items);
        job.changed_since = args.changed_since;
        if (ctx.numbering == Numbering::uid && !ctx.terms.uids_only())
            job.items.add(FetchItem::Kind::uid);
        if (job.changed_since)
            job.items.add(FetchItem::Kind::mod_seq);
        if (job.items.has(FetchItem::Kind::mod_seq))
            ctx.enable(Capability::condstore);
        if (args.vanished)
            tell_vanished_earlier(ctx, args, cut);
        if (job.items.set_seen()
            && ctx.mailbox().access() == session::SelectedMailbox::Access::read_write
            && ctx.mailbox().may(storage::Right::keep_seen))
            job.newly_seen = co_await mark_seen(ctx, job);
        auto const sent = co_await send_fetch(ctx, std::move(job));
        co_return with_cut(ctx, cut, outcome(ctx, sent));
    }

} // namespace

awaitable<Result<void>> run_fetch(Context& ctx, Parser& in)
{
    return command<parse_fetch, fetch>(ctx, in);
}

} // namespace mail::imap
