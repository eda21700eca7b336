// The TRANSACTION and UPDATE states: listings, messages, deletions, and what others do meanwhile.
#include "tests/pop3/client.h"

#include <random>

namespace mail::pop3 {
namespace {

    struct Pop3Transaction : ::testing::Test {
        storage::Appended add(std::string_view octets, std::uint8_t flags = 0)
        {
            return test::store_message(services.store(), alice, octets, flags);
        }
        std::vector<std::string> stored() { return test::messages_of(services.store(), alice); }
        std::vector<bool> seen()
        {
            std::vector<bool> result;
            auto const txn = services.store().volume_of(alice).read();
            auto const inbox = *storage::find_mailbox(txn, alice.id, "INBOX");
            storage::UidRange const all { storage::Uid { 1 }, storage::Uid { 0xffffffff } };
            storage::scan_messages(txn, alice.id, inbox.id, all, storage::Columns::flags,
                [&](storage::HotRecord const& hot) {
                    result.push_back(hot.flags.has(storage::Flags::seen));
                    return true;
                });
            return result;
        }
        /// As an IMAP session would.
        void expunge(storage::Appended const& message)
        {
            *services.store().volume_of(alice).write(
                [&](storage::WriteTxn& txn) -> storage::Result<void> {
                    storage::UidSet const one(message.uid);
                    auto const done = storage::expunge(txn, alice.id, message.mailbox, one);
                    if (!done)
                        return done.error();
                    return {};
                });
        }

        test::TestServices services;
        storage::Account alice = services.account("alice");
    };

    TEST_F(Pop3Transaction, AnonymousSessionsChangeNothingAndLockNobodyOut)
    {
        add("A: 1\r\n\r\n");
        services.authenticator.anonymous = "alice";
        Client reader(services);
        reader.start().play(R"(
        S: +OK *
        C: AUTH ANONYMOUS c2lyaGM=
        S: +OK 1 messages *
        C: RETR 1
        S: +OK *
        S: A: 1
        S: 
        S: .
        C: DELE 1
        S: -ERR Nothing can be deleted*
    )");
        Client other(services);
        other.start().play("S: +OK *\nC: AUTH ANONYMOUS =\nS: +OK 1 *");
        Client owner(services);
        owner.login();
        reader.play("C: QUIT\nS: +OK Goodbye");
        EXPECT_EQ(seen(), std::vector<bool> { false });
        owner.play("C: DELE 1\nS: +OK *\nC: QUIT\nS: +OK Goodbye");
        EXPECT_TRUE(stored().empty());
    }

    TEST_F(Pop3Transaction, RefusesBadArguments)
    {
        add("A: 1\r\n\r\n");
        Client client(services);
        client.login().play(R"(
        C: RETR
        S: -ERR A message number is wanted*
        C: RETR 0
        S: -ERR A message number is wanted*
        C: RETR -1
        S: -ERR A message number is wanted*
        C: RETR 1 2
        S: -ERR A message number is wanted*
        C: RETR 2
        S: -ERR There is no such message*
        C: RETR 18446744073709551617
        S: -ERR There is no such message*
        C: DELE x
        S: -ERR A message number is wanted*
        C: DELE 2
        S: -ERR There is no such message*
        C: LIST 2
        S: -ERR There is no such message*
        C: UIDL 1x
        S: -ERR A message number is wanted*
        C: TOP 1
        S: -ERR TOP takes a message number and a number of lines
        C: TOP 1 -1
        S: -ERR The second argument is a number of lines*
        C: TOP 2 1
        S: -ERR There is no such message*
        C: STAT 1
        S: -ERR This command takes no arguments
        C: QUIT now
        S: -ERR This command takes no arguments
        C: PASS secret
        S: -ERR Not after the login
        C: STLS
        S: -ERR Not after the login
        C: AUTH PLAIN
        S: -ERR Not after the login
        C: USER alice
        S: -ERR Not after the login
        C: UTF8
        S: -ERR Not after the login
        C: RSET 1
        S: -ERR This command takes no arguments
        C: NOOP 1
        S: -ERR This command takes no arguments
        C: LIST 0
        S: -ERR A message number is wanted*
        C: UIDL 2
        S: -ERR There is no such message*
        C: TOP 1 1 1
        S: -ERR The second argument is a number of lines*
        C: TOP 0 1
        S: -ERR A message number is wanted*
        C: RETR 99999999999999999999999999
        S: -ERR There is no such message*
        C: LAST
        S: -ERR Unknown command*
        C: NOOP
        S: +OK
    )");
    }

