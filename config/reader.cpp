// Reads the config file section by section.
#include "config/reader.h"

#include "config/reading.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstring>

namespace mail::config {

namespace {

    using namespace std::chrono_literals;
    constexpr std::chrono::seconds century = std::chrono::hours(24 * 36500);
    constexpr std::uint64_t mib = 1u << 20;

    void read_storage(Reading& r, Section& in)
    {
        auto& out = r.config.storage;
        in.require("path", "\"/var/lib/mailroom\"");
        if (in.path("path", out.path, r.base)) {
            std::error_code ignored;
            if (std::filesystem::exists(out.path, ignored)
                && !std::filesystem::is_directory(out.path, ignored))
                in.complain("path",
                    fmt::format("{} is no folder; name a folder of its own", out.path.string()));
        }
        in.duration("undelete_window", out.undelete_window, 0s, century);
        in.size("map_size", out.map_size, 16 * mib, std::uint64_t { 1 } << 46);
    }

    void read_limits(Section& in, Limits& out)
    {
        in.size("message_size", out.message_size, 64 * 1024, std::uint64_t { 2048 } * mib);
        in.size("line_length", out.line_length, 8 * 1024, 15 * 1024 * 1024);
        in.size("command_literals", out.command_literals, 16 * 1024, 64 * mib);
        in.count("sessions", out.sessions, 1, 10'000'000);
        in.count("sessions_per_address", out.sessions_per_address, 1, 10'000'000);
        in.count("sessions_per_account", out.sessions_per_account, 1, 10'000'000);
        in.count("unauthenticated_per_address", out.unauthenticated_per_address, 1, 10'000'000);
        in.flag("exempt_loopback", out.exempt_loopback);
        in.count("bad_commands", out.bad_commands, 1, 1'000'000);
        in.count("failed_logins", out.failed_logins, 1, 1000);
        in.count("lmtp_recipients", out.lmtp_recipients, 100, 1'000'000);
        in.duration("handshake_time", out.handshake_time, 1s, 1h);
        in.duration("login_time", out.login_time, 1s, 24h);
        in.duration("idle_time", out.idle_time, 1s, 24h * 365);
        in.duration("pop3_idle_time", out.pop3_idle_time, 1s, 24h * 365);
        in.duration("lmtp_idle_time", out.lmtp_idle_time, 1s, 24h * 365);
        in.duration("mta_idle_time", out.mta_idle_time, 1s, 24h * 365);
    }

    bool is_mailbox_name(std::string_view name)
    {
        return !name.empty() && name.size() <= 200 && name.front() != '/' && name.back() != '/'
            && name.find("//") == name.npos && std::ranges::none_of(name, [](char c) {
                   auto const octet = static_cast<unsigned char>(c);
                   return octet < 0x20 || octet == 0x7f || c == '*' || c == '%';
               });
    }

    void read_mailbox(Reading& r, Section& in)
    {
        static constexpr Choice<SpecialUse> uses[] = {
            { "none", SpecialUse::none },
            { "all", SpecialUse::all },
            { "archive", SpecialUse::archive },
            { "drafts", SpecialUse::drafts },
            { "flagged", SpecialUse::flagged },
            { "junk", SpecialUse::junk },
            { "sent", SpecialUse::sent },
            { "trash", SpecialUse::trash },
        };
        Mailbox mailbox;
        in.require("name", "\"Sent\"");
        bool good = in.text("name", mailbox.name);
        if (good && !is_mailbox_name(mailbox.name)) {
            good = false;
            in.complain("name",
                "is no mailbox name; write a name such as \"Sent\" or \"Lists/Local\", without * "
                "and %");
        }
        in.choice("special_use", mailbox.special_use, uses);
        in.flag("subscribed", mailbox.subscribed);
        for (auto const& other : r.config.mailboxes) {
            if (good && other.name == mailbox.name)
                in.complain(
                    "name", fmt::format("\"{}\" is listed twice; remove one", mailbox.name));
            if (mailbox.special_use != SpecialUse::none && other.special_use == mailbox.special_use)
                in.complain("special_use",
                    fmt::format("the mailbox \"{}\" has this role already; give it to one mailbox",
                        other.name));
        }
        if (good)
            r.config.mailboxes.push_back(std::move(mailbox));
        in.refuse_unknown();
    }

