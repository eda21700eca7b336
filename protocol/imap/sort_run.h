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

/// For each of `fresh`, how many of `sorted` stand before it. Both are in the order of the
/// criteria, none of which is RELEVANCY, and no message is in both. Reads O(log sorted) messages
/// for each.
awaitable<std::vector<std::size_t>> places_among(Context& ctx, LongWork& work,
    SearchTarget const& target, std::span<storage::Uid const> sorted,
    std::span<storage::Uid const> fresh, std::span<SortCriterion const> criteria,
    Comparator comparator);

} // namespace mail::imap
