// [[auth.source]]: where accounts stand, and every mistake that can be made about it.
#include "config/reader.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>

#include <fstream>

using namespace mail::config;
using namespace std::chrono_literals;

namespace {

class AuthSources : public testing::Test {
protected:
    AuthSources()
    {
        std::ofstream(folder.path() / "users") << "";
        std::ofstream(folder.path() / "secret") << "hush\n";
        std::ofstream(folder.path() / "service") << "";
    }
    void write(std::string const& sources) const
    {
        std::ofstream(folder.path() / "mailroom.toml")
            << "config_version = 1\nhostname = \"mail.example.org\"\nstorage.path = \"store\"\n"
               "[[listener]]\nprotocol = \"imap\"\naddress = \"127.0.0.1:143\"\ntls = \"none\"\n"
            << sources;
    }
    Auth read(std::string const& sources) const
    {
        write(sources);
        return load(folder.path() / "mailroom.toml", Files::must_exist).auth;
    }
    /// "key: text" of each mistake.
    std::vector<std::string> mistakes(std::string const& sources) const
    {
        std::vector<std::string> found;
        try {
            read(sources);
        } catch (Unusable const& unusable) {
            for (auto const& each : unusable.problems())
                found.push_back(each.key + ": " + each.text);
        }
        return found;
    }
    mail::test::TemporaryDirectory folder;
};

std::string const ldap
    = "[[auth.source]]\ntype = \"ldap\"\nservers = [\"ldaps://a\"]\nbase = \"o=x\"\n"
      "filter = \"(mail=%u)\"\nname_attribute = \"mail\"\n";
std::string const sql
    = "[[auth.source]]\ntype = \"sql\"\ndriver = \"mysql\"\nconnection = \"db=x\"\n";

} // namespace

TEST_F(AuthSources, AreReadInTheirOrder)
{
    auto const auth = read(
        "[[auth.source]]\ntype = \"pam\"\nservice = \"service\"\nfolder = \".\"\n"
        "users = \"source\"\n"
        "[auth.source.source]\ntype = \"file\"\npath = \"users\"\n"
        "[[auth.source]]\ntype = \"file\"\npath = \"users\"\n"
        + ldap + "bind_as_user = true\nbind_dn = \"cn=m\"\nbind_password_file = \"secret\"\n"
        + "time_limit = \"9 s\"\nmaster_attribute = \"mayActAs\"\n" + sql
        + "password_file = \"secret\"\nlogin_query = \"SELECT a AS name FROM t WHERE a = :name\"\n"
          "scram = [\"SCRAM-SHA-256\"]\nconnections = 9\ncache_time = \"0 s\"\n");
    ASSERT_EQ(auth.sources.size(), 4u);
    auto const& pam = std::get<PamAccounts>(auth.sources[0].accounts);
    EXPECT_EQ(pam.users, PamAccounts::Users::source);
    ASSERT_EQ(pam.source.size(), 1u);
    EXPECT_TRUE(std::holds_alternative<FileAccounts>(pam.source[0].accounts));
    EXPECT_EQ(auth.users_file, folder.path() / "users") << "for mailroom user";
    auto const& directory = std::get<LdapAccounts>(auth.sources[2].accounts);
    EXPECT_EQ(directory.bind_password, "hush");
    EXPECT_EQ(
        directory.settings, (std::map<std::string, std::string> { { "master", "mayActAs" } }));
    EXPECT_EQ(auth.sources[2].time_limit, 9s);
    EXPECT_EQ(auth.sources[2].cache_time, 5min);
    auto const& database = std::get<SqlAccounts>(auth.sources[3].accounts);
    EXPECT_EQ(database.driver, SqlAccounts::Driver::mysql);
    EXPECT_EQ(database.connection, "db=x password='hush'");
    EXPECT_EQ(auth.sources[3].scram, std::vector<std::string> { "SCRAM-SHA-256" });
    EXPECT_EQ(auth.sources[3].connections, 9u);
    EXPECT_EQ(auth.sources[3].cache_time, 0s);
}

