// Messages, mailboxes and connections of transcripts.
#include "tests/support/transcript.h"

#include "protocol/imap/conversation.h"
#include "protocol/session/intake.h"
#include "storage/messages.h"

#include <boost/asio/co_spawn.hpp>

namespace mail::test {

TestMessage message(std::string const& text, std::uint8_t flags)
{
    return { "Date: Mon, 7 Feb 1994 21:52:25 -0800\r\nFrom: Fred Foobar <foobar@example.org>\r\n"
             "To: mooch@example.org\r\nSubject: "
            + text + "\r\nMessage-Id: <" + text + "@example.org>\r\n\r\n" + text + "\r\n",
        flags };
}

namespace {

    awaitable<void> deliver_message(TestServices& services, storage::Account account,
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

} // namespace

void deliver(TestServices& services, std::string const& user, std::string const& name,
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

struct Transcript::Connection {
    Connection(TestServices& services, MemoryStream& stream)
        : session(services.services, stream, session::Session::Protocol::imap)
        , conversation(session)
    {
    }
    session::Session session;
    imap::Conversation conversation;
};

Transcript::Transcript(std::shared_ptr<TestServices> services, Options options)
    : Dialogue(services, options.encrypted)
    , services_(std::move(services))
    , connection_(std::make_unique<Connection>(*services_, stream()))
{
    if (options.offers_starttls)
        stream().offer_tls();
    connection_->session.login().set_allows_plain_text(options.allows_plain_text);
    start([connection = connection_.get()]() { return connection->conversation.run(); });
    if (options.reads_greeting)
        expect("* OK [CAPABILITY *] *");
}

Transcript::Transcript(Transcript&&) noexcept = default;

Transcript::~Transcript()
{
    if (connection_)
        hang_up();
}

Transcript& Transcript::login(std::string_view user)
{
    send("login LOGIN " + std::string(user) + " secret\r\n");
    expect("login OK [CAPABILITY *] *");
    return *this;
}

Transcript& Transcript::select(std::string_view name, std::string_view command)
{
    send("select " + std::string(command) + " \"" + std::string(name) + "\"\r\n");
    std::string line;
    do
        line = read_line();
    while (line.starts_with("* "));
    EXPECT_TRUE(line.starts_with("select OK")) << line;
    return *this;
}

imap::Conversation& Transcript::conversation() { return connection_->conversation; }
session::Session& Transcript::session() { return connection_->session; }

std::shared_ptr<TestServices> Transcript::make_world(std::initializer_list<TestMailbox> mailboxes)
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

std::shared_ptr<TestServices> Transcript::make_world_without(
    std::vector<std::string> const& capabilities)
{
    auto world = make_world({ mailbox("INBOX", { unseen("one") }) });
    world->settings.imap.capabilities_off = capabilities;
    return world;
}

} // namespace mail::test
