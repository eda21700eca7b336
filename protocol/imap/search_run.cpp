// Search, slice by slice: each stage decides what it can and leaves the rest to a dearer one.
#include "protocol/imap/search_run.h"

#include "protocol/imap/context.h"
#include "protocol/imap/search_match.h"
#include "protocol/imap/search_text.h"
#include "protocol/imap/wanted.h"
#include "protocol/mime/structure.h"
#include "storage/messages.h"

#include <algorithm>
#include <chrono>

namespace mail::imap {

namespace {

    using storage::ColdRecord;
    using storage::HotRecord;
    using storage::ReadTxn;
    using Kind = SearchKey::Kind;

    constexpr std::size_t slice_keys = 100'000; ///< keys decided in one slice: about a millisecond
    constexpr std::size_t hot_slice = 8'192; ///< messages, at most
    constexpr std::size_t cold_slice = 1'024;
    constexpr std::size_t end_piece = 8'192; ///< messages that are looked at from the end at once
    constexpr auto worker_slice = std::chrono::milliseconds(20);
    constexpr std::uint64_t max_header = 1 << 20; ///< octets of a header that HEADER looks at

    /// The fields of a header as another collation than the stored ones' compares them.
    class CollatedFields {
    public:
        CollatedFields(std::string_view header, mime::Collation collation)
            : keys_(mime::read_header_keys(header))
        {
            for (auto* field : { &keys_.from, &keys_.to, &keys_.cc, &keys_.bcc, &keys_.subject })
                *field = mime::fold(*field, collation);
        }
        mime::SearchFields view() const
        {
            mime::SearchFields fields;
            fields.from = keys_.from;
            fields.to = keys_.to;
            fields.cc = keys_.cc;
            fields.bcc = keys_.bcc;
            fields.subject = keys_.subject;
            return fields;
        }

    private:
        mime::HeaderKeys keys_;
    };

    /// One piece of the mailbox.
    class SearchRun {
    public:
        SearchRun(SearchTarget const& target, SearchProgram const& program, storage::UidSet among,
            bool only_uids)
            : program_(program)
            , target_(target)
            , among_(std::move(among))
            , wanted_(among_)
            , columns_(only_uids && !program.needs(Evidence::hot) ? storage::Columns::flags
                                                                  : storage::Columns::all)
            , text_search_(program.patterns, program.collation)
        {
        }

        bool done() const { return wanted_.done(); }
        std::size_t looked_at() const { return looked_at_; } ///< messages of this slice

        /// Begins the next slice of messages and decides those that flags, sizes and dates suffice
        /// for.
        void look_at_hot(ReadTxn const& txn)
        {
            hits_.clear();
            undecided_ = {};
            auto const most = limit(program_.needs(Evidence::cold) ? 4 * cold_slice : hot_slice);
            auto left = most;
            auto const found = [&](HotRecord const& hot) {
                settle(known(hot));
                return --left != 0;
            };
            storage::MailboxView const view(txn, target_.viewpoint);
            auto const scan = [&](storage::UidRange range, auto const& each) {
                view.scan(range, columns_, std::cref(each));
            };
            scan_wanted(wanted_, scan, found, [](storage::Uid) { return true; });
            looked_at_ = most - left;
        }

        bool is_undecided() const { return !undecided_.empty(); }

        /// Turns to those that the stage before left open.
        void next_stage()
        {
            open_ = std::move(undecided_);
            undecided_ = {};
            open_wanted_ = Wanted(open_);
        }

        /// Addresses, subjects, ids; false when the slice is done.
        bool look_at_cold(ReadTxn const& txn)
        {
            auto left = limit(cold_slice);
            auto const found = [&](HotRecord const& hot, ColdRecord const& cold) {
                settle(known(hot, cold));
                return --left != 0;
            };
            storage::MailboxView const view(txn, target_.viewpoint);
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
            storage::MailboxView const view(txn, target_.viewpoint);
            while (!open_wanted_.done() && std::chrono::steady_clock::now() < end) {
                auto const uid = open_wanted_.next();
                open_wanted_.advance();
                auto const hot = view.get(uid);
                auto const cold = view.get_cold(uid);
                if (hot && cold) // or it was expunged meanwhile (RFC 2180 §4.3)
                    look_at_body(txn, *hot, *cold);
            }
            return !open_wanted_.done();
        }

