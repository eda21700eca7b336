// App passwords: their form, their file, when they were used, and logins by them.
#include "server/accounts/app_password_accounts.h"
#include "server/accounts/app_password_uses.h"
#include "server/accounts/app_passwords.h"
#include "server/accounts/master_names.h"

#include "tests/support/answer.h"
#include "tests/support/passwords_only.h"
#include "tests/support/test_services.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <fstream>
#include <set>
#include <sstream>

using namespace mail;
using namespace mail::server;
using namespace std::chrono_literals;
using test::answer;
using test::error_of;
using test::text_of;

namespace {

session::Attempt attempt_by(std::string protocol, std::string address = "192.0.2.1")
{
    session::Attempt attempt { .protocol = std::move(protocol), .mechanism = "PLAIN", .peer = {} };
    attempt.peer.address = std::move(address);
    return attempt;
}

using Answer = boost::system::result<session::User, session::Refusal>;

/// alice and bob, with the password "own".
class TwoAccounts final : public test::PasswordsOnly {
public:
    awaitable<Answer> check_password(
        session::Attempt attempt, std::string name, std::string password) override
    {
        if (password != "own")
            co_return session::Refusal::wrong_credentials;
        auto user = co_await admit(std::move(attempt), std::move(name));
        co_return user;
    }
    awaitable<Answer> admit(session::Attempt, std::string name) override
    {
        if (name != "alice@example.org" && name != "bob@example.org")
            co_return session::Refusal::wrong_credentials;
        session::User user { .name = std::move(name) };
        co_return user;
    }
};

AppPassword app_password(std::string account, std::string label, std::string const& password)
{
    AppPassword made;
    made.account = std::move(account);
    made.label = std::move(label);
    made.digest = *digest_of_app_password(password);
    return made;
}

} // namespace

TEST(AppPasswords, AreLongRandomLettersHoweverTheyAreTyped)
{
    std::set<std::string> all;
    for (int i = 0; i < 100; ++i) {
        auto const made = make_app_password();
        EXPECT_EQ(made.size(), 24u);
        EXPECT_TRUE(digest_of_app_password(made));
        all.insert(made);
    }
    EXPECT_EQ(all.size(), 100u);
    auto const digest = digest_of_app_password("abcd-efgh-ijkl-mnop-qrst");
    EXPECT_EQ(digest, digest_of_app_password("ABCDefgh ijklmnopqrst"));
    EXPECT_NE(digest, digest_of_app_password("abcd-efgh-ijkl-mnop-qrsu"));
    for (auto const* other :
        { "", "abcd", "abcd-efgh-ijkl-mnop-qrs1", "abcd-efgh-ijkl-mnop-qrstu" })
        EXPECT_FALSE(digest_of_app_password(other)) << other;
    EXPECT_FALSE(digest_of_app_password(std::string(100, '-') + "abcdefghijklmnopqrst"));
}

TEST(AppPasswords, LinesAreReadAsTheyAreWritten)
{
    auto one = app_password("alice@example.org", "phone", "abcd-efgh-ijkl-mnop-qrst");
    one.protocols = { "imap", "smtp" };
    one.networks = { "192.0.2.0/24", "2001:db8::/32" };
    one.last_day = parse_day("2027-01-31");
    auto const line = line_of(one);
    auto const all = parse_app_passwords("# phones\n\n" + line + "\r\nBob " + line.substr(18), "f");
    ASSERT_EQ(all.size(), 2u);
    EXPECT_EQ(line_of(all[0]), line);
    EXPECT_EQ(all[1].account, "bob");
}

