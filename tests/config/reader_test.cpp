// The config file: the shipped example, units and addresses, and every kind of mistake with its
// place.
#include "config/reader.h"
#include "config/units.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>

#include <fstream>

#include <unistd.h>

using namespace mail::config;
using namespace std::chrono_literals;

namespace {

/// A folder with a config file; gone at the end of the test.
class ConfigFile {
public:
    explicit ConfigFile(std::string const& text)
    {
        std::ofstream(path()) << text;
        std::ofstream(folder() / "users") << "";
        std::ofstream(folder() / "cert.pem") << "";
    }
    std::filesystem::path path() const { return folder() / "mailroom.toml"; }
    std::filesystem::path const& folder() const { return folder_.path(); }

    std::vector<Problem> problems(Files files = Files::must_exist) const
    {
        try {
            load(path(), files);
        } catch (Unusable const& error) {
            return error.problems();
        }
        return {};
    }

    /// Why it is not taken. Throws when it is.
    Unusable refusal(Checks const& checks) const
    {
        try {
            load(path(), Files::may_be_missing, checks);
        } catch (Unusable const& unusable) {
            return unusable;
        }
        throw std::logic_error("it was taken");
    }

private:
    mail::test::TemporaryDirectory folder_;
};

std::vector<std::string> keys_of(std::vector<Problem> const& problems)
{
    std::vector<std::string> keys;
    for (auto const& problem : problems)
        keys.push_back(problem.key);
    return keys;
}

std::string const head = "config_version = 1\nhostname = \"mail.example.org\"\n"
                         "storage.path = \"store\"\nauth.users_file = \"users\"\n";
std::string const listener
    = "[[listener]]\nprotocol = \"imap\"\naddress = \"127.0.0.1:143\"\ntls = \"none\"\n";

} // namespace

TEST(Config, SevenMistakesAreSevenErrors)
{
    ConfigFile const file("config_version = 1\n"
                          "hostname = \"mail.example.org\"\n"
                          "[storage]\n"
                          "path = \"store\"\n"
                          "undelete_windw = \"14 d\"\n" // 1: unknown key
                          "[tls]\n"
                          "certificate = \"missing.pem\"\n" // 2: missing file
                          "private_key = 7\n" // 3: wrong type
                          "[[listener]]\n"
                          "protocol = \"imaps\"\n" // 4: no such choice
                          "address = \"127.0.0.1:993\"\n"
                          "tls = \"implicit\"\n"
                          "[[listener]]\n"
                          "protocol = \"imap\"\n"
                          "address = \"0.0.0.0:143\"\n"
                          "tls = \"starttls\"\n"
                          "allow_plaintext_login = true\n" // 5: not loopback
                          "[[listener]]\n"
                          "protocol = \"pop3\"\n"
                          "address = \"0.0.0.0:143\"\n" // 6: taken
                          "tls = \"starttls\"\n"
                          "[limits]\n"
                          "message_size = \"50 megs\"\n" // 7: no unit
                          "[auth]\n"
                          "users_file = \"users\"\n");
    auto const found = file.problems();
    ASSERT_EQ(found.size(), 7u) << Unusable(file.path(), found).what();
    auto const expect = [&](std::size_t at, std::size_t line, std::size_t column, char const* key,
                            char const* text) {
        EXPECT_EQ(found[at].line, line);
        EXPECT_EQ(found[at].column, column) << key;
        EXPECT_EQ(found[at].key, key);
        EXPECT_NE(found[at].text.find(text), std::string::npos) << found[at].text;
    };
    expect(0, 5, 1, "storage.undelete_windw", "did you mean undelete_window?");
    expect(1, 7, 15, "tls.certificate", "No such file");
    expect(2, 8, 15, "tls.private_key", "is a whole number; write a string");
    expect(3, 10, 12, "listener.protocol", "write one of \"imap\", \"pop3\", \"lmtp\"");
    expect(4, 17, 25, "listener.allow_plaintext_login", "loopback");
    expect(5, 20, 11, "listener.address", "taken by an earlier listener");
    expect(6, 23, 16, "limits.message_size", "such as \"50 MiB\"");
    EXPECT_EQ(to_text("m.toml", found[0]), "m.toml:5:1: storage.undelete_windw: " + found[0].text);
}

TEST(Config, ReportsWhatIsMissing)
{
    auto const found = ConfigFile("").problems();
    std::vector<std::string> keys;
    for (auto const& each : found)
        keys.push_back(each.key);
    EXPECT_EQ(keys,
        (std::vector<std::string> { "config_version", "hostname", "storage", "auth", "listener" }));
    for (auto const& each : found)
        EXPECT_NE(each.text.find("is missing"), std::string::npos) << each.key << each.text;
}

