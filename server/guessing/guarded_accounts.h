// Accounts behind a guard: who may try a password at all, when, and how many at the same time.
#pragma once

#include "config/config.h"
#include "protocol/network.h"
#include "protocol/session/authenticator.h"
#include "server/accounts/login_cache.h"
#include "server/guessing/fair_turns.h"
#include "server/guessing/guessing.h"
#include "server/guessing/known_networks.h"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace mail::server {

/// Attempts since the start, by what became of them. Any thread.
struct LoginCounts {
    std::atomic<std::uint64_t> right = 0;
    std::atomic<std::uint64_t> wrong = 0; ///< passwords and proofs
    std::atomic<std::uint64_t> throttled = 0; ///< not looked at
    std::atomic<std::uint64_t> denied = 0; ///< by allow_networks and deny_networks; not looked at
};

/// A guess is refused as `throttled`, after a while, without looking at the password; whoever is
/// right is never told that he is wrong. Unknown users are treated as known ones are.
class GuardedAccounts final : public session::Authenticator {
public:
    /// `accounts` outlives this. `file`: where known networks are kept; `secret` is the same after
    /// a restart.
    GuardedAccounts(session::Authenticator& accounts, config::Auth const& settings,
        std::filesystem::path file, std::string secret);

    awaitable<boost::system::result<session::User, session::Refusal>> check_password(
        session::Attempt attempt, std::string name, std::string password) override;
    awaitable<boost::system::result<sasl::ScramKeys, session::Refusal>> scram_keys(
        session::Attempt attempt, std::string name, sasl::ScramHash hash) override;
    awaitable<boost::system::result<session::User, session::Refusal>> admit(
        session::Attempt attempt, std::string name) override;
    /// Tokens are signed, or too long to guess: only networks are looked at.
    awaitable<boost::system::result<session::User, session::Refusal>> check_token(
        session::Attempt attempt, std::string token) override;
    session::TokenAdvice token_advice() const override { return accounts_.token_advice(); }
    awaitable<boost::system::result<session::User, session::Refusal>> admit_anonymous(
        session::Attempt attempt) override;
    void note_wrong_proof(session::Attempt const& attempt, std::string_view name) override;
    session::Proofs proofs() override { return accounts_.proofs(); }
    awaitable<std::optional<session::User>> find_recipient(std::string address) override
    {
        return accounts_.find_recipient(std::move(address));
    }
    bool has_domain(std::string_view domain) override { return accounts_.has_domain(domain); }

    LoginCounts const& counts() const { return counts_; }
    void save() { known_.save(); } ///< writes a file: on a worker
    void log_counts() const; ///< of all attempts, as one line

private:
    using Answer = boost::system::result<session::User, session::Refusal>;

    bool turns_away(Peer const& peer); ///< counts it, too
    awaitable<void> hold_up();
    void note_right(Guessing::Attempt const& guess, Peer const& peer, std::string_view account);
    awaitable<Answer> try_password(session::Attempt attempt, std::string name,
        std::string const& password, Guessing::Attempt guess);

    session::Authenticator& accounts_;
    std::string default_domain_;
    std::string master_separator_;
    std::vector<Network> allowed_; ///< empty: all
    std::vector<Network> denied_;
    Guessing guessing_;
    KnownNetworks known_;
    LoginCache right_before_; ///< with the place: passwords that were right there pass at once
    FairTurns turns_;
    LoginCounts counts_;
};

} // namespace mail::server
