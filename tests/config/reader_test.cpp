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

private:
    mail::test::TemporaryDirectory folder_;
};

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
    EXPECT_EQ(spelled_out.listeners.size(), 7u);
    EXPECT_EQ(spelled_out.listeners[6].endpoint.unix_path, "/run/mailroom/lmtp");
    EXPECT_EQ(spelled_out.storage.map_size, config.storage.map_size);
    EXPECT_EQ(spelled_out.storage.undelete_window, config.storage.undelete_window);
    auto const &a = spelled_out.limits, &b = config.limits;
    EXPECT_EQ(std::tie(a.message_size, a.line_length, a.command_literals, a.sessions,
                  a.sessions_per_address, a.sessions_per_account),
        std::tie(b.message_size, b.line_length, b.command_literals, b.sessions,
            b.sessions_per_address, b.sessions_per_account));
    EXPECT_EQ(std::tie(a.exempt_loopback, a.bad_commands, a.failed_logins, a.lmtp_recipients,
                  a.handshake_time, a.login_time),
        std::tie(b.exempt_loopback, b.bad_commands, b.failed_logins, b.lmtp_recipients,
            b.handshake_time, b.login_time));
    EXPECT_EQ(std::tie(a.idle_time, a.pop3_idle_time, a.lmtp_idle_time),
        std::tie(b.idle_time, b.pop3_idle_time, b.lmtp_idle_time));
    EXPECT_EQ(spelled_out.auth.cache_time, config.auth.cache_time);
    EXPECT_EQ(std::tie(spelled_out.auth.weak_schemes, spelled_out.auth.rehash,
                  spelled_out.auth.master_separator, spelled_out.auth.checks_at_once),
        std::tie(config.auth.weak_schemes, config.auth.rehash, config.auth.master_separator,
            config.auth.checks_at_once));
    auto const &c = spelled_out.auth.guessing, &d = config.auth.guessing;
    EXPECT_EQ(
        std::tie(c.enabled, c.wrong_per_address, c.wait, c.longest_wait, c.wrong_per_network,
            c.wrong_per_account, c.attempts_per_minute, c.known_networks_time, c.count_loopback),
        std::tie(d.enabled, d.wrong_per_address, d.wait, d.longest_wait, d.wrong_per_network,
            d.wrong_per_account, d.attempts_per_minute, d.known_networks_time, d.count_loopback));
    EXPECT_EQ(spelled_out.lmtp.recipient_delimiter, config.lmtp.recipient_delimiter);
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
    try {
        load(file.path(), Files::may_be_missing, checks);
        FAIL() << "it was taken";
    } catch (Unusable const& unusable) {
        std::vector<std::string> keys;
        for (auto const& problem : unusable.problems())
            keys.push_back(problem.key);
        EXPECT_EQ(keys,
            (std::vector<std::string> { "imap.capabilities_off", "imap.message_limit",
                "imap.language", "imap.keep_alive", "imap.network.networks" }));
        EXPECT_NE(std::string(unusable.what()).find("\"BAD\" is unknown"), std::string::npos);
    }
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
