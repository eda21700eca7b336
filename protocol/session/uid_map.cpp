// Binary searches over runs of consecutive UIDs.
#include "protocol/session/uid_map.h"

#include <algorithm>

namespace mail::session {

UidMap::UidMap(UidSet const& uids)
    : uids_(uids)
{
    before_.reserve(uids_.ranges().size());
    for (auto const& range : uids_.ranges()) {
        before_.push_back(count_);
        count_ += range.last.value - range.first.value + 1;
    }
}

std::optional<Uid> UidMap::uid_of(SeqNum seq) const
{
    if (seq.value == 0 || seq.value > count_)
        return std::nullopt;
    auto const run = std::ranges::upper_bound(before_, seq.value - 1) - before_.begin() - 1;
    auto const index = static_cast<std::size_t>(run);
    return Uid { uids_.ranges()[index].first.value + (seq.value - 1 - before_[index]) };
}

std::uint32_t UidMap::count_below(Uid uid) const
{
    auto const ranges = uids_.ranges();
    auto const after = std::ranges::upper_bound(ranges, uid, {}, &UidRange::first);
    if (after == ranges.begin())
        return 0;
    auto const index = static_cast<std::size_t>(after - ranges.begin()) - 1;
    auto const& range = ranges[index];
    auto const inside = uid > range.last ? range.last.value - range.first.value + 1
                                         : uid.value - range.first.value;
    return before_[index] + inside;
}

std::optional<SeqNum> UidMap::seq_of(Uid uid) const
{
    if (!uids_.contains(uid))
        return std::nullopt;
    return SeqNum { count_below(uid) + 1 };
}

UidSet UidMap::uids_of(SeqNum first, SeqNum last) const
{
    UidSet found;
    if (first > last)
        std::swap(first, last);
    auto const ranges = uids_.ranges();
    auto const begin = std::max(first.value, 1U);
    auto const end = std::min(last.value, count_);
    if (begin > end)
        return found;
    auto index
        = static_cast<std::size_t>(std::ranges::upper_bound(before_, begin - 1) - before_.begin())
        - 1;
    for (; index < ranges.size() && before_[index] < end; ++index) {
        auto const base = ranges[index].first.value;
        auto const from = begin - 1 > before_[index] ? begin - 1 - before_[index] : 0;
        auto const to = std::min(end - 1 - before_[index], ranges[index].last.value - base);
        found.add(UidRange { Uid { base + from }, Uid { base + to } });
    }
    return found;
}

UidSet UidMap::present(UidSet const& uids) const { return uids_.intersection(uids); }

std::optional<Uid> UidMap::last() const
{
    if (uids_.empty())
        return std::nullopt;
    return uids_.ranges().back().last;
}

std::shared_ptr<UidMap const> UidMap::with(UidSet const& added, UidSet const& removed) const
{
    auto uids = uids_;
    uids.remove(removed);
    uids.add(added);
    return std::make_shared<UidMap const>(uids);
}

} // namespace mail::session
