// Remembers for a while which account a name led to, and in which source it stands: what was asked
// of a directory or a database is not asked again for each of a client's connections.
#pragma once

#include "server/accounts/asked_source.h"

#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace mail::server {

/// Where a look-up ended.
struct Known {
    AskedSource* source = nullptr;
    EntryPtr entry = {}; ///< null: no source has such an account
};

/// Thread-safe.
class EntryCache {
public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::size_t capacity = 50'000; ///< some 25 MB of entries as they commonly are

    std::optional<Known> find(std::string_view key, Clock::time_point now);
    void put(std::string key, Known known, Clock::time_point end, Clock::time_point now);
    void erase(std::string_view key);

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const
        {
            return std::hash<std::string_view> {}(text);
        }
    };
    struct Remembered {
        Known known;
        Clock::time_point end;
    };

    void make_room(Clock::time_point now);

    std::mutex mutex_;
    Clock::time_point swept_ {};
    std::unordered_map<std::string, Remembered, Hash, std::equal_to<>> all_;
};

} // namespace mail::server