TEST(Config, RefusesEachImpossibleValue)
{
    struct Case {
        std::string text;
        std::string key;
    };
    std::vector<Case> const cases {
        { head + "[limits]\nmessage_size = \"1 KiB\"\n" + listener, "limits.message_size" },
        { head + "[limits]\nmessage_size = 52428800\n" + listener, "limits.message_size" },
        { head + "[limits]\nsessions = 0\n" + listener, "limits.sessions" },
        { head + "[limits]\nsessions = \"many\"\n" + listener, "limits.sessions" },
        { head + "[limits]\nidle_time = \"0 s\"\n" + listener, "limits.idle_time" },
        { head + "[limits]\nidle_time = 1.5\n" + listener, "limits.idle_time" },
        { head + "[limits]\nlmtp_recipients = 5\n" + listener, "limits.lmtp_recipients" },
        { head + "[[mailbox]]\nname = \"a*\"\n" + listener, "mailbox.name" },
        { head + "[[mailbox]]\nname = \"a\"\n[[mailbox]]\nname = \"a\"\n" + listener,
            "mailbox.name" },
        { head + "[[mailbox]]\nname = \"a\"\nspecial_use = \"bin\"\n" + listener,
            "mailbox.special_use" },
        { head + "[[mailbox]]\nspecial_use = \"sent\"\n" + listener, "mailbox.name" },
        { head + "mailbox = \"Sent\"\n" + listener, "mailbox" },
        { head + "log = 1\n" + listener, "log" },
        { head + "[log]\nlevel = \"loud\"\n" + listener, "log.level" },
        { head + "[listener]\nprotocol = \"imap\"\n", "listener" },
        { head + "[[listener]]\nprotocol = \"imap\"\naddress = \"localhost:143\"\ntls = \"none\"\n",
            "listener.address" },
        { head
                + "[[listener]]\nprotocol = \"imap\"\naddress = \"127.0.0.1:70000\"\ntls = "
                  "\"none\"\n",
            "listener.address" },
        { head + "[[listener]]\nprotocol = \"imap\"\naddress = \"unix:/run/x\"\ntls = \"none\"\n",
            "listener.address" },
        { head + "[[listener]]\nprotocol = \"imap\"\naddress = \"127.0.0.1:143\"\n",
            "listener.tls" },
        { head
                + "[[listener]]\nprotocol = \"imap\"\naddress = \"127.0.0.1:143\"\ntls = "
                  "\"implicit\"\n",
            "listener.tls" },
        { head + "[[listener]]\nprotocol = \"lmtp\"\naddress = \"127.0.0.1:24\"\nmode = \"0660\"\n",
            "listener.mode" },
        { head + "[[listener]]\nprotocol = \"lmtp\"\naddress = \"unix:/run/x\"\nmode = \"rw\"\n",
            "listener.mode" },
        { head + "[lmtp]\nrecipient_delimiter = \"@\"\n" + listener, "lmtp.recipient_delimiter" },
        { head + "[lmtp]\ndeliverers = [\"two words\"]\n" + listener, "lmtp.deliverers" },
        { head + "[lmtp]\ndeliverers = \"mx\"\n" + listener, "lmtp.deliverers" },
        { head + "[lmtp]\ncreate_detail = true\n" + listener, "lmtp.create_detail" },
        { head + "[lmtp]\ndetail_needs_post = true\n" + listener, "lmtp.detail_needs_post" },
        { head + "[lmtp]\nmax_hops = 1\n" + listener, "lmtp.max_hops" },
        { head + "[lmtp]\nduplicate_window = \"1000 d\"\n" + listener, "lmtp.duplicate_window" },
        { head + "[lmtp]\nmessage_time = \"1 s\"\n" + listener, "lmtp.message_time" },
        { head + listener + "trusted_networks = [\"::1\"]\n", "listener.trusted_networks" },
        { head
                + "[[listener]]\nprotocol = \"lmtp\"\naddress = \"unix:/run/x\"\ntrusted_networks "
                  "= []\n",
            "listener.trusted_networks" },
        { head + "[[listener]]\nprotocol = \"lmtp\"\naddress = \"0.0.0.0:24\"\n",
            "listener.address" },
        { head + "[[listener]]\nprotocol = \"lmtp\"\naddress = \"127.0.0.1:25\"\n",
            "listener.address" },
        { head
                + "[[listener]]\nprotocol = \"lmtp\"\naddress = \"127.0.0.1:24\"\n"
                  "trusted_networks = []\n",
            "listener.trusted_networks" },
        { head
                + "[lmtp]\ndeliverers = [\"mx\"]\n[[listener]]\nprotocol = \"lmtp\"\naddress = "
                  "\"0.0.0.0:24\"\ntls = \"none\"\n",
            "listener.tls" },
        { "config_version = 2\n" + head.substr(head.find('\n') + 1) + listener, "config_version" },
        { head + "nonsense = true\n" + listener, "nonsense" },
    };
    for (auto const& each : cases) {
        auto const found = ConfigFile(each.text).problems();
        ASSERT_EQ(found.size(), 1u) << each.text << (found.empty() ? "" : found.back().text);
        EXPECT_EQ(found[0].key, each.key) << found[0].text;
        EXPECT_GT(found[0].line, 0u) << each.key;
    }
}

TEST(Config, NamesThePlaceOfBrokenToml)
{
    auto const found = ConfigFile("config_version = 1\nhostname = \n").problems();
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].line, 2u);
    EXPECT_NE(found[0].text.find("not valid TOML"), std::string::npos);
    auto const doubled = ConfigFile("config_version = 1\nconfig_version = 1\n").problems();
    ASSERT_EQ(doubled.size(), 1u);
    EXPECT_EQ(doubled[0].line, 2u);
}

