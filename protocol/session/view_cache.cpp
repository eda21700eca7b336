// A list in the order of use, and an index into it.
#include "protocol/session/view_cache.h"

namespace mail::session {

std::size_t ViewCache::Entry::octets() const
{
    constexpr std::size_t overhead = 200; // list, index, shared pointer
    constexpr std::size_t for_a_range = sizeof(UidRange) + sizeof(std::uint32_t);
    return overhead + (map ? map->uids().ranges().size() * for_a_range : 0);
}

ViewCache::Entry* ViewCache::touch(storage::Place place)
{
    auto const found = by_place_.find(place);
    if (found == by_place_.end())
        return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return &entries_.front();
}

ViewCache::Entry& ViewCache::touch_or_make(storage::Place place)
{
    if (auto* const entry = touch(place))
        return *entry;
    entries_.push_front({ place, {}, nullptr, {}, {}, {} });
    by_place_[place] = entries_.begin();
    octets_ += entries_.front().octets();
    return entries_.front();
}

void ViewCache::bound()
{
    while (octets_ > limit && entries_.size() > 1) {
        octets_ -= entries_.back().octets();
        by_place_.erase(entries_.back().place);
        entries_.pop_back();
    }
}

std::shared_ptr<UidMap const> ViewCache::find_map(
    storage::Place place, Uid uid_next, std::uint32_t messages)
{
    std::lock_guard const lock(mutex_);
    auto const* const entry = touch(place);
    bool const fits
        = entry && entry->map && entry->uid_next == uid_next && entry->map->count() == messages;
    return fits ? entry->map : nullptr;
}

void ViewCache::keep_map(
    storage::Place place, Uid uid_next, std::shared_ptr<UidMap const> const& map)
{
    std::lock_guard const lock(mutex_);
    auto& entry = touch_or_make(place);
    octets_ -= entry.octets();
    entry.uid_next = uid_next;
    entry.map = map;
    octets_ += entry.octets();
    bound();
}

std::optional<Uid> ViewCache::find_unseen(storage::Viewpoint const& from, storage::ModSeq highest)
{
    std::lock_guard const lock(mutex_);
    auto const* const entry = touch(from.place);
    if (!entry || entry->viewer != from.viewer || entry->unseen_at != highest)
        return std::nullopt;
    return entry->unseen;
}

void ViewCache::keep_unseen(storage::Viewpoint const& from, storage::ModSeq highest, Uid first)
{
    std::lock_guard const lock(mutex_);
    auto& entry = touch_or_make(from.place);
    entry.viewer = from.viewer;
    entry.unseen_at = highest;
    entry.unseen = first;
}

} // namespace mail::session