TEST(AppPasswords, NamesEveryMistakeWithItsLine)
{
    auto const digest = std::string(64, 'a');
    auto const problems = error_of([&] {
        parse_app_passwords("alice phone\n"
                            "alice phone abc\n"
                            "alice phone "
                + digest
                + "\n"
                  "alice phone "
                + digest
                + "\n"
                  "al/ice phone "
                + digest
                + "\n"
                  "bob a "
                + digest
                + " protocols=imap,lmtp\n"
                  "bob b "
                + digest
                + " networks=here\n"
                  "bob c "
                + digest
                + " expires=2027-02-30\n"
                  "bob d "
                + digest
                + " colour=blue\n"
                  "bob e "
                + digest + " protocols=",
            "file");
    });
    for (int const line : { 1, 2, 4, 5, 6, 7, 8, 9, 10 })
        EXPECT_NE(problems.find(fmt::format("file:{}:", line)), std::string::npos) << problems;
    EXPECT_EQ(problems.find("file:3:"), std::string::npos) << problems;
}

TEST(AppPasswords, AreAddedAndRemovedWithoutHarm)
{
    test::TemporaryDirectory const folder;
    auto const file = folder.path() / "app-passwords";
    add_app_password(file, app_password("alice", "phone", "abcd-efgh-ijkl-mnop-qrst"));
    auto const first = text_of(file);
    std::ofstream(file, std::ios::app) << "# kept\n";
    add_app_password(file, app_password("alice", "tablet", "abcd-efgh-ijkl-mnop-qrsu"));
    EXPECT_NE(error_of([&] {
        add_app_password(file, app_password("alice", "phone", "abcd-efgh-ijkl-mnop-qrsv"));
    }).find("already"),
        std::string::npos);
    for (auto const* label : { "", "two words", "new\nline" })
        EXPECT_NE(error_of([&] {
            add_app_password(file, app_password("alice", label, "abcd-efgh-ijkl-mnop-qrsv"));
        }),
            "");
    remove_app_password(file, "Alice", "tablet");
    EXPECT_EQ(text_of(file), first + "# kept\n");
    EXPECT_NE(error_of([&] { remove_app_password(file, "alice", "tablet"); }), "");
}

TEST(AppPasswords, HaveBounds)
{
    auto one = app_password("alice", "phone", "abcd-efgh-ijkl-mnop-qrst");
    auto const day = [](char const* text) { return *parse_day(text); };
    EXPECT_EQ(one.problem_of(attempt_by("pop3"), day("2026-01-01")), "");
    one.protocols = { "imap" };
    one.networks = { "192.0.2.0/24" };
    one.last_day = day("2027-01-31");
    EXPECT_EQ(one.problem_of(attempt_by("imap"), day("2027-01-31")), "");
    EXPECT_NE(one.problem_of(attempt_by("imap"), day("2027-02-01")), "");
    EXPECT_NE(one.problem_of(attempt_by("pop3"), day("2027-01-31")), "");
    EXPECT_NE(one.problem_of(attempt_by("imap", "192.0.3.1"), day("2027-01-31")), "");
    EXPECT_NE(one.problem_of(attempt_by("imap", "local"), day("2027-01-31")), "");
}

TEST(AppPasswords, DaysAreThoseOfTheCalendar)
{
    EXPECT_TRUE(parse_day("2028-02-29"));
    for (auto const* text :
        { "", "2027-02-29", "2027-13-01", "2027-1-01", "2027-01-01x", "-027-01-01", "2027/01/01" })
        EXPECT_FALSE(parse_day(text)) << text;
}

class AppPasswordLogins : public testing::Test {
protected:
    AppPasswordLogins()
    {
        config.auth.users_file = folder.path() / "users";
        config.auth.default_domain = "example.org";
        config.storage.path = folder.path();
        file = app_passwords_file(config);
    }
    AppPasswordAccounts& logins()
    {
        if (!logins_)
            logins_ = std::make_unique<AppPasswordAccounts>(accounts, config);
        return *logins_;
    }
    Answer log_in(std::string name, std::string password, std::string authzid = {})
    {
        auto attempt = attempt_by("imap");
        attempt.authzid = std::move(authzid);
        return answer(
            logins().check_password(std::move(attempt), std::move(name), std::move(password)));
    }

