#include "server/guessing/guessing.h"

#include "server/client_network.h"

namespace mail::server {

namespace {

    using namespace std::chrono_literals;

    constexpr std::size_t many = 32 * 1024; // keys of a table
    constexpr auto minute = 60'000ms;
    // Of wrong passwords of one network; below it, its addresses are taken to be strangers.
    constexpr unsigned network_suspicion = 10;
    // Of an account that nobody was wrong about.
    constexpr unsigned most_under_way = 64;

} // namespace

Guessing::Guessing(config::Guessing const& settings)
    : settings_(settings)
    , addresses_({ settings.wrong_per_address, settings.wait, settings.longest_wait }, many)
    , suspects_({ .free = 100, .interval = 1h, .longest = 0ms }, many)
    , networks_(
          { settings.wrong_per_network, minute / settings.attempts_per_minute, 0ms }, many / 4)
    , accounts_({ settings.wrong_per_account, minute / settings.attempts_per_minute, 0ms }, many)
    // Not doubled: the owner may be behind the same address.
    , pairs_({ settings.wrong_per_address, settings.wait, 0ms }, many)
{
}

Guessing::Attempt Guessing::describe(Peer const& peer, std::string_view account,
    std::string_view password, KnownNetworks const& known) const
{
    auto const address = address_key(peer);
    auto const network = network_key(peer);
    Attempt attempt;
    attempt.address = digest_.number_of({ "address", address });
    attempt.network = digest_.number_of({ "network", network });
    attempt.account = digest_.number_of({ "account", account });
    attempt.address_and_account = digest_.number_of({ "both", address, account });
    if (!password.empty())
        attempt.password = digest_.number_of({ "password", account, password });
    attempt.counts_place = counts(peer);
    // Behind an address that is not counted there may be anybody: it proves nothing.
    attempt.is_known_there = attempt.counts_place && known.contains(account, network, today());
    return attempt;
}

bool Guessing::counts(Peer const& peer) const
{
    bool const has_address = !peer.address.empty() && peer.address != "local";
    return has_address && (settings_.count_loopback || !peer.is_loopback);
}

bool Guessing::may_try(Attempt const& attempt, unsigned under_way, Clock::time_point now) const
{
    if (attempt.is_known_there)
        return pairs_.may_try(attempt.address_and_account, now);
    bool is_clean = true;
    if (attempt.counts_place) {
        if (!addresses_.may_try(attempt.address, now) || !networks_.may_try(attempt.network, now))
            return false;
        is_clean = suspects_.count(attempt.address, now) == 0
            && networks_.count(attempt.network, now) < network_suspicion;
    }
    auto const wrong = accounts_.count(attempt.account, now);
    if (wrong == 0) // a program that opens all its connections at the same time is no attack
        return under_way < most_under_way;
    auto const free = is_clean ? settings_.wrong_per_account : settings_.wrong_per_account / 2.0;
    return wrong + under_way <= free - 1;
}

bool Guessing::may_try(Attempt const& attempt, Clock::time_point now) const
{
    std::lock_guard const lock(mutex_);
    return !settings_.enabled || may_try(attempt, 0, now);
}

bool Guessing::begin(Attempt const& attempt, Clock::time_point now)
{
    if (!settings_.enabled)
        return true;
    std::lock_guard const lock(mutex_);
    auto const others = under_way_.find(attempt.account);
    if (!may_try(attempt, others == under_way_.end() ? 0 : others->second, now))
        return false;
    if (!attempt.is_known_there)
        ++under_way_[attempt.account];
    return true;
}

void Guessing::end(Attempt const& attempt)
{
    if (!settings_.enabled || attempt.is_known_there)
        return;
    std::lock_guard const lock(mutex_);
    auto const found = under_way_.find(attempt.account);
    if (found != under_way_.end() && --found->second == 0)
        under_way_.erase(found);
}

void Guessing::note_wrong(Attempt const& attempt, Clock::time_point now)
{
    if (!settings_.enabled)
        return;
    std::lock_guard const lock(mutex_);
    if (!pairs_.add(attempt.address_and_account, now, attempt.password))
        return;
    if (attempt.counts_place) {
        addresses_.add(attempt.address, now);
        suspects_.add(attempt.address, now);
        networks_.add(attempt.network, now);
    }
    if (!attempt.is_known_there)
        accounts_.add(attempt.account, now);
}

void Guessing::note_right(Attempt const& attempt, Clock::time_point now)
{
    if (!settings_.enabled)
        return;
    std::lock_guard const lock(mutex_);
    auto const own = pairs_.count(attempt.address_and_account, now);
    pairs_.subtract(attempt.address_and_account, own, now);
    if (own == 0)
        return;
    addresses_.subtract(attempt.address, own, now);
    suspects_.subtract(attempt.address, own, now);
    networks_.subtract(attempt.network, own, now);
    accounts_.subtract(attempt.account, own, now);
}

} // namespace mail::server
