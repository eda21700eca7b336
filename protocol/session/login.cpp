#include "protocol/session/login.h"

#include "protocol/sasl/saslprep.h"

#include <openssl/crypto.h>

#include <stdexcept>
#include <vector>

namespace mail::session {

namespace {

    /// As SASLprep makes it, then as it came; one of them where they are the same, or where there
    /// is no prepared form. Never made empty: with some sources an empty password is right.
    std::vector<std::string> forms_of(std::string text)
    {
        std::vector<std::string> forms;
        auto prepared = sasl::saslprep(text);
        if (prepared && !prepared->empty() && *prepared != text)
            forms.push_back(std::move(*prepared));
        forms.push_back(std::move(text));
        return forms;
    }

} // namespace

void throw_exception_from_error(Refusal, boost::source_location const& where)
{
    throw std::logic_error(
        std::string("a refusal was taken for a value in ") + where.function_name());
}

Attempt Login::attempt(std::string_view mechanism, std::string authzid) const
{
    return { std::string(protocol_), std::string(mechanism), channel_.peer(),
        channel_.is_encrypted(), forms_of(std::move(authzid)).front() };
}

awaitable<boost::system::result<User, Refusal>> Login::by_password(
    Attempt attempt, std::string name, std::string password)
{
    boost::system::result<User, Refusal> user = Refusal::needs_tls;
    if (may_send_password()) {
        user = Refusal::wrong_credentials;
        auto const names = forms_of(name);
        auto passwords = forms_of(std::move(password));
        auto const tries = names.size() * passwords.size();
        for (std::size_t i = 0; i < tries && !user && user.error() == Refusal::wrong_credentials;
             ++i)
            user = co_await authenticator_.check_password(
                attempt, names[i / passwords.size()], passwords[i % passwords.size()]);
        for (auto& each : passwords)
            ::OPENSSL_cleanse(each.data(), each.size());
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

awaitable<boost::system::result<User, Refusal>> Login::by_certificate(Attempt attempt)
{
    auto const certified = channel_.certified_names();
    boost::system::result<User, Refusal> user = Refusal::wrong_credentials;
    for (auto const& name : certified) {
        auto next = co_await authenticator_.admit(attempt, forms_of(name).front());
        if (next || next.error() != Refusal::wrong_credentials)
            user = std::move(next);
        // Another of the names may be the one that the client wants to act as.
        bool const may_go_on = !user
            && (user.error() == Refusal::wrong_credentials
                || (user.error() == Refusal::disabled && !attempt.authzid.empty()));
        if (!may_go_on)
            break;
    }
    if (!user)
        note_refusal(attempt, certified.empty() ? "" : certified.front(), user.error());
    co_return user;
}

awaitable<boost::system::result<User, Refusal>> Login::by_token(Attempt attempt, std::string token)
{
    boost::system::result<User, Refusal> user = Refusal::needs_tls;
    if (channel_.is_encrypted()) // whoever reads a token has it (RFC 7628 §3)
        user = co_await authenticator_.check_token(attempt, std::move(token));
    if (!user)
        note_refusal(attempt, attempt.authzid, user.error());
    co_return user;
}

awaitable<boost::system::result<User, Refusal>> Login::anonymously(Attempt attempt)
{
    auto user = co_await authenticator_.admit_anonymous(attempt);
    if (!user)
        note_refusal(attempt, "", user.error());
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
