// Logins and recipients by all sources of accounts: who is asked in which order, and what holds for
// every account wherever it stands (forms of names, caches, equal costs, places, quotas).
#pragma once

#include "config/config.h"
#include "protocol/session/authenticator.h"
#include "server/accounts/asked_source.h"
#include "server/accounts/entry_cache.h"
#include "server/accounts/login_cache.h"
#include "server/accounts/rehash.h"
#include "server/admission.h"
#include "server/tokens/token_checker.h"

#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

namespace mail::server {

/// The first source that has an account decides about it. A source that cannot be asked ends the
/// look-up: a later one must not answer for a name that may be the earlier one's.
class Accounts final : public session::Authenticator {
public:
    using Sources = std::vector<std::unique_ptr<Source>>;

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
    /// A look-up through the sources, question by question.
    class Search;
    enum class By { login, address };

    /// What is remembered of an earlier look-up; the entry as it is now where that costs nothing.
    std::optional<Known> recall(std::string const& key);
    void remember(std::string const& key, Known const& known);
    /// By what is remembered, else by all sources. Throws SourceDown.
    awaitable<Known> look_up(std::string name, By by);

    // Passwords
    LoginCache::Digest digest(Known const& known, std::string_view password) const;
    bool is_remembered(Known const& known, std::string_view password);
    awaitable<bool> has_hash_of(Known known, std::string const& password);
    awaitable<boost::system::result<Known, session::Refusal>> identify(
        session::Attempt const& attempt, std::string name, std::string const& password);
    awaitable<boost::system::result<void, session::Refusal>> check_with(
        Known known, std::string const& password);
    awaitable<void> check_stand_in(std::string name, std::string const& password);
    EntryPtr stand_in(std::string const& name) const;
    awaitable<EntryPtr> find_for_keys(std::string name);

    /// Stores a new hash and new keys, where they are still the old ones (Source::replace).
    awaitable<bool> replace(Known known, Verifiers with);

    static EntryPtr with_verifiers(UserEntry const& entry, Verifiers const& made);
    /// Where the password was right and what is stored of it could be better.
    awaitable<void> store_better(Known known, std::string const& password);

    /// Whether the password was right and still lets nobody in; the log tells what to do.
    bool is_too_weak(UserEntry const& entry) const;

    session::User describe(UserEntry const& entry) const;
    /// Who has shown to be `entry`'s user comes in, as whom the attempt wants to be. May throw
    /// SourceDown.
    awaitable<boost::system::result<session::User, session::Refusal>> let_in(
        session::Attempt attempt, EntryPtr entry);
    /// Does `job` on a worker. Throws SourceDown when too many wait already.
    template <class F> awaitable<std::invoke_result_t<F&>> on_worker(F& job);

    config::Auth settings_;
    config::Quota quota_; ///< of accounts for which their source says nothing
    Admission& admission_;
    std::vector<std::unique_ptr<AskedSource>> sources_;
    EntryCache entries_;
    LoginCache logins_;
    Rehash rehash_;
    std::string secret_;
    std::string dummy_; ///< a hash to check when no account has one
    std::atomic<unsigned> waiting_ = 0;
    boost::asio::thread_pool workers_; ///< as many as there are cores: hashes need 19 MiB each
    std::unique_ptr<TokenChecker> tokens_; ///< null: none are taken
};

} // namespace mail::server
