// Counts of wrong passwords, known networks, fair turns, and who may try a password when.
#include "server/guessing/fair_turns.h"
#include "server/guessing/guarded_accounts.h"
#include "server/guessing/guessing.h"
#include "server/guessing/known_networks.h"
#include "server/guessing/tallies.h"

#include "tests/support/answer.h"
#include "tests/support/passwords_only.h"
#include "tests/support/test_services.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fstream>

using namespace mail;
using namespace mail::server;
using namespace std::chrono_literals;
using test::answer;

namespace {

using Clock = Tallies::Clock;
Clock::time_point const start {};

/// Wrong passwords that are let through from `from` to `to` when one is tried each second.
unsigned let_through(Tallies& tallies, std::chrono::seconds from, std::chrono::seconds to)
{
    unsigned count = 0;
    for (auto at = from; at < to; at += 1s) {
        if (!tallies.may_try(1, start + at))
            continue;
        tallies.add(1, start + at);
        ++count;
    }
    return count;
}

Peer peer(std::string address, bool is_loopback = false)
{
    return { .address = std::move(address), .port = 4711, .is_loopback = is_loopback };
}

/// A guard's counts with a clock in hand.
class Guesses {
public:
    explicit Guesses(config::Guessing const& settings = {})
        : guessing(settings)
        , known(folder.path() / "known-networks", "secret", 90)
    {
    }

    bool wrong(std::string address, std::string account, std::string password = {})
    {
        auto const attempt = describe(std::move(address), account, password);
        bool const may = guessing.may_try(attempt, now);
        if (may)
            guessing.note_wrong(attempt, now);
        return may;
    }
    bool may(std::string address, std::string account)
    {
        return guessing.may_try(describe(std::move(address), account, "right"), now);
    }
    void right(std::string address, std::string account)
    {
        guessing.note_right(describe(std::move(address), account, "right"), now);
    }
    Guessing::Attempt describe(
        std::string address, std::string const& account, std::string const& password)
    {
        bool const is_loopback = address.starts_with("127.");
        return guessing.describe(peer(std::move(address), is_loopback), account, password, known);
    }

    test::TemporaryDirectory folder;
    Guessing guessing;
    KnownNetworks known;
    Clock::time_point now = start + 1h;
};

/// alice has a password; nobody else exists.
class OneAccount final : public test::PasswordsOnly {
public:
    awaitable<Answer> check_password(
        session::Attempt, std::string name, std::string password) override
    {
        ++checks;
        if (name != "alice" || password != "right")
            co_return session::Refusal::wrong_credentials;
        session::User user { .name = "alice" };
        co_return user;
    }
    awaitable<Answer> admit(session::Attempt, std::string name) override
    {
        session::User user { .name = std::move(name) };
        co_return user;
    }

    int checks = 0;
};

} // namespace

TEST(Tallies, HoldsUpWhoIsWrongTooOftenLongerEachTime)
{
    Tallies tallies({ .free = 10, .interval = 60s, .longest = 480s }, 100);
    EXPECT_EQ(let_through(tallies, 0s, 10s), 10u) << "free";
    EXPECT_EQ(let_through(tallies, 10s, 60s), 0u);
    EXPECT_EQ(let_through(tallies, 60s, 75s), 1u) << "after one interval";
    EXPECT_LE(let_through(tallies, 75s, 3600s), 10u) << "1, 2, 4, 8, 8... minutes";
    EXPECT_GE(let_through(tallies, 3600s, 7200s), 6u) << "but never for longer than `longest`";
    EXPECT_EQ(tallies.count(1, start + 48h), 0) << "all is forgiven in the end";
    EXPECT_EQ(let_through(tallies, 48h, 48h + 10s), 10u);
}

TEST(Tallies, KeepsToARate)
{
    Tallies tallies({ .free = 20, .interval = 6s, .longest = 0s }, 100);
    auto const count = let_through(tallies, 0s, 3600s);
    EXPECT_GE(count, 20u + 595u) << "ten per minute beyond the free ones";
    EXPECT_LE(count, 20u + 600u);
}