TEST(Config, NamesAnUnreadableFile)
{
    try {
        load("/nonexistent/mailroom.toml", Files::must_exist);
        FAIL();
    } catch (Unusable const& error) {
        EXPECT_STREQ(error.what(),
            "/nonexistent/mailroom.toml: cannot read the config file: No such file or directory; "
            "name it by --config FILE");
    }
}

TEST(Config, FillsDefaultsAndResolvesPaths)
{
    ConfigFile const file(head + listener);
    auto const config = load(file.path(), Files::must_exist);
    EXPECT_EQ(config.storage.path, file.folder() / "store");
    EXPECT_EQ(config.auth.users_file, file.folder() / "users");
    EXPECT_EQ(config.limits.message_size, 50u << 20);
    EXPECT_EQ(config.mailboxes.size(), 5u);
    ASSERT_EQ(config.listeners.size(), 1u);
    EXPECT_EQ(config.listeners[0].endpoint.text(), "127.0.0.1:143");
    EXPECT_TRUE(config.listeners[0].endpoint.is_loopback());
}

TEST(Config, ReadsWhoMayDeliver)
{
    ConfigFile const file(head
        + "[[listener]]\nprotocol = \"lmtp\"\naddress = \"0.0.0.0:24\"\n"
          "trusted_networks = [\"192.0.2.0/24\", \"2001:db8::1\"]\n"
          "[[listener]]\nprotocol = \"lmtp\"\naddress = "
          "\"127.0.0.1:24\"\ntrusted_networks = []\n"
          "[[listener]]\nprotocol = \"lmtp\"\naddress = "
          "\"127.0.0.1:26\"\n"
          "[lmtp]\ndeliverers = [\"MX@example.org\"]\n"
          "duplicate_window = \"7 d\"\ndeliver_to_detail = true\n"
          "create_detail = true\n");
    auto const config = load(file.path(), Files::must_exist);
    EXPECT_EQ(config.listeners[0].trusted_networks,
        (std::vector<std::string> { "192.0.2.0/24", "2001:db8::1" }));
    EXPECT_EQ(config.listeners[1].trusted_networks, std::vector<std::string> {});
    EXPECT_EQ(config.listeners[2].trusted_networks, std::nullopt);
    EXPECT_EQ(config.lmtp.deliverers, std::vector<std::string> { "mx@example.org" });
    EXPECT_EQ(config.lmtp.duplicate_window, std::chrono::hours(7 * 24));
    EXPECT_TRUE(config.lmtp.create_detail);
}

TEST(Config, TheExampleIsValidAndItsCommentsShowTheDefaults)
{
    std::filesystem::path const example = MAILROOM_SOURCE_DIR "/config/mailroom.toml";
    auto const config = load(example, Files::may_be_missing);
    EXPECT_EQ(config.listeners.size(), 6u);
    EXPECT_EQ(config.mailboxes.size(), default_mailboxes().size());

    // The same with every commented-out key (and section) switched on: still valid, and no value
    // changes.
    std::ifstream in(example);
    std::string text;
    for (std::string line; std::getline(in, line);) {
        bool const is_key = line.starts_with("# ") && line.find(" = ") != std::string::npos
            && line.find("  ") == std::string::npos
            && line.find_first_of("abcdefghijklmnopqrstuvwxyz_") == 2
            && line.find_first_not_of("abcdefghijklmnopqrstuvwxyz_", 2) == line.find(" = ");
        text += (is_key || line.starts_with("# [") ? line.substr(2) : line) + '\n';
    }
    EXPECT_NE(text.find("\nmap_size = "), std::string::npos);
    EXPECT_NE(text.find("\nidle_time = "), std::string::npos);
    ConfigFile const all(text);
    auto const spelled_out = load(all.path(), Files::may_be_missing);
    EXPECT_EQ(spelled_out.listeners.size(), 10u);
    EXPECT_EQ(spelled_out.listeners[6].endpoint.unix_path, "/run/mailroom/lmtp");
    EXPECT_EQ(spelled_out.storage.map_size, config.storage.map_size);
    EXPECT_EQ(spelled_out.storage.undelete_window, config.storage.undelete_window);
    auto const &p = spelled_out.pop3, &q = config.pop3;
    EXPECT_EQ(std::tie(p.mailboxes, p.max_age, p.order, p.uidl_format, p.deletes_by_flag,
                  p.expire_days, p.account_expire_days, p.login_delay, p.account_login_delay,
                  p.takeover_time, p.implementation, p.language),
        std::tie(q.mailboxes, q.max_age, q.order, q.uidl_format, q.deletes_by_flag, q.expire_days,
            q.account_expire_days, q.login_delay, q.account_login_delay, q.takeover_time,
            q.implementation, q.language));
    auto const &a = spelled_out.limits, &b = config.limits;
    EXPECT_EQ(std::tie(a.message_size, a.line_length, a.command_literals, a.sessions,
                  a.sessions_per_address, a.sessions_per_account),
        std::tie(b.message_size, b.line_length, b.command_literals, b.sessions,
            b.sessions_per_address, b.sessions_per_account));
    EXPECT_EQ(std::tie(a.exempt_loopback, a.bad_commands, a.failed_logins, a.lmtp_recipients,
                  a.handshake_time, a.login_time),
        std::tie(b.exempt_loopback, b.bad_commands, b.failed_logins, b.lmtp_recipients,
            b.handshake_time, b.login_time));
    EXPECT_EQ(std::tie(a.idle_time, a.pop3_idle_time, a.lmtp_idle_time, a.mta_idle_time),
        std::tie(b.idle_time, b.pop3_idle_time, b.lmtp_idle_time, b.mta_idle_time));
    EXPECT_EQ(spelled_out.mta.domains, config.mta.domains);
    EXPECT_EQ(spelled_out.mta.rejects_unknown, config.mta.rejects_unknown);
    EXPECT_EQ(spelled_out.mta.defers_on_trouble, config.mta.defers_on_trouble);
    EXPECT_EQ(spelled_out.auth.cache_time, config.auth.cache_time);
    EXPECT_EQ(std::tie(spelled_out.auth.weak_schemes, spelled_out.auth.rehash,
                  spelled_out.auth.master_separator, spelled_out.auth.checks_at_once),
        std::tie(config.auth.weak_schemes, config.auth.rehash, config.auth.master_separator,
            config.auth.checks_at_once));
    auto const &g = spelled_out.auth.guessing, &h = config.auth.guessing;
    EXPECT_EQ(
        std::tie(g.enabled, g.wrong_per_address, g.wait, g.longest_wait, g.wrong_per_network,
            g.wrong_per_account, g.attempts_per_minute, g.known_networks_time, g.count_loopback),
        std::tie(h.enabled, h.wrong_per_address, h.wait, h.longest_wait, h.wrong_per_network,
            h.wrong_per_account, h.attempts_per_minute, h.known_networks_time, h.count_loopback));
    auto const &c = spelled_out.lmtp, &d = config.lmtp;
    EXPECT_EQ(std::tie(c.deliverers, c.announce_dsn, c.deliver_to_detail, c.create_detail,
                  c.detail_needs_post, c.recipient_delimiter),
        std::tie(d.deliverers, d.announce_dsn, d.deliver_to_detail, d.create_detail,
            d.detail_needs_post, d.recipient_delimiter));
    EXPECT_EQ(std::tie(c.duplicate_window, c.max_hops, c.messages_per_session, c.message_time),
        std::tie(d.duplicate_window, d.max_hops, d.messages_per_session, d.message_time));
}

