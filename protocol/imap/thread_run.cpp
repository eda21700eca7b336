// From hits to threads.
#include "protocol/imap/thread_run.h"

#include "protocol/imap/context.h"
#include "protocol/imap/key_walk.h"
#include "protocol/imap/sort_order.h"
#include "protocol/imap/thread_links.h"
#include "protocol/imap/thread_subjects.h"
#include "protocol/imap/worker.h"

#include <algorithm>
#include <optional>

namespace mail::imap {

namespace {

    using mime::Collation;
    using mime::SortColumn;
    using storage::Uid;

    /// Numbers that are ordered as moments are.
    std::uint64_t ordered(std::int64_t seconds)
    {
        return static_cast<std::uint64_t>(seconds) ^ std::uint64_t { 1 } << 63;
    }

    std::vector<Uid> uids_of(Matches const& matches)
    {
        std::vector<Uid> uids;
        uids.reserve(matches.hits.size());
        for (auto const& hit : matches.hits)
            uids.push_back(hit.uid);
        return uids;
    }

    /// By sent date, those without one by INTERNALDATE (RFC 5256 §2.2).
    SortOrder date_order(Matches const& matches)
    {
        std::vector<std::uint64_t> dates;
        dates.reserve(matches.hits.size());
        for (auto const& hit : matches.hits)
            dates.push_back(ordered(hit.sent == storage::no_date ? hit.internal_date : hit.sent));
        SortOrder order(dates.size());
        order.by_number(dates, Direction::ascending);
        return order;
    }

    struct Subjects {
        TextColumn bases;
        std::vector<std::uint8_t> are_replies;
    };

    awaitable<Subjects> read_subjects(Context& ctx, LongWork& work, SearchTarget const& target,
        std::span<Uid const> uids, Collation collation)
    {
        Subjects subjects;
        subjects.bases.reserve(uids.size());
        auto& volume = ctx.session.volume_of(target.owner);
        bool const is_stored = collation == Collation::unicode_casemap;
        KeyWalk walk(uids);
        auto const read = [&] {
            auto const txn = volume.read();
            if (is_stored)
                walk.read_stored(
                    txn, target.viewpoint.place, SortColumn::subject, [&](std::string_view blob) {
                        mime::SubjectKey const key(blob);
                        subjects.bases.add(key.base);
                        subjects.are_replies.push_back(key.is_reply_or_forward);
                    });
            else
                walk.read_headers(txn, target.viewpoint, [&](mime::HeaderKeys const& header) {
                    subjects.bases.add(mime::collation_key(header.base_subject, collation));
                    subjects.are_replies.push_back(header.is_reply_or_forward);
                });
        };
        auto const effort = is_stored ? Effort::by_messages(uids.size()) : Effort::large();
        while (!walk.done()) {
            co_await at_worker(ctx, effort, read);
            co_await work.pause();
        }
        co_return subjects;
    }

    /// Nothing when the references are too entangled.
    awaitable<std::optional<ThreadLinks>> read_links(
        Context& ctx, LongWork& work, SearchTarget const& target, std::span<Uid const> uids)
    {
        std::optional<ThreadLinks> links(uids.size());
        auto& volume = ctx.session.volume_of(target.owner);
        KeyWalk walk(uids);
        std::vector<std::uint64_t> references;
        bool is_patient = true;
        auto const read = [&] {
            auto const txn = volume.read();
            walk.read_stored(
                txn, target.viewpoint.place, SortColumn::ids, [&](std::string_view blob) {
                    mime::IdKeys const ids(blob);
                    references.clear();
                    for (std::size_t i = 0; i < ids.reference_count(); ++i)
                        references.push_back(ids.reference(i));
                    is_patient = links->add(ids.own(), references) && is_patient;
                });
        };
        while (!walk.done() && is_patient) {
            co_await at_worker(ctx, Effort::by_messages(uids.size()), read);
            co_await work.pause();
        }
        if (!is_patient)
            links.reset();
        co_return links;
    }

    /// REFS puts threads in the order of their newest messages' arrival.
    void sort_by_newest(ThreadForest& forest, Matches const& matches)
    {
        std::vector<std::uint32_t> const roots(forest.roots().begin(), forest.roots().end());
        std::vector<std::uint64_t> newest;
        std::vector<std::uint32_t> open;
        for (auto const root : roots) {
            std::uint64_t latest = 0;
            open.assign(1, root);
            while (!open.empty()) {
                auto const node = open.back();
                open.pop_back();
                if (!forest.is_dummy(node))
                    latest = std::max(latest, ordered(matches.hits[node].internal_date));
                auto const below = forest.children(node);
                open.insert(open.end(), below.begin(), below.end());
            }
            newest.push_back(latest);
        }
        SortOrder order(roots.size());
        order.by_number(newest, Direction::ascending);
        std::vector<std::uint32_t> sorted;
        for (auto const index : order.order())
            sorted.push_back(roots[index]);
        forest.set_roots(std::move(sorted));
    }

    awaitable<ThreadForest> thread_by_references(Context& ctx, LongWork& work,
        SearchTarget const& target, Matches const& matches, std::span<Uid const> uids,
        ThreadLinks const& links, Collation collation)
    {
        auto const effort = Effort::by_messages(uids.size());
        std::optional<ThreadForest> forest;
        std::optional<SortOrder> order;
        std::vector<std::uint32_t> heads;
        auto const begin = [&] {
            order = date_order(matches);
            forest = links.prune();
            forest->arrange(order->order());
            heads = heads_of(*forest);
        };
        co_await at_worker(ctx, effort, begin);
        std::vector<Uid> head_uids;
        for (auto const head : heads)
            head_uids.push_back(uids[head]);
        auto const subjects = co_await read_subjects(ctx, work, target, head_uids, collation);
        auto const finish = [&] {
            merge_by_subject(*forest, heads, subjects.bases, subjects.are_replies);
            forest->arrange(order->order());
        };
        co_await at_worker(ctx, effort, finish);
        co_return std::move(*forest);
    }

} // namespace

awaitable<Result<std::string>> thread_matches(Context& ctx, LongWork& work,
    SearchTarget const& target, Matches const& matches, std::span<std::uint32_t const> numbers,
    ThreadAlgorithm algorithm, Collation collation)
{
    auto const uids = uids_of(matches);
    auto const effort = Effort::by_messages(uids.size());
    if (algorithm == ThreadAlgorithm::ordered_subject) {
        auto const subjects = co_await read_subjects(ctx, work, target, uids, collation);
        auto const thread = [&] {
            auto const order = date_order(matches);
            return thread_by_subject(subjects.bases, order.order()).to_text(numbers);
        };
        co_return co_await at_worker(ctx, effort, thread);
    }
    auto const links = co_await read_links(ctx, work, target, uids);
    if (!links)
        co_return no("LIMIT",
            "The messages refer to each other in too many ways: THREAD fewer of them at once");
    if (algorithm == ThreadAlgorithm::references) {
        auto const forest
            = co_await thread_by_references(ctx, work, target, matches, uids, *links, collation);
        auto const write = [&] { return forest.to_text(numbers); };
        co_return co_await at_worker(ctx, effort, write);
    }
    auto const thread = [&] {
        auto forest = links->prune();
        forest.arrange(date_order(matches).order());
        sort_by_newest(forest, matches);
        return forest.to_text(numbers);
    };
    co_return co_await at_worker(ctx, effort, thread);
}

} // namespace mail::imap
