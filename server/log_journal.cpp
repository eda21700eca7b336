// Words the log lines of logins and deliveries.
#include "server/log_journal.h"

#include "server/log.h"

namespace mail::server {

namespace {

    char const* reason(session::Refusal why)
    {
        switch (why) {
        case session::Refusal::wrong_credentials:
            return "wrong name or password";
        case session::Refusal::unavailable:
            return "the accounts cannot be asked now";
        case session::Refusal::disabled:
            return "the account may not log in";
        case session::Refusal::needs_tls:
            return "the connection has no TLS";
        case session::Refusal::too_many:
            return "too many sessions of the account (limits.sessions_per_account)";
        }
        return "?";
    }

} // namespace

std::string text_of(Peer const& peer)
{
    if (peer.port == 0)
        return peer.address;
    bool const is_v6 = peer.address.find(':') != std::string::npos;
    return fmt::format("{}{}{}:{}", is_v6 ? "[" : "", peer.address, is_v6 ? "]" : "", peer.port);
}

void LogJournal::logged_in(Peer const& peer, std::string_view protocol, std::string_view user,
    std::string_view mechanism, bool encrypted)
{
    log::info("{} {}: login of {} by {}, {}", protocol, text_of(peer), escaped(user), mechanism,
        encrypted ? "TLS" : "no TLS");
}

void LogJournal::login_refused(Peer const& peer, std::string_view protocol, std::string_view user,
    std::string_view mechanism, session::Refusal why)
{
    log::warn("{} {}: login of \"{}\" by {} refused: {}", protocol, text_of(peer), escaped(user),
        mechanism, reason(why));
}

void LogJournal::delivered(Peer const& peer, std::string_view recipient, std::string_view sender,
    std::uint64_t octets, std::string_view result)
{
    log::info("lmtp {}: from <{}> to <{}>, {} octets: {}", text_of(peer), escaped(sender),
        escaped(recipient), octets, escaped(result));
}

} // namespace mail::server