TEST(Config, ReadsWhatMtasAskAt)
{
    ConfigFile const file(head
        + "[[listener]]\nprotocol = \"auth\"\naddress = \"unix:/run/auth\"\n"
          "allow_plaintext_login = true\nmode = \"0600\"\n"
          "[[listener]]\nprotocol = \"policy\"\naddress = \"127.0.0.1:12340\"\n"
          "[[listener]]\nprotocol = \"socketmap\"\naddress = \"[::1]:12341\"\ntls = \"none\"\n"
          "[limits]\nmta_idle_time = \"7 s\"\n"
          "[mta]\ndomains = [\"Example.ORG\", \"b\"]\nunknown_recipient = \"reject\"\n"
          "trouble = \"defer\"\n");
    auto const config = load(file.path(), Files::must_exist);
    ASSERT_EQ(config.listeners.size(), 3u);
    EXPECT_STREQ(name_of(config.listeners[0].protocol), "auth");
    EXPECT_STREQ(name_of(config.listeners[1].protocol), "policy");
    EXPECT_STREQ(name_of(config.listeners[2].protocol), "socketmap");
    EXPECT_EQ(config.listeners[0].mode, 0600u);
    EXPECT_TRUE(config.listeners[0].allow_plaintext_login);
    EXPECT_EQ(config.limits.mta_idle_time, 7s);
    EXPECT_EQ(config.mta.domains, (std::vector<std::string> { "example.org", "b" }));
    EXPECT_TRUE(config.mta.rejects_unknown);
    EXPECT_TRUE(config.mta.defers_on_trouble);
}

TEST(Config, KeepsWhatMtasAskAtOnThisMachine)
{
    auto const problem = [](std::string const& text) {
        auto const found = ConfigFile(head + text).problems();
        return found.size() == 1 ? found[0].key + ": " + found[0].text
                                 : std::to_string(found.size()) + " problems";
    };
    std::string const auth = "[[listener]]\nprotocol = \"auth\"\naddress = ";
    EXPECT_TRUE(problem(auth + "\"0.0.0.0:12345\"\n")
                    .starts_with("listener.address: 0.0.0.0:12345 can be reached from other"));
    EXPECT_TRUE(problem("[[listener]]\nprotocol = \"socketmap\"\naddress = \"192.0.2.1:1\"\n")
                    .starts_with("listener.address: 192.0.2.1:1 can be reached from other"));
    EXPECT_TRUE(problem("[tls]\ncertificate = \"cert.pem\"\nprivate_key = \"cert.pem\"\n" + auth
        + "\"127.0.0.1:12345\"\ntls = \"starttls\"\n")
                    .starts_with("listener.tls: MTAs speak this protocol without TLS"));
    EXPECT_TRUE(problem("[[listener]]\nprotocol = \"policy\"\naddress = \"127.0.0.1:1\"\n"
                        "allow_plaintext_login = true\n")
                    .starts_with("listener.allow_plaintext_login: nobody logs in"));
    EXPECT_TRUE(
        problem("[mta]\ndomains = [\"@example.org\"]\n" + listener).starts_with("mta.domains: "));
    EXPECT_TRUE(
        problem("[mta]\ndomains = \"example.org\"\n" + listener).starts_with("mta.domains: "));
    EXPECT_TRUE(problem("[mta]\ntrouble = \"reject\"\n" + listener).starts_with("mta.trouble: "));
    EXPECT_TRUE(problem("[mta]\nunknown_recipient = \"defer\"\n" + listener)
                    .starts_with("mta.unknown_recipient: "));
    EXPECT_TRUE(problem("[limits]\nmta_idle_time = \"0 s\"\n" + listener)
                    .starts_with("limits.mta_idle_time: "));
}

