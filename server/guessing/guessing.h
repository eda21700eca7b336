// Slows down those who guess passwords, without ever shutting out the owner: counts wrong ones per
// address, network and account. docs/logins.md explains the rules.
#pragma once

#include "config/config.h"
#include "protocol/byte_stream.h"
#include "protocol/keyed_digest.h"
#include "server/guessing/known_networks.h"
#include "server/guessing/tallies.h"

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace mail::server {

/// Thread-safe. Remembers a fixed number of addresses, networks and accounts (some 7 MB).
class Guessing {
public:
    using Clock = Tallies::Clock;

    /// Who tries, for whom: keyed digests for the tables.
    struct Attempt {
        std::uint64_t address = 0;
        std::uint64_t network = 0;
        std::uint64_t account = 0;
        std::uint64_t address_and_account = 0;
        std::uint64_t password = 0; ///< 0: not known
        bool counts_place = true; ///< false: everybody may stand behind this address
        bool is_known_there = false; ///< the account has logged in from this network before
    };

    explicit Guessing(config::Guessing const& settings);

    /// `account`: one text for all names that mean it, existing or not. An empty password is not
    /// known.
    Attempt describe(Peer const& peer, std::string_view account, std::string_view password,
        KnownNetworks const& known) const;
    bool counts(Peer const& peer) const; ///< the address is that of one client

    /// Whether a password may be tried now. Where the account is known, only what came from this
    /// very address against this very account speaks against it. Elsewhere half of what an account
    /// takes is kept for addresses without wrong passwords, so that its owner finds a way in beside
    /// an attack from anywhere.
    bool may_try(Attempt const& attempt, Clock::time_point now) const;
    /// As may_try, and takes those into account that are under way: where an account was guessed at
    /// lately, no more come in than may be looked at. end() must follow when it is true.
    bool begin(Attempt const& attempt, Clock::time_point now);
    void end(Attempt const& attempt);
    void note_wrong(Attempt const& attempt, Clock::time_point now);
    /// Forgives what this address has tried wrongly for this account.
    void note_right(Attempt const& attempt, Clock::time_point now);

private:
    /// `under_way`: other attempts for the account.
    bool may_try(Attempt const& attempt, unsigned under_way, Clock::time_point now) const;

    config::Guessing settings_;
    KeyedDigest digest_ = KeyedDigest::of_this_process();
    mutable std::mutex mutex_;
    std::unordered_map<std::uint64_t, unsigned> under_way_; ///< by account, from unknown networks
    Tallies addresses_;
    Tallies suspects_; ///< addresses, remembered for longer
    Tallies networks_;
    Tallies accounts_;
    Tallies pairs_; ///< of address and account
};

} // namespace mail::server
