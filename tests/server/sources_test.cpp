// Several sources of accounts behind one another: who decides, what a source that is down means,
// what is remembered, and that nobody can tell from questions or times which users exist.
#include "server/accounts/accounts.h"
#include "server/accounts/passwords.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <map>

using namespace mail;
using namespace mail::server;
using namespace std::chrono_literals;
using session::Refusal;

namespace {

/// A source in memory that is asked as a database is, and counts it.
class FakeSource final : public Source {
public:
    struct State {
        std::map<std::string, std::string>
            hashes; ///< by name; where passwords are checked here, these
        std::map<std::string, std::string> aliases;
        std::atomic<bool> is_down = false;
        std::atomic<int> questions = 0;
        bool checks_passwords = false;
        bool has_keys = true;
    };

    FakeSource(std::string name, State& state, SourceTerms terms)
        : name_(std::move(name))
        , state_(state)
        , terms_(terms)
    {
    }
    std::string const& name() const override { return name_; }
    SourceTerms terms() const override { return terms_; }
    EntryPtr find(std::string const& name) override
    {
        ask();
        auto const found = state_.hashes.find(name);
        if (found == state_.hashes.end())
            return {};
        auto entry = std::make_shared<UserEntry>();
        entry->name = name;
        if (!state_.checks_passwords)
            entry->hash = found->second;
        entry->groups = { name_ };
        return entry;
    }
    EntryPtr find_by_address(std::string const& address) override
    {
        auto const alias = state_.aliases.find(address);
        return find(alias == state_.aliases.end() ? address : alias->second);
    }
    bool checks_passwords() const override { return state_.checks_passwords; }
    Verdict check_password(UserEntry const& entry, Tried const& tried) override
    {
        ask();
        if (state_.hashes.at(entry.name) != tried.password)
            return Verdict::wrong;
        return entry.name == "expired" ? Verdict::disabled : Verdict::right;
    }
    std::array<bool, sasl::scram_hashes> keys_of_all() const override
    {
        return { state_.has_keys, state_.has_keys, state_.has_keys };
    }

private:
    void ask()
    {
        ++state_.questions;
        if (state_.is_down)
            throw SourceDown("nobody answers");
    }

    std::string name_;
    State& state_;
    SourceTerms terms_;
};

class SourcesTest : public testing::Test {
protected:
    SourcesTest()
    {
        first.hashes = { { "alice", "{PLAIN}a1" }, { "dave@example.org", "{PLAIN}d" } };
        second.hashes = { { "alice", "{PLAIN}a2" }, { "bob", "{PLAIN}b" } };
        second.aliases = { { "info", "bob" } };
        config.auth.default_domain = "example.org";
        config.auth.weak_schemes = true; // {PLAIN} costs no time
        config.auth.rehash = false;
    }
    ~SourcesTest() override
    {
        if (accounts_)
            accounts_->join();
    }

    Accounts& accounts()
    {
        if (!accounts_) {
            Accounts::Sources sources;
            sources.push_back(std::make_unique<FakeSource>("first", first, terms));
            sources.push_back(std::make_unique<FakeSource>("second", second, terms));
            accounts_
                = std::make_unique<Accounts>(std::move(sources), config, admission, "a secret");
        }
        return *accounts_;
    }

    template <class T> T answer(awaitable<T> question)
    {
        std::optional<T> result;
        std::exception_ptr failure;
        auto asked = keep(std::move(question), result);
        boost::asio::co_spawn(
            io, std::move(asked), [&](std::exception_ptr thrown) { failure = thrown; });
        io.restart();
        io.run();
        if (failure)
            std::rethrow_exception(failure);
        return std::move(*result);
    }

    /// The group says which source it was; or why not.
    std::string log_in(std::string name, std::string password)
    {
        session::Attempt attempt { .protocol = "imap", .mechanism = "PLAIN", .peer = {} };
        auto const user
            = answer(accounts().check_password(attempt, std::move(name), std::move(password)));
        if (user)
            return user->groups.front();
        switch (user.error()) {
        case Refusal::wrong_credentials:
            return "wrong";
        case Refusal::unavailable:
            return "unavailable";
        case Refusal::disabled:
            return "disabled";
        default:
            return "?";
        }
    }
    std::string recipient(std::string address)
    {
        try {
            auto const user = answer(accounts().find_recipient(std::move(address)));
            return user ? user->name : "nobody";
        } catch (session::AccountsUnavailable const&) {
            return "unavailable";
        }
    }
    int asked_by(std::function<void()> const& f)
    {
        auto const before = first.questions + second.questions;
        f();
        return first.questions + second.questions - before;
    }

