// Base subjects to threads.
#include "protocol/imap/thread_subjects.h"

#include <algorithm>

namespace mail::imap {

ThreadForest thread_by_subject(TextColumn const& subjects, std::span<std::uint32_t const> order)
{
    ThreadForest forest(subjects.size());
    auto const ranks = subjects.ranks();
    std::vector<std::uint32_t> first(ranks.size(), ThreadForest::none); // by rank
    for (auto const message : order)
        if (auto& root = first[ranks[message]]; root == ThreadForest::none)
            root = message;
        else
            forest.set_parent(message, root);
    forest.arrange(order);
    return forest;
}

namespace {

    std::uint32_t head_of(ThreadForest const& forest, std::uint32_t root)
    {
        return forest.is_dummy(root) ? forest.children(root).front() : root;
    }

    /// A thread as step 5 sees it.
    struct Thread {
        std::uint32_t node = ThreadForest::none; ///< a message or a dummy at the top
        bool is_reply = false; ///< of a message
    };

    class SubjectTable {
    public:
        SubjectTable(ThreadForest& forest, std::size_t subjects)
            : forest_(forest)
            , table_(subjects)
        {
        }

        /// Step 5 (B): which thread stands for a subject.
        void enter(std::uint32_t subject, Thread thread)
        {
            auto& known = table_[subject];
            if (known.node == ThreadForest::none
                || (!forest_.is_dummy(known.node)
                    && (forest_.is_dummy(thread.node) || (known.is_reply && !thread.is_reply))))
                known = thread;
        }

        /// Step 5 (C): merges the thread with the one that stands for its subject.
        void merge(std::uint32_t subject, Thread thread)
        {
            auto& known = table_[subject];
            bool const is_dummy = forest_.is_dummy(thread.node);
            bool const is_merged = !is_dummy && forest_.parent(thread.node) != ThreadForest::none;
            if (known.node == thread.node || is_merged)
                return;
            if (forest_.is_dummy(known.node) && is_dummy) {
                forest_.merge_dummy(thread.node, known.node);
            } else if (forest_.is_dummy(known.node) || (thread.is_reply && !known.is_reply)) {
                forest_.set_parent(thread.node, known.node);
            } else {
                auto const dummy = forest_.add_dummy();
                forest_.set_parent(thread.node, dummy);
                forest_.set_parent(known.node, dummy);
                known = { dummy, false };
            }
        }

    private:
        ThreadForest& forest_;
        std::vector<Thread> table_;
    };

} // namespace

std::vector<std::uint32_t> heads_of(ThreadForest const& forest)
{
    std::vector<std::uint32_t> heads;
    for (auto const root : forest.roots())
        heads.push_back(head_of(forest, root));
    std::ranges::sort(heads);
    return heads;
}

void merge_by_subject(ThreadForest& forest, std::span<std::uint32_t const> heads,
    TextColumn const& subjects, std::span<std::uint8_t const> are_replies)
{
    auto const ranks = subjects.ranks();
    std::vector<std::uint32_t> places(forest.messages()); // among the heads
    for (std::uint32_t i = 0; i < heads.size(); ++i)
        places[heads[i]] = i;
    std::vector<std::uint32_t> const roots(forest.roots().begin(), forest.roots().end());
    auto const for_each_thread = [&](auto const& action) {
        for (auto const root : roots) {
            auto const place = places[head_of(forest, root)];
            if (!subjects.is_empty(place))
                action(ranks[place], Thread { root, are_replies[place] != 0 });
        }
    };
    SubjectTable table(forest, heads.size());
    for_each_thread([&](std::uint32_t subject, Thread thread) { table.enter(subject, thread); });
    for_each_thread([&](std::uint32_t subject, Thread thread) { table.merge(subject, thread); });
}

} // namespace mail::imap
