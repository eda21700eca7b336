// Which class speaks which protocol.
#include "protocol/imap/conversation.h"
#include "protocol/lmtp/conversation.h"
#include "protocol/pop3/conversation.h"
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
    }
    return nullptr;
}

} // namespace mail::server
