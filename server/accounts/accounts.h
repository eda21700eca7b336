// Logins and recipients by all sources of accounts: what holds for every account wherever it stands
// (equal costs, better hashes, places, quotas).
#pragma once

#include "config/config.h"
#include "protocol/session/authenticator.h"
#include "server/accounts/account_lookup.h"
#include "server/accounts/hash_workers.h"
#include "server/accounts/login_cache.h"
#include "server/accounts/rehash.h"
#include "server/admission.h"
#include "server/tokens/token_checker.h"

#include <memory>
#include <string>

namespace mail::server {

/// Nobody learns from answers, or from the time that they take, which users exist.
class Accounts final : public session::Authenticator {
public:
    using Sources = AccountLookup::Sources;

    /// Opens the sources that the config lists; throws when one is not usable by itself. `secret`
    /// is the same after a restart: what is made up by it stays the same.
    Accounts(config::Config const& config, Admission& admission, std::string secret);
    Accounts(
        Sources sources, config::Config const& config, Admission& admission, std::string secret);

    awaitable<boost::system::result<session::User, session::Refusal>> check_password(
        session::Attempt attempt, std::string name, std::string password) override;
    awaitable<boost::system::result<sasl::ScramKeys, session::Refusal>> scram_keys(
        session::Attempt attempt, std::string name, sasl::ScramHash hash) override;
    awaitable<boost::system::result<session::User, session::Refusal>> admit(
        session::Attempt attempt, std::string name) override;
    awaitable<boost::system::result<session::User, session::Refusal>> check_token(
        session::Attempt attempt, std::string token) override;
    session::TokenAdvice token_advice() const override;
    awaitable<boost::system::result<session::User, session::Refusal>> admit_anonymous(
        session::Attempt attempt) override;
    void note_wrong_proof(session::Attempt const&, std::string_view) override { }
    session::Proofs proofs() override;
    awaitable<std::optional<session::User>> find_recipient(std::string address) override;
    bool has_domain(std::string_view domain) override;

    /// Calls to sources are under way, which may take as long as their time limits.
    bool is_busy() const;
    void join(); ///< waits for passwords that are being checked, and for sources

private:
    using By = AccountLookup::By;

    // Passwords
    LoginCache::Digest digest(Known const& known, Tried const& tried) const;
    bool is_remembered(Known const& known, Tried const& tried);
    void remember_right(Known const& known, Tried const& tried);
    awaitable<bool> has_hash_of(Known known, Tried const& tried);
    awaitable<boost::system::result<Known, session::Refusal>> identify(
        Peer const& peer, std::string name, Tried const& tried);
    awaitable<boost::system::result<void, session::Refusal>> check_with(
        Known known, Tried const& tried);
    awaitable<void> check_stand_in(std::string name, std::string const& password);

    /// Stores a new hash and new keys, where they are still the old ones (Source::replace).
    awaitable<bool> replace(Known known, Verifiers with);

    static EntryPtr with_verifiers(UserEntry const& entry, Verifiers const& made);
    /// Where the password was right and what is stored of it could be better.
    awaitable<void> store_better(Known known, Tried const& tried);

    /// Whether the password was right and still lets nobody in; the log tells what to do.
    bool is_too_weak(UserEntry const& entry) const;

    session::User describe(UserEntry const& entry) const;
    /// Who has shown to be `entry`'s user comes in, as whom the attempt wants to be. May throw
    /// SourceDown.
    awaitable<boost::system::result<session::User, session::Refusal>> let_in(
        session::Attempt attempt, EntryPtr entry);

    config::Auth settings_;
    config::Quota quota_; ///< of accounts for which their source says nothing
    Admission& admission_;
    AccountLookup lookup_;
    LoginCache logins_;
    Rehash rehash_;
    std::string secret_;
    std::string dummy_; ///< a hash to check when no account has one
    HashWorkers workers_;
    std::unique_ptr<TokenChecker> tokens_; ///< null: none are taken
};

} // namespace mail::server
