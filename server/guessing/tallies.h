// Counts of wrong passwords that fade with time, in a table that never grows.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace mail::server {

/// How many wrong passwords are too many, and how they fade.
struct TallyRule {
    unsigned free; ///< wrong ones without any wait
    std::chrono::milliseconds interval; ///< in which one is forgiven: the time between later ones
    std::chrono::milliseconds longest; ///< to which the interval doubles with each that comes then
};

/// Not thread-safe. A key is a hash that nobody outside can aim at.
class Tallies {
public:
    using Clock = std::chrono::steady_clock;

    /// `capacity`: keys that are remembered; some 40 octets each, taken when they are used.
    Tallies(TallyRule rule, std::size_t capacity);

    /// Wrong passwords that are not forgiven yet.
    double count(std::uint64_t key, Clock::time_point now) const;
    /// Whether another may be tried now, when only `free` of them were free.
    bool may_try(std::uint64_t key, double free, Clock::time_point now) const
    {
        return count(key, now) <= free - 1;
    }
    bool may_try(std::uint64_t key, Clock::time_point now) const
    {
        return may_try(key, rule_.free, now);
    }
    /// `mark` stands for the password. False, and nothing is counted, when the last one of this key
    /// was the same: a program that was not told the new password does not guess. 0: not known.
    bool add(std::uint64_t key, Clock::time_point now, std::uint64_t mark = 0);
    void subtract(std::uint64_t key, double failures, Clock::time_point now);

private:
    struct Tally {
        std::uint64_t key = 0;
        std::uint64_t mark = 0;
        Clock::time_point last {};
        float failures = 0; ///< at `last`
        std::uint16_t doublings = 0; ///< of the interval, until all is forgiven
        bool was_full = false; ///< `free` was reached since then
    };
    static constexpr std::size_t ways = 8;

    Tally const* find(std::uint64_t key) const;
    Tally* find(std::uint64_t key);
    double count(Tally const& tally, Clock::time_point now) const;
    /// The key's own, or the one that is missed least of those in whose place it may stand.
    Tally& place_for(std::uint64_t key, Clock::time_point now);

    TallyRule rule_;
    std::vector<Tally> tallies_; ///< sets of `ways`
};

} // namespace mail::server
