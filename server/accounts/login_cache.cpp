// Digests with an end of life.
#include "server/accounts/login_cache.h"

#include <cstring>

namespace mail::server {

LoginCache::LoginCache(std::chrono::seconds lifetime)
    : lifetime_(lifetime)
{
}

std::size_t LoginCache::Hash::operator()(Digest const& digest) const noexcept
{
    std::size_t hash;
    std::memcpy(&hash, digest.data(), sizeof hash);
    return hash;
}

LoginCache::Digest LoginCache::digest(
    std::string_view name, std::string_view stored, std::string_view password) const
{
    return digest_.of({ name, stored, password });
}

bool LoginCache::contains(Digest const& digest, Clock::time_point now)
{
    std::lock_guard const lock(mutex_);
    auto const found = ends_.find(digest);
    if (found == ends_.end())
        return false;
    if (now < found->second)
        return true;
    ends_.erase(found);
    return false;
}

void LoginCache::remember(Digest const& digest, Clock::time_point now)
{
    if (lifetime_.count() == 0)
        return;
    std::lock_guard const lock(mutex_);
    if (ends_.size() >= capacity)
        std::erase_if(ends_, [&](auto const& each) { return each.second <= now; });
    if (ends_.size() >= capacity)
        ends_.erase(ends_.begin());
    ends_[digest] = now + lifetime_;
}

} // namespace mail::server