TEST(ConfigUnits, Sizes)
{
    EXPECT_EQ(parse_size("50 MiB"), 50u << 20);
    EXPECT_EQ(parse_size("50mib"), 50u << 20);
    EXPECT_EQ(parse_size("1 kB"), 1000u);
    EXPECT_EQ(parse_size("0 B"), 0u);
    for (auto const* wrong : { "", "50", "MiB", "-1 MiB", "1.5 MiB", "1 MiBs", "99999999999999 TiB",
             "99999999999999999999999 B", "1 MiB " })
        EXPECT_FALSE(parse_size(wrong)) << wrong;
}

TEST(ConfigUnits, Durations)
{
    EXPECT_EQ(parse_duration("30 min"), 30min);
    EXPECT_EQ(parse_duration("14d"), 24h * 14);
    EXPECT_EQ(parse_duration("1 Hour"), 1h);
    for (auto const* wrong : { "", "30", "1 month", "-1 s", "9999999999 weeks" })
        EXPECT_FALSE(parse_duration(wrong)) << wrong;
}

TEST(ConfigUnits, Endpoints)
{
    auto const v6 = parse_endpoint("[::1]:993");
    ASSERT_TRUE(v6);
    EXPECT_EQ(v6->text(), "[::1]:993");
    EXPECT_TRUE(v6->is_loopback());
    EXPECT_TRUE(parse_endpoint("127.9.9.9:1")->is_loopback());
    EXPECT_FALSE(parse_endpoint("0.0.0.0:1")->is_loopback());
    EXPECT_FALSE(parse_endpoint("[::]:1")->is_loopback());
    EXPECT_TRUE(parse_endpoint("unix:/run/x")->is_unix());
    for (auto const* wrong : { "", ":993", "127.0.0.1", "127.0.0.1:", "::1:993", "[::1]", "unix:x",
             "host:1", "1.2.3.4:-1", "1.2.3.4:65536" })
        EXPECT_FALSE(parse_endpoint(wrong)) << wrong;
    EXPECT_FALSE(parse_endpoint("unix:/" + std::string(107, 'x')));
}

TEST(Config, AsksWhatOnlyTheProtocolsKnow)
{
    ConfigFile const file(head + listener
        + "[imap]\ncapabilities_off = [\"GOOD\", \"BAD\"]\nmessage_limit = 10\nlanguage = \"tlh\"\n"
          "keep_alive = \"1 h\"\n"
          "[[imap.network]]\nnetworks = [\"here\", 7]\n");
    Checks const checks { .is_capability = [](std::string_view name) { return name == "GOOD"; },
        .is_language = [](std::string_view tag) { return tag == "de"; } };
    auto const unusable = file.refusal(checks);
    EXPECT_EQ(keys_of(unusable.problems()),
        (std::vector<std::string> { "imap.capabilities_off", "imap.message_limit", "imap.language",
            "imap.keep_alive", "imap.network.networks" }));
    EXPECT_NE(std::string(unusable.what()).find("\"BAD\" is unknown"), std::string::npos);
}

TEST(Config, ReadsHowPop3Serves)
{
    ConfigFile const file(head + listener
        + "[pop3]\nmailboxes = [\"*\", \"Sent\"]\nmax_age = \"30 d\"\norder = \"newest\"\n"
          "uidl_format = \"%u\"\ndeletes = \"flag\"\nexpire = \"60 d\"\n"
          "account_expire = \"7 d\"\nlogin_delay = \"1 min\"\naccount_login_delay = \"10 min\"\n"
          "takeover_time = \"0 s\"\nimplementation = false\nlanguage = \"de\"\n");
    auto const pop3 = load(file.path(), Files::may_be_missing).pop3;
    EXPECT_EQ(pop3.mailboxes, (std::vector<std::string> { "*", "Sent" }));
    EXPECT_EQ(pop3.max_age, 30 * 24h);
    EXPECT_EQ(pop3.order, Pop3Order::newest);
    EXPECT_EQ(pop3.uidl_format, "%u");
    EXPECT_TRUE(pop3.deletes_by_flag);
    EXPECT_EQ(pop3.expire_days, 60U);
    EXPECT_EQ(pop3.account_expire_days, 7U);
    EXPECT_EQ(pop3.login_delay, 1min);
    EXPECT_EQ(pop3.account_login_delay, 10min);
    EXPECT_EQ(pop3.takeover_time, 0s);
    EXPECT_FALSE(pop3.implementation);
    EXPECT_EQ(pop3.language, "de");
    ConfigFile const none(head + listener);
    EXPECT_EQ(load(none.path(), Files::may_be_missing).pop3.expire_days, std::nullopt);
    ConfigFile const never(head + listener + "[pop3]\nexpire = \"never\"\n");
    EXPECT_EQ(load(never.path(), Files::may_be_missing).pop3.expire_days, std::nullopt);
    ConfigFile const at_once(head + listener + "[pop3]\nexpire = \"0 d\"\n");
    EXPECT_EQ(load(at_once.path(), Files::may_be_missing).pop3.expire_days, 0U);
}