        /// What the slice found, ascending.
        std::span<Hit const> hits()
        {
            if (!std::ranges::is_sorted(hits_, {}, &Hit::uid)) // by several stages
                std::ranges::sort(hits_, {}, &Hit::uid);
            return hits_;
        }

    private:
        std::size_t limit(std::size_t most) const
        {
            constexpr std::size_t dear = 20; // times what another key costs
            auto const keys = program_.key_count + dear * program_.dear_keys;
            return std::clamp<std::size_t>(slice_keys / std::max<std::size_t>(keys, 1), 16, most);
        }

        Known known(HotRecord const& hot) const
        {
            Known known { hot };
            known.recent = !target_.recent.empty() && target_.recent.contains(hot.uid);
            known.collation = program_.collation;
            return known;
        }

        Known known(HotRecord const& hot, ColdRecord const& cold) const
        {
            auto known = this->known(hot);
            known.cold = &cold;
            if (program_.collation == mime::Collation::unicode_casemap)
                known.fields.emplace(cold.search_fields);
            return known;
        }

        Truth settle(Known const& known)
        {
            auto const truth = match(program_.root, known);
            if (truth == Truth::unknown)
                undecided_.add(known.hot.uid);
            if (truth == Truth::yes)
                add_hit(known);
            return truth;
        }

        void add_hit(Known const& known)
        {
            auto const& hot = known.hot;
            hits_.push_back({ hot.uid, program_.is_fuzzy ? relevancy(program_, known) : 100,
                hot.mod_seq, hot.internal_date.seconds, hot.sent.seconds, hot.size });
        }

        void look_at_body(ReadTxn const& txn, HotRecord const& hot, ColdRecord const& cold)
        {
            auto facts = known(hot, cold);
            mime::StructureView const structure(cold.structure);
            StoredText text(txn, hot.body);
            std::optional<CollatedFields> fields;
            if (program_.needs(Evidence::header)) {
                auto const header
                    = structure.valid() ? structure.root().header : mime::Range { 0, hot.size };
                header_.assign(
                    text.read_whole(header, max_header)); // the text search uses the reader again
                facts.header = header_;
                if (!facts.fields)
                    facts.fields = fields.emplace(header_, program_.collation).view();
                auto const truth = match(program_.root, facts);
                if (truth == Truth::yes)
                    add_hit(facts);
                if (truth != Truth::unknown)
                    return;
            }
            facts.found = text_search_.run(text, structure, hot.size);
            settle(facts);
        }

        SearchProgram const& program_;
        SearchTarget const& target_;
        storage::UidSet among_;
        Wanted wanted_;
        storage::Columns columns_; ///< that the first look needs
        TextSearch text_search_;
        std::vector<Hit> hits_; ///< of this slice
        std::size_t looked_at_ = 0;
        storage::UidSet undecided_; ///< of this stage
        storage::UidSet open_; ///< of the stage before
        Wanted open_wanted_ { open_ };
        std::string header_;
    };

    /// Whether the sets in the program say all.
    bool is_decided_by_sets(SearchProgram const& program)
    {
        auto const& keys = program.root.keys;
        return keys.size() <= most_narrowing && std::ranges::all_of(keys, [](SearchKey const& key) {
            return !key.negated
                && (key.kind == Kind::all || key.kind == Kind::sequence || key.kind == Kind::uid
                    || key.kind == Kind::uid_after || key.kind == Kind::uid_before);
        });
    }

    /// Whether all messages of the map, and no others, are in the mailbox now. UIDNEXT only grows,
    /// and the number of messages then only shrinks.
    bool is_unchanged(ReadTxn const& txn, SearchTarget const& target)
    {
        auto const now = storage::MailboxView(txn, target.viewpoint).mailbox();
        return now && now->uid_next == target.uid_next && now->messages == target.map->count();
    }

    void take_all(storage::UidSet const& uids, TakeHits const& take)
    {
        std::vector<Hit> hits;
        auto const give = [&] {
            take(hits);
            hits.clear();
        };
        uids.for_each([&](storage::Uid uid) {
            hits.push_back({ uid });
            if (hits.size() == hot_slice)
                give();
        });
        give();
    }

