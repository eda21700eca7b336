// Runs the conversation of a client and logs how it went.
#include "server/serve.h"

#include "server/log.h"
#include "server/log_journal.h"
#include "server/trust.h"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>

namespace mail::server {

namespace {

    session::Session::Protocol protocol_of(config::Protocol protocol)
    {
        switch (protocol) {
        case config::Protocol::imap:
            return session::Session::Protocol::imap;
        case config::Protocol::pop3:
            return session::Session::Protocol::pop3;
        case config::Protocol::lmtp:
            return session::Session::Protocol::lmtp;
        case config::Protocol::auth:
        case config::Protocol::policy:
        case config::Protocol::socketmap:
            return session::Session::Protocol::mta;
        }
        return session::Session::Protocol::imap;
    }

    /// "Not now" in the protocol's words: it is not about the password, and the client may come
    /// again.
    std::string unavailable(config::Protocol protocol, std::string const& text)
    {
        switch (protocol) {
        case config::Protocol::imap:
            return fmt::format("* BYE [UNAVAILABLE] {}\r\n", text); // RFC 5530
        case config::Protocol::pop3:
            return fmt::format("-ERR [SYS/TEMP] {}\r\n", text); // RFC 3206
        case config::Protocol::lmtp:
            return fmt::format("421 4.3.2 {}\r\n", text); // RFC 3463
        case config::Protocol::auth:
        case config::Protocol::policy:
        case config::Protocol::socketmap:
            return {}; // no answer is what MTAs take for "not now"
        }
        return {};
    }

    std::string idle_too_long(config::Protocol protocol, session::Session const& session)
    {
        switch (protocol) {
        case config::Protocol::imap:
            return fmt::format("* BYE {}\r\n", session.translated("Autologout; idle for too long"));
        case config::Protocol::pop3:
            return {}; // RFC 1939 §3: without a response
        case config::Protocol::lmtp:
            return "421 4.4.2 Idle for too long\r\n";
        case config::Protocol::auth:
        case config::Protocol::policy:
        case config::Protocol::socketmap:
            return {};
        }
        return {};
    }

    /// Gives the place among those who have not logged in back at the login.
    class LoginWatch final : public session::Journal {
    public:
        LoginWatch(session::Journal& journal, std::shared_ptr<void>& place)
            : journal_(journal)
            , place_(place)
        {
        }
        void logged_in(session::Attempt const& attempt, session::User const& user) override
        {
            place_.reset();
            journal_.logged_in(attempt, user);
        }
        void login_refused(
            session::Attempt const& attempt, std::string_view name, session::Refusal why) override
        {
            journal_.login_refused(attempt, name, why);
        }
        void delivered(Peer const& peer, std::string_view recipient, std::string_view sender,
            std::uint64_t octets, std::string_view result) override
        {
            journal_.delivered(peer, recipient, sender, octets, result);
        }

    private:
        session::Journal& journal_;
        std::shared_ptr<void>& place_;
    };

    std::string how_lost(boost::system::system_error const& gone)
    {
        auto const& code = gone.code();
        bool const is_lost = code == boost::asio::error::eof
            || code == boost::asio::error::broken_pipe
            || code == boost::asio::error::connection_reset;
        return is_lost ? "connection closed by the client" : gone.what();
    }

    /// Runs the conversation; returns how it ended, for the log, after telling the client what
    /// there is to tell.
    awaitable<std::string> run(Guest& guest, session::Session& session, std::string& counts)
    {
        auto& client = *guest.connection;
        auto const protocol = guest.listener->protocol;
        auto const say = [&](std::string const& line) {
            client.say_goodbye(session.compression().wrap(line));
        };
        try {
            co_await guest.converse(session, counts);
            co_return "closed";
        } catch (boost::system::system_error const& gone) {
            if (gone.code() == boost::asio::error::timed_out) {
                say(idle_too_long(protocol, session));
                co_return "time limit";
            }
            if (client.is_stopping()) {
                say(unavailable(protocol,
                    session.translated("The server is shutting down; try again in a minute")));
                co_return "server shutdown";
            }
            co_return how_lost(gone);
        } catch (std::exception const& failure) {
            log::error(
                "{} {}: {}", config::name_of(protocol), text_of(client.peer()), failure.what());
            say(unavailable(protocol, session.translated("Internal error; try again later")));
            co_return "internal error";
        }
    }

