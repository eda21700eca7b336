// Logins and recipients by the users file.
#pragma once

#include "config/config.h"
#include "protocol/session/authenticator.h"
#include "server/accounts/login_cache.h"
#include "server/accounts/users_file.h"
#include "server/admission.h"

#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <memory>

namespace mail::server {

class UsersAuthenticator final : public session::Authenticator {
public:
    UsersAuthenticator(config::Config const& config, Admission& admission,
        std::string secret); ///< throws when the file is not usable

    awaitable<boost::system::result<session::User, session::Refusal>> check_password(
        session::Attempt attempt, std::string name, std::string password) override;
    awaitable<boost::system::result<sasl::ScramKeys, session::Refusal>> scram_keys(
        session::Attempt attempt, std::string name, sasl::ScramHash hash) override;
    awaitable<boost::system::result<session::User, session::Refusal>> admit(
        session::Attempt attempt, std::string name) override;
    void note_wrong_proof(session::Attempt const&, std::string_view) override { }
    session::Proofs proofs() override { return { .keys = file_.current()->keys_of_all() }; }
    awaitable<std::optional<session::User>> find_recipient(std::string address) override;

    void join() { workers_.join(); } ///< waits for passwords that are being checked

private:
    UserEntry const* find_login(Users const& users, std::string const& name) const;
    bool verify(Users const& users, UserEntry const* entry, std::string const& name,
        std::string_view password);

    session::User describe(UserEntry const& entry) const;
    boost::system::result<session::User, session::Refusal> let_in(
        session::Attempt const& attempt, UserEntry const& entry);
    /// Does `job` on a worker; unavailable when too many wait already.
    template <class F>
    auto on_worker(F job)
        -> awaitable<boost::system::result<std::invoke_result_t<F&>, session::Refusal>>;

    config::Auth settings_;
    config::Quota quota_; ///< of accounts for which the file says nothing
    Admission& admission_;
    UsersFile file_;
    LoginCache cache_;
    std::string secret_; ///< the same after a restart: what is made up by it stays the same
    std::string dummy_; ///< a hash to check when no account has one
    std::atomic<unsigned> waiting_ = 0;
    boost::asio::thread_pool workers_; ///< as many as there are cores: hashes need 19 MiB each
};

} // namespace mail::server
