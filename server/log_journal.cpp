// Words the log lines of logins and deliveries.
#include "server/log_journal.h"

#include "server/log.h"

namespace mail::server {

namespace {

    /// For programs that read the log (fail2ban): these words stay. docs/logins.md lists them.
    char const* word(session::Refusal why)
    {
        switch (why) {
        case session::Refusal::wrong_credentials:
            return "wrong-credentials";
        case session::Refusal::unavailable:
            return "unavailable";
        case session::Refusal::disabled:
            return "disabled";
        case session::Refusal::needs_tls:
            return "needs-tls";
        case session::Refusal::throttled:
            return "throttled";
        case session::Refusal::too_many:
            return "too-many";
        }
        return "?";
    }

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
        case session::Refusal::throttled:
            return "too many wrong passwords before";
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

void LogJournal::logged_in(session::Attempt const& attempt, session::User const& user)
{
    auto const& really = user.authenticated_as;
    log::info("{} {}: login of {}{}{} by {}, {}{}", attempt.protocol, text_of(attempt.peer),
        escaped(really), really.empty() ? "" : " as ", escaped(user.name), attempt.mechanism,
        attempt.is_encrypted ? "TLS" : "no TLS",
        attempt.trace.empty() ? "" : fmt::format(", says \"{}\"", escaped(attempt.trace)));
}

void LogJournal::login_refused(
    session::Attempt const& attempt, std::string_view name, session::Refusal why)
{
    // What the client says comes behind what it cannot choose.
    log::warn("login refused: rip={} protocol={} reason={} mechanism={} user=\"{}\": {}",
        escaped(attempt.peer.address), attempt.protocol, word(why), escaped(attempt.mechanism),
        escaped(name), reason(why));
}

void LogJournal::delivered(Peer const& peer, std::string_view recipient, std::string_view sender,
    std::uint64_t octets, std::string_view result)
{
    log::info("lmtp {}: from <{}> to <{}>, {} octets: {}", text_of(peer), escaped(sender),
        escaped(recipient), octets, escaped(result));
}

} // namespace mail::server
