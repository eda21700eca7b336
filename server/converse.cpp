// Which class speaks which protocol.
#include "protocol/imap/conversation.h"
#include "protocol/lmtp/conversation.h"
#include "protocol/mta/auth_service.h"
#include "protocol/mta/policy_service.h"
#include "protocol/mta/socketmap.h"
#include "protocol/pop3/conversation.h"
#include "server/log.h"
#include "server/log_journal.h"
#include "server/serve.h"

#include <fmt/format.h>

namespace mail::server {

namespace {

    /// Writes the counts when the conversation ends, also by an exception.
    template <class Conversation, class Describe> class Summary {
    public:
        Summary(Conversation const& conversation, std::string& counts, Describe describe)
            : conversation_(conversation)
            , counts_(counts)
            , describe_(describe)
        {
        }
        ~Summary() { counts_ = describe_(conversation_); }
        Summary(Summary const&) = delete;
        Summary& operator=(Summary const&) = delete;

    private:
        Conversation const& conversation_;
        std::string& counts_;
        Describe describe_;
    };

    awaitable<void> converse_imap(session::Session& session, std::string& counts)
    {
        imap::Conversation conversation(session);
        Summary const summary(conversation, counts,
            [](auto const& c) { return fmt::format("{} commands", c.commands()); });
        co_await conversation.run();
    }

    awaitable<void> converse_pop3(session::Session& session, std::string& counts)
    {
        pop3::Conversation conversation(session);
        Summary const summary(conversation, counts, [](auto const& c) {
            return fmt::format(
                "{} retrieved, {} deleted", c.totals().retrieved, c.totals().deleted);
        });
        co_await conversation.run();
    }

    awaitable<void> converse_lmtp(session::Session& session, std::string& counts)
    {
        lmtp::Conversation conversation(session);
        Summary const summary(conversation, counts, [](auto const& c) {
            return fmt::format(
                "{} messages, {} copies delivered", c.totals().messages, c.totals().delivered);
        });
        co_await conversation.run();
    }

    /// An MTA that speaks something else is set up wrongly.
    void report(session::Session const& session, char const* protocol, std::string_view problem)
    {
        if (!problem.empty())
            log::warn("{} {}: hung up: {}", protocol, text_of(session.peer()), problem);
    }

    awaitable<void> converse_auth(session::Session& session, std::string& counts)
    {
        mta::AuthService service(
            session.services(), session.stream(), session.login().allows_plain_text());
        Summary const summary(service, counts, [](auto const& s) {
            return fmt::format("{} logins, {} refused", s.logins(), s.refused());
        });
        co_await service.run();
        report(session, "auth", service.problem());
    }

    awaitable<void> converse_policy(session::Session& session, std::string& counts)
    {
        mta::PolicyService service(session.services(), session.stream());
        Summary const summary(service, counts, [](auto const& s) {
            return fmt::format("{} requests, {} refused", s.requests(), s.refused());
        });
        co_await service.run();
        report(session, "policy", service.problem());
    }

    awaitable<void> converse_socketmap(session::Session& session, std::string& counts)
    {
        mta::Socketmap service(session.services(), session.stream());
        Summary const summary(
            service, counts, [](auto const& s) { return fmt::format("{} lookups", s.lookups()); });
        co_await service.run();
        report(session, "socketmap", service.problem());
    }

} // namespace

Converse converse_in(config::Protocol protocol)
{
    switch (protocol) {
    case config::Protocol::imap:
        return converse_imap;
    case config::Protocol::pop3:
        return converse_pop3;
    case config::Protocol::lmtp:
        return converse_lmtp;
    case config::Protocol::auth:
        return converse_auth;
    case config::Protocol::policy:
        return converse_policy;
    case config::Protocol::socketmap:
        return converse_socketmap;
    }
    return nullptr;
}

} // namespace mail::server
