// Keeps a result up to date, message by message.
#include "protocol/imap/live_search.h"

#include "protocol/imap/context.h"
#include "protocol/imap/fetch_writer.h"
#include "protocol/imap/sort_run.h"
#include "protocol/imap/worker.h"

#include <algorithm>
#include <chrono>
#include <span>

namespace mail::imap {
namespace {

    using storage::Uid;
    using storage::UidSet;
    using Kind = SearchKey::Kind;

    std::int64_t now_in_seconds()
    {
        auto const now = std::chrono::system_clock::now().time_since_epoch();
        return std::chrono::floor<std::chrono::seconds>(now).count();
    }

    UidSet without(UidSet set, UidSet const& others)
    {
        set.remove(others);
        return set;
    }

    /// Adds keys that match the messages of which a key OLDER or YOUNGER says another thing now
    /// than at the moment `before`.
    void add_crossed(SearchKey const& key, std::int64_t before, std::int64_t now, SearchKey& any)
    {
        for (auto const& each : key.keys)
            add_crossed(each, before, now, any);
        if (key.kind != Kind::older && key.kind != Kind::younger)
            return;
        auto span = static_cast<std::int64_t>(key.number);
        if (key.fuzzy) // which lets the bound be a quarter away (search_match.cpp)
            span += key.kind == Kind::older ? -span / 4 : span / 4;
        SearchKey crossed { Kind::both };
        crossed.keys.resize(2);
        crossed.keys[0].kind = Kind::younger;
        crossed.keys[0].moment = before - span;
        crossed.keys[1].kind = Kind::older;
        crossed.keys[1].moment = now - span;
        any.keys.push_back(std::move(crossed));
    }

} // namespace

LiveSearch::LiveSearch(
    Asked asked, UidSet matches, std::vector<Uid> order, session::UidMap const& map)
    : asked_(std::move(asked))
    , matches_(std::move(matches))
    , order_(std::move(order))
    , last_(map.last().value_or(Uid { 0 }))
    , looked_at_(asked_.program.ready_at)
{
}

std::size_t LiveSearch::octets() const
{
    return sizeof *this + octets_of(asked_.program) + order_.capacity() * sizeof(Uid)
        + matches_.ranges().size() * sizeof(storage::UidRange)
        + asked_.items.list.size() * sizeof(FetchItem);
}

bool LiveSearch::is_due(Context const& ctx) const
{
    auto const interval = ctx.session.settings().imap.time_keys_interval;
    return asked_.program.depends_on_time && now_in_seconds() - looked_at_ >= interval.count();
}

awaitable<void> LiveSearch::tell_expunged(
    Context& ctx, UidSet const& expunged, session::UidMap const& map)
{
    auto const gone = matches_.intersection(expunged);
    auto const changes = take_out(gone);
    co_await tell(ctx, Direction::remove, changes, map);
}

awaitable<void> LiveSearch::tell_changes(Context& ctx, Touched touched)
{
    auto const target = target_of(ctx.mailbox());
    LongWork work(ctx, 0);
    make_ready(asked_.program, target, keywords_of(ctx.session, target), now_in_seconds(),
        Binding::all_but_numbers);
    touch_last(touched, *target.map);
    co_await touch_by_time(ctx, work, target, touched);
    touched.uids = target.map->present(touched.uids);
    auto fresh = co_await find_matches(ctx, work, target, touched.uids);
    auto const gone = without(matches_.intersection(touched.uids), fresh.uids);
    fresh.uids = without(std::move(fresh.uids), matches_);
    std::erase_if(fresh.hits, [&](Hit const& hit) { return !fresh.uids.contains(hit.uid); });
    auto const removed = take_out(gone);
    co_await tell(ctx, Direction::remove, removed, *target.map);
    if (fresh.uids.empty())
        co_return;
    co_await fetch_new(ctx, fresh.uids.intersection(touched.appended));
    auto const added = co_await put_in(ctx, work, target, fresh);
    co_await tell(ctx, Direction::add, added, *target.map);
}

/// A set of UIDs with "*" in it names another message when the last one is another.
void LiveSearch::touch_last(Touched& touched, session::UidMap const& map)
{
    auto const last = map.last().value_or(Uid { 0 });
    if (last == last_)
        return;
    for (auto const uid : { last_, last })
        if (uid.value != 0)
            touched.uids.add(uid);
    last_ = last;
}

awaitable<void> LiveSearch::touch_by_time(
    Context& ctx, LongWork& work, SearchTarget const& target, Touched& touched)
{
    if (!is_due(ctx))
        co_return;
    auto const now = now_in_seconds();
    SearchProgram crossed;
    crossed.root = SearchKey { Kind::both };
    auto& any = crossed.root.keys.emplace_back(SearchKey { Kind::either });
    add_crossed(asked_.program.root, looked_at_, now, any);
    crossed.key_count = 2 * any.keys.size();
    TakeHits const take = [&](std::span<Hit const> hits) {
        for (auto const& hit : hits)
            touched.uids.add(hit.uid);
    };
    co_await run_search(ctx, work, target, crossed, target.map->uids(), {}, take);
    looked_at_ = now;
}

awaitable<Matches> LiveSearch::find_matches(
    Context& ctx, LongWork& work, SearchTarget const& target, UidSet const& among)
{
    Matches found;
    SearchExtent extent;
    extent.only_uids = !is_sorted() || !sorts_by_records(asked_.criteria);
    TakeHits const take = [&](std::span<Hit const> hits) {
        for (auto const& hit : hits)
            found.uids.add(hit.uid);
        if (!extent.only_uids)
            found.hits.insert(found.hits.end(), hits.begin(), hits.end());
    };
    co_await run_search(ctx, work, target, asked_.program, among, extent, take);
    co_return found;
}

std::vector<LiveSearch::Change> LiveSearch::take_out(UidSet const& gone)
{
    std::vector<Change> changes;
    if (gone.empty())
        return changes;
    matches_ = without(std::move(matches_), gone);
    if (!is_sorted()) {
        changes.push_back({ 0, runs_of(gone) });
        return changes;
    }
    std::vector<Uid> together;
    std::size_t kept = 0;
    auto const end_change = [&] { // where they stood when those before them were out already
        if (!together.empty())
            changes.push_back({ kept + 1, runs_of(together) });
        together.clear();
    };
    for (auto const uid : order_) {
        if (gone.contains(uid)) {
            together.push_back(uid);
            continue;
        }
        end_change();
        order_[kept++] = uid;
    }
    end_change();
    order_.resize(kept);
    return changes;
}

awaitable<std::vector<LiveSearch::Change>> LiveSearch::put_in(
    Context& ctx, LongWork& work, SearchTarget const& target, Matches const& fresh)
{
    std::vector<Change> changes;
    matches_.add(fresh.uids);
    if (!is_sorted()) {
        changes.push_back({ 0, runs_of(fresh.uids) });
        co_return changes;
    }
    auto const sorted
        = co_await sort_matches(ctx, work, target, fresh, asked_.criteria, asked_.comparator);
    auto const places = co_await places_among(
        ctx, work, target, order_, sorted, asked_.criteria, asked_.comparator);
    std::vector<Uid> merged;
    merged.reserve(order_.size() + sorted.size());
    for (std::size_t i = 0; i < sorted.size();) {
        std::vector<Uid> together; // between the same two
        auto const place = places[i];
        for (; i < sorted.size() && places[i] == place; ++i)
            together.push_back(sorted[i]);
        auto const before
            = std::span(order_).subspan(0, place).subspan(merged.size() - (i - together.size()));
        merged.insert(merged.end(), before.begin(), before.end());
        changes.push_back({ merged.size() + 1, runs_of(together) });
        merged.insert(merged.end(), together.begin(), together.end());
    }
    auto const rest = std::span(order_).subspan(merged.size() - sorted.size());
    merged.insert(merged.end(), rest.begin(), rest.end());
    order_ = std::move(merged);
    co_return changes;
}

awaitable<void> LiveSearch::fetch_new(Context& ctx, UidSet uids)
{
    if (asked_.items.list.empty() || uids.empty())
        co_return;
    FetchJob job;
    job.uids = std::move(uids);
    job.items = asked_.items;
    if (asked_.numbering == Numbering::uid && !ctx.terms.uids_only())
        job.items.add(FetchItem::Kind::uid);
    if (ctx.terms.tells_mod_seq())
        job.items.add(FetchItem::Kind::mod_seq);
    co_await send_fetch(ctx, std::move(job));
}

/// In lines of bounded length: some clients have a fixed buffer for a line.
awaitable<void> LiveSearch::tell(Context& ctx, Direction direction,
    std::vector<Change> const& changes, session::UidMap const& map)
{
    constexpr std::size_t runs_in_a_line = 300;
    AnswerTo to { asked_.tag };
    to.by_uid = asked_.numbering == Numbering::uid || ctx.terms.uids_only();
    to.mailbox = asked_.mailbox;
    to.uid_validity = ctx.mailbox().mailbox().uid_validity;
    std::vector<Change> told;
    for (auto const& change : changes)
        add_pieces(
            { change.position, to.by_uid ? change.results : numbers_of(change.results, map) },
            direction, runs_in_a_line, told);
    for (auto next = told.begin(); next != told.end();) {
        auto line = begin_esearch(ctx, to);
        line.atom(direction == Direction::add ? "ADDTO" : "REMOVEFROM").open();
        std::size_t runs = 0;
        do {
            line.number(next->position).separate();
            append_runs(line.octets(), next->results);
            runs += next->results.size();
            ++next;
        } while (next != told.end() && runs + next->results.size() <= runs_in_a_line);
        line.close();
        if (ctx.out.is_full())
            co_await ctx.out.flush();
    }
}

/// The same change in several, each of so many runs at most. What is removed makes place for what
/// stands behind it.
void LiveSearch::add_pieces(
    Change const& change, Direction direction, std::size_t most, std::vector<Change>& pieces)
{
    auto position = change.position;
    for (std::span<storage::UidRange const> rest(change.results); !rest.empty();) {
        auto const part = rest.first(std::min(rest.size(), most));
        rest = rest.subspan(part.size());
        pieces.push_back({ position, Runs(part.begin(), part.end()) });
        if (position != 0 && direction == Direction::add)
            position += count_of(pieces.back().results);
    }
}

} // namespace mail::imap
