// Pages of results.
#include "protocol/imap/partial_range.h"

#include "protocol/imap/parser.h"

#include <algorithm>

namespace mail::imap {

PartialRange parse_partial_range(Parser& in)
{
    PartialRange range;
    range.from_end = in.accept('-');
    range.first = in.nz_number();
    in.expect(':');
    if (range.from_end)
        in.expect('-');
    range.last = in.nz_number();
    if (range.first > range.last)
        std::swap(range.first, range.last);
    return range;
}

storage::UidSet page_of(storage::UidSet const& all, PartialRange const& range)
{
    std::uint64_t const count = all.count();
    std::uint64_t begin = range.first - 1;
    std::uint64_t end = range.last;
    if (range.from_end) {
        begin = count - std::min<std::uint64_t>(count, range.last);
        end = count - std::min<std::uint64_t>(count, range.first - 1);
    }
    storage::UidSet page;
    std::uint64_t before = 0; // results in front of the one that is looked at
    for (auto const& [first, last] : all.ranges()) {
        std::uint64_t const size = last.value - first.value + 1;
        auto const from = std::max(begin, before) - before;
        auto const to = std::min(end, before + size);
        if (before + from < to)
            page.add(
                storage::UidRange { storage::Uid { static_cast<std::uint32_t>(first.value + from) },
                    storage::Uid { static_cast<std::uint32_t>(first.value + (to - before) - 1) } });
        before += size;
    }
    return page;
}

} // namespace mail::imap
