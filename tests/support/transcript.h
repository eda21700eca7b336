// IMAP by transcript: what the client says and what it must get, over a real store.
#pragma once

#include "storage/mailboxes.h"
#include "tests/support/dialogue.h"

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mail::imap {
class Conversation;
}

namespace mail::test {

struct TestMessage {
    std::string octets; ///< the whole message
    std::uint8_t flags = 0; ///< storage::Flags::System bits
    std::vector<std::string> keywords {};
};

/// A message of a few lines with this subject and body.
TestMessage message(std::string const& text, std::uint8_t flags = 0);
inline TestMessage seen(std::string const& text) { return message(text, storage::Flags::seen); }
inline TestMessage unseen(std::string const& text) { return message(text); }
inline TestMessage deleted(std::string const& text)
{
    return message(text, storage::Flags::deleted);
}

struct TestMailbox {
    std::string name;
    std::vector<TestMessage> messages;
    storage::SpecialUse special_use = storage::SpecialUse::none;
};
inline TestMailbox mailbox(std::string name, std::vector<TestMessage> messages = {},
    storage::SpecialUse special_use = storage::SpecialUse::none)
{
    return { std::move(name), std::move(messages), special_use };
}

/// Delivers as LMTP would: durable, and told to sessions, when it returns.
void deliver(TestServices& services, std::string const& user, std::string const& name,
    TestMessage const& wanted);

/// One IMAP connection: `Transcript imap(mailbox("INBOX", {seen("one")}));`. The greeting is read.
class Transcript : public Dialogue {
public:
    struct Options {
        bool encrypted = true;
        bool allows_plain_text = false;
        bool offers_starttls = false;
        bool reads_greeting = true;
    };

    /// On a store of its own; the mailboxes are alice's.
    Transcript(std::initializer_list<TestMailbox> mailboxes)
        : Transcript(make_world(mailboxes), Options {})
    {
    }
    explicit Transcript(TestMailbox const& only)
        : Transcript({ only })
    {
    }
    Transcript()
        : Transcript(std::initializer_list<TestMailbox> {})
    {
    }
    /// A connection to a store that others use too.
    Transcript(std::shared_ptr<TestServices> services, Options options);
    Transcript(Transcript&&) noexcept;
    ~Transcript();

    /// Another connection to the same store.
    Transcript another() { return Transcript(services_, Options {}); }
    Transcript another(Options options) { return Transcript(services_, options); }
    std::shared_ptr<TestServices> world() { return services_; }

    Transcript& login(std::string_view user = "alice");

    /// Selects (or with EXAMINE examines) without looking at what is told.
    Transcript& select(std::string_view name, std::string_view command = "SELECT");

    Transcript& play(std::string_view script)
    {
        Dialogue::play(script);
        return *this;
    }

    void deliver(
        std::string const& name, TestMessage const& wanted, std::string const& user = "alice")
    {
        test::deliver(*services_, user, name, wanted);
    }

    imap::Conversation& conversation();
    session::Session& session();

    static std::shared_ptr<TestServices> make_world(std::initializer_list<TestMailbox> mailboxes);
    /// With these capabilities switched off, and one unseen message in INBOX.
    static std::shared_ptr<TestServices> make_world_without(
        std::vector<std::string> const& capabilities);

private:
    struct Connection;

    std::shared_ptr<TestServices> services_;
    std::unique_ptr<Connection> connection_;
};

} // namespace mail::test
