#include "server/accounts/rehash.h"

#include "server/accounts/passwords.h"

#include <algorithm>

namespace mail::server {

namespace {

    constexpr std::chrono::hours until_next_try { 1 }; // after a failure

} // namespace

bool wants_better_verifiers(UserEntry const& entry)
{
    if (entry.hash.empty())
        return false;
    return is_outdated(entry.hash)
        || std::ranges::any_of(entry.scram, [](auto const& keys) { return !keys; });
}

bool Rehash::begin(std::string_view source, std::string_view account, Clock::time_point now)
{
    std::lock_guard const lock(mutex_);
    auto const wait = not_before_.find(source);
    if (wait != not_before_.end() && now < wait->second)
        return false;
    return under_way_.emplace(account).second;
}

bool Rehash::end(
    std::string_view source, std::string_view account, Outcome outcome, Clock::time_point now)
{
    std::lock_guard const lock(mutex_);
    if (auto const own = under_way_.find(account); own != under_way_.end())
        under_way_.erase(own);
    if (outcome == Outcome::done)
        return false;
    auto& not_before = not_before_[std::string(source)];
    bool const is_first = not_before <= now;
    not_before = now + until_next_try;
    return is_first;
}

} // namespace mail::server
