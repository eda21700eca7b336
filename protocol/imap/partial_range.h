// partial-range (RFC 9394 §4): a page of many results, counted from their beginning or their end.
#pragma once

#include "storage/uid_set.h"

#include <cstdint>

namespace mail::imap {

class Parser;

struct PartialRange {
    std::uint32_t first = 1; ///< at most `last`
    std::uint32_t last = 1;
    bool from_end = false; ///< 1 is the last result

    std::uint64_t size() const { return std::uint64_t { last } - first + 1; }
};

/// nz-number ":" nz-number, or both with "-"; the order of the two does not matter.
PartialRange parse_partial_range(Parser& in);

/// Those of the set that stand at these places, as far as there are.
storage::UidSet page_of(storage::UidSet const& all, PartialRange const& range);

} // namespace mail::imap