    void read_level(Section& in, std::string_view key, std::string& out)
    {
        std::string level;
        if (!in.text(key, level))
            return;
        if (is_mailbox_name(level) && level.find('/') == std::string::npos && level != "INBOX")
            out = level;
        else
            in.complain(key, "is no first level of mailbox names; write one such as \"Shared\"");
    }

    void read_sharing(Section& in, Sharing& out)
    {
        in.flag("enabled", out.enabled);
        read_level(in, "other_users", out.other_users);
        read_level(in, "shared", out.shared);
        if (out.other_users == out.shared)
            in.complain("shared", "is the same as other_users; write another name");
        if (in.text("shared_account", out.shared_account))
            out.shared_account = lower_case(out.shared_account);
        in.flag("allow_anyone", out.allow_anyone);
    }

    void read_quota(Section& in, Quota& out)
    {
        std::uint64_t storage = 0;
        if (in.size("storage", storage, 0, std::uint64_t { 1 } << 60) && storage != 0)
            out.storage = storage;
        std::uint64_t number = 0;
        if (in.count("messages", number, 0, 1'000'000'000'000) && number != 0)
            out.messages = number;
        if (in.count("mailboxes", number, 0, 100'000) && number != 0)
            out.mailboxes = number;
        in.count("warning", out.warning, 0, 100);
        static constexpr Choice<bool> choices[] = { { "defer", false }, { "reject", true } };
        in.choice("over", out.rejects, choices);
    }

    void read_log(Section& in, Log& out)
    {
        static constexpr Choice<LogLevel> levels[] = {
            { "debug", LogLevel::debug },
            { "info", LogLevel::info },
            { "warning", LogLevel::warning },
            { "error", LogLevel::error },
        };
        static constexpr Choice<LogFormat> formats[] = {
            { "auto", LogFormat::automatic },
            { "plain", LogFormat::plain },
            { "journald", LogFormat::journald },
        };
        in.choice("level", out.level, levels);
        in.choice("format", out.format, formats);
    }

    /// Reads the section `name` by f(Section&) when it is there.
    template <class F> void read_section(Reading& r, Section& root, std::string_view name, F f)
    {
        auto const* table = root.table(name);
        if (!table)
            return;
        Section section(r.problems, *table, std::string(name));
        f(section);
        section.refuse_unknown();
    }

    void read_head(Reading& r, Section& root)
    {
        root.require("config_version", "1");
        int version = current_version;
        root.count("config_version", version, current_version, current_version);
        root.require("hostname", "\"mail.example.org\"");
        auto& host = r.config.hostname;
        if (root.text("hostname", host)) {
            bool const good = !host.empty() && host.size() <= 255
                && std::ranges::all_of(host, [](unsigned char c) {
                       return std::isalnum(c) || c == '-' || c == '.' || c >= 0x80;
                   });
            if (!good)
                root.complain("hostname",
                    fmt::format("is \"{}\"; write the name by which clients reach this server, "
                                "such as \"mail.example.org\"",
                        host));
        }
    }

    void read_root(Reading& r, toml::table const& table)
    {
        Section root(r.problems, table, "");
        read_head(r, root);
        root.require("storage", "{ path = \"/var/lib/mailroom\" }");
        root.require("auth", "{ users_file = \"/etc/mailroom/users\" }");
        read_section(r, root, "storage", [&](Section& in) { read_storage(r, in); });
        read_section(r, root, "tls", [&](Section& in) { read_tls(r, in); });
        read_section(r, root, "proxy", [&](Section& in) { read_proxy(r, in); });
        read_section(r, root, "lmtp", [&](Section& in) { read_lmtp(r, in); });
        if (!root.has("listener"))
            root.complain("listener",
                "is missing: nothing would be served; add a [[listener]] section with protocol, "
                "address and tls");
        for (auto const* each : root.tables("listener")) {
            Section section(r.problems, *each, "listener");
            read_listener(r, section, root.has("tls"));
        }
        read_section(r, root, "limits", [&](Section& in) { read_limits(in, r.config.limits); });
        for (auto const* each : root.tables("mailbox")) {
            Section section(r.problems, *each, "mailbox");
            read_mailbox(r, section);
        }
        if (!root.has("mailbox"))
            r.config.mailboxes = default_mailboxes();
        read_section(r, root, "auth", [&](Section& in) { read_auth(r, in); });
        read_section(r, root, "imap", [&](Section& in) { read_imap(r, in); });
        read_section(r, root, "pop3", [&](Section& in) { read_pop3(r, in); });
        read_section(r, root, "sharing", [&](Section& in) { read_sharing(in, r.config.sharing); });
        read_section(r, root, "quota", [&](Section& in) { read_quota(in, r.config.quota); });
        read_section(r, root, "mta", [&](Section& in) { read_mta(r, in); });
        read_section(r, root, "log", [&](Section& in) { read_log(in, r.config.log); });
        read_section(r, root, "process", [&](Section& in) { read_process(r, in); });
        read_section(r, root, "threads", [&](Section& in) {
            in.count("io", r.config.threads.io, 0, 1024);
            in.count("workers", r.config.threads.workers, 0, 1024);
        });
        root.refuse_unknown();
    }

    std::string all_lines(std::filesystem::path const& file, std::vector<Problem> const& problems)
    {
        std::string text;
        for (auto const& problem : problems) {
            if (!text.empty())
                text += '\n';
            text += to_text(file, problem);
        }
        return text;
    }

} // namespace

void require_readable(Reading& r, Section& in, std::string_view key,
    std::filesystem::path const& file, std::string_view advice)
{
    if (r.files == Files::may_be_missing || file.empty())
        return;
    std::error_code ignored;
    if (std::filesystem::is_directory(file, ignored)) {
        in.complain(key, fmt::format("{} is a folder; name a file in it", file.string()));
    } else if (::access(file.c_str(), R_OK) != 0) {
        in.complain(key,
            fmt::format("cannot read {}: {}; {}", file.string(), std::strerror(errno), advice));
    }
}

std::string lower_case(std::string text)
{
    std::ranges::transform(
        text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

std::string to_text(std::filesystem::path const& file, Problem const& problem)
{
    auto const place = problem.line == 0
        ? file.string()
        : fmt::format("{}:{}:{}", file.string(), problem.line, problem.column);
    return problem.key.empty() ? fmt::format("{}: {}", place, problem.text)
                               : fmt::format("{}: {}: {}", place, problem.key, problem.text);
}

Unusable::Unusable(std::filesystem::path const& file, std::vector<Problem> problems)
    : std::runtime_error(all_lines(file, problems))
    , problems_(std::move(problems))
{
}

Config load(std::filesystem::path const& file, Files files, Checks const& checks)
{
    Reading r;
    r.checks = checks;
    r.config.file = file;
    r.base = std::filesystem::absolute(file).parent_path();
    r.files = files;
    if (std::filesystem::is_directory(file) || ::access(file.c_str(), R_OK) != 0) {
        auto const why
            = std::filesystem::is_directory(file) ? "it is a folder" : std::strerror(errno);
        throw Unusable(file,
            { { 0, 0, "",
                fmt::format("cannot read the config file: {}; name it by --config FILE", why) } });
    }
    try {
        auto const table = toml::parse_file(file.string());
        read_root(r, table);
    } catch (toml::parse_error const& error) {
        auto const place = error.source().begin;
        throw Unusable(file,
            { { place.line, place.column, "",
                fmt::format("is not valid TOML: {}", error.description()) } });
    }
    std::ranges::stable_sort(r.problems, [](Problem const& a, Problem const& b) {
        return std::pair(a.line, a.column) < std::pair(b.line, b.column);
    });
    if (!r.problems.empty())
        throw Unusable(file, std::move(r.problems));
    return std::move(r.config);
}

} // namespace mail::config
