// Which accounts get better verifiers after a login, and when that is tried.
#pragma once

#include "server/accounts/user_entry.h"

#include <chrono>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

namespace mail::server {

/// Whether a new hash would be better than the entry's, or keys are missing.
bool wants_better_verifiers(UserEntry const& entry);

/// Keeps logins at the same time from storing the same, and a source that cannot be written from
/// being asked to each time. Thread-safe.
class Rehash {
public:
    using Clock = std::chrono::steady_clock;
    enum class Outcome {
        done, ///< also: somebody else was first
        failed
    };

    /// False: not now. Otherwise end() must follow.
    bool begin(std::string_view source, std::string_view account, Clock::time_point now);
    /// True when this failure is the source's first one in a while: worth a line in the log.
    bool end(
        std::string_view source, std::string_view account, Outcome outcome, Clock::time_point now);

private:
    std::mutex mutex_;
    std::set<std::string, std::less<>> under_way_; ///< accounts
    std::map<std::string, Clock::time_point, std::less<>> not_before_; ///< by source
};

} // namespace mail::server
