// What Accounts makes of weak hashes, better ones, masters and networks.
#include "server/accounts/accounts.h"
#include "server/accounts/passwords.h"
#include "server/accounts/rehash.h"
#include "server/accounts/users_file.h"
#include "server/accounts/weak_accounts.h"

#include "tests/support/answer.h"
#include "tests/support/test_services.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <sys/stat.h>

#include <fstream>
#include <sstream>

using namespace mail;
using namespace mail::server;
using namespace std::chrono_literals;
using session::Refusal;
using test::answer;

namespace {

using Answer = boost::system::result<session::User, Refusal>;

class LoginPolicy : public testing::Test {
protected:
    LoginPolicy()
    {
        config.auth.users_file = folder.path() / "users";
        config.auth.weak_schemes = true;
        config.auth.rehash = false;
    }
    ~LoginPolicy() override
    {
        if (accounts_)
            accounts_->join();
    }
    void write(std::string const& text) const { std::ofstream(config.auth.users_file) << text; }
    std::string text() const { return test::text_of(config.auth.users_file); }
    Accounts& accounts()
    {
        if (!accounts_)
            accounts_ = std::make_unique<Accounts>(config, admission, "secret");
        return *accounts_;
    }
    Answer log_in(std::string name, std::string password, std::string authzid = {},
        std::string address = "192.0.2.1")
    {
        return answer(
            accounts().check_password(attempt("PLAIN", std::move(authzid), std::move(address)),
                std::move(name), std::move(password)));
    }
    Answer prove(
        std::string name, std::string authzid = {}, std::string mechanism = "SCRAM-SHA-256")
    {
        return answer(
            accounts().admit(attempt(std::move(mechanism), std::move(authzid)), std::move(name)));
    }
    static session::Attempt attempt(
        std::string mechanism, std::string authzid, std::string address = "192.0.2.1")
    {
        session::Attempt made { .protocol = "imap", .mechanism = std::move(mechanism), .peer = {} };
        made.peer.address = std::move(address);
        made.authzid = std::move(authzid);
        return made;
    }

    test::TemporaryDirectory folder;
    config::Config config;
    Admission admission { config.limits };

private:
    std::unique_ptr<Accounts> accounts_;
};

} // namespace

TEST(PasswordPolicy, KnowsWeakSchemes)
{
    for (auto const* weak :
        { "{PLAIN}x", "{CLEARTEXT}x", "{SSHA512}x", "{SHA}x", "{MD5-CRYPT}$1$x", "{CRYPT}$1$x",
            "{CRYPT}abcdefghijklm", "{CRYPT}_J9..abcd", "{DES-CRYPT}x", "{LDAP-MD5}x" })
        EXPECT_TRUE(is_weak(weak)) << weak;
    for (auto const* strong : { "{ARGON2ID}$argon2id$", "{CRYPT}$6$x", "{CRYPT}$y$x",
             "{BLF-CRYPT}$2y$", "{SHA512-CRYPT}$6$", "{PBKDF2}$1$", "{SCRAM-SHA-256}4096,", "" })
        EXPECT_FALSE(is_weak(strong)) << strong;
}

TEST(PasswordPolicy, KnowsWhatItWouldMakeBetter)
{
    EXPECT_FALSE(is_outdated(hash_password("x")));
    EXPECT_FALSE(is_outdated("{ARGON2ID}$argon2id$v=19$m=65536,t=3,p=4$a$b"));
    EXPECT_FALSE(is_outdated("{ARGON2ID}$argon2id$v=19$m=65536,t=1,p=4$a$b"));
    for (auto const* old : { "{ARGON2ID}$argon2id$v=19$m=19456,t=1,p=1$a$b",
             "{ARGON2ID}$argon2id$v=19$m=4096,t=9,p=1$a$b", "{ARGON2ID}$argon2id$v=19$m=,t=,p=$",
             "{ARGON2I}$argon2i$v=19$m=65536,t=3,p=1$a$b", "{SHA512-CRYPT}$6$x", "{PLAIN}x" })
        EXPECT_TRUE(is_outdated(old)) << old;
}