TEST(Config, SaysWhatIsWrongWithPop3)
{
    ConfigFile const file(head + listener
        + "[pop3]\nmailboxes = []\nmax_age = 30\norder = \"size\"\nuidl_format = \"x\"\n"
          "deletes = \"never\"\nexpire = \"36 h\"\naccount_expire = \"soon\"\n"
          "login_delay = \"2 weeks\"\ntakeover_time = true\nimplementation = \"no\"\n"
          "language = \"tlh\"\nlast = 1\n");
    Checks const checks { .is_language = [](std::string_view tag) { return tag == "de"; },
        .problem_of_uidl_format = [](std::string_view) { return std::string("lacks %u"); } };
    EXPECT_EQ(keys_of(file.refusal(checks).problems()),
        (std::vector<std::string> { "pop3.mailboxes", "pop3.max_age", "pop3.order",
            "pop3.uidl_format", "pop3.deletes", "pop3.expire", "pop3.account_expire",
            "pop3.login_delay", "pop3.takeover_time", "pop3.implementation", "pop3.language",
            "pop3.last" }));
}

TEST(Config, ReadsWhatClientsAreToldAboutTheServer)
{
    ConfigFile const file(head + listener
        + "[quota]\nover = \"reject\"\n"
          "[[imap.metadata]]\nentry = \"/Shared/Admin\"\nvalue = "
          "\"mailto:postmaster@example.org\"\n"
          "[[imap.metadata]]\nentry = \"/shared/comment\"\nvalue = \"\"\n");
    auto const config = load(file.path(), Files::may_be_missing);
    EXPECT_TRUE(config.quota.rejects);
    ASSERT_EQ(config.imap.metadata.size(), 2U);
    EXPECT_EQ(config.imap.metadata[0].entry, "/shared/admin");
    EXPECT_EQ(config.imap.metadata[0].value, "mailto:postmaster@example.org");

    ConfigFile const wrong(head + listener
        + "[quota]\nover = \"bounce\"\n"
          "[[imap.metadata]]\nentry = \"/private/x\"\nvalue = \"x\"\n"
          "[[imap.metadata]]\nentry = \"/shared/a*\"\nvalue = \"x\"\n"
          "[[imap.metadata]]\nentry = \"/shared/x\"\nvalue = \"x\"\n"
          "[[imap.metadata]]\nentry = \"/shared/X\"\nvalue = \"x\"\n"
          "[[imap.metadata]]\nvalue = \"x\"\n"
          "[[imap.metadata]]\nentry = \"/shared/y\"\n");
    auto const problems = wrong.problems(Files::may_be_missing);
    std::vector<std::string> keys;
    for (auto const& problem : problems)
        keys.push_back(problem.key);
    EXPECT_EQ(keys,
        (std::vector<std::string> { "quota.over", "imap.metadata.entry", "imap.metadata.entry",
            "imap.metadata.entry", "imap.metadata.entry", "imap.metadata.value" }));
}

TEST(Config, ReadsSharingAndQuota)
{
    ConfigFile const file(head + listener
        + "[sharing]\nshared_account = \"Public@Example.org\"\nshared = \"All\"\n"
          "[quota]\nstorage = \"2 GiB\"\nmessages = 0\n"
          "[[imap.network]]\nnetworks = [\"192.0.2.0/24\"]\ncapabilities_off = [\"IDLE\"]\n");
    auto const config = load(file.path(), Files::may_be_missing);
    EXPECT_EQ(config.sharing.shared_account, "public@example.org");
    EXPECT_EQ(config.sharing.shared, "All");
    EXPECT_EQ(config.quota.storage, std::uint64_t { 2 } << 30);
    EXPECT_EQ(config.quota.messages, std::nullopt);
    EXPECT_FALSE(config.quota.rejects);
    ASSERT_EQ(config.imap.networks.size(), 1U);
    EXPECT_EQ(config.imap.networks[0].capabilities_off, std::vector<std::string> { "IDLE" });

    ConfigFile const wrong(head + listener
        + "[sharing]\nother_users = \"a/b\"\nshared = \"Other Users\"\n[quota]\nwarning = 101\n");
    auto const problems = wrong.problems(Files::may_be_missing);
    ASSERT_EQ(problems.size(), 3U);
    EXPECT_EQ(problems[0].key, "sharing.other_users");
    EXPECT_EQ(problems[1].key, "sharing.shared");
    EXPECT_EQ(problems[2].key, "quota.warning");
}