    /// The header of the proxy in front: only known ones may tell who their clients are.
    awaitable<void> meet_client_of_proxy(Guest& guest)
    {
        auto& connection = *guest.connection;
        auto const proxy = connection.peer();
        bool const is_known = std::ranges::any_of(
            *guest.proxies, [&](Network const& each) { return each.contains(proxy.address); });
        if (!is_known)
            throw boost::system::system_error(
                make_error_code(boost::system::errc::permission_denied),
                "this listener is for proxies, and the address in none of [proxy] networks");
        auto const header = co_await connection.read_proxy_header();
        auto const* name = config::name_of(guest.listener->protocol);
        if (!header.application_protocol.empty() && header.application_protocol != name
            && guest.listener->protocol != config::Protocol::lmtp)
            throw boost::system::system_error(make_error_code(boost::system::errc::protocol_error),
                fmt::format("the client agreed with the proxy {} on the protocol \"{}\"",
                    text_of(proxy), escaped(header.application_protocol)));
        log::debug("{} {}: by the proxy {}{}{}", name, text_of(connection.peer()), text_of(proxy),
            header.authority.empty() ? "" : " for ", escaped(header.authority));
    }

    /// Why the client may not come in, for it and the log; null: it may.
    char const* refusal_of(Admission::Verdict verdict)
    {
        switch (verdict) {
        case Admission::Verdict::admitted:
            break;
        case Admission::Verdict::too_many:
            return "Too many sessions on this server; try again later";
        case Admission::Verdict::too_many_from_address:
            return "Too many sessions from your address; close some, or try again later";
        }
        return nullptr;
    }

    /// MTAs need not log in, or speak for many who do.
    bool is_for_users(config::Protocol protocol)
    {
        return protocol == config::Protocol::imap || protocol == config::Protocol::pop3;
    }

    /// What comes before the protocol. False: the client failed, which is logged. `refusal` is
    /// set when it is to be told that it may not come in.
    awaitable<bool> shake_hands(Guest& guest, char const*& refusal)
    {
        auto& client = *guest.connection;
        try {
            if (guest.listener->proxy_protocol)
                co_await meet_client_of_proxy(guest);
            refusal = refusal_of(guest.visit.come_from(client.peer()));
            if (!refusal && is_for_users(guest.listener->protocol)) {
                guest.login_place = guest.visit.take_login_place(client.peer());
                if (!guest.login_place)
                    refusal = "Too many connections from your address have not logged in; close "
                              "some, or try again later";
            }
            if (guest.listener->tls == config::Tls::implicit)
                co_await client.start_tls();
            co_return true;
        } catch (boost::system::system_error const& failure) {
            bool const is_quiet = failure.code() == boost::asio::error::eof
                || client.is_stopping(); // port scans, health checks
            log::log(is_quiet ? log::level::debug : log::level::info, "{} {}: no session: {}",
                config::name_of(guest.listener->protocol), text_of(client.peer()), failure.what());
            co_return false;
        }
    }

    awaitable<void> hold_session(Guest& guest)
    {
        auto& client = *guest.connection;
        auto const* name = config::name_of(guest.listener->protocol);
        // MTAs connect for each question; what comes of it is in the journal.
        auto const level
            = config::is_for_mtas(guest.listener->protocol) ? log::level::debug : log::level::info;
        auto const begin = Clock::now();
        auto const facts = client.tls_facts();
        log::log(level, "{} {}: session begins{}{}", name, text_of(client.peer()),
            facts.version.empty() ? "" : ", ",
            facts.version.empty() ? "" : facts.version + " " + facts.cipher);
        auto const& common = *guest.services;
        LoginWatch watch(common.journal, guest.login_place);
        session::Services services { common.store, common.hub, common.authenticator, watch,
            common.settings, common.workers };
        session::Session session(services, client, protocol_of(guest.listener->protocol));
        session.login().set_allows_plain_text(
            guest.listener->allow_plaintext_login && client.peer().is_loopback);
        session.set_is_trusted(is_trusted(*guest.listener, client.peer()));
        std::string counts;
        auto const how = co_await run(guest, session, counts);
        std::chrono::duration<double> const time = Clock::now() - begin;
        log::log(level, "{} {}: session{}{} ends: {}; {:.3f} s, {} octets in, {} out{}{}", name,
            text_of(client.peer()), session.is_logged_in() ? " of " : "",
            session.is_logged_in() ? session.account().name : "", how, time.count(),
            client.octets_in(), client.octets_out(), counts.empty() ? "" : ", ", counts);
    }

} // namespace

awaitable<void> serve(Guest guest)
{
    try {
        char const* refusal = nullptr;
        bool const ready = co_await shake_hands(guest, refusal);
        if (ready && refusal) {
            log::warn("{} {}: refused: {}", config::name_of(guest.listener->protocol),
                text_of(guest.connection->peer()), refusal);
            guest.connection->say_goodbye(unavailable(guest.listener->protocol, refusal));
        } else if (ready) {
            co_await hold_session(guest);
        }
    } catch (std::exception const& failure) {
        log::error("{}: {}", text_of(guest.connection->peer()), failure.what());
    }
    guest.connection->close();
}

} // namespace mail::server
