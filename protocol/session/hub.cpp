// Watches and shared maps, in shards so that sessions seldom meet.
#include "protocol/session/hub.h"

#include <boost/asio/post.hpp>

#include <algorithm>

namespace mail::session {

void Bell::ring() noexcept
{
    // Only the ring that marks it first wakes; the session takes the mark before it looks at the
    // store.
    if (rung_.exchange(true, std::memory_order_acq_rel) || !armed_.load(std::memory_order_acquire))
        return;
    boost::asio::post(executor_, [self = shared_from_this()] {
        if (self->stream_)
            self->stream_->interrupt();
    });
}

Hub::Watch::Watch(Hub& hub, Place place, std::shared_ptr<Bell> bell)
    : hub_(&hub)
    , place_(place)
    , bell_(std::move(bell))
{
    auto& shard = hub.shard_of(place);
    std::lock_guard const lock(shard.mutex);
    shard.entries[place].bells.push_back(bell_);
}

Hub::Watch::Watch(Watch&& other) noexcept
    : hub_(std::exchange(other.hub_, nullptr))
    , place_(other.place_)
    , bell_(std::move(other.bell_))
{
}

Hub::Watch& Hub::Watch::operator=(Watch&& other) noexcept
{
    if (this != &other) {
        end();
        hub_ = std::exchange(other.hub_, nullptr);
        place_ = other.place_;
        bell_ = std::move(other.bell_);
    }
    return *this;
}

void Hub::Watch::end()
{
    if (!hub_)
        return;
    auto& shard = hub_->shard_of(place_);
    {
        std::lock_guard const lock(shard.mutex);
        auto const entry = shard.entries.find(place_);
        auto& bells = entry->second.bells;
        auto const bell = std::ranges::find(bells, bell_);
        std::swap(*bell, bells.back());
        bells.pop_back();
        if (bells.empty())
            shard.entries.erase(entry);
    }
    hub_ = nullptr;
    bell_.reset();
}

void Hub::committed(std::span<storage::Committed const> commits)
{
    for (auto const& commit : commits) {
        if (commit.mailbox != storage::MailboxId {})
            ring({ commit.account, commit.mailbox });
        ring({ commit.account, {} });
    }
}

void Hub::ring(Place place)
{
    auto& shard = shard_of(place);
    std::lock_guard const lock(shard.mutex);
    auto const entry = shard.entries.find(place);
    if (entry == shard.entries.end())
        return;
    for (auto const& bell : entry->second.bells)
        bell->ring();
}

std::shared_ptr<UidMap const> Hub::find_map(Place place, Uid uid_next, std::uint32_t messages)
{
    {
        auto& shard = shard_of(place);
        std::lock_guard const lock(shard.mutex);
        auto const entry = shard.entries.find(place);
        if (entry != shard.entries.end() && entry->second.map_uid_next == uid_next)
            if (auto map = entry->second.map.lock(); map && map->count() == messages)
                return map;
    }
    return views_.find_map(place, uid_next, messages);
}

void Hub::share_map(Place place, Uid uid_next, std::shared_ptr<UidMap const> const& map)
{
    auto& shard = shard_of(place);
    std::lock_guard const lock(shard.mutex);
    auto const entry = shard.entries.find(place);
    if (entry == shard.entries.end())
        return;
    entry->second.map = map;
    entry->second.map_uid_next = uid_next;
}

Uid Hub::recent_from(Place place, Uid stored)
{
    auto& shard = shard_of(place);
    std::lock_guard const lock(shard.mutex);
    auto const entry = shard.entries.find(place);
    return entry == shard.entries.end() ? stored : std::max(stored, entry->second.recent_claimed);
}

Uid Hub::claim_recent(Place place, Uid stored, Uid uid_next)
{
    auto& shard = shard_of(place);
    std::lock_guard const lock(shard.mutex);
    auto const entry = shard.entries.find(place);
    if (entry == shard.entries.end())
        return stored;
    auto const from = std::max(stored, entry->second.recent_claimed);
    entry->second.recent_claimed = std::max(from, uid_next);
    return from;
}

} // namespace mail::session