TEST(Config, ReadsCertificatesAndWhoseAreTrusted)
{
    std::string const pair = "certificate = \"cert.pem\"\nprivate_key = \"cert.pem\"\n";
    ConfigFile const file(head + listener + "[tls]\n" + pair
        + "ocsp_response = \"later.ocsp\"\n" // may be missing
          "ciphers = [\"ECDHE-RSA-AES256-GCM-SHA384\"]\n"
          "client_certificate = \"required\"\nclient_ca = \"cert.pem\"\n"
          "client_names = [\"upn\", \"cn\"]\n"
          "[[tls.pair]]\ncertificate = \"users\"\nprivate_key = \"users\"\n");
    auto const config = load(file.path(), Files::must_exist);
    ASSERT_EQ(config.tls.certificates.size(), 2u);
    EXPECT_EQ(config.tls.certificates[0].certificate, file.folder() / "cert.pem");
    EXPECT_EQ(config.tls.certificates[0].ocsp_response, file.folder() / "later.ocsp");
    EXPECT_EQ(config.tls.certificates[1].private_key, file.folder() / "users");
    EXPECT_EQ(config.tls.ciphers, std::vector<std::string> { "ECDHE-RSA-AES256-GCM-SHA384" });
    EXPECT_EQ(config.tls.client_certificate, ClientCertificate::required);
    EXPECT_EQ(
        config.tls.client_names, (std::vector { CertifiedName::upn, CertifiedName::common_name }));

    auto const found = ConfigFile(head + listener + "[tls]\n" + pair
        + "groups = [\"a:b\"]\nclient_names = []\nclient_certificate = \"optional\"\n[[tls.pair]]\n"
        + pair + "[[tls.pair]]\ncertificate = \"missing.pem\"\nkey = 1\n")
                           .problems();
    std::vector<std::string> keys;
    for (auto const& each : found)
        keys.push_back(each.key);
    EXPECT_EQ(keys,
        (std::vector<std::string> { "tls.groups", "tls.client_names", "tls.client_certificate",
            "tls.pair.certificate", "tls.pair.private_key", "tls.pair.certificate",
            "tls.pair.key" }));
}

TEST(Config, ListenersBehindProxiesNeedToKnowThem)
{
    Checks const checks { .is_network = [](std::string_view text) { return text != "nowhere"; } };
    auto const behind = listener + "proxy_protocol = true\n";
    ConfigFile const good(head + "[proxy]\nnetworks = [\"10.0.0.5\"]\n" + behind);
    auto const config = load(good.path(), Files::must_exist, checks);
    EXPECT_TRUE(config.listeners.at(0).proxy_protocol);
    EXPECT_EQ(config.proxy.networks, std::vector<std::string> { "10.0.0.5" });
    auto const problem_of = [&](std::string const& text) {
        auto const found = ConfigFile(head + text).problems();
        return found.size() == 1 ? found[0].key + " " + found[0].text
                                 : std::to_string(found.size());
    };
    EXPECT_NE(problem_of(behind).find("listener.proxy_protocol needs to know whom to believe"),
        std::string::npos);
    EXPECT_NE(problem_of("[proxy]\n" + listener).find("networks"), std::string::npos);
    EXPECT_NE(problem_of("[proxy]\nnetworks = [\"10.0.0.5\"]\n[[listener]]\nprotocol = \"lmtp\"\n"
                         "address = \"unix:/run/lmtp\"\nproxy_protocol = true\n")
                  .find("belongs to TCP listeners only"),
        std::string::npos);
}

TEST(Config, ReadsWhatTheProcessMayDo)
{
    ConfigFile const file(head + listener
        + "[process]\nuser = \"mailroom\"\nconfine = \"required\"\nread = [\"panel.db\"]\n");
    auto const process = load(file.path(), Files::may_be_missing).process;
    EXPECT_EQ(process.user, "mailroom");
    EXPECT_EQ(process.confine, Confine::required);
    ASSERT_EQ(process.read.size(), 1U);
    EXPECT_EQ(process.read[0], file.path().parent_path() / "panel.db");
    EXPECT_TRUE(process.write.empty());

    ConfigFile const wrong(head + listener + "[process]\nconfine = \"some\"\nwrite = [\"\"]\n");
    auto const problems = wrong.problems(Files::may_be_missing);
    ASSERT_EQ(problems.size(), 2U);
    EXPECT_EQ(problems[0].key, "process.confine");
    EXPECT_EQ(problems[1].key, "process.write");
}

