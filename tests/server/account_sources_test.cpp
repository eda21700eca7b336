// What directories and databases say of accounts: filters, values, a database in a file.
#include "server/accounts/account_settings.h"
#include "server/accounts/ldap_filter.h"
#include "server/accounts/pool.h"
#include "server/accounts/read_entry.h"
#include "server/accounts/sql_connection.h"
#include "server/accounts/sql_source.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>

using namespace mail;
using namespace mail::server;

namespace {

std::string failure_of(std::function<void()> const& f)
{
    try {
        f();
    } catch (SourceDown const& down) {
        return down.what();
    }
    return {};
}

} // namespace

TEST(LdapFilter, EscapesWhatMeansSomething)
{
    EXPECT_EQ(escape_filter_value("alice@example.org"), "alice@example.org");
    EXPECT_EQ(escape_filter_value("a*(b)\\c/"), "a\\2a\\28b\\29\\5cc\\2f");
    EXPECT_EQ(escape_filter_value(std::string("\0\n\xc3\xa4", 4)), "\\00\\0a\\c3\\a4");
}

TEST(LdapFilter, PutsNamesIn)
{
    EXPECT_EQ(fill_filter("(&(mail=%u)(uid=%n)(dc=%d)(x=100%%))", "al*@example.org"),
        "(&(mail=al\\2a@example.org)(uid=al\\2a)(dc=example.org)(x=100%))");
    EXPECT_EQ(fill_filter("(uid=%n)(dc=%d)", "alice"), "(uid=alice)(dc=)");
    EXPECT_EQ(fill_filter("(a=%u)", "%n"), "(a=%n)") << "what is put in is not looked at again";
    EXPECT_EQ(fill_filter("(a=%u)%", "x"), "(a=x)%");
}

TEST(AccountValues, Hashes)
{
    UserEntry entry;
    set_hash(entry, "$6$salt$hash", "CRYPT");
    EXPECT_EQ(entry.hash, "{CRYPT}$6$salt$hash");
    set_hash(entry, "{crypt}x{y}", "CRYPT");
    EXPECT_EQ(entry.hash, "{CRYPT}x{y}");
    set_hash(entry, "", "CRYPT");
    EXPECT_EQ(entry.hash, "") << "no hash is no password, whatever the scheme";
    set_hash(entry, "plain", "");
    EXPECT_EQ(entry.hash, "plain");
}

TEST(AccountValues, Bounds)
{
    std::optional<std::uint64_t> out;
    set_quota(out, "quota", "");
    EXPECT_EQ(out, std::nullopt);
    set_quota(out, "quota", "6442450944");
    EXPECT_EQ(out, 6442450944u);
    set_quota(out, "quota", "2GiB");
    EXPECT_EQ(out, std::uint64_t { 2 } << 30);
    set_quota(out, "quota", "-1");
    EXPECT_EQ(out, 0u) << "no bound";
    EXPECT_NE(failure_of([&] { set_quota(out, "quota", "much"); }).find("quota is \"much\""),
        std::string::npos);
}

TEST(AccountValues, NamesGroupsAndDisabled)
{
    UserEntry entry;
    set_name(entry, "Alice@Example.ORG");
    EXPECT_EQ(entry.name, "alice@example.org");
    EXPECT_NE(failure_of([&] { set_name(entry, "a b"); }), "");
    EXPECT_EQ(group_name("staff"), "staff");
    EXPECT_EQ(group_name("CN=staff,OU=groups,DC=example"), "staff");
    for (auto const* yes : { "1", "TRUE", "t", "y", "inactive", "Locked" })
        EXPECT_TRUE(means_disabled(yes, {})) << yes;
    for (auto const* no : { "", "0", "false", "f", "n", "active", "no" })
        EXPECT_FALSE(means_disabled(no, {})) << no;
    std::vector<std::string> const words { "Gone" };
    EXPECT_TRUE(means_disabled("gone", words));
    EXPECT_FALSE(means_disabled("1", words));
}

TEST(AccountValues, SettingsOfDirectoriesAreThoseOfUsersFiles)
{
    for (auto const setting : config::directory_settings) {
        UserEntry entry;
        EXPECT_TRUE(read_account_setting(setting, "1", entry)) << setting;
    }
}

TEST(ConnectionPool, GivesTheLastOneFirst)
{
    Pool<int> pool;
    EXPECT_EQ(pool.take(), nullptr);
    pool.give_back(std::make_unique<int>(1));
    pool.give_back(std::make_unique<int>(2));
    EXPECT_EQ(*pool.take(), 2);
    pool.clear();
    EXPECT_EQ(pool.take(), nullptr);
}

