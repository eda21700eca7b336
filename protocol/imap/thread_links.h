// Who answers whom, by message ids: steps 1 to 3 of REFERENCES (RFC 5256 §3), which REFS has, too.
#pragma once

#include "protocol/imap/thread_forest.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace mail::imap {

class ThreadLinks {
public:
    explicit ThreadLinks(std::size_t messages);

    /// The next message in mailbox order: its id (0 for none) and those that it refers to, oldest
    /// first. False when the references are so entangled that going on could take for ever.
    bool add(std::uint64_t own_id, std::span<std::uint64_t const> references);

    /// What was linked, without parents that are not there, as far as the rules let them go.
    /// Siblings are not in order yet.
    ThreadForest prune() const;

private:
    static constexpr std::uint32_t none = UINT32_MAX;

    struct Node {
        std::uint32_t parent = none;
        std::uint32_t children = 0; ///< how many
        std::uint32_t message = none; ///< none: it was only referred to
    };

    /// Nodes by message id: open addressing, at most half full.
    class Table {
    public:
        Table() { resize(1024); }
        /// The node of this id; `fresh` for a new one.
        std::uint32_t find_or_add(std::uint64_t id, std::uint32_t fresh);

    private:
        struct Slot {
            std::uint64_t id = 0; ///< 0: empty
            std::uint32_t node = 0;
        };
        void resize(std::size_t slots);
        Slot& slot_of(std::uint64_t id);

        std::vector<Slot> slots_;
        std::size_t used_ = 0;
    };

    std::uint32_t node_of(std::uint64_t id);
    std::uint32_t take_node(std::uint64_t own_id);
    bool would_loop(std::uint32_t parent, std::uint32_t child);
    void link(std::uint32_t parent, std::uint32_t child);

    std::vector<Node> nodes_;
    Table table_;
    std::size_t messages_;
    std::uint32_t next_message_ = 0;
    std::uint64_t patience_; ///< steps up the tree that may still be made
};

} // namespace mail::imap
