// A set of UIDs as sorted, disjoint, non-adjacent ranges: the currency of STORE, COPY, EXPUNGE and
// the change log.
#pragma once

#include "storage/ids.h"

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace mail::storage {

struct UidRange {
    Uid first; ///< inclusive
    Uid last; ///< inclusive, not below first
    bool operator==(UidRange const&) const = default;
};

inline constexpr Uid max_uid { UINT32_MAX - 1 }; ///< UIDNEXT must fit, too
inline constexpr UidRange all_uids { Uid { 1 }, max_uid };

class UidSet {
public:
    UidSet() = default;
    explicit UidSet(Uid uid) { add(uid); }
    explicit UidSet(UidRange range) { add(range); }

    void add(Uid uid) { add(UidRange { uid, uid }); }
    void add(UidRange range); ///< amortised O(1) when added in ascending order, O(n) otherwise
    void add(UidSet const& other); ///< O(ranges of both), or of the other when that lies behind
    void remove(UidRange range); ///< O(ranges)
    void remove(UidSet const& others); ///< O(ranges of both)

    bool contains(Uid uid) const; ///< O(log ranges)
    bool empty() const { return ranges_.empty(); }
    std::size_t count() const; ///< UIDs, not ranges; O(ranges)
    std::span<UidRange const> ranges() const& { return ranges_; }
    std::span<UidRange const> ranges() && = delete; // a loop over a temporary's would dangle
    UidSet intersection(UidSet const& other) const; ///< O(ranges of both)

    /// Calls f(Uid) for each member, ascending.
    template <class F> void for_each(F f) const
    {
        for (auto const& range : ranges_)
            for (auto uid = range.first.value;; ++uid) {
                f(Uid { uid });
                if (uid == range.last.value)
                    break;
            }
    }

    bool operator==(UidSet const&) const = default;

private:
    std::vector<UidRange> ranges_;
};

/// Answers for ascending UIDs whether they are in a set, which outlives it: O(ranges) for all.
class AscendingUids {
public:
    explicit AscendingUids(UidSet const& uids)
        : ranges_(uids.ranges())
    {
    }

    /// The first one of the set that is `uid` or above.
    std::optional<Uid> from(Uid uid)
    {
        while (!ranges_.empty() && ranges_.front().last < uid)
            ranges_ = ranges_.subspan(1);
        if (ranges_.empty())
            return std::nullopt;
        return uid < ranges_.front().first ? ranges_.front().first : uid;
    }
    bool contains(Uid uid) { return from(uid) == uid; }

private:
    std::span<UidRange const> ranges_;
};

/// Sorts and merges: O(n log n) whatever the order is, where adding one by one may cost O(n²).
UidSet set_of(std::vector<UidRange> ranges);

/// Those with the highest UIDs, at most so many.
UidSet newest_of(UidSet const& uids, std::size_t count);

} // namespace mail::storage
