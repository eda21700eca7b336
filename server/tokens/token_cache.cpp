#include "server/tokens/token_cache.h"

#include <openssl/evp.h>

#include <cstring>
#include <stdexcept>

namespace mail::server {

TokenCache::TokenCache(std::chrono::seconds lifetime)
    : lifetime_(lifetime)
{
}

TokenCache::Digest TokenCache::digest(std::string_view token)
{
    Digest out {};
    if (::EVP_Digest(token.data(), token.size(), out.data(), nullptr, ::EVP_sha256(), nullptr) != 1)
        throw std::runtime_error("OpenSSL cannot compute SHA-256");
    return out;
}

std::size_t TokenCache::Hash::operator()(Digest const& digest) const noexcept
{
    std::size_t value = 0;
    std::memcpy(&value, digest.data(), sizeof value); // as good as random already
    return value;
}

std::optional<TokenResult<Claims>> TokenCache::find(std::string_view token, Clock::time_point now)
{
    std::lock_guard const lock(mutex_);
    auto const found = entries_.find(digest(token));
    if (found == entries_.end())
        return std::nullopt;
    if (found->second.end <= now) {
        entries_.erase(found);
        return std::nullopt;
    }
    return found->second.verdict;
}

void TokenCache::keep(std::string_view token, TokenResult<Claims> verdict, Clock::time_point now)
{
    if (lifetime_.count() == 0)
        return;
    std::lock_guard const lock(mutex_);
    if (entries_.size() >= capacity)
        std::erase_if(entries_, [now](auto const& each) { return each.second.end <= now; });
    if (entries_.size() >= capacity)
        entries_.clear();
    entries_.insert_or_assign(digest(token), Entry { std::move(verdict), now + lifetime_ });
}

} // namespace mail::server
