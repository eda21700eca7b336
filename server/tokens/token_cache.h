// Remembers for a short while what was said about tokens. Holds digests, not tokens.
#pragma once

#include "server/tokens/claims.h"
#include "server/tokens/token_result.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>

namespace mail::server {

/// Thread-safe. When it is full, it forgets what has ended, or else everything.
class TokenCache {
public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::size_t capacity = 10'000; ///< some 5 MB

    explicit TokenCache(std::chrono::seconds lifetime); ///< 0: nothing is remembered

    std::optional<TokenResult<Claims>> find(std::string_view token, Clock::time_point now);
    void keep(std::string_view token, TokenResult<Claims> verdict, Clock::time_point now);

private:
    using Digest = std::array<unsigned char, 32>; ///< SHA-256
    static Digest digest(std::string_view token);

    struct Hash {
        std::size_t operator()(Digest const& digest) const noexcept;
    };
    struct Entry {
        TokenResult<Claims> verdict;
        Clock::time_point end;
    };

    std::chrono::seconds lifetime_;
    std::mutex mutex_;
    std::unordered_map<Digest, Entry, Hash> entries_;
};

} // namespace mail::server