TEST_F(AuthSources, MistakesSayWhatWouldBeRight)
{
    struct Case {
        std::string text;
        char const* key;
        char const* says;
    };
    std::string const pam
        = "[[auth.source]]\ntype = \"pam\"\nfolder = \".\"\nservice = \"service\"\n";
    Case const cases[] = {
        { "[[auth.source]]\npath = \"users\"\n", "auth.source.type", "is missing" },
        { "[[auth.source]]\ntype = \"nis\"\n", "auth.source.type", "\"ldap\"" },
        { "[[auth.source]]\ntype = \"file\"\n", "auth.source.path", "is missing" },
        { "[[auth.source]]\ntype = \"file\"\npath = \"none\"\n", "auth.source.path",
            "mailroom user add" },
        { "[auth]\nusers_file = \"users\"\n[[auth.source]]\ntype = \"file\"\npath = \"users\"\n",
            "auth.users_file", "type = \"file\"" },
        { pam + "connections = 0\n", "auth.source.connections", "from 1" },
        { pam + "time_limit = \"2 min\"\n", "auth.source.time_limit", "1 min" },
        { pam + "service = \"x\"\n", "", "valid TOML" },
        { "[[auth.source]]\ntype = \"pam\"\nfolder = \".\"\nservice = \"other\"\n",
            "auth.source.service", "has no file" },
        { "[[auth.source]]\ntype = \"pam\"\nfolder = \".\"\nservice = \"../x\"\n",
            "auth.source.service", "no name of a PAM service" },
        { pam + "users = \"domains\"\n", "auth.source.users", "add domains" },
        { pam + "users = \"domains\"\ndomains = [\"@x\"]\n", "auth.source.domains", "without @" },
        { pam + "users = \"source\"\n", "auth.source.users", "[auth.source.source]" },
        { pam + "[auth.source.source]\ntype = \"file\"\npath = \"users\"\n", "auth.source.source",
            "users = \"source\"" },
        { pam + "users = \"source\"\n[auth.source.source]\ntype = \"pam\"\n",
            "auth.source.source.type", "lists no accounts" },
        { pam + "scram = [\"SCRAM-SHA-1\"]\n", "auth.source.scram", "no known key" },
        { ldap, "auth.source.bind_as_user", "password_attribute" },
        { ldap + "bind_as_user = true\npassword_attribute = \"x\"\n", "auth.source.bind_as_user",
            "either" },
        { "[[auth.source]]\ntype = \"ldap\"\nservers = [\"ldap://h\"]\nbase = \"o=x\"\nfilter = "
          "\"(a=%u)\"\n"
          "name_attribute = \"a\"\nbind_as_user = true\n",
            "auth.source.servers", "unencrypted" },
        { "[[auth.source]]\ntype = \"ldap\"\nservers = [\"h\"]\nbase = \"o=x\"\nfilter = "
          "\"(a=%u)\"\n"
          "name_attribute = \"a\"\nbind_as_user = true\n",
            "auth.source.servers", "ldaps://" },
        { "[[auth.source]]\ntype = \"ldap\"\nservers = []\nbase = \"o=x\"\nfilter = \"(a=b)\"\n"
          "name_attribute = \"a\"\nbind_as_user = true\n",
            "auth.source.filter", "%u is the name" },
        { ldap + "bind_as_user = true\naddress_filter = \"(a=%x%u)\"\n",
            "auth.source.address_filter", "%n" },
        { ldap + "bind_as_user = true\naddress_filter = \"(a=%u\"\n", "auth.source.address_filter",
            "(mail=%u)" },
        { ldap + "bind_as_user = true\nbind_password = \"x\"\nbind_password_file = \"secret\"\n",
            "auth.source.bind_password", "twice" },
        { ldap + "bind_as_user = true\nscram = [\"PLAIN\"]\n", "auth.source.scram",
            "SCRAM-SHA-256" },
        { sql, "auth.source.login_query", "is missing" },
        { sql + "login_query = \"SELECT 1\"\n", "auth.source.login_query", "uses :name" },
        { sql + "login_query = \"DELETE FROM t WHERE a = :name\"\n", "auth.source.login_query",
            "begins with select" },
        { sql + "login_query = \"SELECT a FROM t WHERE a = ':name'\"\n", "auth.source.login_query",
            "without quotes" },
        { sql + "login_query = \"SELECT a FROM t WHERE a = :nam\"\n", "auth.source.login_query",
            ":nam is no parameter here; there are :name, :user, :domain" },
        { sql
                + "login_query = \"SELECT a FROM t WHERE a = :name\"\nupdate_query = \"SELECT "
                  ":name\"\n",
            "auth.source.update_query", "begins with update" },
        { sql + "login_query = \"SELECT a FROM t WHERE a = :name\"\ndefault_scheme = \"{CRYPT}\"\n",
            "auth.source.default_scheme", "without braces" },
    };
    for (auto const& each : cases) {
        auto const found = mistakes(each.text);
        bool const is_named = std::ranges::any_of(found, [&](std::string const& mistake) {
            return mistake.starts_with(std::string(each.key) + ": ")
                && mistake.find(each.says) != std::string::npos;
        });
        EXPECT_TRUE(is_named) << each.text << (found.empty() ? "no mistake" : found.front());
    }
}

TEST_F(AuthSources, CastsAndTextsAreNoParameters)
{
    auto const auth = read(sql
        + "login_query = \"\"\"select a::text as name, ':x' as password from t where a = :name or "
          "a = "
          ":user or d = :domain\"\"\"\n");
    EXPECT_EQ(auth.sources.size(), 1u);
}
