// What the administrator and the account say: EXPIRE, LOGIN-DELAY, the view of the account, what
// deleting means, and unique ids.
#include "storage/pop3_uidl.h"
#include "tests/pop3/client.h"

namespace mail::pop3 {
namespace {

    using namespace std::chrono_literals;

    struct Pop3Policies : ::testing::Test {
        Pop3Policies()
        {
            services.settings.new_account_mailboxes = { { .name = "Lists" },
                { .name = "Sent", .special_use = storage::SpecialUse::sent },
                { .name = "Trash", .special_use = storage::SpecialUse::trash } };
            alice = services.account("alice");
        }

        storage::Appended add(std::string_view octets, std::int64_t age_in_days = 0,
            std::int64_t sent = storage::no_date, std::string const& mailbox = "INBOX")
        {
            storage::NewMessage message;
            storage::BodyWriter writer(services.store().volume_of(alice));
            writer.append(octets);
            message.body = writer.finish();
            message.internal_date.seconds = now() - age_in_days * 24 * 60 * 60;
            message.sent.seconds = sent;
            storage::Appended appended;
            write([&](storage::WriteTxn& txn) -> storage::Result<void> {
                auto const target = *storage::find_mailbox(txn, alice.id, mailbox);
                appended = *storage::append_message(txn, alice.id, target.id, message);
                return {};
            });
            return appended;
        }
        void write(std::function<storage::Result<void>(storage::WriteTxn&)> const& job)
        {
            ASSERT_TRUE(services.store().volume_of(alice).write(job));
        }
        void set_uidl(storage::Appended const& message, std::string_view id)
        {
            write([&](storage::WriteTxn& txn) {
                return storage::set_pop3_uidl(txn, { alice.id, message.mailbox }, message.uid, id);
            });
        }
        static std::int64_t now()
        {
            return std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
        }
        std::vector<std::string> stored(std::string const& mailbox = "INBOX")
        {
            return test::messages_of(services.store(), alice, mailbox);
        }
        /// What a client that logs in now is given, in its order, as "one two".
        std::string seen_by_pop3()
        {
            Client client(services);
            client.login();
            std::string texts;
            for (int number = 1;; ++number) {
                auto const said = client.say("TOP " + std::to_string(number) + " 0\r\n");
                if (!said.starts_with("+OK"))
                    break;
                texts += said.substr(5, said.find("\r\n", 5) - 5) + " ";
            }
            client.play("C: QUIT\nS: +OK Goodbye");
            return texts;
        }
        std::vector<std::string> ids()
        {
            Client client(services);
            auto said = client.login().say("UIDL\r\n");
            std::vector<std::string> list;
            for (auto at = said.find("\r\n") + 2; said.substr(at) != ".\r\n";
                 at = said.find("\r\n", at) + 2)
                list.push_back(said.substr(
                    said.find(' ', at) + 1, said.find("\r\n", at) - said.find(' ', at) - 1));
            client.play("C: QUIT\nS: +OK Goodbye");
            return list;
        }

        test::TestServices services;
        session::Pop3& pop3 = services.settings.pop3;
        storage::Account alice;
    };

    TEST_F(Pop3Policies, TellHowLongMessagesStay)
    {
        auto const told = [&](std::string const& before, std::string const& after) {
            Client client(services);
            client.start().play("S: +OK *");
            EXPECT_EQ(client.capability("EXPIRE"), before);
            client.say("USER alice\r\nPASS secret\r\n");
            EXPECT_EQ(client.capability("EXPIRE"), after);
        };
        told("EXPIRE NEVER", "EXPIRE NEVER");
        pop3.policy.expire_days = 30;
        told("EXPIRE 30", "EXPIRE 30");
        auto& own = services.authenticator.users["alice"].pop3;
        own.expire_days = 14; // without leave
        told("EXPIRE 30", "EXPIRE 30");
        pop3.least_expire_days = 7;
        told("EXPIRE 7 USER", "EXPIRE 14");
        own.expire_days = 3;
        told("EXPIRE 7 USER", "EXPIRE 7");
        own.expire_days = session::pop3_never;
        told("EXPIRE 7 USER", "EXPIRE NEVER");
        pop3.policy.expire_days = 0;
        own.expire_days.reset();
        told("EXPIRE 0 USER", "EXPIRE 0");
    }