TEST_F(LoginPolicy, RefusesWeakHashesWithoutCallingThePasswordWrong)
{
    config.auth.weak_schemes = false;
    write("alice {PLAIN}a\nbob " + hash_password("b") + "\n");
    EXPECT_EQ(log_in("alice", "wrong").error(), Refusal::wrong_credentials);
    EXPECT_EQ(log_in("alice", "a").error(), Refusal::disabled);
    EXPECT_EQ(prove("alice").error(), Refusal::disabled);
    EXPECT_TRUE(prove("alice", {}, "EXTERNAL").has_value()) << "no password was shown";
    EXPECT_TRUE(log_in("bob", "b").has_value());
}

TEST(WeakAccounts, AreNamedAndNotTooManyOfThem)
{
    std::vector<UsersProblem> problems;
    std::string text = "strong {SHA512-CRYPT}$6$x\ngone {PLAIN}x disabled=yes\n";
    for (int i = 0; i < 25; ++i)
        text += fmt::format("user{} {{PLAIN}}x\n", i);
    auto const lines = advice_on_weak_accounts(Users::parse(text, problems));
    ASSERT_EQ(lines.size(), 21u);
    EXPECT_NE(lines[0].find("mailroom user passwd user0"), std::string::npos) << lines[0];
    EXPECT_NE(lines[20].find("5 more"), std::string::npos) << lines[20];
}

TEST_F(LoginPolicy, StoresBetterVerifiersAfterALogin)
{
    config.auth.rehash = true;
    write("# staff\nalice {PLAIN}a quota=1GiB\n");
    EXPECT_EQ(log_in("alice", "wrong").error(), Refusal::wrong_credentials);
    EXPECT_EQ(text(), "# staff\nalice {PLAIN}a quota=1GiB\n");
    EXPECT_TRUE(log_in("alice", "a").has_value());
    auto const users = read_users(config.auth.users_file);
    auto const& entry = *users.find("alice");
    EXPECT_TRUE(verify_password(entry.hash, "a"));
    EXPECT_FALSE(wants_better_verifiers(entry));
    EXPECT_EQ(entry.quota, std::uint64_t { 1 } << 30);
    auto const stored = text();
    EXPECT_TRUE(log_in("alice", "a").has_value());
    EXPECT_EQ(text(), stored) << "once";
}

TEST_F(LoginPolicy, AFileThatCannotBeWrittenKeepsNobodyOut)
{
    config.auth.rehash = true;
    write("alice {PLAIN}a\nbob {PLAIN}b\n");
    std::filesystem::create_directory(
        folder.path() / "users.lock"); // no lock, no edit; also for root
    EXPECT_TRUE(log_in("alice", "a").has_value());
    EXPECT_TRUE(log_in("bob", "b").has_value());
    EXPECT_EQ(text(), "alice {PLAIN}a\nbob {PLAIN}b\n");
}

TEST(Rehash, IsTriedOnceAtATimeAndLaterAfterAFailure)
{
    Rehash rehash;
    Rehash::Clock::time_point const now { 100h };
    EXPECT_TRUE(rehash.begin("file", "alice", now));
    EXPECT_FALSE(rehash.begin("file", "alice", now));
    EXPECT_TRUE(rehash.begin("file", "bob", now));
    EXPECT_FALSE(rehash.end("file", "alice", Rehash::Outcome::done, now));
    EXPECT_TRUE(rehash.end("file", "bob", Rehash::Outcome::failed, now)) << "log it";
    EXPECT_FALSE(rehash.begin("file", "alice", now + 59min));
    EXPECT_TRUE(rehash.begin("database", "alice", now));
    EXPECT_TRUE(rehash.begin("file", "carol", now + 60min));
}

