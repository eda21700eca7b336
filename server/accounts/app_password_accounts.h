// Accounts whose users may also log in by app passwords, whatever source they are from.
#pragma once

#include "config/config.h"
#include "protocol/session/authenticator.h"
#include "server/accounts/app_password_uses.h"
#include "server/accounts/app_passwords.h"

#include <filesystem>
#include <string>

namespace mail::server {

/// Where the config says that app passwords are; if it says nothing, beside the users file, and
/// without one beside the config file.
std::filesystem::path app_passwords_file(config::Config const& config);
/// Where the server notes when they were used.
std::filesystem::path app_password_uses_file(config::Storage const& storage);

/// Only passwords can be app passwords: SCRAM takes its keys from the account's own password.
class AppPasswordAccounts final : public session::Authenticator {
public:
    /// `accounts` outlives this. Throws when the file of app passwords has mistakes.
    AppPasswordAccounts(session::Authenticator& accounts, config::Config const& config);

    /// What looks like an app password is first looked for among them, which costs a digest and
    /// nothing else, so that who uses them does not pay for the slow hash of the account's own
    /// password each time. The look-up costs the same whether the account has any.
    awaitable<boost::system::result<session::User, session::Refusal>> check_password(
        session::Attempt attempt, std::string name, std::string password) override;
    awaitable<boost::system::result<sasl::ScramKeys, session::Refusal>> scram_keys(
        session::Attempt attempt, std::string name, sasl::ScramHash hash) override
    {
        return accounts_.scram_keys(std::move(attempt), std::move(name), hash);
    }
    awaitable<boost::system::result<session::User, session::Refusal>> admit(
        session::Attempt attempt, std::string name) override
    {
        return accounts_.admit(std::move(attempt), std::move(name));
    }
    awaitable<boost::system::result<session::User, session::Refusal>> check_token(
        session::Attempt attempt, std::string token) override
    {
        return accounts_.check_token(std::move(attempt), std::move(token));
    }
    session::TokenAdvice token_advice() const override { return accounts_.token_advice(); }
    awaitable<boost::system::result<session::User, session::Refusal>> admit_anonymous(
        session::Attempt attempt) override
    {
        return accounts_.admit_anonymous(std::move(attempt));
    }
    void note_wrong_proof(session::Attempt const& attempt, std::string_view name) override
    {
        accounts_.note_wrong_proof(attempt, name);
    }
    session::Proofs proofs() override { return accounts_.proofs(); }
    awaitable<std::optional<session::User>> find_recipient(std::string address) override
    {
        return accounts_.find_recipient(std::move(address));
    }
    bool has_domain(std::string_view domain) override { return accounts_.has_domain(domain); }

    void save() { uses_.save(); } ///< writes a file: on a worker

private:
    std::shared_ptr<AppPassword const> find(std::string_view name, std::string_view password);

    session::Authenticator& accounts_;
    std::string default_domain_;
    AppPasswordFile passwords_;
    AppPasswordUses uses_;
};

} // namespace mail::server
