// Remembers passwords that were right a short while ago, so that a client with twenty-five
// connections costs one password hash. Holds keyed digests only, in memory.
#pragma once

#include "protocol/keyed_digest.h"

#include <chrono>
#include <cstddef>
#include <mutex>
#include <string_view>
#include <unordered_map>

namespace mail::server {

/// Thread-safe. The digest covers the stored hash, so a changed password is not found any more.
class LoginCache {
public:
    using Clock = std::chrono::steady_clock;
    using Digest = KeyedDigest::Octets;
    static constexpr std::size_t capacity = 50'000; ///< some 5 MB

    explicit LoginCache(std::chrono::seconds lifetime);

    Digest digest(std::string_view name, std::string_view stored, std::string_view password) const;
    bool contains(Digest const& digest, Clock::time_point now);
    void remember(Digest const& digest, Clock::time_point now);

private:
    struct Hash {
        std::size_t operator()(Digest const& digest) const noexcept;
    };

    std::chrono::seconds lifetime_;
    KeyedDigest digest_ = KeyedDigest::of_this_process();
    std::mutex mutex_;
    std::unordered_map<Digest, Clock::time_point, Hash> ends_;
};

} // namespace mail::server