TEST_F(LoginPolicy, MastersActAsOthers)
{
    write("alice@example.org {PLAIN}a quota=1GiB\nbob {PLAIN}b disabled=yes\n"
          "admin {PLAIN}m master=yes admin=yes\nclerk {PLAIN}c master=$sales,carol\n"
          "carol {PLAIN}x\ndave {PLAIN}x groups=staff,sales\n");
    config.auth.default_domain = "example.org";
    auto const alice = log_in("admin", "m", "Alice");
    ASSERT_TRUE(alice.has_value());
    EXPECT_EQ(alice->name, "alice@example.org");
    EXPECT_EQ(alice->authenticated_as, "admin");
    EXPECT_EQ(alice->quota.octets, std::uint64_t { 1 } << 30);
    EXPECT_FALSE(alice->is_administrator) << "it is alice's session";
    EXPECT_EQ(prove("admin", "alice@example.org")->name, "alice@example.org");
    EXPECT_EQ(log_in("admin", "m", "admin@example.org")->authenticated_as, "") << "oneself";
    EXPECT_EQ(log_in("admin", "a", "alice").error(), Refusal::wrong_credentials);
    EXPECT_EQ(log_in("admin", "m", "nobody").error(), Refusal::disabled);
    EXPECT_EQ(log_in("admin", "m", "bob").error(), Refusal::disabled);
    EXPECT_EQ(log_in("alice", "a", "admin").error(), Refusal::disabled);
    EXPECT_EQ(log_in("clerk", "c", "carol")->name, "carol");
    EXPECT_EQ(log_in("clerk", "c", "dave")->name, "dave");
    EXPECT_EQ(log_in("clerk", "c", "alice").error(), Refusal::disabled);
    EXPECT_EQ(log_in("carol", "x", "clerk").error(), Refusal::disabled);
}

TEST_F(LoginPolicy, PlacesAreThoseOfTheAccountThatIsOpened)
{
    config.limits.sessions_per_account = 1;
    Admission admission_of_one { config.limits };
    write("alice {PLAIN}a\nadmin {PLAIN}m master=yes\n");
    Accounts accounts(config, admission_of_one, "secret");
    auto const as = [&](std::string authzid) {
        return answer(accounts.check_password(attempt("PLAIN", std::move(authzid)), "admin", "m"));
    };
    auto const first = as("alice");
    EXPECT_EQ(as("alice").error(), Refusal::too_many);
    EXPECT_TRUE(as("").has_value());
    accounts.join();
}

TEST_F(LoginPolicy, NetworksBindAnAccount)
{
    write("alice {PLAIN}a networks=192.0.2.0/24,2001:db8::/32\nbob {PLAIN}b\n");
    EXPECT_TRUE(log_in("alice", "a").has_value());
    EXPECT_TRUE(log_in("alice", "a", {}, "2001:db8::7").has_value());
    EXPECT_TRUE(log_in("alice", "a", {}, "local").has_value());
    EXPECT_EQ(log_in("alice", "a", {}, "198.51.100.1").error(), Refusal::disabled);
    EXPECT_EQ(log_in("alice", "wrong", {}, "198.51.100.1").error(), Refusal::disabled)
        << "the password is not looked at";
    EXPECT_TRUE(log_in("bob", "b", {}, "198.51.100.1").has_value());
    auto const keys = answer(accounts().scram_keys(
        attempt("SCRAM-SHA-256", {}, "198.51.100.1"), "alice", sasl::ScramHash::sha256));
    EXPECT_EQ(keys.error(), Refusal::disabled);
}

TEST(UsersFile, ReadsMastersAndNetworks)
{
    std::vector<UsersProblem> problems;
    auto const users = Users::parse("a {PLAIN}x master=yes networks=192.0.2.0/24,::1\n"
                                    "b {PLAIN}x master=$sales,Alice@Example.org\n"
                                    "c {PLAIN}x master=$\nd {PLAIN}x networks=here\n"
                                    "e {PLAIN}x master=a/b\nf {PLAIN}x networks=\n",
        problems);
    EXPECT_TRUE(users.find("a")->is_master);
    EXPECT_EQ(users.find("a")->networks.size(), 2u);
    EXPECT_EQ(
        users.find("b")->acts_for, (std::vector<std::string> { "$sales", "alice@example.org" }));
    ASSERT_EQ(problems.size(), 4u);
    for (std::size_t i = 0; i < problems.size(); ++i)
        EXPECT_EQ(problems[i].line, i + 3);
}