    test::TemporaryDirectory folder;
    config::Config config;
    TwoAccounts accounts;
    std::filesystem::path file;

private:
    std::unique_ptr<AppPasswordAccounts> logins_;
};

TEST_F(AppPasswordLogins, LetTheAccountInBesideItsOwnPassword)
{
    EXPECT_EQ(log_in("alice@example.org", "abcd-efgh-ijkl-mnop-qrst").error(),
        session::Refusal::wrong_credentials);
    add_app_password(file, app_password("alice", "phone", "abcd-efgh-ijkl-mnop-qrst"));
    remove_app_password(file, "alice", "phone");
    add_app_password(file, app_password("alice@example.org", "phone", "abcd-efgh-ijkl-mnop-qrst"));
    EXPECT_EQ(log_in("Alice", "abcd-efgh-ijkl-mnop-qrst")->name, "alice@example.org");
    EXPECT_EQ(log_in("alice@example.org", "own")->name, "alice@example.org");
    EXPECT_EQ(log_in("bob@example.org", "abcd-efgh-ijkl-mnop-qrst").error(),
        session::Refusal::wrong_credentials);
    EXPECT_EQ(log_in("alice@example.org", "abcd-efgh-ijkl-mnop-qrst", "bob@example.org").error(),
        session::Refusal::disabled);
    add_app_password(file, app_password("carol@example.org", "x", "zbcd-efgh-ijkl-mnop-qrst"));
    EXPECT_EQ(log_in("carol@example.org", "zbcd-efgh-ijkl-mnop-qrst").error(),
        session::Refusal::wrong_credentials)
        << "no such account any more";
}

TEST_F(AppPasswordLogins, AFileWithMistakesChangesNothing)
{
    std::ofstream(file) << "broken\n";
    EXPECT_NE(error_of([&] { logins(); }), "") << "at the start";
    std::filesystem::remove(file);
    add_app_password(file, app_password("alice@example.org", "phone", "abcd-efgh-ijkl-mnop-qrst"));
    EXPECT_TRUE(log_in("alice", "abcd-efgh-ijkl-mnop-qrst").has_value());
    std::ofstream(file) << "broken\n";
    EXPECT_TRUE(log_in("alice", "abcd-efgh-ijkl-mnop-qrst").has_value());
    std::filesystem::remove(file);
    EXPECT_FALSE(log_in("alice", "abcd-efgh-ijkl-mnop-qrst").has_value());
}

TEST_F(AppPasswordLogins, AreNotedWithTimeAndPlace)
{
    add_app_password(file, app_password("alice@example.org", "phone", "abcd-efgh-ijkl-mnop-qrst"));
    EXPECT_TRUE(log_in("alice", "abcd-efgh-ijkl-mnop-qrst").has_value());
    logins().save();
    AppPasswordUses const uses(app_password_uses_file(config.storage));
    auto const use = uses.last_use("alice@example.org", "phone");
    EXPECT_NE(use.find("UTC by imap from 192.0.2.1"), std::string::npos) << use;
    EXPECT_EQ(uses.last_use("alice@example.org", "tablet"), "");
}

TEST(MasterNames, AreTakenApartWhereTheConfigSaysSo)
{
    auto const taken = [](std::string name, std::string separator, std::string authzid = {}) {
        session::Attempt attempt;
        attempt.authzid = std::move(authzid);
        take_master_name(attempt, name, separator);
        return attempt.authzid + "|" + name;
    };
    EXPECT_EQ(taken("alice*admin", ""), "|alice*admin");
    EXPECT_EQ(taken("alice*admin", "*"), "alice|admin");
    EXPECT_EQ(taken("alice*admin", "*", "bob"), "bob|alice*admin");
    EXPECT_EQ(taken("alice", "*"), "|alice");
    EXPECT_EQ(taken("*admin", "*"), "|*admin");
    EXPECT_EQ(taken("alice*", "*"), "|alice*");
}