    TEST_F(Pop3Transaction, DoesNotTakeRefusalsForBadCommands)
    {
        Client client(services);
        client.login();
        std::string commands;
        for (int i = 1; i <= 100; ++i)
            commands += "DELE " + std::to_string(i) + "\r\n";
        client.say(commands);
        EXPECT_FALSE(client.finished);
    }

    TEST_F(Pop3Transaction, ListsTheMaildrop)
    {
        add("A: 1\r\n\r\nfirst\r\n");
        auto const gone = add("gone");
        auto const last = add("B: 2\r\n\r\n");
        expunge(gone);
        auto const validity = std::to_string(last.uid_validity.value);
        Client client(services);
        client.login().play(
            "C: STAT\nC: LIST\nC: list 2\nS: +OK 2 23\nS: +OK 2 messages (23 octets)\n"
            "S: 1 15\nS: 2 8\nS: .\nS: +OK 2 8");
        client.play("C: UIDL\nC: UIDL 2\nS: +OK *\nS: 1 " + validity + "-1\nS: 2 " + validity
            + "-3\nS: .\nS: +OK 2 " + validity + "-3");
        client.play(
            "C: DELE 1\nC: STAT\nC: LIST\nC: UIDL\nC: UIDL 1\nC: DELE 1\nC: RETR 1\nC: TOP 1 0\n"
            "S: +OK *\nS: +OK 1 8\nS: +OK 1 messages (8 octets)\nS: 2 8\nS: .\nS: +OK *\nS: 2 "
            "*-3\nS: .\n"
            "S: -ERR *deleted*\nS: -ERR *deleted*\nS: -ERR *deleted*\nS: -ERR *deleted*");
        client.play("C: RSET\nC: STAT\nS: +OK *\nS: +OK 2 23\nC: QUIT\nS: +OK Goodbye");
        EXPECT_EQ(stored().size(), 2u);
    }

    TEST_F(Pop3Transaction, SendsMessagesExactly)
    {
        add("A: 1\r\n\r\n.\r\n..x\r\nend\r\n");
        add("");
        add("no line end");
        std::string const odd("B: \xff\r\n\r\nnul \0 and bare\nlf\r\n", 27);
        add(odd);
        Client client(services);
        client.start().say("UTF8\r\n");
        client.say("USER alice\r\nPASS secret\r\n");
        EXPECT_EQ(
            client.say("RETR 1\r\n"), "+OK 21 octets\r\nA: 1\r\n\r\n..\r\n...x\r\nend\r\n.\r\n");
        EXPECT_EQ(client.say("retr 2\r\n"), "+OK 0 octets\r\n.\r\n");
        EXPECT_EQ(client.say("RETR 3\r\n"), "+OK 11 octets\r\nno line end\r\n.\r\n");
        EXPECT_EQ(client.say("RETR 4\r\n"), "+OK 27 octets\r\n" + odd + ".\r\n");
        EXPECT_EQ(client.say("TOP 1 0\r\n"), "+OK\r\nA: 1\r\n\r\n.\r\n");
        EXPECT_EQ(client.say("TOP 1 1\r\n"), "+OK\r\nA: 1\r\n\r\n..\r\n.\r\n");
        EXPECT_EQ(
            client.say("TOP 1 99999999\r\n"), "+OK\r\nA: 1\r\n\r\n..\r\n...x\r\nend\r\n.\r\n");
        EXPECT_EQ(client.say("TOP 3 0\r\nTOP 2 5\r\n"), "+OK\r\nno line end\r\n.\r\n+OK\r\n.\r\n");
        EXPECT_EQ(client.conversation.totals().retrieved, 4u);
    }

    TEST_F(Pop3Transaction, GetsPastADamagedMessage)
    {
        add("A: 1\r\n\r\nfirst\r\n");
        auto const damage = [](storage::WriteTxn& txn) -> storage::Result<void> {
            storage::Cursor cursor(txn, storage::Table::bodies);
            if (!cursor.seek_last_below(std::string(40, '\xff')))
                return storage::Errc::not_found;
            std::string const key(cursor.key());
            std::string value(cursor.value());
            value.back() = static_cast<char>(value.back() ^ 0x55);
            txn.put(storage::Table::bodies, key, value);
            return {};
        };
        ASSERT_TRUE(services.store().volume_of(alice).write(damage));
        add("second\r\n");
        Client(services).login().play(R"(
        C: RETR 1
        S: -ERR [SYS/PERM] *
        C: TOP 1 0
        S: -ERR [SYS/PERM] *
        C: RETR 2
        S: +OK 8 octets
        S: second
        S: .
    )");
    }

