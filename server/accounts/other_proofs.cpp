// Logins without a password of one's own: by a token of OAuth 2, and anonymously.
#include "server/accounts/accounts.h"
#include "server/log.h"
#include "server/log_journal.h"

namespace mail::server {

using session::Refusal;

awaitable<boost::system::result<session::User, Refusal>> Accounts::check_token(
    session::Attempt attempt, std::string token)
{
    if (!tokens_ || token.empty()) // empty: the client asks what a token needs (RFC 7628 §4.3)
        co_return Refusal::wrong_credentials;
    auto const owner = co_await tokens_->check(std::move(token));
    if (!owner) {
        bool const is_temporary = owner.error().is_temporary();
        log::log(is_temporary ? log::level::err : log::level::info, "{} {}: a token is refused: {}",
            attempt.protocol, text_of(attempt.peer), escaped(owner.error().why()));
        co_return is_temporary ? Refusal::unavailable : Refusal::wrong_credentials;
    }
    auto user = co_await admit(attempt, *owner);
    if (!user && user.error() == Refusal::wrong_credentials)
        log::info("{} {}: a token is refused: it is of \"{}\", who has no account here",
            attempt.protocol, text_of(attempt.peer), escaped(*owner));
    co_return user;
}

session::TokenAdvice Accounts::token_advice() const
{
    return tokens_ ? tokens_->advice() : session::TokenAdvice {};
}

awaitable<boost::system::result<session::User, Refusal>> Accounts::admit_anonymous(
    session::Attempt attempt)
{
    auto const& name = settings_.anonymous_account;
    if (name.empty())
        co_return Refusal::disabled;
    attempt.authzid.clear();
    auto user = co_await admit(attempt, name);
    if (!user && user.error() == Refusal::wrong_credentials) {
        log::error("auth.anonymous_account: there is no account {}: nobody can read it", name);
        co_return Refusal::disabled;
    }
    if (user) {
        user->is_read_only = user->is_anonymous = true;
        user->is_administrator = false;
        user->applications.clear();
    }
    co_return user;
}

} // namespace mail::server
