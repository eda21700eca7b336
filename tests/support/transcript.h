// IMAP by transcript: what the client says and what it must get, over a real store.
#pragma once

#include "protocol/imap/conversation.h"
#include "protocol/session/intake.h"
#include "tests/support/dialogue.h"

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mail::test {

struct TestMessage {
    std::string octets; ///< the whole message
    std::uint8_t flags = 0; ///< storage::Flags::System bits
    std::vector<std::string> keywords {};
};

/// A message of a few lines with this subject and body.
inline TestMessage message(std::string const& text, std::uint8_t flags = 0)
{
    return { "Date: Mon, 7 Feb 1994 21:52:25 -0800\r\nFrom: Fred Foobar <foobar@example.org>\r\n"
             "To: mooch@example.org\r\nSubject: "
            + text + "\r\nMessage-Id: <" + text + "@example.org>\r\n\r\n" + text + "\r\n",
        flags };
}
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

inline awaitable<void> deliver_message(TestServices& services, storage::Account account,
    storage::MailboxId target, TestMessage const& wanted, bool& done)
{
    auto& volume = services.store().volume_of(account);
    session::Intake intake(volume, services.io.get_executor());
    auto const taken = co_await intake.write(wanted.octets);
    auto made = intake.finish();
    made.system_flags = wanted.flags;
    made.keywords = wanted.keywords;
    made.internal_date.seconds = 1000000000;
    auto append = [&](storage::WriteTxn& txn) {
        return storage::append_message(txn, account.id, target, made);
    };
    auto const appended = co_await session::write(volume, services.io.get_executor(), append);
    EXPECT_TRUE(taken && appended) << "a test message was refused";
    done = true;
}

/// Delivers as LMTP would: durable, and told to sessions, when it returns.
inline void deliver(TestServices& services, std::string const& user, std::string const& name,
    TestMessage const& wanted)
{
    auto const account = services.account(user);
    auto& volume = services.store().volume_of(account);
    auto const found = storage::find_mailbox(volume.read(), account.id, name);
    ASSERT_TRUE(found) << "no mailbox " << name;
    bool done = false;
    auto const run = [&]() -> awaitable<void> {
        return deliver_message(services, account, found->id, wanted, done);
    };
    boost::asio::co_spawn(services.io, run, [](std::exception_ptr thrown) {
        if (thrown)
            std::rethrow_exception(thrown);
    });
    ASSERT_TRUE(services.run_until([&] { return done; })) << "a delivery did not end";
}

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
    Transcript(std::shared_ptr<TestServices> services, Options options)
        : Dialogue(services, options.encrypted)
        , services_(std::move(services))
        , connection_(std::make_unique<Connection>(*services_, stream()))
    {
        if (options.offers_starttls)
            stream().offer_tls();
        connection_->session.set_allows_plain_text(options.allows_plain_text);
        start([connection = connection_.get()]() { return connection->conversation.run(); });
        if (options.reads_greeting)
            expect("* OK [CAPABILITY *] *");
    }
    Transcript(Transcript&&) = default;
    ~Transcript()
    {
        if (connection_)
            hang_up();
    }

    /// Another connection to the same store.
    Transcript another() { return Transcript(services_, Options {}); }
    Transcript another(Options options) { return Transcript(services_, options); }
    std::shared_ptr<TestServices> world() { return services_; }

    Transcript& login(std::string_view user = "alice")
    {
        send("login LOGIN " + std::string(user) + " secret\r\n");
        expect("login OK [CAPABILITY *] *");
        return *this;
    }

    /// Selects (or with EXAMINE examines) without looking at what is told.
    Transcript& select(std::string_view name, std::string_view command = "SELECT")
    {
        send("select " + std::string(command) + " \"" + std::string(name) + "\"\r\n");
        std::string line;
        do
            line = read_line();
        while (line.starts_with("* "));
        EXPECT_TRUE(line.starts_with("select OK")) << line;
        return *this;
    }

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

    imap::Conversation& conversation() { return connection_->conversation; }
    session::Session& session() { return connection_->session; }

    static std::shared_ptr<TestServices> make_world(std::initializer_list<TestMailbox> mailboxes)
    {
        auto services = std::make_shared<TestServices>();
        for (auto const& wanted : mailboxes) {
            auto const account = services->account("alice");
            if (wanted.name != "INBOX") {
                storage::NewMailbox made;
                made.name = wanted.name;
                made.special_use = wanted.special_use;
                auto const result = services->store().volume_of(account).write(
                    [&](storage::WriteTxn& txn) -> storage::Result<void> {
                        auto const created = storage::create_mailbox(txn, account.id, made);
                        if (!created)
                            return created.error();
                        return {};
                    });
                EXPECT_TRUE(result) << "cannot make " << wanted.name;
            }
            for (auto const& wanted_message : wanted.messages)
                test::deliver(*services, "alice", wanted.name, wanted_message);
        }
        return services;
    }

private:
    struct Connection {
        Connection(TestServices& services, MemoryStream& stream)
            : session(services.services, stream, session::Session::Protocol::imap)
            , conversation(session)
        {
        }
        session::Session session;
        imap::Conversation conversation;
    };

    std::shared_ptr<TestServices> services_;
    std::unique_ptr<Connection> connection_;
};

} // namespace mail::test