TEST(Config, ReadsTokensAndTheAnonymousAccount)
{
    ConfigFile const file(
        head + "auth.anonymous_account = \"Archive@Example.ORG\"\n" + listener + R"(
[auth.oauth]
jwks_files = ["keys.json"]
issuer = "https://login.example.org"
audience = ["mailroom", "mail"]
scope = "mail"
name_claim = "sub"
leeway = "0 s"
openid_configuration = "https://login.example.org/.well-known/openid-configuration"
hosts = ["Mail.example.org"]
[auth.oauth.introspection]
url = "https://[::1]:8443/introspect?realm=a"
ca_file = "ca.pem"
client_id = "mailroom"
client_secret_file = "secret"
time_limit = "2 s"
cache_time = "0 s"
)");
    for (auto const* name : { "keys.json", "ca.pem", "secret" })
        std::ofstream(file.folder() / name) << "";
    auto const auth = load(file.path(), Files::must_exist).auth;
    EXPECT_EQ(auth.anonymous_account, "archive@example.org");
    EXPECT_TRUE(auth.oauth.is_on());
    EXPECT_EQ(auth.oauth.jwks_files.at(0), file.folder() / "keys.json");
    EXPECT_EQ(auth.oauth.audience, (std::vector<std::string> { "mailroom", "mail" }));
    EXPECT_EQ(auth.oauth.scope, "mail");
    EXPECT_EQ(auth.oauth.name_claim, "sub");
    EXPECT_EQ(auth.oauth.leeway, 0s);
    EXPECT_EQ(auth.oauth.hosts.at(0), "mail.example.org");
    auto const& asked = auth.oauth.introspection;
    EXPECT_EQ(asked.url, (HttpsUrl { "::1", 8443, "/introspect?realm=a" }));
    EXPECT_EQ(asked.client_secret_file, file.folder() / "secret");
    EXPECT_EQ(asked.time_limit, 2s);
    EXPECT_EQ(asked.cache_time, 0s);
    EXPECT_FALSE(load(ConfigFile(head + listener).path(), Files::must_exist).auth.oauth.is_on());
}

TEST(Config, RefusesTokensThatAnybodyCouldHave)
{
    auto const keys = [](std::string const& more) {
        ConfigFile const file(head + listener + "[auth.oauth]\n" + more);
        std::ofstream(file.folder() / "keys.json") << "";
        std::vector<std::string> wrong;
        for (auto const& problem : file.problems())
            wrong.push_back(problem.key);
        return wrong;
    };
    using Keys = std::vector<std::string>;
    EXPECT_EQ(keys("jwks_files = [\"keys.json\"]"),
        (Keys { "auth.oauth.issuer", "auth.oauth.audience" }));
    EXPECT_EQ(keys("jwks_files = [\"keys.json\"]\nissuer = \"i\"\naudience = []"),
        (Keys { "auth.oauth.audience" }));
    EXPECT_EQ(keys("jwks_files = [\"none.json\"]\nissuer = \"i\"\naudience = [\"a\"]"),
        (Keys { "auth.oauth.jwks_files" }));
    EXPECT_FALSE(keys("issuer = \"i\"").empty()) << "nothing to check tokens by";
    for (std::string const url :
        { "http://login.example.org/", "https://", "https://user@host/", "https://host:0/",
            "https://host:/", "https://host/#f", "https://[::1", "https://a b/" })
        EXPECT_EQ(keys("[auth.oauth.introspection]\nurl = \"" + url + '"'),
            (Keys { "auth.oauth.introspection.url" }))
            << url;
    EXPECT_EQ(keys("[auth.oauth.introspection]\nurl = \"https://h/\"\nclient_id = \"a\""),
        (Keys { "auth.oauth.introspection.client_id" }));
}

TEST(Config, ReadsWhatIsDoneAgainstGuessing)
{
    ConfigFile const file(head
        + "auth.weak_schemes = true\nauth.rehash = false\n"
          "auth.app_passwords_file = \"apps\"\nauth.master_separator = \"*\"\n"
          "auth.checks_at_once = 3\nauth.allow_networks = [\"192.0.2.0/24\"]\n"
          "auth.guessing.wrong_per_account = 50\nauth.guessing.wait = \"2 min\"\n"
          "auth.guessing.known_networks_time = \"30 d\"\n"
          "auth.guessing.count_loopback = true\n"
          "limits.unauthenticated_per_address = 7\n"
        + listener);
    auto const config = load(file.path(), Files::must_exist);
    EXPECT_TRUE(config.auth.weak_schemes);
    EXPECT_FALSE(config.auth.rehash);
    EXPECT_EQ(config.auth.app_passwords_file, file.folder() / "apps");
    EXPECT_EQ(config.auth.master_separator, "*");
    EXPECT_EQ(config.auth.checks_at_once, 3u);
    EXPECT_EQ(config.auth.allow_networks, std::vector<std::string> { "192.0.2.0/24" });
    EXPECT_EQ(config.auth.guessing.wrong_per_account, 50u);
    EXPECT_EQ(config.auth.guessing.wait, 2min);
    EXPECT_EQ(config.auth.guessing.known_networks_time, 30 * 24h);
    EXPECT_TRUE(config.auth.guessing.count_loopback);
    EXPECT_TRUE(config.auth.guessing.enabled);
    EXPECT_EQ(config.limits.unauthenticated_per_address, 7u);
}

TEST(Config, NamesMistakesAboutGuessing)
{
    ConfigFile const file(head
        + "auth.master_separator = \"+\"\n" // 5
          "auth.guessing.wrong_per_account = 1\n" // 6
          "auth.guessing.wait = \"2 min\"\n"
          "auth.guessing.longest_wait = \"1 min\"\n" // 8
          "auth.guessing.colour = 3\n" // 9
        + listener);
    std::vector<unsigned> lines;
    for (auto const& problem : file.problems())
        lines.push_back(static_cast<unsigned>(problem.line));
    EXPECT_EQ(lines, (std::vector<unsigned> { 5, 6, 8, 9 }));
}