    boost::asio::io_context io { 1 };
    FakeSource::State first;
    FakeSource::State second;
    SourceTerms terms { .workers = 2, .time_limit = 5s, .cache_time = 60s };
    config::Config config;
    Admission admission { config.limits };

private:
    template <class T> static awaitable<void> keep(awaitable<T> question, std::optional<T>& out)
    {
        out.emplace(co_await std::move(question));
    }
    std::unique_ptr<Accounts> accounts_;
};

} // namespace

TEST_F(SourcesTest, TheFirstThatHasTheAccountDecides)
{
    EXPECT_EQ(log_in("alice", "a1"), "first");
    EXPECT_EQ(log_in("alice", "a2"), "wrong") << "the second has another account of this name";
    EXPECT_EQ(log_in("Bob", "b"), "second");
    EXPECT_EQ(log_in("bob@example.org", "b"), "second");
    EXPECT_EQ(log_in("dave", "d"), "first");
    EXPECT_EQ(log_in("info", "b"), "wrong") << "aliases take mail only";
    EXPECT_EQ(recipient("INFO"), "bob");
    EXPECT_EQ(recipient("dave"), "dave@example.org");
    EXPECT_EQ(recipient("nobody"), "nobody");
}

TEST_F(SourcesTest, WhatASourceThatIsDownMayHoldNoOtherAnswersFor)
{
    first.is_down = true;
    EXPECT_EQ(log_in("bob", "b"), "unavailable");
    EXPECT_EQ(log_in("bob", "wrong"), "unavailable");
    EXPECT_EQ(log_in("nobody", "x"), "unavailable");
    EXPECT_EQ(recipient("bob"), "unavailable");
    EXPECT_EQ(recipient("nobody"), "unavailable");
    first.is_down = false;
    second.is_down = true;
    EXPECT_EQ(log_in("alice", "a1"), "first") << "the second is not needed";
    EXPECT_EQ(log_in("alice", "wrong"), "wrong");
    EXPECT_EQ(recipient("alice"), "alice");
    EXPECT_EQ(log_in("bob", "b"), "unavailable");
    second.is_down = false;
    EXPECT_EQ(log_in("bob", "b"), "second") << "it recovers by itself";
}

TEST_F(SourcesTest, WhatWasRightGoesOnWhileTheSourceIsDown)
{
    EXPECT_EQ(log_in("bob", "b"), "second");
    EXPECT_EQ(recipient("info"), "bob");
    first.is_down = second.is_down = true;
    EXPECT_EQ(asked_by([&] { EXPECT_EQ(log_in("bob", "b"), "second"); }), 0);
    EXPECT_EQ(log_in("bob", "wrong"), "unavailable") << "it may be the right one meanwhile";
    EXPECT_EQ(recipient("info"), "bob");
    EXPECT_EQ(recipient("bob"), "unavailable") << "it was not asked for yet";
}

TEST_F(SourcesTest, AChangedPasswordHoldsAtOnce)
{
    EXPECT_EQ(log_in("bob", "b"), "second");
    second.hashes["bob"] = "{PLAIN}new";
    EXPECT_EQ(log_in("bob", "new"), "second");
    EXPECT_EQ(log_in("bob", "b"), "wrong");
    second.hashes.erase("bob");
    EXPECT_EQ(log_in("bob", "nonsense"), "wrong");
    EXPECT_EQ(log_in("bob", "new"), "wrong") << "that he is gone was noticed by the way";
}

