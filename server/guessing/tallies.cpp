#include "server/guessing/tallies.h"

#include <algorithm>
#include <span>
#include <utility>

namespace mail::server {

Tallies::Tallies(TallyRule rule, std::size_t capacity)
    : rule_(rule)
    , tallies_(std::max<std::size_t>(capacity / ways, 1) * ways)
{
}

Tallies::Tally const* Tallies::find(std::uint64_t key) const
{
    auto const set = std::span(tallies_).subspan(key % (tallies_.size() / ways) * ways, ways);
    auto const found = std::ranges::find(set, key, &Tally::key);
    return found == set.end() ? nullptr : &*found;
}

Tallies::Tally* Tallies::find(std::uint64_t key)
{
    return const_cast<Tally*>(static_cast<Tallies const&>(*this).find(key));
}

double Tallies::count(Tally const& tally, Clock::time_point now) const
{
    auto const interval = std::min(rule_.interval * (std::int64_t { 1 } << tally.doublings),
        std::max(rule_.longest, rule_.interval));
    std::chrono::duration<double> const passed = now - tally.last;
    std::chrono::duration<double> const one = interval;
    return std::max(0.0, static_cast<double>(tally.failures) - passed / one);
}

double Tallies::count(std::uint64_t key, Clock::time_point now) const
{
    auto const* tally = find(key);
    return tally ? count(*tally, now) : 0;
}

Tallies::Tally& Tallies::place_for(std::uint64_t key, Clock::time_point now)
{
    auto const set = std::span(tallies_).subspan(key % (tallies_.size() / ways) * ways, ways);
    if (auto const own = std::ranges::find(set, key, &Tally::key); own != set.end())
        return *own;
    auto& least = *std::ranges::min_element(set, [&](Tally const& a, Tally const& b) {
        return std::pair(count(a, now), a.last) < std::pair(count(b, now), b.last);
    });
    least = { .key = key };
    return least;
}

bool Tallies::add(std::uint64_t key, Clock::time_point now, std::uint64_t mark)
{
    constexpr int most_doublings = 16; // past every longest wait that can be configured
    auto& tally = place_for(key, now);
    auto const before = count(tally, now);
    bool const is_same = mark != 0 && tally.mark == mark;
    tally.mark = mark;
    if (is_same && before > 0)
        return false;
    if (before == 0)
        tally.doublings = 0, tally.was_full = false;
    bool const was_allowed = before <= rule_.free - 1.0; // not one of several at the same time
    bool const is_full = before + 1.5 > rule_.free;
    if (is_full && was_allowed && tally.was_full && rule_.longest > rule_.interval)
        tally.doublings = static_cast<std::uint16_t>(std::min(tally.doublings + 1, most_doublings));
    tally.was_full = tally.was_full || is_full;
    // No more than is needed to be held up: what came in parallel is not held against it for hours.
    tally.failures = static_cast<float>(std::min(before + 1, static_cast<double>(rule_.free)));
    tally.last = now;
    return true;
}

void Tallies::subtract(std::uint64_t key, double failures, Clock::time_point now)
{
    auto* tally = find(key);
    if (!tally)
        return;
    tally->failures = static_cast<float>(std::max(0.0, count(*tally, now) - failures));
    tally->last = now;
    if (tally->failures == 0)
        tally->doublings = 0, tally->was_full = false;
}

} // namespace mail::server