namespace {

class SqlTest : public testing::Test {
protected:
    SqlTest()
    {
        settings.driver = config::SqlAccounts::Driver::sqlite;
        settings.connection = "dbname=" + (folder.path() / "accounts").string();
        settings.login_query = "SELECT name, password, quota, disabled FROM a WHERE name = :name";
        settings.update_query
            = "UPDATE a SET password = :password WHERE name = :name AND password = "
              ":old_password";
        SqlConnection database(settings, std::chrono::seconds(1));
        database.update(
            "CREATE TABLE a (name TEXT, password TEXT, quota INTEGER, disabled INTEGER)", {});
        database.update("INSERT INTO a VALUES ('alice', '{PLAIN}it''s :name', 6442450944, 0)", {});
        database.update("INSERT INTO a VALUES ('bob', NULL, NULL, 1)", {});
    }
    std::unique_ptr<SqlSource> source()
    {
        config::AuthSource all;
        all.accounts = settings;
        return std::make_unique<SqlSource>(all);
    }
    test::TemporaryDirectory folder;
    config::SqlAccounts settings;
};

} // namespace

TEST_F(SqlTest, ReadsAccounts)
{
    auto const accounts = source();
    auto const alice = accounts->find("alice");
    ASSERT_TRUE(alice);
    EXPECT_EQ(alice->hash, "{PLAIN}it's :name");
    EXPECT_EQ(alice->quota, 6442450944u) << "not cut to 32 bits";
    EXPECT_FALSE(alice->is_disabled);
    auto const bob = accounts->find("bob");
    ASSERT_TRUE(bob);
    EXPECT_EQ(bob->hash, "");
    EXPECT_EQ(bob->quota, std::nullopt);
    EXPECT_TRUE(bob->is_disabled);
    EXPECT_FALSE(accounts->find("carol"));
    EXPECT_FALSE(accounts->find("' OR 1 = 1 --"));
    EXPECT_TRUE(accounts->find_by_address("alice")) << "without an address_query";
}

TEST_F(SqlTest, ReadsWhatUsersFilesHave)
{
    settings.login_query
        = "SELECT name, '192.0.2.0/24,2001:db8::/32' AS networks, '$staff' AS master, 'PREVIEW' AS "
          "imap_off, 'never' AS pop3_expire, '5min' AS pop3_login_delay, '' AS applications FROM a "
          "WHERE name = :name";
    auto const alice = source()->find("alice");
    ASSERT_EQ(alice->networks.size(), 2u);
    EXPECT_TRUE(alice->networks[0].contains("192.0.2.9"));
    EXPECT_EQ(alice->acts_for, std::vector<std::string> { "$staff" });
    EXPECT_EQ(alice->capabilities_off, std::vector<std::string> { "PREVIEW" });
    EXPECT_EQ(alice->pop3.expire_days, session::pop3_never);
    EXPECT_EQ(alice->pop3.login_delay, std::chrono::minutes(5));
    EXPECT_TRUE(alice->applications.empty()) << "empty, as NULL, says nothing";
    settings.login_query = "SELECT name, '192.0.2.0/99' AS networks FROM a WHERE name = :name";
    EXPECT_NE(
        failure_of([&] { source()->find("alice"); }).find("is no network"), std::string::npos);
}

TEST_F(SqlTest, ReplacesAHashThatIsStillTheSame)
{
    auto const accounts = source();
    auto const alice = accounts->find("alice");
    Verifiers const fresh { .hash = "{PLAIN}new", .settings = { "scram-sha-256=1,2,3,4" } };
    EXPECT_TRUE(accounts->replace(*alice, fresh));
    EXPECT_EQ(accounts->find("alice")->hash, "{PLAIN}new");
    EXPECT_FALSE(accounts->replace(*alice, fresh)) << "it was another one meanwhile";
}

TEST_F(SqlTest, MistakesOfQueriesAreNoAnswers)
{
    settings.login_query = "SELECT name, password AS pw FROM a WHERE name = :name";
    EXPECT_NE(failure_of([&] { source()->find("alice"); }).find("column pw"), std::string::npos);
    settings.login_query = "SELECT name FROM nowhere WHERE name = :name";
    EXPECT_NE(
        failure_of([&] { source()->find("alice"); }).find("no such table"), std::string::npos);
    settings.login_query = "SELECT password FROM a WHERE name = :name";
    EXPECT_NE(
        failure_of([&] { source()->find("alice"); }).find("no column name"), std::string::npos);
    settings.login_query = "SELECT name FROM a WHERE :name = :name";
    EXPECT_NE(failure_of([&] { source()->find("alice"); }).find("several rows"), std::string::npos);
    settings.connection = "dbname=/nonexistent/accounts";
    EXPECT_NE(
        failure_of([&] { source()->find("alice"); }).find("cannot connect"), std::string::npos);
}

TEST_F(SqlTest, AliasesLeadToAccounts)
{
    settings.address_query = "SELECT 'alice' AS name WHERE :name = 'info'";
    auto const accounts = source();
    auto const found = accounts->find_by_address("info");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->name, "alice");
    EXPECT_EQ(found->quota, 6442450944u) << "its own row says the rest";
    EXPECT_FALSE(accounts->find_by_address("alice"));
}
