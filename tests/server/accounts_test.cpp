// Password schemes, the users file and its edits, the login cache, logins.
#include "server/accounts/accounts.h"
#include "server/accounts/login_cache.h"
#include "server/accounts/passwords.h"
#include "server/accounts/users_file.h"

#include "tests/support/answer.h"
#include "tests/support/test_services.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <sys/file.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <thread>

using namespace mail;
using namespace mail::server;
using namespace std::chrono_literals;
using test::answer;
using test::error_of;

namespace {

class Folder : public test::TemporaryDirectory {
public:
    std::filesystem::path file() const { return path() / "users"; }
    void write(std::string const& text) const { std::ofstream(file()) << text; }
    std::string text() const { return test::text_of(file()); }
};

using LoginResult = boost::system::result<session::User, session::Refusal>;
using KeysResult = boost::system::result<sasl::ScramKeys, session::Refusal>;

session::Attempt const attempt { .protocol = "imap", .mechanism = "PLAIN", .peer = {} };

LoginResult log_in(session::Authenticator& accounts, std::string name, std::string password)
{
    return answer(accounts.check_password(attempt, std::move(name), std::move(password)));
}

std::optional<session::User> find(session::Authenticator& accounts, std::string address)
{
    return answer(accounts.find_recipient(std::move(address)));
}

KeysResult ask_keys(session::Authenticator& accounts, std::string name, sasl::ScramHash hash)
{
    return answer(accounts.scram_keys(attempt, std::move(name), hash));
}

} // namespace

TEST(Passwords, ReadsEveryScheme)
{
    // crypt(5)'s and libargon2's own test vectors.
    struct Vector {
        char const* stored;
        char const* password;
    };
    Vector const vectors[] = {
        { "{SHA512-CRYPT}$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/"
          "O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1",
            "Hello world!" },
        { "{SHA256-CRYPT}$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5",
            "Hello world!" },
        { "{CRYPT}$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5", "Hello world!" },
        { "{BLF-CRYPT}$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U" },
        { "{ARGON2ID}$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$"
          "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
            "password" },
        { "{ARGON2I}$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+"
          "YFY4NeBbtA",
            "password" },
        { "{PLAIN}secret", "secret" },
    };
    for (auto const& each : vectors) {
        EXPECT_EQ(problem_of_hash(each.stored), "") << each.stored;
        EXPECT_TRUE(verify_password(each.stored, each.password)) << each.stored;
        EXPECT_FALSE(verify_password(each.stored, std::string(each.password) + "x")) << each.stored;
        EXPECT_FALSE(verify_password(each.stored, "")) << each.stored;
        std::string with_nul(each.password);
        with_nul += '\0';
        EXPECT_FALSE(verify_password(each.stored, with_nul + "tail")) << each.stored;
    }
}

TEST(Passwords, WritesArgon2idWithFreshSalt)
{
    auto const one = hash_password("swordfish");
    EXPECT_TRUE(one.starts_with("{ARGON2ID}$argon2id$v=19$m=19456,t=2,p=1$")) << one;
    EXPECT_NE(one, hash_password("swordfish"));
    EXPECT_TRUE(verify_password(one, "swordfish"));
    EXPECT_FALSE(verify_password(one, "swordfisH"));
}

TEST(Passwords, SaysWhatIsWrongWithAHash)
{
    EXPECT_NE(problem_of_hash("secret").find("{ARGON2ID}"), std::string::npos);
    EXPECT_NE(problem_of_hash("{NONE}abc").find("no known scheme"), std::string::npos);
    EXPECT_NE(problem_of_hash("{ARGON2ID}$6$abc").find("$argon2id$"), std::string::npos);
    EXPECT_NE(problem_of_hash("{PLAIN}"), "");
    EXPECT_FALSE(verify_password("{MD5}abc", "abc"));
    EXPECT_FALSE(verify_password("{CRYPT}*0", "abc"));
    EXPECT_FALSE(verify_password("{PLAIN}" + std::string(2000, 'a'), std::string(2000, 'a')));
}

