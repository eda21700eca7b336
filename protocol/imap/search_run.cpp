// Search, slice by slice: each stage decides what it can and leaves the rest to a dearer one.
#include "protocol/imap/search_run.h"

#include "protocol/imap/context.h"
#include "protocol/imap/search_match.h"
#include "protocol/imap/search_text.h"
#include "protocol/imap/wanted.h"
#include "protocol/imap/yield.h"
#include "protocol/mime/structure.h"
#include "storage/messages.h"

#include <algorithm>
#include <chrono>

namespace mail::imap {

namespace {

    using storage::ColdRecord;
    using storage::HotRecord;
    using storage::ReadTxn;

    constexpr std::size_t slice_keys = 100'000; ///< keys decided in one slice: about a millisecond
    constexpr std::size_t hot_slice = 16'384; ///< messages, at most
    constexpr std::size_t cold_slice = 1'024;
    constexpr auto worker_slice = std::chrono::milliseconds(20);
    constexpr std::uint64_t max_header = 1 << 20; ///< octets of a header that HEADER looks at

    struct Hit {
        storage::Uid uid;
        storage::ModSeq mod_seq;
    };

    class SearchRun {
    public:
        SearchRun(Context& ctx, SearchProgram const& program)
            : program_(program)
            , mailbox_(ctx.mailbox())
            , candidates_(candidates(program, mailbox_.map().uids()))
            , wanted_(candidates_)
            , text_search_(program.patterns)
        {
        }

        bool done() const { return wanted_.done(); }

        /// Begins the next slice of messages and decides those that flags, sizes and dates suffice
        /// for.
        void look_at_hot(ReadTxn const& txn)
        {
            hits_.clear();
            undecided_ = {};
            auto left = limit(program_.needs(Evidence::cold) ? 4 * cold_slice : hot_slice);
            auto const found = [&](HotRecord const& hot) {
                settle(hot, match(program_.root, { hot, mailbox_.is_recent(hot.uid) }));
                return --left != 0;
            };
            storage::MailboxView const view(txn, mailbox_.viewpoint());
            auto const scan = [&](storage::UidRange range, auto const& each) {
                view.scan(range, std::cref(each));
            };
            scan_wanted(wanted_, scan, found, [](storage::Uid) { return true; });
        }

        bool is_undecided() const { return !undecided_.empty(); }

        /// Turns to those that the stage before left open.
        void next_stage()
        {
            open_ = std::move(undecided_);
            undecided_ = {};
            open_wanted_ = Wanted(open_);
        }

        /// Addresses, subjects, Date; false when the slice is done.
        bool look_at_cold(ReadTxn const& txn)
        {
            auto left = limit(cold_slice);
            auto const found = [&](HotRecord const& hot, ColdRecord const& cold) {
                settle(hot,
                    match(program_.root,
                        { hot, mailbox_.is_recent(hot.uid),
                            mime::SearchFields(cold.search_fields) }));
                return --left != 0;
            };
            storage::MailboxView const view(txn, mailbox_.viewpoint());
            auto const scan = [&](storage::UidRange range, auto const& each) {
                view.scan_with_cold(range, std::cref(each));
            };
            scan_wanted(open_wanted_, scan, found, [](storage::Uid) { return true; });
            return !open_wanted_.done();
        }

        /// Bodies, on a worker; false when the slice is done.
        bool look_at_bodies(storage::Volume& volume)
        {
            auto const end = std::chrono::steady_clock::now() + worker_slice;
            auto const txn = volume.read();
            storage::MailboxView const view(txn, mailbox_.viewpoint());
            while (!open_wanted_.done() && std::chrono::steady_clock::now() < end) {
                auto const uid = open_wanted_.next();
                open_wanted_.advance();
                auto const hot = view.get(uid);
                auto const cold = view.get_cold(uid);
                if (hot && cold) // or it was expunged meanwhile (RFC 2180 §4.3)
                    settle(*hot, look_at_body(txn, *hot, *cold));
            }
            return !open_wanted_.done();
        }

        /// Adds what the slice found.
        void collect(Found& found)
        {
            std::ranges::sort(hits_, {}, &Hit::uid);
            for (auto const& hit : hits_) {
                if (found.uids.empty())
                    found.of_first = hit.mod_seq;
                found.of_last = hit.mod_seq;
                found.highest = std::max(found.highest, hit.mod_seq);
                found.uids.add(hit.uid);
            }
        }

    private:
        std::size_t limit(std::size_t most) const
        {
            return std::clamp<std::size_t>(
                slice_keys / std::max<std::size_t>(program_.key_count, 1), 16, most);
        }

        void settle(HotRecord const& hot, Truth truth)
        {
            if (truth == Truth::yes)
                hits_.push_back({ hot.uid, hot.mod_seq });
            else if (truth == Truth::unknown)
                undecided_.add(hot.uid);
        }

        Truth look_at_body(ReadTxn const& txn, HotRecord const& hot, ColdRecord const& cold)
        {
            Known known { hot, mailbox_.is_recent(hot.uid),
                mime::SearchFields(cold.search_fields) };
            mime::StructureView const structure(cold.structure);
            StoredText text(txn, hot.body);
            if (program_.needs(Evidence::header)) {
                auto const header
                    = structure.valid() ? structure.root().header : mime::Range { 0, hot.size };
                header_.assign(
                    text.read_whole(header, max_header)); // the text search uses the reader again
                known.header = header_;
                if (auto const truth = match(program_.root, known); truth != Truth::unknown)
                    return truth;
            }
            known.found = &text_search_.run(text, structure, hot.size);
            return match(program_.root, known);
        }

        SearchProgram const& program_;
        session::SelectedMailbox const& mailbox_;
        storage::UidSet candidates_;
        Wanted wanted_;
        TextSearch text_search_;
        std::vector<Hit> hits_; ///< of this slice
        storage::UidSet undecided_; ///< of this stage
        storage::UidSet open_; ///< of the stage before
        Wanted open_wanted_ { open_ };
        std::string header_;
    };

} // namespace

awaitable<Found> run_search(Context& ctx, SearchProgram const& program, SearchFor what)
{
    Found found;
    SearchRun run(ctx, program);
    auto const hot = [&](ReadTxn const& txn) { run.look_at_hot(txn); };
    auto const cold = [&](ReadTxn const& txn) { return run.look_at_cold(txn); };
    auto& volume = ctx.session.volume_of(ctx.mailbox().owner());
    auto const bodies = [&] { return run.look_at_bodies(volume); };
    while (!run.done() && (what == SearchFor::all || found.uids.empty())) {
        ctx.mailbox().read(hot);
        if (run.is_undecided() && program.needs(Evidence::cold)) {
            run.next_stage();
            while (ctx.mailbox().read(cold))
                co_await yield(ctx);
        }
        if (run.is_undecided()) {
            run.next_stage();
            for (bool more = true; more;) // GCC 12 miscompiles co_await in the condition of a loop
                more = co_await ctx.session.work(bodies);
        }
        run.collect(found);
        if (!run.done())
            co_await yield(ctx);
    }
    co_return found;
}

} // namespace mail::imap