TEST(Tallies, DoesNotCountTheSamePasswordTwice)
{
    Tallies tallies({ .free = 3, .interval = 60s, .longest = 0s }, 100);
    EXPECT_TRUE(tallies.add(1, start, 77));
    EXPECT_FALSE(tallies.add(1, start, 77));
    EXPECT_DOUBLE_EQ(tallies.count(1, start), 1);
    EXPECT_TRUE(tallies.add(1, start, 78));
    EXPECT_TRUE(tallies.add(1, start, 77)) << "only the last one is compared";
    EXPECT_FALSE(tallies.may_try(1, start));
    tallies.subtract(1, 2, start);
    EXPECT_DOUBLE_EQ(tallies.count(1, start), 1);
}

TEST(Tallies, ForgetsTheLeastWhenFull)
{
    Tallies tallies({ .free = 10, .interval = 60s, .longest = 0s }, 64);
    for (int i = 0; i < 5; ++i)
        tallies.add(42, start);
    for (std::uint64_t other = 1000; other < 100'000; ++other)
        tallies.add(other, start + 1s);
    EXPECT_GT(tallies.count(42, start + 1s), 4) << "a hundred thousand others did not wash it away";
}

TEST(KnownNetworks, AreKeptAcrossRestartsAndForgottenInTheEnd)
{
    test::TemporaryDirectory const folder;
    auto const file = folder.path() / "known-networks";
    {
        KnownNetworks known(file, "secret", 90);
        EXPECT_FALSE(known.contains("alice", "192.0.2", 20'000));
        known.remember("alice", "192.0.2", 20'000);
        known.save();
    }
    KnownNetworks const again(file, "secret", 90);
    EXPECT_TRUE(again.contains("alice", "192.0.2", 20'000));
    EXPECT_TRUE(again.contains("alice", "192.0.2", 20'090));
    EXPECT_FALSE(again.contains("alice", "192.0.2", 20'091));
    EXPECT_FALSE(again.contains("alice", "192.0.3", 20'000));
    EXPECT_FALSE(again.contains("bob", "192.0.2", 20'000));
    EXPECT_FALSE(KnownNetworks(file, "another", 90).contains("alice", "192.0.2", 20'000));
    EXPECT_LT(std::filesystem::file_size(file), 3u << 20);
}

TEST(KnownNetworks, BeginAnewWhereTheFileIsNotTheirs)
{
    test::TemporaryDirectory const folder;
    auto const file = folder.path() / "known-networks";
    std::ofstream(file) << "something else";
    KnownNetworks known(file, "secret", 90);
    known.remember("alice", "192.0.2", 20'000);
    known.save();
    EXPECT_TRUE(KnownNetworks(file, "secret", 90).contains("alice", "192.0.2", 20'000));
}

TEST(Guessing, HoldsUpAnAddressAndItsSlash64)
{
    Guesses guesses;
    for (int i = 0; i < 10; ++i)
        EXPECT_TRUE(guesses.wrong(fmt::format("2001:db8::{}", i), fmt::format("user{}", i)));
    EXPECT_FALSE(guesses.may("2001:db8::ffff", "another"));
    EXPECT_TRUE(guesses.may("2001:db8:0:1::1", "another"));
    guesses.now += 60s;
    EXPECT_TRUE(guesses.may("2001:db8::ffff", "another"));
}

TEST(Guessing, LeavesTheOwnerAWayInWhileOthersGuess)
{
    Guesses guesses;
    guesses.known.remember("alice", std::string("\xc0\0\2", 3), today());
    unsigned tried = 0;
    for (int network = 0; network < 50; ++network)
        for (int host = 1; host < 5; ++host)
            tried += guesses.wrong(fmt::format("10.{}.0.{}", network, host), "alice");
    EXPECT_EQ(tried, 20u) << "as many as are free";
    EXPECT_TRUE(guesses.may("192.0.2.77", "alice")) << "alice was there before";
    EXPECT_FALSE(guesses.may("10.0.0.1", "alice"));
    EXPECT_TRUE(guesses.may("10.0.0.1", "bob")) << "one wrong one is no guessing";
    guesses.now += 6s; // one more, kept for an address without wrong ones
    EXPECT_FALSE(guesses.may("10.0.0.1", "alice"));
    EXPECT_TRUE(guesses.may("203.0.113.5", "alice"));
}

TEST(Guessing, KeepsAnAccountUnderAttackToTheRate)
{
    Guesses guesses;
    unsigned tried = 0;
    for (int second = 0; second < 3600; ++second, guesses.now += 1s)
        for (int i = 0; i < 3; ++i)
            tried += guesses.wrong(fmt::format("10.{}.{}.1", second % 200, i), "alice");
    EXPECT_LE(tried, 20u + 600u);
    EXPECT_GE(tried, 500u);
}

TEST(Guessing, LetsNoMoreInAtOnceThanMayBeLookedAt)
{
    Guesses guesses;
    auto const from = [&](int network) {
        return guesses.describe(fmt::format("10.{}.0.1", network), "alice", "guess");
    };
    for (int network = 0; network < 30; ++network)
        EXPECT_TRUE(guesses.guessing.begin(from(network), guesses.now)) << "nobody was wrong yet";
    for (int network = 0; network < 30; ++network)
        guesses.guessing.end(from(network));
    EXPECT_TRUE(guesses.wrong("10.100.0.1", "alice"));
    int begun = 0;
    for (int network = 0; network < 30; ++network)
        begun += guesses.guessing.begin(from(network), guesses.now);
    EXPECT_EQ(begun, 19);
    guesses.guessing.end(from(0));
    EXPECT_TRUE(guesses.guessing.begin(from(0), guesses.now));
}

TEST(Guessing, TreatsUnknownUsersAsKnownOnes)
{
    Guesses guesses;
    std::string pattern[2];
    for (int which = 0; which < 2; ++which)
        for (int i = 0; i < 40; ++i)
            pattern[which]
                += guesses.wrong(fmt::format("10.{}.{}.1", which, i), which ? "nobody" : "alice")
                ? '+'
                : '-';
    EXPECT_EQ(pattern[0], pattern[1]);
}

TEST(Guessing, ForgivesWhoIsRightInTheEnd)
{
    Guesses guesses;
    for (int i = 0; i < 9; ++i)
        EXPECT_TRUE(guesses.wrong("192.0.2.1", "alice"));
    guesses.right("192.0.2.1", "alice");
    for (int i = 0; i < 10; ++i)
        EXPECT_TRUE(guesses.wrong("192.0.2.1", "alice")) << i;
    guesses.right("192.0.2.1", "bob");
    EXPECT_FALSE(guesses.may("192.0.2.1", "alice")) << "an account of one's own forgives nothing";
}

TEST(Guessing, AProgramWithAnOldPasswordDoesNotGuess)
{
    Guesses guesses;
    for (int i = 0; i < 100; ++i)
        EXPECT_TRUE(guesses.wrong("192.0.2.1", "alice", "old"));
    EXPECT_TRUE(guesses.may("192.0.2.1", "alice"));
}

TEST(Guessing, LoopbackCountsOnlyWhereTheConfigSaysSo)
{
    Guesses guesses;
    for (int i = 0; i < 100; ++i)
        EXPECT_TRUE(guesses.wrong("127.0.0.1", fmt::format("user{}", i)));
    config::Guessing settings;
    settings.count_loopback = true;
    Guesses counting(settings);
    for (int i = 0; i < 10; ++i)
        EXPECT_TRUE(counting.wrong("127.0.0.1", fmt::format("user{}", i)));
    EXPECT_FALSE(counting.may("127.0.0.1", "another"));
    EXPECT_TRUE(counting.may("127.0.1.1", "another"));
}

TEST(FairTurns, DealsThemOutByKeys)
{
    FairTurns turns(1, 3);
    boost::asio::io_context io;
    std::string order;
    auto take = [&](std::uint64_t key) -> awaitable<void> {
        auto const rank = key == 3 ? FairTurns::Rank::first : FairTurns::Rank::later;
        auto const turn = co_await turns.take(key, rank);
        order += turn ? static_cast<char>('a' + key) : '!';
        auto const executor = co_await boost::asio::this_coro::executor;
        boost::asio::steady_timer timer(executor, 5ms);
        co_await timer.async_wait(boost::asio::use_awaitable);
    };
    for (std::uint64_t const key : { 0, 0, 0, 0, 0, 1, 1, 2, 3 })
        boost::asio::co_spawn(io, take(key), [](std::exception_ptr) {});
    io.run();
    EXPECT_EQ(order, "a!dabcaba") << "the fifth of one key is refused at once";
}

class GuardedAccountsTest : public testing::Test {
protected:
    GuardedAccounts& guard()
    {
        if (!guard_)
            guard_ = std::make_unique<GuardedAccounts>(
                accounts, settings, folder.path() / "known-networks", "secret");
        return *guard_;
    }
    OneAccount::Answer log_in(std::string address, std::string name, std::string password)
    {
        session::Attempt attempt { .protocol = "imap", .mechanism = "PLAIN", .peer = {} };
        attempt.peer = peer(std::move(address));
        return answer(guard().check_password(attempt, std::move(name), std::move(password)));
    }

    test::TemporaryDirectory folder;
    config::Auth settings;
    OneAccount accounts;

private:
    std::unique_ptr<GuardedAccounts> guard_;
};

TEST_F(GuardedAccountsTest, LooksAtNoPasswordFromDeniedNetworks)
{
    settings.allow_networks = { "192.0.2.0/24" };
    settings.deny_networks = { "192.0.2.66" };
    EXPECT_EQ(log_in("198.51.100.1", "alice", "right").error(), session::Refusal::disabled);
    EXPECT_EQ(log_in("192.0.2.66", "alice", "right").error(), session::Refusal::disabled);
    EXPECT_EQ(accounts.checks, 0);
    EXPECT_TRUE(log_in("192.0.2.1", "alice", "right").has_value());
    EXPECT_TRUE(log_in("local", "alice", "right").has_value());
    EXPECT_EQ(guard().counts().denied, 2u);
    EXPECT_EQ(guard().counts().right, 2u);
}

TEST_F(GuardedAccountsTest, APasswordThatWasRightThereAlwaysPasses)
{
    settings.guessing.wrong_per_address = 3;
    EXPECT_TRUE(log_in("192.0.2.1", "alice", "right").has_value());
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(log_in("192.0.2.1", "alice", fmt::format("wrong{}", i)).error(),
            session::Refusal::wrong_credentials);
    EXPECT_EQ(log_in("192.0.2.1", "Alice", "wrong4").error(), session::Refusal::throttled);
    EXPECT_EQ(accounts.checks, 4) << "what is held up is not looked at";
    EXPECT_TRUE(log_in("192.0.2.1", "alice", "right").has_value());
    EXPECT_EQ(guard().counts().throttled, 1u);
}

TEST_F(GuardedAccountsTest, ScramIsCountedAsWell)
{
    settings.guessing.wrong_per_address = 3;
    session::Attempt attempt { .protocol = "imap", .mechanism = "SCRAM-SHA-256", .peer = {} };
    attempt.peer = peer("192.0.2.1");
    for (int i = 0; i < 3; ++i) {
        EXPECT_TRUE(
            answer(guard().scram_keys(attempt, "alice", sasl::ScramHash::sha256)).has_value());
        guard().note_wrong_proof(attempt, "alice");
    }
    EXPECT_EQ(answer(guard().scram_keys(attempt, "alice", sasl::ScramHash::sha256)).error(),
        session::Refusal::throttled);
    EXPECT_EQ(log_in("192.0.2.1", "alice", "right").error(), session::Refusal::throttled);
}