TEST(UsersFile, ReadsNamesHashesAndSettings)
{
    std::vector<UsersProblem> problems;
    auto const users = Users::parse("# the staff\n\n  Alice@Example.org\t{PLAIN}a#b  "
                                    "aliases=info@example.org,Sales@example.org\r\n"
                                    "bob {PLAIN}b disabled=yes\n"
                                    "carol {PLAIN}c",
        problems);
    ASSERT_TRUE(problems.empty());
    ASSERT_EQ(users.all().size(), 3u);
    EXPECT_EQ(users.find("alice@example.org")->hash, "{PLAIN}a#b");
    EXPECT_EQ(users.find_by_address("sales@example.org")->name, "alice@example.org");
    EXPECT_EQ(users.find("sales@example.org"), nullptr);
    EXPECT_TRUE(users.find("bob")->is_disabled);
    EXPECT_FALSE(users.find("carol")->is_disabled);
}

TEST(UsersFile, KnowsWhoHasKeys)
{
    std::vector<UsersProblem> problems;
    std::string const keys
        = "4096,1TJKac74oFuNHSRQbQwBQw==,iC4EbJfYK71AqTnMRFT1dZlv3PujC+oYR3ohwuF4vW8=,"
          "fFIeH/05WG0uPoMJY5vT9aDnXonwBd6JNdSrgNhs9wQ=";
    auto const have = [&](std::string const& text, sasl::ScramHash hash) {
        auto const users = Users::parse(text, problems);
        EXPECT_TRUE(problems.empty()) << problems.front().text;
        return users.keys_of_all()[static_cast<std::size_t>(hash)];
    };
    using enum sasl::ScramHash;
    EXPECT_FALSE(have("", sha256)) << "nobody could log in by it";
    EXPECT_TRUE(have("alice {SCRAM-SHA-256}" + keys, sha256));
    EXPECT_FALSE(have("alice {SCRAM-SHA-256}" + keys, sha1));
    EXPECT_TRUE(have("alice {CRYPT}x scram-sha-256=" + keys + "\nbob {PLAIN}b", sha256));
    EXPECT_FALSE(have("alice {PLAIN}a\nbob {CRYPT}x", sha256));
    EXPECT_TRUE(have("alice {PLAIN}a\nbob {CRYPT}x disabled=yes", sha256));
    Users::parse("alice {PLAIN}a scram-sha-1=" + keys, problems);
    ASSERT_EQ(problems.size(), 1U) << "keys of another length";
    EXPECT_NE(problems[0].text.find("mailroom user passwd alice"), std::string::npos);
}

TEST(UsersFile, ANewPasswordTakesTheOldKeysAway)
{
    Folder const folder;
    folder.write(
        "# staff\nalice  {PLAIN}a  scram-sha-1=x quota=2GiB  scram-sha-256=y\r\nbob {PLAIN}b\n");
    EXPECT_NE(error_of([&] { set_password(folder.file(), "alice", { "{PLAIN}b" }); }), "")
        << "keys that are none are a mistake in the file";
    folder.write("# staff\nalice  {PLAIN}a  quota=2GiB  admin=yes\nbob {PLAIN}b\n");
    set_password(folder.file(), "alice", make_verifiers("new"));
    auto const users = read_users(folder.file());
    auto const first = users.find("alice")->scram;
    EXPECT_TRUE(first[0] && first[1] && first[2]);
    set_password(folder.file(), "alice", { "{PLAIN}c", { "disabled=no" } });
    EXPECT_EQ(folder.text(),
        "# staff\nalice  {PLAIN}c disabled=no  quota=2GiB  admin=yes\nbob {PLAIN}b\n");
}

TEST(UsersFile, NamesEveryMistakeWithItsLine)
{
    std::vector<UsersProblem> problems;
    auto const users = Users::parse("alice\n"
                                    "bob secret\n"
                                    "carol {PLAIN}c quota=five\n"
                                    "dave {PLAIN}d disabled=maybe\n"
                                    "erin {PLAIN}e aliases=x@y,frank\n"
                                    "ERIN {PLAIN}e\n"
                                    "frank {PLAIN}f aliases=x@y\n"
                                    "a@b@c {PLAIN}f\n"
                                    "g/h {PLAIN}f\n"
                                    "good {PLAIN}g\n",
        problems);
    ASSERT_EQ(problems.size(), 8u);
    std::size_t const lines[] = { 1, 2, 3, 4, 6, 7, 8, 9 };
    for (std::size_t i = 0; i < 8; ++i)
        EXPECT_EQ(problems[i].line, lines[i]) << problems[i].text;
    EXPECT_NE(users.find("good"), nullptr);
}

