// Sorts what a search found.
#pragma once

#include "protocol/byte_stream.h"
#include "protocol/imap/comparator.h"
#include "protocol/imap/long_work.h"
#include "protocol/imap/search_run.h"
#include "protocol/imap/sort_key.h"

#include <span>
#include <vector>

namespace mail::imap {

class Context;

/// Whether the criteria need more of a Hit than its UID.
bool sorts_by_records(std::span<SortCriterion const> criteria);

/// The UIDs in the order of the criteria, those that are equal in mailbox order. The matches have
/// hits when the criteria need them. Long work is done by a worker.
awaitable<std::vector<storage::Uid>> sort_matches(Context& ctx, LongWork& work,
    SearchTarget const& target, Matches const& matches, std::span<SortCriterion const> criteria,
    Comparator comparator);

} // namespace mail::imap
