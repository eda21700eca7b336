// Children in order, and the forest as text.
#include "protocol/imap/thread_forest.h"

#include "protocol/imap/response.h"

#include <numeric>

namespace mail::imap {

std::uint32_t ThreadForest::add_dummy()
{
    successors_.push_back(none);
    return static_cast<std::uint32_t>(messages_ + successors_.size() - 1);
}

std::uint32_t ThreadForest::living(std::uint32_t node) const
{
    while (node != none && is_dummy(node) && successors_[node - messages_] != none)
        node = successors_[node - messages_];
    return node;
}

void ThreadForest::arrange(std::span<std::uint32_t const> order)
{
    auto const nodes = messages_ + successors_.size();
    begins_.assign(nodes + 1, 0);
    for (auto& parent : parents_) {
        parent = living(parent);
        if (parent != none)
            ++begins_[parent + 1];
    }
    std::inclusive_scan(begins_.begin(), begins_.end(), begins_.begin());
    children_.resize(begins_.back());
    auto next = begins_;
    roots_.clear();
    for (auto const message : order) {
        auto const parent = parents_[message];
        if (parent == none) {
            roots_.push_back(message);
            continue;
        }
        if (is_dummy(parent) && next[parent] == begins_[parent])
            roots_.push_back(parent);
        children_[next[parent]++] = message;
    }
}

std::span<std::uint32_t const> ThreadForest::children(std::uint32_t node) const
{
    return std::span(children_).subspan(begins_[node], begins_[node + 1] - begins_[node]);
}

std::string ThreadForest::to_text(std::span<std::uint32_t const> numbers) const
{
    std::string out;
    out.reserve(messages_ * 9);
    std::vector<std::span<std::uint32_t const>> open; // siblings that are still to be written
    auto const write_chain = [&](std::uint32_t node) {
        out += '(';
        if (is_dummy(node)) {
            open.push_back(children(node));
            return;
        }
        append_number(out, numbers[node]);
        auto below = children(node);
        for (; below.size() == 1; below = children(below.front())) {
            out += ' ';
            append_number(out, numbers[below.front()]);
        }
        if (!below.empty())
            out += ' ';
        open.push_back(below);
    };
    for (auto const root : roots_) {
        write_chain(root);
        while (!open.empty()) { // no recursion: conversations may be very deep
            if (open.back().empty()) {
                out += ')';
                open.pop_back();
                continue;
            }
            auto const node = open.back().front();
            open.back() = open.back().subspan(1);
            write_chain(node);
        }
    }
    return out;
}

} // namespace mail::imap