TEST(UsersFile, EditsKeepCommentsAndOtherLines)
{
    Folder const folder;
    add_user(folder.file(), "Alice@Example.org", { "{PLAIN}one" });
    EXPECT_EQ(folder.text(), "alice@example.org {PLAIN}one\n");
    folder.write("# staff\nalice@example.org {PLAIN}one   disabled=no # kept\n");
    EXPECT_NE(error_of([&] { add_user(folder.file(), "bob", { "{PLAIN}b" }); }), "")
        << "the line above has a mistake";
    folder.write("# staff\n\nAlice@example.org  {PLAIN}one   disabled=no\n# end");
    ::chmod(folder.file().c_str(), 0640);
    add_user(folder.file(), "bob", { "{PLAIN}b" });
    set_password(folder.file(), "ALICE@example.org", { "{PLAIN}two" });
    EXPECT_EQ(folder.text(),
        "# staff\n\nAlice@example.org  {PLAIN}two   disabled=no\n# end\nbob {PLAIN}b\n");
    struct stat info { };
    ASSERT_EQ(::stat(folder.file().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0640u);
    remove_user(folder.file(), "alice@example.org");
    EXPECT_EQ(folder.text(), "# staff\n\n# end\nbob {PLAIN}b\n");

    EXPECT_NE(
        error_of([&] { add_user(folder.file(), "bob", { "{PLAIN}b" }); }).find("exists already"),
        std::string::npos);
    EXPECT_NE(error_of([&] {
        set_password(folder.file(), "nobody", { "{PLAIN}b" });
    }).find("there is no user nobody"),
        std::string::npos);
    EXPECT_NE(error_of([&] { remove_user(folder.file(), "nobody"); }), "");
    EXPECT_NE(error_of([&] { add_user(folder.file(), "a b", { "{PLAIN}b" }); }), "");
    EXPECT_NE(error_of([&] { add_user(folder.file(), "dave", { "junk" }); }), "");
    EXPECT_EQ(folder.text(), "# staff\n\n# end\nbob {PLAIN}b\n") << "refusals change nothing";
}

TEST(UsersFile, EditsThroughASymbolicLink)
{
    Folder const folder;
    folder.write("bob {PLAIN}b\n");
    auto const link = folder.path() / "link";
    std::filesystem::create_symlink(folder.file(), link);
    add_user(link, "carol", { "{PLAIN}c" });
    EXPECT_TRUE(std::filesystem::is_symlink(link));
    EXPECT_EQ(folder.text(), "bob {PLAIN}b\ncarol {PLAIN}c\n");
}

TEST(UsersFile, EditorsWaitForEachOther)
{
    Folder const folder;
    folder.write("");
    std::vector<std::thread> editors;
    for (int i = 0; i < 4; ++i) {
        editors.emplace_back([&, i] {
            for (int j = 0; j < 5; ++j)
                add_user(folder.file(), "user" + std::to_string(i) + "-" + std::to_string(j),
                    { "{PLAIN}x" });
        });
    }
    for (auto& editor : editors)
        editor.join();
    EXPECT_EQ(read_users(folder.file()).all().size(), 20u);
}

TEST(UsersFile, IsReadAgainWhenItChangesAndKeptWhenBroken)
{
    Folder const folder;
    folder.write("alice {PLAIN}a\n");
    UsersFile file(folder.file());
    auto const before = file.current();
    EXPECT_EQ(file.current(), before) << "unchanged: not read again";
    add_user(folder.file(), "bob", { "{PLAIN}b" });
    EXPECT_NE(file.current()->find("bob"), nullptr);
    EXPECT_EQ(before->find("bob"), nullptr);
    folder.write("alice {PLAIN}a\nbob {PLAIN}b\nbroken\n");
    EXPECT_EQ(file.current()->all().size(), 2u);
    std::filesystem::remove(folder.file());
    EXPECT_EQ(file.current()->all().size(), 2u);
    folder.write("carol {PLAIN}c\n");
    EXPECT_NE(file.current()->find("carol"), nullptr);
    EXPECT_NE(
        error_of([&] { UsersFile("/nonexistent/users"); }).find("cannot read"), std::string::npos);
}

TEST(LoginCache, ForgetsAfterItsTimeAndWithTheHash)
{
    LoginCache cache(10s);
    auto const now = LoginCache::Clock::now();
    auto const digest = cache.digest("alice", "{PLAIN}a", "a");
    EXPECT_FALSE(cache.contains(digest, now));
    cache.remember(digest, now);
    EXPECT_TRUE(cache.contains(digest, now + 9s));
    EXPECT_FALSE(cache.contains(digest, now + 10s));
    EXPECT_NE(digest, cache.digest("alice", "{PLAIN}b", "a"));
    EXPECT_NE(digest, cache.digest("alic", "e{PLAIN}a", "a"));
    EXPECT_NE(digest, LoginCache(10s).digest("alice", "{PLAIN}a", "a"))
        << "the key is of the process";
    LoginCache off(0s);
    off.remember(digest, now);
    EXPECT_FALSE(off.contains(digest, now));
}

class AuthenticatorTest : public testing::Test {
protected:
    AuthenticatorTest()
    {
        limits.sessions_per_account = 2;
        folder.write("alice@example.org {PLAIN}secret aliases=info@example.org\nbob "
                     "{PLAIN}hunter2\ncarol {PLAIN}c disabled=yes\n");
        config.auth.users_file = folder.file();
        config.auth.default_domain = "example.org";
        config.auth.weak_schemes = true; // {PLAIN} costs no time
        config.auth.rehash = false;
    }
    Folder folder;
    config::Limits limits;
    config::Config config;
};

TEST_F(AuthenticatorTest, ChecksNamesAndPasswords)
{
    Admission admission(limits);
    Accounts accounts(config, admission, "a secret");
    EXPECT_EQ(log_in(accounts, "ALICE@example.org", "secret")->name, "alice@example.org");
    EXPECT_EQ(log_in(accounts, "alice", "secret")->name, "alice@example.org");
    EXPECT_EQ(log_in(accounts, "bob@example.org", "hunter2")->name, "bob");
    EXPECT_EQ(log_in(accounts, "alice", "wrong").error(), session::Refusal::wrong_credentials);
    EXPECT_EQ(
        log_in(accounts, "info@example.org", "secret").error(), session::Refusal::wrong_credentials)
        << "aliases take mail only";
    EXPECT_EQ(log_in(accounts, "nobody", "secret").error(), session::Refusal::wrong_credentials);
    EXPECT_EQ(log_in(accounts, "carol", "wrong").error(), session::Refusal::wrong_credentials);
    EXPECT_EQ(log_in(accounts, "carol", "c").error(), session::Refusal::disabled);
    accounts.join();
}

TEST_F(AuthenticatorTest, GivesKeysAndMakesUpThoseOfOthers)
{
    using enum sasl::ScramHash;
    auto const made = make_verifiers("secret");
    std::string words = made.hash;
    for (auto const& setting : made.settings)
        words += ' ' + setting;
    std::ofstream(config.auth.users_file)
        << "alice@example.org " << words << "\ncarol " << made.hash << '\n';
    Admission admission(limits);
    sasl::ScramKeys fakes[2];
    for (auto& fake : fakes) { // two starts of the server
        Accounts accounts(config, admission, "a secret");
        auto const keys = ask_keys(accounts, "ALICE@example.org", sha256);
        EXPECT_EQ(*keys, sasl::derive_scram_keys(sha256, "secret", keys->salt, keys->iterations));
        EXPECT_EQ(*keys, *ask_keys(accounts, "alice", sha256));
        fake = *ask_keys(accounts, "nobody", sha256);
        EXPECT_EQ(fake.salt.size(), keys->salt.size());
        EXPECT_EQ(fake.iterations, keys->iterations);
        EXPECT_EQ(fake.stored_key.size(), keys->stored_key.size());
        EXPECT_NE(fake.salt, ask_keys(accounts, "somebody", sha256)->salt);
        EXPECT_FALSE(accounts.proofs().keys[static_cast<std::size_t>(sha256)]) << "carol has none";
        auto const none = ask_keys(accounts, "carol", sha256);
        EXPECT_NE(none->stored_key,
            sasl::derive_scram_keys(sha256, "secret", none->salt, none->iterations).stored_key);
        accounts.join();
    }
    EXPECT_EQ(fakes[0], fakes[1]) << "a restart must not tell which users there are";
}

TEST_F(AuthenticatorTest, MakesKeysOfPlainPasswords)
{
    Admission admission(limits);
    Accounts accounts(config, admission, "a secret");
    auto const keys = ask_keys(accounts, "bob", sasl::ScramHash::sha512);
    EXPECT_EQ(*keys,
        sasl::derive_scram_keys(sasl::ScramHash::sha512, "hunter2", keys->salt, keys->iterations));
    EXPECT_EQ(*keys, *ask_keys(accounts, "bob", sasl::ScramHash::sha512)) << "the same each time";
    accounts.join();
}

TEST_F(AuthenticatorTest, FindsRecipients)
{
    Admission admission(limits);
    Accounts accounts(config, admission, "a secret");
    EXPECT_EQ(find(accounts, "Alice@Example.ORG")->name, "alice@example.org");
    EXPECT_EQ(find(accounts, "alice")->name, "alice@example.org");
    EXPECT_EQ(find(accounts, "info@example.org")->name, "alice@example.org");
    EXPECT_EQ(find(accounts, "bob@example.org")->name, "bob");
    EXPECT_EQ(find(accounts, "carol")->name, "carol") << "disabled accounts get their mail";
    EXPECT_FALSE(find(accounts, "bob@elsewhere.org"));
    EXPECT_FALSE(find(accounts, ""));
    accounts.join();
}

TEST_F(AuthenticatorTest, KnowsTheDomainsOfAddresses)
{
    Admission admission(limits);
    folder.write("alice@one.org {PLAIN}x aliases=info@two.org,sales\nbob {PLAIN}x\n");
    Accounts accounts(config, admission, "a secret");
    for (auto const* domain : { "one.org", "two.org", "example.org" })
        EXPECT_TRUE(accounts.has_domain(domain)) << domain;
    for (auto const* domain : { "three.org", "", "org", "alice@one.org" })
        EXPECT_FALSE(accounts.has_domain(domain)) << domain;
    accounts.join();
}

TEST_F(AuthenticatorTest, DescribesAccounts)
{
    folder.write("alice {PLAIN}a groups=staff,sales admin=yes quota=2GiB imap_off=UIDPLUS "
                 "applications=Submit,stream pop3_view=all,+Sent,30d,newest pop3_expire=14d "
                 "pop3_login_delay=5min\n"
                 "bob {PLAIN}b quota=0 quota_messages=5\n");
    config.quota.storage = 1000;
    config.quota.mailboxes = 7;
    Admission admission(limits);
    Accounts accounts(config, admission, "a secret");
    auto const alice = log_in(accounts, "alice", "a");
    ASSERT_TRUE(alice);
    EXPECT_EQ(alice->groups, (std::vector<std::string> { "staff", "sales" }));
    EXPECT_TRUE(alice->is_administrator);
    EXPECT_EQ(alice->capabilities_off, std::vector<std::string> { "UIDPLUS" });
    EXPECT_EQ(alice->applications, (std::vector<std::string> { "submit", "stream" }));
    EXPECT_EQ(alice->pop3.mailboxes, (std::vector<std::string> { "*", "Sent" }));
    EXPECT_EQ(alice->pop3.max_age, std::chrono::hours(30 * 24));
    EXPECT_EQ(alice->pop3.order, session::Pop3Order::newest);
    EXPECT_EQ(alice->pop3.expire_days, 14U);
    EXPECT_EQ(alice->pop3.login_delay, std::chrono::minutes(5));
    EXPECT_EQ(
        alice->quota, (storage::Quota { .octets = std::uint64_t { 2 } << 30, .mailboxes = 7 }));
    auto const bob = find(accounts, "bob");
    ASSERT_TRUE(bob);
    EXPECT_FALSE(bob->is_administrator);
    EXPECT_EQ(bob->quota, (storage::Quota { .messages = 5, .mailboxes = 7 }));
    accounts.join();
}

TEST(Users, SettingsThatAreWrongSayWhatWouldBeRight)
{
    std::vector<UsersProblem> problems;
    Users::parse("a {PLAIN}x quota=many\nb {PLAIN}x admin=perhaps\nc {PLAIN}x imap_off=NOSUCH\n"
                 "d {PLAIN}x groups=\ne {PLAIN}x quota_messages=1GiB\nf {PLAIN}x colour=red\n"
                 "g {PLAIN}x applications=a+b\nh {PLAIN}x pop3_view=inbox,Sent\n"
                 "i {PLAIN}x pop3_expire=36h\nj {PLAIN}x pop3_login_delay=2d\n"
                 "k {PLAIN}x pop3_view=newest,+\nl {PLAIN}x pop3_view=\n",
        problems);
    ASSERT_EQ(problems.size(), 12U);
    EXPECT_NE(problems[0].text.find("quota=2GiB"), std::string::npos) << problems[0].text;
    EXPECT_NE(problems[1].text.find("admin=yes"), std::string::npos) << problems[1].text;
    EXPECT_NE(problems[2].text.find("NOSUCH"), std::string::npos) << problems[2].text;
    EXPECT_NE(problems[3].text.find("groups=ONE"), std::string::npos) << problems[3].text;
    EXPECT_NE(problems[4].text.find("quota_messages=10000"), std::string::npos) << problems[4].text;
    EXPECT_NE(problems[5].text.find("colour=red"), std::string::npos) << problems[5].text;
    EXPECT_NE(problems[6].text.find("applications=submit"), std::string::npos) << problems[6].text;
    for (std::size_t const at : { 7U, 10U, 11U })
        EXPECT_NE(problems[at].text.find("pop3_view=all,30d"), std::string::npos)
            << problems[at].text;
    EXPECT_NE(problems[8].text.find("pop3_expire=30d"), std::string::npos) << problems[8].text;
    EXPECT_NE(problems[9].text.find("pop3_login_delay=5min"), std::string::npos)
        << problems[9].text;
}

TEST_F(AuthenticatorTest, LimitsTheSessionsOfAnAccount)
{
    Admission admission(limits);
    Accounts accounts(config, admission, "a secret");
    auto one = log_in(accounts, "bob", "hunter2");
    auto two = log_in(accounts, "bob", "hunter2");
    ASSERT_TRUE(one && two);
    EXPECT_EQ(log_in(accounts, "bob", "hunter2").error(), session::Refusal::too_many);
    EXPECT_TRUE(log_in(accounts, "alice", "secret")) << "others are not concerned";
    session::Attempt const by_mta { .protocol = "smtp", .mechanism = "PLAIN", .peer = {} };
    auto const of_mta = answer(accounts.check_password(by_mta, "bob", "hunter2"));
    ASSERT_TRUE(of_mta) << "no session begins";
    EXPECT_FALSE(of_mta->place);
    one->place.reset();
    EXPECT_TRUE(log_in(accounts, "bob", "hunter2"));
    accounts.join();
}

TEST_F(AuthenticatorTest, AChangedPasswordHoldsAtOnce)
{
    Admission admission(limits);
    Accounts accounts(config, admission, "a secret");
    EXPECT_TRUE(log_in(accounts, "bob", "hunter2"));
    set_password(folder.file(), "bob", { "{PLAIN}new" });
    EXPECT_EQ(log_in(accounts, "bob", "hunter2").error(), session::Refusal::wrong_credentials);
    EXPECT_TRUE(log_in(accounts, "bob", "new"));
    accounts.join();
}
