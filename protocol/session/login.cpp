#include "protocol/session/login.h"

#include "protocol/sasl/saslprep.h"

#include <stdexcept>

namespace mail::session {

void throw_exception_from_error(Refusal, boost::source_location const& where)
{
    throw std::logic_error(
        std::string("a refusal was taken for a value in ") + where.function_name());
}

Attempt Login::attempt(std::string_view mechanism, std::string authzid) const
{
    return { std::string(protocol_), std::string(mechanism), channel_.peer(),
        channel_.is_encrypted(), std::move(authzid) };
}

awaitable<boost::system::result<User, Refusal>> Login::by_password(
    Attempt attempt, std::string name, std::string password)
{
    boost::system::result<User, Refusal> user = Refusal::needs_tls;
    if (may_send_password())
        user = co_await authenticator_.check_password(attempt, name, password);
    if (!user && user.error() == Refusal::wrong_credentials) {
        // Clients compose characters in several ways (RFC 4616 §2, RFC 6856 §2.2).
        auto prepared_name = sasl::saslprep(name).value_or(name);
        auto prepared_password = sasl::saslprep(password).value_or(password);
        if (prepared_name != name || prepared_password != password)
            user = co_await authenticator_.check_password(
                attempt, std::move(prepared_name), std::move(prepared_password));
    }
    if (!user)
        note_refusal(attempt, name, user.error());
    co_return user;
}

awaitable<boost::system::result<User, Refusal>> Login::by_proof(Attempt attempt, std::string name)
{
    auto user = co_await authenticator_.admit(attempt, name);
    if (!user)
        note_refusal(attempt, name, user.error());
    co_return user;
}

awaitable<boost::system::result<sasl::ScramKeys, Refusal>> Login::scram_keys(
    Attempt attempt, std::string name, sasl::ScramHash hash)
{
    auto keys = co_await authenticator_.scram_keys(attempt, name, hash);
    if (!keys)
        note_refusal(attempt, name, keys.error());
    co_return keys;
}

void Login::note_wrong_proof(Attempt const& attempt, std::string_view name)
{
    authenticator_.note_wrong_proof(attempt, name);
    note_refusal(attempt, name, Refusal::wrong_credentials);
}

} // namespace mail::session
