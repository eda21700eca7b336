// Links between messages and between messages that are not there.
#include "protocol/imap/thread_links.h"

#include <utility>

namespace mail::imap {

namespace {
    // Common mail needs a few steps for each message; all of a hostile mailbox about a second.
    constexpr std::uint64_t steps = 200'000'000;
}

ThreadLinks::ThreadLinks(std::size_t messages)
    : messages_(messages)
    , patience_(steps)
{
    nodes_.reserve(messages);
}

ThreadLinks::Table::Slot& ThreadLinks::Table::slot_of(std::uint64_t id)
{
    auto const mask = slots_.size() - 1;
    auto at = static_cast<std::size_t>(id * 0x9e3779b97f4a7c15 >> 20) & mask;
    while (slots_[at].id != 0 && slots_[at].id != id)
        at = (at + 1) & mask;
    return slots_[at];
}

void ThreadLinks::Table::resize(std::size_t slots)
{
    auto const before = std::exchange(slots_, std::vector<Slot>(slots));
    for (auto const& slot : before)
        if (slot.id != 0)
            slot_of(slot.id) = slot;
}

std::uint32_t ThreadLinks::Table::find_or_add(std::uint64_t id, std::uint32_t fresh)
{
    auto* slot = &slot_of(id);
    if (slot->id != 0)
        return slot->node;
    if (2 * ++used_ > slots_.size()) {
        resize(2 * slots_.size());
        slot = &slot_of(id);
    }
    *slot = { id, fresh };
    return fresh;
}

std::uint32_t ThreadLinks::node_of(std::uint64_t id)
{
    auto const fresh = static_cast<std::uint32_t>(nodes_.size());
    auto const node = table_.find_or_add(id, fresh);
    if (node == fresh)
        nodes_.emplace_back();
    return node;
}

/// The message's node. Of several messages with one id the first has it, the others get new ones.
std::uint32_t ThreadLinks::take_node(std::uint64_t own_id)
{
    if (own_id != 0)
        if (auto const node = node_of(own_id); nodes_[node].message == none)
            return node;
    nodes_.emplace_back();
    return static_cast<std::uint32_t>(nodes_.size() - 1);
}

/// Whether the child is the parent or one of its ancestors.
bool ThreadLinks::would_loop(std::uint32_t parent, std::uint32_t child)
{
    if (nodes_[child].children == 0)
        return parent == child;
    for (auto node = parent; node != none; node = nodes_[node].parent) {
        if (node == child)
            return true;
        if (patience_ == 0)
            return true; // add() says so
        --patience_;
    }
    return false;
}

void ThreadLinks::link(std::uint32_t parent, std::uint32_t child)
{
    if (would_loop(parent, child))
        return;
    nodes_[child].parent = parent;
    ++nodes_[parent].children;
}

bool ThreadLinks::add(std::uint64_t own_id, std::span<std::uint64_t const> references)
{
    auto const self = take_node(own_id);
    nodes_[self].message = next_message_++;
    auto before = none;
    for (auto const id : references) { // step 1 (A)
        auto const node = node_of(id);
        if (before != none && nodes_[node].parent == none)
            link(before, node);
        before = node;
    }
    if (auto const parent = std::exchange(nodes_[self].parent, none); parent != none) // step 1 (B)
        --nodes_[parent].children;
    if (before != none)
        link(before, self);
    return patience_ != 0;
}

ThreadForest ThreadLinks::prune() const
{
    // Of each node that is no message: the nearest ancestor that is one, or the topmost node.
    std::vector<std::uint32_t> above(nodes_.size(), none);
    auto const is_message = [&](std::uint32_t node) { return nodes_[node].message != none; };
    auto const find_above = [&](std::uint32_t node) {
        auto top = node; // as far as it is not known
        while (!is_message(top) && above[top] == none && nodes_[top].parent != none)
            top = nodes_[top].parent;
        auto const found = is_message(top) || above[top] == none ? top : above[top];
        for (; node != top; node = nodes_[node].parent)
            above[node] = found;
        return found;
    };

    ThreadForest forest(messages_);
    std::vector<std::uint32_t> parents(nodes_.size(), none); // of messages: found above
    std::vector<std::uint32_t> children(nodes_.size(), 0); // of topmost nodes that are no messages
    for (std::uint32_t node = 0; node < nodes_.size(); ++node) {
        if (!is_message(node) || nodes_[node].parent == none)
            continue;
        parents[node] = find_above(nodes_[node].parent);
        if (is_message(parents[node]))
            forest.set_parent(nodes_[node].message, nodes_[parents[node]].message);
        else
            ++children[parents[node]];
    }
    std::vector<std::uint32_t> dummies(nodes_.size(), none);
    for (std::uint32_t node = 0; node < nodes_.size(); ++node) {
        auto const parent = parents[node];
        if (parent == none || is_message(parent) || children[parent] == 1)
            continue; // an only child takes its parent's place
        if (dummies[parent] == none)
            dummies[parent] = forest.add_dummy();
        forest.set_parent(nodes_[node].message, dummies[parent]);
    }
    return forest;
}

} // namespace mail::imap