    TEST_F(Pop3Policies, MessagesGoWhenTheirDaysAreOver)
    {
        add("one\r\n");
        // SAVEDATE counts, when it came here, and not what it says of itself.
        add("two\r\n", 100);
        pop3.policy.expire_days = 30;
        EXPECT_EQ(seen_by_pop3(), "one two ");
        EXPECT_EQ(stored().size(), 2u);

        auto const quit_in = [&](std::chrono::hours later) {
            Client client(services);
            client.login();
            auto hold = std::make_unique<session::MaildropHold>(
                services.hub.maildrops(), alice.id, client.stream);
            auto const drop = *Maildrop::open(client.session, pop3.policy, std::move(hold),
                std::chrono::system_clock::now() + later);
            std::optional<storage::Result<std::size_t>> deleted;
            boost::asio::co_spawn(services.io, drop->update(client.session),
                [&](std::exception_ptr, storage::Result<std::size_t> count) { deleted = count; });
            EXPECT_TRUE(services.run_until([&] { return deleted.has_value(); }));
            return **deleted;
        };
        EXPECT_EQ(quit_in(29 * 24h), 0u);
        EXPECT_EQ(stored().size(), 2u);
        EXPECT_EQ(quit_in(30 * 24h + 1h), 2u);
        EXPECT_TRUE(stored().empty());
    }

    TEST_F(Pop3Policies, MessagesGoWhenTheyAreFetchedWhereNoneMayStay)
    {
        for (auto const* text : { "one\r\n", "two\r\n", "three\r\n" })
            add(text);
        pop3.policy.expire_days = 0;
        {
            Client client(services);
            client.login().say("RETR 1\r\n"); // and no QUIT
        }
        EXPECT_EQ(stored().size(), 3u);
        Client client(services);
        client.login().play("C: RETR 1\nS: +OK *\nS: one\nS: .\nC: TOP 2 0\nS: +OK\nS: two\nS: .");
        client.say("DELE 3\r\nRSET\r\n");
        client.play("C: QUIT\nS: +OK Goodbye");
        EXPECT_EQ(client.conversation.totals().deleted, 1u);
        EXPECT_EQ(stored(), (std::vector<std::string> { "two\r\n", "three\r\n" }));
    }

    TEST_F(Pop3Policies, LoginsHaveTheirDelay)
    {
        auto const told = [&](std::string const& before, std::string const& after) {
            Client client(services);
            client.start().play("S: +OK *");
            EXPECT_EQ(client.capability("LOGIN-DELAY"), before);
            client.say("USER alice\r\nPASS secret\r\n");
            EXPECT_EQ(client.capability("LOGIN-DELAY"), after);
        };
        auto& own = services.authenticator.users["alice"].pop3;
        own.login_delay = 0s;
        told("", "");
        pop3.most_login_delay = 300s;
        told("LOGIN-DELAY 300 USER", "LOGIN-DELAY 0");
        pop3.policy.login_delay = 600s;
        told("LOGIN-DELAY 600 USER", "LOGIN-DELAY 0");
        own.login_delay = 900s;
        told("LOGIN-DELAY 600 USER", "LOGIN-DELAY 300");

        Client again(services);
        again.start().play(R"(
        S: +OK *
        C: USER alice
        S: +OK *
        C: PASS wrong
        S: -ERR [AUTH] *
        C: USER alice
        S: +OK *
        C: PASS secret
        S: -ERR [LOGIN-DELAY] This account has just logged in: try again in 300 seconds
        C: AUTH PLAIN AGFsaWNlAHNlY3JldA==
        S: -ERR [LOGIN-DELAY] *
        C: STAT
        S: -ERR Log in first
        C: USER bob
        S: +OK *
        C: PASS secret
        S: +OK 0 *
    )");
        own.login_delay = 0s;
        Client(services).login(); // without a delay nothing is waited for
    }

    TEST_F(Pop3Policies, ImplementationMayBeLeftUntold)
    {
        Client client(services);
        client.start().play("S: +OK *");
        EXPECT_EQ(client.capability("IMPLEMENTATION"), "IMPLEMENTATION Mailroom");
        pop3.tells_implementation = false;
        EXPECT_EQ(client.capability("IMPLEMENTATION"), "");
    }

    TEST_F(Pop3Policies, DeletedMessagesMayStayForImap)
    {
        pop3.deletes = session::Pop3Deletes::flag;
        for (auto const* text : { "one", "two", "three" })
            add(text);
        Client client(services);
        client.login().say("RETR 1\r\nDELE 1\r\nDELE 3\r\n");
        client.play("C: QUIT\nS: +OK Goodbye");
        EXPECT_EQ(client.conversation.totals().deleted, 2u);
        EXPECT_EQ(stored(), (std::vector<std::string> { "one", "two", "three" }));
        EXPECT_EQ(seen_by_pop3(), "two ");
        auto const txn = services.store().volume_of(alice).read();
        auto const inbox = *storage::find_mailbox(txn, alice.id, "INBOX");
        EXPECT_EQ(inbox.keywords, std::vector<std::string> { "$POP3Deleted" });
        EXPECT_EQ(inbox.deleted, 0u);
        pop3.deletes = session::Pop3Deletes::expunge; // hidden is hidden
        EXPECT_EQ(seen_by_pop3(), "two ");
    }