TEST_F(SourcesTest, QuestionsDoNotTellWhoExists)
{
    // Two sources, each by two forms of the name; whether something is remembered or not.
    EXPECT_EQ(asked_by([&] { log_in("nobody", "x"); }), 4);
    EXPECT_EQ(asked_by([&] { log_in("alice", "x"); }), 4);
    EXPECT_EQ(asked_by([&] { log_in("alice", "x"); }), 4);
    EXPECT_EQ(asked_by([&] { log_in("bob", "x"); }), 4);
    log_in("bob", "b");
    EXPECT_EQ(asked_by([&] { log_in("bob", "x"); }), 4);
    EXPECT_EQ(asked_by([&] { log_in("nobody", "x"); }), 4);
    session::Attempt const attempt;
    for (auto const* name : { "nobody", "alice", "bob", "bob" }) {
        auto const count = asked_by([&] {
            EXPECT_TRUE(answer(accounts().scram_keys(attempt, name, sasl::ScramHash::sha256)));
        });
        EXPECT_EQ(count, 4) << name;
    }
    EXPECT_EQ(asked_by([&] { log_in("no body", "x"); }), 0) << "that is no name";
    EXPECT_EQ(asked_by([&] { recipient("*"); }), 0);
}

TEST_F(SourcesTest, RecipientsAreRememberedAlsoThoseWhoAreNone)
{
    EXPECT_GT(asked_by([&] { recipient("info"); }), 0);
    EXPECT_EQ(asked_by([&] { recipient("info"); }), 0);
    EXPECT_GT(asked_by([&] { recipient("nobody"); }), 0);
    EXPECT_EQ(asked_by([&] { EXPECT_EQ(recipient("nobody"), "nobody"); }), 0);
    EXPECT_EQ(asked_by([&] { log_in("nobody", "x"); }), 4) << "logins are asked for anew";
}

TEST_F(SourcesTest, NothingIsRememberedWhereThatIsSwitchedOff)
{
    terms.cache_time = 0s;
    config.auth.cache_time = 0s;
    EXPECT_EQ(log_in("bob", "b"), "second");
    EXPECT_GT(asked_by([&] { log_in("bob", "b"); }), 0);
    EXPECT_EQ(recipient("info"), "bob");
    EXPECT_GT(asked_by([&] { recipient("info"); }), 0);
    second.is_down = true;
    EXPECT_EQ(log_in("bob", "b"), "unavailable");
}

TEST_F(SourcesTest, SourcesThatCheckPasswordsThemselves)
{
    second.checks_passwords = true;
    second.hashes = { { "bob", "b" }, { "expired", "e" } };
    EXPECT_EQ(log_in("bob", "b"), "second");
    EXPECT_EQ(log_in("expired", "e"), "disabled");
    // What a wrong answer costs only that source knows: it always takes its time.
    for (auto const* name : { "bob", "expired", "alice", "nobody" }) {
        auto const before = std::chrono::steady_clock::now();
        EXPECT_EQ(log_in(name, "x"), "wrong");
        EXPECT_GE(std::chrono::steady_clock::now() - before, 490ms) << name;
    }
    second.is_down = true;
    EXPECT_EQ(log_in("bob", "b"), "second") << "as remembered";
    EXPECT_EQ(log_in("bob", "x"), "unavailable");
}

TEST_F(SourcesTest, AHashThatNobodyCanReadIsNoWrongPassword)
{
    first.hashes["alice"] = "{NOSUCH}x";
    EXPECT_EQ(log_in("alice", "a1"), "unavailable");
    first.hashes["alice"] = "";
    EXPECT_EQ(log_in("alice", ""), "wrong") << "without a hash there is no password";
}

TEST_F(SourcesTest, ProofsAreThoseThatAllHave)
{
    EXPECT_TRUE(accounts().proofs().keys[0]);
    second.has_keys = false;
    EXPECT_FALSE(accounts().proofs().keys[0]);
}

TEST_F(SourcesTest, KeysOfOneWhoWasHereGoOnWhileTheSourceIsDown)
{
    session::Attempt const attempt;
    auto const ask = [&](char const* name) {
        return answer(accounts().scram_keys(attempt, name, sasl::ScramHash::sha256));
    };
    auto const keys = ask("bob");
    ASSERT_TRUE(keys);
    second.is_down = true;
    auto const later = ask("bob");
    ASSERT_TRUE(later);
    EXPECT_EQ(*later, *keys);
    EXPECT_EQ(ask("carol").error(), Refusal::unavailable);
}
