#include "server/accounts/entry_cache.h"

namespace mail::server {

std::optional<Known> EntryCache::find(std::string_view key, Clock::time_point now)
{
    std::lock_guard const lock(mutex_);
    auto const found = all_.find(key);
    if (found == all_.end())
        return std::nullopt;
    if (now < found->second.end)
        return found->second.known;
    all_.erase(found);
    return std::nullopt;
}

void EntryCache::put(std::string key, Known known, Clock::time_point end, Clock::time_point now)
{
    if (end <= now)
        return;
    std::lock_guard const lock(mutex_);
    if (all_.size() >= capacity)
        make_room(now);
    all_[std::move(key)] = { std::move(known), end };
}

void EntryCache::erase(std::string_view key)
{
    std::lock_guard const lock(mutex_);
    auto const found = all_.find(key);
    if (found != all_.end())
        all_.erase(found);
}

/// Looks through all of them once a second at most; else any one has to go.
void EntryCache::make_room(Clock::time_point now)
{
    if (now - swept_ >= std::chrono::seconds(1)) {
        swept_ = now;
        std::erase_if(all_, [&](auto const& each) { return each.second.end <= now; });
    }
    if (all_.size() >= capacity)
        all_.erase(all_.begin());
}

} // namespace mail::server
