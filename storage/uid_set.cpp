// Sorted, disjoint, non-adjacent ranges of UIDs.
#include "storage/uid_set.h"

#include <algorithm>

namespace mail::storage {
namespace {

    std::uint64_t after(UidRange const& range) ///< the UID that follows; may not fit a Uid
    {
        return std::uint64_t { range.last.value } + 1;
    }

} // namespace

void UidSet::add(UidRange range)
{
    if (ranges_.empty() || after(ranges_.back()) < range.first.value) {
        ranges_.push_back(range);
        return;
    }
    if (ranges_.back().first <= range.first) { // the usual case: in ascending order
        ranges_.back().last = std::max(ranges_.back().last, range.last);
        return;
    }
    // [begin, end) are the ranges that overlap or touch the new one.
    auto const begin = std::lower_bound(ranges_.begin(), ranges_.end(), range.first.value,
        [](UidRange const& r, std::uint32_t uid) { return after(r) < uid; });
    auto const end = std::upper_bound(begin, ranges_.end(), after(range),
        [](std::uint64_t uid, UidRange const& r) { return uid < r.first.value; });
    if (begin == end) {
        ranges_.insert(begin, range);
        return;
    }
    begin->first = std::min(begin->first, range.first);
    begin->last = std::max((end - 1)->last, range.last);
    ranges_.erase(begin + 1, end);
}

void UidSet::add(UidSet const& other)
{
    if (ranges_.empty() || other.ranges_.empty()
        || ranges_.back().last < other.ranges_.front().first) {
        for (auto const& range : other.ranges_)
            add(range);
        return;
    }
    std::vector<UidRange> both;
    both.reserve(ranges_.size() + other.ranges_.size());
    std::merge(ranges_.begin(), ranges_.end(), other.ranges_.begin(), other.ranges_.end(),
        std::back_inserter(both),
        [](UidRange const& a, UidRange const& b) { return a.first < b.first; });
    ranges_.clear();
    for (auto const& range : both)
        add(range);
}

void UidSet::remove(UidRange range)
{
    auto const begin = std::lower_bound(ranges_.begin(), ranges_.end(), range.first,
        [](UidRange const& r, Uid uid) { return r.last < uid; });
    auto const end = std::upper_bound(
        begin, ranges_.end(), range.last, [](Uid uid, UidRange const& r) { return uid < r.first; });
    if (begin == end)
        return;
    std::vector<UidRange> left;
    if (begin->first < range.first)
        left.push_back({ begin->first, Uid { range.first.value - 1 } });
    if (range.last < (end - 1)->last)
        left.push_back({ Uid { range.last.value + 1 }, (end - 1)->last });
    auto const at = ranges_.erase(begin, end);
    ranges_.insert(at, left.begin(), left.end());
}

void UidSet::remove(UidSet const& others)
{
    std::vector<UidRange> left;
    auto other = others.ranges_.begin();
    for (auto range : ranges_) {
        while (other != others.ranges_.end() && other->last < range.first)
            ++other;
        bool is_left = true;
        for (; other != others.ranges_.end() && other->first <= range.last; ++other) {
            if (range.first < other->first)
                left.push_back({ range.first, Uid { other->first.value - 1 } });
            is_left = other->last < range.last;
            if (!is_left)
                break; // it may reach into the next range, too
            range.first = Uid { other->last.value + 1 };
        }
        if (is_left)
            left.push_back(range);
    }
    ranges_ = std::move(left);
}

bool UidSet::contains(Uid uid) const
{
    auto const range = std::lower_bound(ranges_.begin(), ranges_.end(), uid,
        [](UidRange const& r, Uid wanted) { return r.last < wanted; });
    return range != ranges_.end() && range->first <= uid;
}

std::size_t UidSet::count() const
{
    std::size_t count = 0;
    for (auto const& range : ranges_)
        count += std::size_t { range.last.value } - range.first.value + 1;
    return count;
}

UidSet UidSet::intersection(UidSet const& other) const
{
    UidSet common;
    auto a = ranges_.begin();
    auto b = other.ranges_.begin();
    while (a != ranges_.end() && b != other.ranges_.end()) {
        auto const first = std::max(a->first, b->first);
        auto const last = std::min(a->last, b->last);
        if (first <= last)
            common.add(UidRange { first, last });
        if (a->last < b->last)
            ++a;
        else
            ++b;
    }
    return common;
}

UidSet set_of(std::vector<UidRange> ranges)
{
    std::sort(ranges.begin(), ranges.end(),
        [](UidRange const& a, UidRange const& b) { return a.first < b.first; });
    UidSet set;
    for (auto const& range : ranges)
        set.add(range);
    return set;
}

UidSet newest_of(UidSet const& uids, std::size_t count)
{
    auto const ranges = uids.ranges();
    auto from = ranges.size();
    std::uint64_t found = 0;
    while (from != 0 && found < count) {
        --from;
        found += std::uint64_t { ranges[from].last.value } - ranges[from].first.value + 1;
    }
    UidSet newest;
    for (auto range : ranges.subspan(from)) {
        if (found > count) { // the first, of which less is wanted
            range.first.value += static_cast<std::uint32_t>(found - count);
            found = count;
        }
        newest.add(range);
    }
    return newest;
}

} // namespace mail::storage