    /// Takes the last messages out of the set.
    storage::UidSet take_end(storage::UidSet& uids)
    {
        storage::UidSet end;
        for (std::size_t left = end_piece; left != 0 && !uids.empty();) {
            auto range = uids.ranges().back();
            auto const most = static_cast<std::uint32_t>(left);
            if (range.last.value - range.first.value >= most)
                range.first.value = range.last.value - most + 1;
            left -= range.last.value - range.first.value + 1;
            uids.remove(range);
            end.add(range);
        }
        return end;
    }

    /// Searches one piece; returns how many were found, and stops after `enough`.
    awaitable<std::uint64_t> search_piece(Context& ctx, LongWork& work, SearchTarget const& target,
        SearchProgram const& program, storage::UidSet piece, SearchExtent const& extent,
        TakeHits const& take)
    {
        SearchRun run(target, program, std::move(piece), extent.only_uids);
        auto const hot = [&](ReadTxn const& txn) { run.look_at_hot(txn); };
        auto const cold = [&](ReadTxn const& txn) { return run.look_at_cold(txn); };
        auto& volume = ctx.session.volume_of(target.owner);
        auto const bodies = [&] { return run.look_at_bodies(volume); };
        std::uint64_t found = 0;
        while (!run.done() && found < extent.enough) {
            ctx.session.read_at(target.owner, hot);
            if (run.is_undecided() && program.needs(Evidence::cold)) {
                run.next_stage();
                while (ctx.session.read_at(target.owner, cold))
                    co_await work.pause();
            }
            if (run.is_undecided()) {
                run.next_stage();
                for (bool more = true; more;) {
                    more = co_await ctx.session.work(bodies);
                    co_await work.pause();
                }
            }
            auto const hits = run.hits();
            found += hits.size();
            take(hits);
            co_await work.pause(run.looked_at());
        }
        co_return found;
    }

} // namespace

awaitable<void> run_search(Context& ctx, LongWork& work, SearchTarget const& target,
    SearchProgram const& program, storage::UidSet among, SearchExtent extent, TakeHits const& take)
{
    among = candidates(program, among);
    if (extent.only_uids && is_decided_by_sets(program)) {
        auto const look = [&](ReadTxn const& txn) { return is_unchanged(txn, target); };
        if (ctx.session.read_at(target.owner, look)) {
            take_all(among, take);
            co_return;
        }
    }
    if (!extent.from_end) {
        co_await search_piece(ctx, work, target, program, std::move(among), extent, take);
        co_return;
    }
    auto whole_piece = extent;
    whole_piece.enough = UINT64_MAX;
    for (std::uint64_t found = 0; found < extent.enough && !among.empty();) {
        auto piece = take_end(among);
        found += co_await search_piece(
            ctx, work, target, program, std::move(piece), whole_piece, take);
    }
}

awaitable<Matches> search_mailbox(Context& ctx, LongWork& work, SearchTarget const& target,
    SearchProgram& program, SearchExtent extent)
{
    auto const now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    make_ready(program, target, keywords_of(ctx.session, target), now.time_since_epoch().count());
    Matches matches;
    TakeHits const take = [&](std::span<Hit const> hits) {
        storage::UidSet uids;
        for (auto const& hit : hits)
            uids.add(hit.uid);
        matches.uids.add(uids);
        if (!extent.only_uids)
            matches.hits.insert(matches.hits.end(), hits.begin(), hits.end());
    };
    auto among = target.map->uids();
    if (auto const limit = message_limit(ctx); limit != 0) { // of what is searched, not found
        among = candidates(program, among);
        matches.cut = cut_to_limit(limit, among);
        if (matches.cut && extent.all_or_nothing)
            co_return matches;
    }
    co_await run_search(ctx, work, target, program, std::move(among), extent, take);
    if (extent.from_end) {
        std::ranges::sort(matches.hits, {}, &Hit::uid);
        if (matches.uids.count() >= extent.enough)
            matches.cut.reset(); // nothing older was asked for
    }
    co_return matches;
}

} // namespace mail::imap
