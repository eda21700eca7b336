// Threads of messages as THREAD answers them (RFC 5256).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace mail::imap {

/// Messages, by their places in mailbox order, and dummies: parents that are not there. A dummy has
/// no parent, and children that are messages.
class ThreadForest {
public:
    static constexpr std::uint32_t none = UINT32_MAX;

    explicit ThreadForest(std::size_t messages)
        : messages_(messages)
        , parents_(messages, none)
    {
    }

    std::size_t messages() const { return messages_; }
    bool is_dummy(std::uint32_t node) const { return node >= messages_; }
    std::uint32_t add_dummy();
    std::uint32_t parent(std::uint32_t message) const { return parents_[message]; }
    void set_parent(std::uint32_t message, std::uint32_t parent) { parents_[message] = parent; }
    /// The children of one dummy become another's; the first is then no more.
    void merge_dummy(std::uint32_t gone, std::uint32_t into)
    {
        successors_[gone - messages_] = into;
    }

    /// Puts siblings in an order of all messages. To be called when all parents are set, and before
    /// what follows.
    void arrange(std::span<std::uint32_t const> order);

    /// Those without a parent: in the order of arrange(), a dummy in the place of its first child.
    std::span<std::uint32_t const> roots() const { return roots_; }
    void set_roots(std::vector<std::uint32_t> roots) { roots_ = std::move(roots); }
    std::span<std::uint32_t const> children(std::uint32_t node) const;

    /// "(2)(3 6 (4 23)(44 7 96))": `numbers` are those of the messages.
    std::string to_text(std::span<std::uint32_t const> numbers) const;

private:
    std::uint32_t living(std::uint32_t node) const;

    std::size_t messages_;
    std::vector<std::uint32_t> parents_; ///< of messages
    std::vector<std::uint32_t> successors_; ///< of dummies: into which they were merged
    std::vector<std::uint32_t> roots_;
    std::vector<std::uint32_t> children_; ///< of all nodes, one node behind the other
    std::vector<std::uint32_t> begins_; ///< by node: where in children_
};

} // namespace mail::imap