    TEST_F(Pop3Policies, OrderIsByArrivalOrDate)
    {
        add("one", 3, 3000);
        add("two", 1, 1000);
        add("three", 2); // without a Date field: by INTERNALDATE, which is long after
        EXPECT_EQ(seen_by_pop3(), "one two three ");
        pop3.policy.order = session::Pop3Order::newest;
        EXPECT_EQ(seen_by_pop3(), "three two one ");
        services.authenticator.users["alice"].pop3.order = session::Pop3Order::date;
        EXPECT_EQ(seen_by_pop3(), "two one three ");
    }

    TEST_F(Pop3Policies, ViewIsOfSomeMailboxesAndDays)
    {
        add("inbox", 5);
        add("list", 4, storage::no_date, "Lists");
        add("sent", 3, storage::no_date, "Sent");
        add("trash", 2, storage::no_date, "Trash");
        add("late", 1);
        EXPECT_EQ(seen_by_pop3(), "inbox late ");
        pop3.policy.mailboxes = { "*" };
        EXPECT_EQ(seen_by_pop3(), "inbox list late ");
        pop3.policy.mailboxes = { "*", "Sent" };
        EXPECT_EQ(seen_by_pop3(), "inbox list sent late ");
        pop3.policy.mailboxes = { "Lists", "Nowhere" };
        EXPECT_EQ(seen_by_pop3(), "list ");
        pop3.policy.mailboxes = { "Nowhere" };
        EXPECT_EQ(seen_by_pop3(), "");
        pop3.policy.max_age = 60h;
        auto& own = services.authenticator.users["alice"].pop3;
        own.mailboxes = std::vector<std::string> { "inbox", "trash", "Trash" };
        EXPECT_EQ(seen_by_pop3(), "trash late ");
        own.order = session::Pop3Order::newest;
        own.max_age = 0s;
        EXPECT_EQ(seen_by_pop3(), "late trash inbox ");
    }

    TEST_F(Pop3Policies, DeletesInEachMailboxOfTheView)
    {
        pop3.policy.mailboxes = { "*" };
        add("one", 3);
        add("two", 2, storage::no_date, "Lists");
        add("three", 1);
        add("four", 0, storage::no_date, "Lists");
        Client client(services);
        client.login().say("DELE 1\r\nDELE 2\r\nRETR 3\r\n");
        client.play("C: QUIT\nS: +OK Goodbye");
        EXPECT_EQ(stored(), std::vector<std::string> { "three" });
        EXPECT_EQ(stored("Lists"), std::vector<std::string> { "four" });

        Client other(services);
        other.login().say("DELE 1\r\nDELE 2\r\n");
        write([&](storage::WriteTxn& txn) {
            return storage::delete_mailbox(txn, alice.id, "Lists");
        });
        other.play("C: QUIT\nS: +OK Goodbye");
        EXPECT_EQ(other.conversation.totals().deleted, 1u);
        EXPECT_TRUE(stored().empty());
    }

    TEST_F(Pop3Policies, UniqueIdsAreAsConfigured)
    {
        auto const one = add("one");
        add("two");
        auto const validity = std::to_string(one.uid_validity.value);
        EXPECT_EQ(ids(), (std::vector<std::string> { validity + "-1", validity + "-2" }));
        pop3.uidl_format = "%08Xu.%v";
        EXPECT_EQ(
            ids(), (std::vector<std::string> { "00000001." + validity, "00000002." + validity }));
        Client client(services);
        client.login().play("C: UIDL 2\nS: +OK 2 00000002." + validity);
    }

    TEST_F(Pop3Policies, UniqueIdsComeAlongWithMessages)
    {
        add("one");
        auto const two = add("two");
        auto const three = add("three");
        add("four");
        pop3.uidl_format = "%u";
        set_uidl(two, "4"); // what the fourth would be called
        set_uidl(three, "4"); // there can be one only
        pop3.policy.order = session::Pop3Order::newest;
        auto const v = std::to_string(two.uid_validity.value);
        EXPECT_EQ(ids(), (std::vector<std::string> { "+" + v + "-4", "3", "4", "1" }));
        set_uidl(three, "GmailId1c92a6d4a4b5c6d7");
        EXPECT_EQ(ids(),
            (std::vector<std::string> { "+" + v + "-4", "GmailId1c92a6d4a4b5c6d7", "4", "1" }));
    }

    TEST_F(Pop3Policies, UniqueIdsOfSeveralMailboxesDiffer)
    {
        pop3.uidl_format = "%u";
        pop3.policy.mailboxes = { "*" };
        add("one", 2);
        auto const other = add("two", 1, storage::no_date, "Lists");
        EXPECT_EQ(ids(),
            (std::vector<std::string> {
                "1", "+" + std::to_string(other.uid_validity.value) + "-1" }));
    }

} // namespace
} // namespace mail::pop3
