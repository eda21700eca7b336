// Two sessions and one maildrop: who has it, and when it changes hands.
#include "tests/pop3/client.h"

#include <thread>

namespace mail::pop3 {
namespace {

    using namespace std::chrono_literals;

    struct Pop3Takeover : ::testing::Test {
        Pop3Takeover() { services.settings.pop3.takeover_time = 1s; }

        void add(std::string_view octets) { test::store_message(services.store(), alice, octets); }
        std::size_t stored() { return test::messages_of(services.store(), alice).size(); }

        test::TestServices services;
        storage::Account alice = services.account("alice");
    };

    constexpr auto login_again = "S: +OK *\nC: USER alice\nS: +OK *\nC: PASS secret\n";

    TEST_F(Pop3Takeover, WaitsUntilTheOtherIsSilent)
    {
        add("one");
        Client first(services);
        first.login().say("DELE 1\r\n");
        Client second(services);
        second.start().play(std::string(login_again) + "S: -ERR [IN-USE] *");
        EXPECT_FALSE(first.finished);

        std::this_thread::sleep_for(600ms);
        first.play("C: NOOP\nS: +OK"); // says something
        std::this_thread::sleep_for(600ms);
        second.play("C: USER alice\nS: +OK *\nC: PASS secret\nS: -ERR [IN-USE] *");

        std::this_thread::sleep_for(600ms);
        second.play("C: USER alice\nS: +OK *\nC: PASS secret\nS: +OK 1 messages (3 octets)");
        EXPECT_TRUE(services.run_until([&] { return first.finished; }));
        EXPECT_EQ(first.stream.take_output(), ""); // RFC 1939 §3: without a response
        EXPECT_EQ(stored(), 1u); // and without UPDATE

        Client third(services);
        third.start().play(std::string(login_again) + "S: -ERR [IN-USE] *");
        second.play("C: DELE 1\nS: +OK *\nC: QUIT\nS: +OK Goodbye");
        EXPECT_EQ(stored(), 0u);
        third.play("C: USER alice\nS: +OK *\nC: PASS secret\nS: +OK 0 *");
    }

    TEST_F(Pop3Takeover, NeverComesWhereItIsSwitchedOff)
    {
        services.settings.pop3.takeover_time = 0s;
        Client first(services);
        first.login();
        std::this_thread::sleep_for(1100ms);
        Client(services).start().play(std::string(login_again) + "S: -ERR [IN-USE] *");
        first.play("C: NOOP\nS: +OK");
    }

    TEST_F(Pop3Takeover, CommandsOfTheLoserAreRefused)
    {
        // The server still works for a client that is gone when another one comes.
        add("A: 1\r\n\r\n" + std::string(5'000'000, 'x') + "\r\n");
        Client first(services);
        first.login();
        first.stream.push("DELE 1\r\nRSET\r\nRETR 1\r\nDELE 1\r\nQUIT\r\n");
        first.stream.hang_up();
        Client second(services);
        second.start().play(std::string(login_again) + "S: +OK 1 *");
        EXPECT_TRUE(services.run_until([&] { return first.finished; }));
        auto const said = first.stream.take_output();
        EXPECT_NE(
            said.find("\r\n.\r\n-ERR [SYS/TEMP] Another session has taken this maildrop over"),
            said.npos);
        EXPECT_EQ(stored(), 1u);
        second.play("C: DELE 1\nS: +OK *\nC: QUIT\nS: +OK Goodbye");
        EXPECT_EQ(stored(), 0u);
    }

    TEST_F(Pop3Takeover, BrokenConnectionsGiveWayAtOnce)
    {
        // A client that is gone while the server works for it, and so does not read: its end is
        // seen by the one who asks.
        services.settings.pop3.takeover_time = 0s;
        test::MemoryStream stream(services.io);
        auto take = [&](test::MemoryStream& by) {
            std::unique_ptr<session::MaildropHold> hold;
            bool is_done = false;
            auto asking = services.hub.maildrops().take(alice.id, by, 0s);
            boost::asio::co_spawn(services.io, std::move(asking),
                [&](std::exception_ptr, std::unique_ptr<session::MaildropHold> taken) {
                    hold = std::move(taken);
                    is_done = true;
                });
            EXPECT_TRUE(services.run_until([&] { return is_done; }));
            return hold;
        };
        auto first = take(stream);
        ASSERT_TRUE(first);
        test::MemoryStream other(services.io);
        EXPECT_FALSE(take(other));
        stream.hang_up();
        first->begin_update(); // what is being written is not taken away
        EXPECT_FALSE(take(other));
        first.reset();
        auto second = take(stream);
        ASSERT_TRUE(second);
        auto third = take(other);
        ASSERT_TRUE(third);
        EXPECT_TRUE(second->is_lost());
        second.reset(); // gives back nothing that it does not have
        EXPECT_FALSE(take(stream));
        third.reset();
        EXPECT_TRUE(take(stream));
    }

    TEST_F(Pop3Takeover, ForgetsDelaysThatAreOver)
    {
        auto& maildrops = services.hub.maildrops();
        auto const now = session::Maildrops::Clock::now();
        for (std::uint64_t i = 1; i <= 5000; ++i)
            maildrops.note_login(storage::AccountId { i }, 10s, now + std::chrono::seconds(i));
        EXPECT_EQ(maildrops.delay_left(storage::AccountId { 5000 }, 10s, now + 5000s), 10s);
        EXPECT_EQ(maildrops.delay_left(storage::AccountId { 5000 }, 0s, now + 5000s), 0s);
        EXPECT_EQ(maildrops.delay_left(storage::AccountId { 4000 }, 10s, now + 5000s), 0s);
    }

    TEST_F(Pop3Takeover, NeitherImapNorDeliveriesWait)
    {
        add("one\r\n");
        Client client(services);
        client.login();
        add("two\r\n");
        EXPECT_EQ(stored(), 2u);
        services.store().volume_of(alice).write(
            [&](storage::WriteTxn& txn) -> storage::Result<void> {
                auto const inbox = *storage::find_mailbox(txn, alice.id, "INBOX");
                storage::UidSet const one(storage::Uid { 1 });
                return storage::expunge(txn, alice.id, inbox.id, one) ? storage::Result<void> {}
                                                                      : storage::Errc::not_found;
            });
        client.play("C: STAT\nS: +OK 1 5\nC: RETR 1\nS: +OK 5 octets\nS: one\nS: .\nC: DELE 1\nS: "
                    "+OK *\nC: QUIT\nS: +OK Goodbye");
        EXPECT_EQ(stored(), 1u);
    }

} // namespace
} // namespace mail::pop3
