// Logging in, and when a password may travel.
#include "protocol/session/session.h"

#include <boost/system/system_error.hpp>

#include <stdexcept>

namespace mail::session {
namespace {

    std::string_view name_of(Session::Protocol protocol)
    {
        switch (protocol) {
        case Session::Protocol::imap:
            return "imap";
        case Session::Protocol::pop3:
            return "pop3";
        case Session::Protocol::lmtp:
            return "lmtp";
        }
        return {};
    }

} // namespace

void throw_exception_from_error(Refusal, boost::source_location const& where)
{
    throw std::logic_error(
        std::string("a refusal was taken for a value in ") + where.function_name());
}

Session::Session(Services& services, ByteStream& stream, Protocol protocol)
    : services_(services)
    , stream_(stream)
    , protocol_(protocol)
{
}

bool Session::may_send_password() const
{
    return stream_.is_encrypted() || (allows_plain_text_ && stream_.peer().is_loopback);
}

void Session::note_refusal(std::string_view name, std::string_view mechanism, Refusal why)
{
    services_.journal.login_refused(stream_.peer(), name_of(protocol_), name, mechanism, why);
}

awaitable<boost::system::result<void, Refusal>> Session::log_in(
    std::string name, std::string password, std::string_view mechanism)
{
    if (!may_send_password()) {
        note_refusal(name, mechanism, Refusal::needs_tls);
        co_return Refusal::needs_tls;
    }
    auto user = co_await services_.authenticator.check_password(name, std::move(password));
    co_return co_await enter(std::move(user), std::move(name), mechanism);
}

awaitable<boost::system::result<void, Refusal>> Session::log_in_proven(
    std::string name, std::string_view mechanism)
{
    auto user = co_await services_.authenticator.admit(name);
    co_return co_await enter(std::move(user), std::move(name), mechanism);
}

awaitable<boost::system::result<sasl::ScramKeys, Refusal>> Session::scram_keys(
    std::string name, sasl::ScramHash hash, std::string_view mechanism)
{
    auto keys = co_await services_.authenticator.scram_keys(name, hash);
    if (!keys)
        note_refusal(name, mechanism, keys.error());
    co_return keys;
}

/// Opens the account of a user whom the authenticator let in.
awaitable<boost::system::result<void, Refusal>> Session::enter(
    boost::system::result<User, Refusal> user, std::string name, std::string_view mechanism)
{
    if (!user) {
        note_refusal(name, mechanism, user.error());
        co_return user.error();
    }
    auto account = services_.store.find_account(user->name);
    if (!account) {
        // The first login makes the account, which waits for a sync: not on this thread.
        auto open = [&] {
            return services_.store.open_account(user->name, settings().new_account_mailboxes);
        };
        account = co_await work(open);
        if (!account) {
            note_refusal(name, mechanism, Refusal::unavailable);
            co_return Refusal::unavailable;
        }
    }
    user_ = std::move(*user);
    identity_ = Identity { *account, identifiers_of(user_, settings().sharing.allow_anyone) };
    services_.journal.logged_in(
        stream_.peer(), name_of(protocol_), user_.name, mechanism, stream_.is_encrypted());
    co_return boost::system::result<void, Refusal> {};
}

} // namespace mail::session
