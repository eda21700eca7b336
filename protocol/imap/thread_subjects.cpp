// Base subjects to threads.
#include "protocol/imap/thread_subjects.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

namespace mail::imap {

ThreadForest thread_by_subject(TextColumn const& subjects, std::span<std::uint32_t const> order)
{
    ThreadForest forest(subjects.size());
    std::unordered_map<std::string_view, std::uint32_t> first;
    first.reserve(subjects.size());
    for (auto const message : order)
        if (auto const [found, is_first] = first.try_emplace(subjects[message], message); !is_first)
            forest.set_parent(message, found->second);
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
        std::uint32_t node; ///< a message or a dummy at the top
        bool is_reply; ///< of a message
    };

    class SubjectTable {
    public:
        SubjectTable(ThreadForest& forest, std::size_t threads)
            : forest_(forest)
        {
            table_.reserve(threads);
        }

        /// Step 5 (B): which thread stands for a subject.
        void enter(std::string_view subject, Thread thread)
        {
            auto const [found, is_new] = table_.try_emplace(subject, thread);
            auto& known = found->second;
            if (!is_new && !forest_.is_dummy(known.node)
                && (forest_.is_dummy(thread.node) || (known.is_reply && !thread.is_reply)))
                known = thread;
        }

        /// Step 5 (C): merges the thread with the one that stands for its subject.
        void merge(std::string_view subject, Thread thread)
        {
            auto& known = table_.at(subject);
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
        std::unordered_map<std::string_view, Thread> table_;
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
    std::vector<std::uint32_t> const roots(forest.roots().begin(), forest.roots().end());
    auto const for_each_thread = [&](auto const& action) {
        for (auto const root : roots) {
            auto const at = static_cast<std::size_t>(
                std::ranges::lower_bound(heads, head_of(forest, root)) - heads.begin());
            if (!subjects[at].empty())
                action(subjects[at], Thread { root, are_replies[at] != 0 });
        }
    };
    SubjectTable table(forest, roots.size());
    for_each_thread([&](std::string_view subject, Thread thread) { table.enter(subject, thread); });
    for_each_thread([&](std::string_view subject, Thread thread) { table.merge(subject, thread); });
}

} // namespace mail::imap
