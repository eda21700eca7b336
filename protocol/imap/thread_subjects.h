// Threads by subject: ORDEREDSUBJECT, and step 5 of REFERENCES (RFC 5256 §3).
#pragma once

#include "protocol/imap/sort_order.h"
#include "protocol/imap/thread_forest.h"

#include <cstdint>
#include <span>
#include <vector>

namespace mail::imap {

/// ORDEREDSUBJECT: the first message of a subject has all others as children. `order` is that of
/// the sent dates, `subjects` are the base subjects of all messages.
ThreadForest thread_by_subject(TextColumn const& subjects, std::span<std::uint32_t const> order);

/// The messages by whose subjects threads are gathered: roots, and first children of dummies. In
/// mailbox order.
std::vector<std::uint32_t> heads_of(ThreadForest const& forest);

/// Step 5: gathers the threads of one subject. `subjects` and `are_replies` are of the heads. The
/// forest is to be arranged anew.
void merge_by_subject(ThreadForest& forest, std::span<std::uint32_t const> heads,
    TextColumn const& subjects, std::span<std::uint8_t const> are_replies);

} // namespace mail::imap
