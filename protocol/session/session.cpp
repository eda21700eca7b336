// Entering the account that a login is for.
#include "protocol/session/session.h"

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
        case Session::Protocol::mta:
            return "smtp";
        }
        return {};
    }

} // namespace

Session::Session(Services& services, ByteStream& stream, Protocol protocol)
    : services_(services)
    , stream_(stream)
    , login_(services.authenticator, services.journal, stream_, name_of(protocol))
{
}

awaitable<boost::system::result<void, Refusal>> Session::log_in(
    std::string name, std::string password, std::string_view mechanism)
{
    auto attempt = login_.attempt(mechanism);
    auto user = co_await login_.by_password(attempt, std::move(name), std::move(password));
    if (!user)
        co_return user.error();
    co_return co_await enter(std::move(*user), std::move(attempt));
}

awaitable<boost::system::result<void, Refusal>> Session::enter(User user, Attempt attempt)
{
    auto account = services_.store.find_account(user.name);
    if (!account) {
        // The first login makes the account, which waits for a sync: not on this thread.
        auto open = [&] {
            return services_.store.open_account(user.name, settings().new_account_mailboxes);
        };
        account = co_await work(open);
        if (!account) {
            login_.note_refusal(attempt, user.name, Refusal::unavailable);
            co_return Refusal::unavailable;
        }
    }
    user_ = std::move(user);
    identity_ = Identity { *account, identifiers_of(user_, settings().sharing.allow_anyone) };
    services_.journal.logged_in(attempt, user_);
    co_return boost::system::result<void, Refusal> {};
}

} // namespace mail::session