    TEST_F(Pop3Transaction, StreamsLongMessages)
    {
        std::mt19937 random(3);
        std::string body = "A: 1\r\n\r\n";
        while (body.size() < 3'000'000) {
            std::string line(random() % 90, static_cast<char>('!' + random() % 90));
            body += line + "\r\n";
        }
        add(body);
        Client client(services);
        client.login();
        auto const said = client.say("RETR 1\r\n");
        auto text = std::string_view(said);
        text.remove_prefix(text.find('\n') + 1);
        std::string received;
        while (!text.starts_with(".\r\n")) {
            auto line = text.substr(0, text.find('\n') + 1);
            ASSERT_FALSE(line.empty());
            text.remove_prefix(line.size());
            received += line.starts_with('.') ? line.substr(1) : line;
        }
        EXPECT_TRUE(received == body);
        EXPECT_LT(client.say("TOP 1 10\r\n").size(), 2000u);
    }

    TEST_F(Pop3Transaction, AnswersPipelinedCommandsInOrder)
    {
        for (int i = 1; i <= 300; ++i)
            add("N: " + std::to_string(i) + "\r\n\r\n" + std::string(1000, 'x') + "\r\n");
        Client client(services);
        client.login();
        std::string commands;
        std::string expected;
        for (int i = 1; i <= 300; ++i) {
            auto const number = std::to_string(i);
            commands += "RETR " + number + "\r\nDELE " + number + "\r\n";
            auto const message = "N: " + number + "\r\n\r\n" + std::string(1000, 'x') + "\r\n";
            expected += "+OK " + std::to_string(message.size()) + " octets\r\n" + message
                + ".\r\n+OK Marked as deleted\r\n";
        }
        EXPECT_TRUE(client.say(commands) == expected);
        client.play("C: QUIT\nS: +OK Goodbye");
        EXPECT_EQ(client.conversation.totals().deleted, 300u);
        EXPECT_TRUE(stored().empty());
    }

    TEST_F(Pop3Transaction, DeletesAtQuitOnly)
    {
        add("one");
        add("two");
        add("three", storage::Flags::seen);
        {
            Client client(services);
            client.login().say("RETR 1\r\nRETR 2\r\nDELE 1\r\nDELE 3\r\n");
            EXPECT_EQ(stored().size(), 3u);
        } // gone without QUIT
        EXPECT_EQ(stored().size(), 3u);
        EXPECT_EQ(seen(), (std::vector<bool> { false, false, true }));

        Client client(services);
        client.login().say("RETR 1\r\nRETR 2\r\nTOP 3 1\r\nDELE 1\r\nDELE 3\r\nRSET\r\nDELE 3\r\n");
        client.play("C: QUIT\nS: +OK Goodbye");
        EXPECT_TRUE(client.finished);
        EXPECT_EQ(stored(), (std::vector<std::string> { "one", "two" }));
        EXPECT_EQ(seen(), (std::vector<bool> { true, true }));
    }

    TEST_F(Pop3Transaction, DeletesNothingWhenTimeRunsOut)
    {
        add("one");
        Client client(services);
        client.login().say("DELE 1\r\n");
        client.stream.run_out_of_time();
        EXPECT_TRUE(services.run_until([&] { return client.finished; }));
        EXPECT_EQ(stored().size(), 1u);
    }

    TEST_F(Pop3Transaction, KeepsItsSnapshotWhileOthersWork)
    {
        auto const first = add("one\r\n");
        add("two\r\n");
        Client client(services);
        client.login();
        expunge(first);
        add("three\r\n");
        client.play("C: STAT\nC: RETR 1\nS: +OK 2 10\nS: +OK 5 octets\nS: one\nS: .");
        client.play("C: DELE 1\nC: DELE 2\nS: +OK *\nS: +OK *\nC: QUIT\nS: +OK Goodbye");
        EXPECT_EQ(client.conversation.totals().deleted, 1u);
        EXPECT_EQ(stored(), std::vector<std::string> { "three\r\n" });
        Client(services).login().play("C: UIDL\nS: +OK *\nS: 1 *-3\nS: .");
    }

    TEST_F(Pop3Transaction, SaysWhenNothingCouldBeDeleted)
    {
        add("one");
        Client client(services);
        client.login().play("C: DELE 1\nS: +OK *");
        ASSERT_TRUE(services.store().remove_account("alice"));
        client.play("C: QUIT\nS: -ERR [SYS/TEMP] Nothing was deleted: *");
        EXPECT_TRUE(client.finished);
        EXPECT_EQ(client.conversation.totals().deleted, 0u);
    }

} // namespace
} // namespace mail::pop3
