// [[auth.source]]
#include "config/reading.h"

#include "config/units.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <sstream>

namespace mail::config {

namespace {

    using namespace std::chrono_literals;

    enum class Kind { file, pam, ldap, sql };

    /// The file's text without the end of its line; a secret that need not stand in the config.
    void read_secret(Reading& r, Section& in, std::string_view key, std::string& out)
    {
        std::filesystem::path file;
        if (!in.path(key, file, r.base))
            return;
        require_readable(r, in, key, file, "make it, with the password as its only line");
        std::ostringstream text;
        text << std::ifstream(file).rdbuf();
        out = text.str();
        out.erase(std::min(out.size(), out.find_first_of("\r\n")));
    }

    void read_file(Reading& r, Section& in, FileAccounts& out)
    {
        in.require("path", "\"/etc/mailroom/users\"");
        if (in.path("path", out.path, r.base))
            require_readable(r, in, "path", out.path, "make it by: mailroom user add NAME");
    }

    void read_common(Section& in, AuthSource& out)
    {
        in.count("connections", out.connections, 1, 1000);
        in.duration("time_limit", out.time_limit, 1s, 60s);
        in.duration("cache_time", out.cache_time, 0s, 24h);
    }

    void read_scram(Section& in, AuthSource& out)
    {
        auto const is_mechanism = [](std::string_view name) {
            return name == "SCRAM-SHA-1" || name == "SCRAM-SHA-256" || name == "SCRAM-SHA-512";
        };
        in.texts("scram", out.scram, is_mechanism,
            "write some of \"SCRAM-SHA-1\", \"SCRAM-SHA-256\", \"SCRAM-SHA-512\"");
    }

    // --- PAM

    void read_domains(Section& in, std::vector<std::string>& out)
    {
        auto const is_domain = [](std::string_view name) {
            return !name.empty() && name.find_first_of("@ \t") == name.npos;
        };
        if (in.texts("domains", out, is_domain, "write, for example, \"example.org\", without @"))
            for (auto& domain : out)
                domain = lower_case(domain);
    }

    void check_service(Reading& r, Section& in, PamAccounts const& out)
    {
        if (out.service.empty() || out.service.find('/') != std::string::npos) {
            in.complain("service",
                "is no name of a PAM service; write one such as \"mailroom\", a file in "
                "/etc/pam.d");
            return;
        }
        auto const file = out.folder / out.service;
        std::error_code ignored;
        // PAM would take the service "other" instead, which commonly refuses everybody.
        if (r.files == Files::must_exist && !std::filesystem::exists(file, ignored))
            in.complain("service",
                fmt::format(
                    "has no file {}; make it, docs/accounts.md has an example", file.string()));
    }

    void read_pam(Reading& r, Section& in, PamAccounts& out)
    {
        static constexpr Choice<PamAccounts::Users> kinds[] = { { "system",
                                                                    PamAccounts::Users::system },
            { "domains", PamAccounts::Users::domains }, { "source", PamAccounts::Users::source } };
        in.text("service", out.service);
        in.path("folder", out.folder, r.base);
        check_service(r, in, out);
        in.choice("users", out.users, kinds);
        in.count("least_uid", out.least_uid, 0, 0xfffffffe);
        read_domains(in, out.domains);
        if (out.users == PamAccounts::Users::domains && !in.has("domains"))
            in.complain(
                "users", "is \"domains\", and none are listed; add domains = [\"example.org\"]");
        auto const* inner = in.table("source");
        if (inner) {
            Section section(r.problems, *inner, "auth.source.source");
            if (auto source = read_auth_source(r, section, Nesting::inner))
                out.source.push_back(std::move(*source));
        }
        if (out.users == PamAccounts::Users::source && !inner)
            in.complain("users",
                "is \"source\", and there is none; add a section [auth.source.source] with the "
                "source that lists the accounts");
        if (out.users != PamAccounts::Users::source && inner)
            in.complain(
                "source", "is of no use without users = \"source\"; add that, or leave it out");
    }

    // --- LDAP

    /// Whether what is said to the server cannot be overheard.
    bool is_private(std::string_view uri)
    {
        if (uri.starts_with("ldaps://") || uri.starts_with("ldapi://"))
            return true;
        auto host = uri.substr(std::min(uri.size(), std::string_view("ldap://").size()));
        host = host.substr(0, host.find('/'));
        return host == "localhost" || host.starts_with("localhost:") || host.starts_with("127.")
            || host == "[::1]" || host.starts_with("[::1]:");
    }

    void read_servers(Section& in, LdapAccounts& out)
    {
        auto const is_uri = [](std::string_view uri) {
            return (uri.starts_with("ldap://") || uri.starts_with("ldaps://")
                       || uri.starts_with("ldapi://"))
                && uri.find_first_of(" ,\t") == uri.npos;
        };
        in.require("servers", "[\"ldaps://ldap.example.org\"]");
        if (!in.texts("servers", out.servers, is_uri,
                "write URIs such as \"ldaps://ldap.example.org\", \"ldap://127.0.0.1:389\" or "
                "\"ldapi://%2Frun%2Fslapd%2Fldapi\""))
            return;
        if (out.servers.empty())
            in.complain("servers", "is empty; write, for example, [\"ldaps://ldap.example.org\"]");
        for (auto const& uri : out.servers)
            if (!out.starttls && !is_private(uri))
                in.complain("servers",
                    fmt::format("passwords would cross the network to {} unencrypted; write "
                                "ldaps://, or add starttls = true",
                        uri));
    }

    /// %u, %n, %d and %% are all that may follow a "%"; and something must depend on the name.
    bool is_template(std::string_view filter)
    {
        bool has_name = false;
        for (auto at = filter.find('%'); at != filter.npos; at = filter.find('%', at + 2)) {
            auto const c = at + 1 < filter.size() ? filter[at + 1] : '\0';
            if (c != 'u' && c != 'n' && c != 'd' && c != '%')
                return false;
            has_name = has_name || c == 'u' || c == 'n';
        }
        auto const opened = std::ranges::count(filter, '(');
        return has_name && filter.starts_with('(') && opened == std::ranges::count(filter, ')');
    }

    void read_filter(Section& in, std::string_view key, std::string& out)
    {
        if (in.text(key, out) && !is_template(out))
            in.complain(key,
                "is no filter for one account; write one such as \"(mail=%u)\": %u is the name, %n "
                "what stands in front of its @, %d what stands behind it, %% a percent sign");
    }

    void read_ldap(Reading& r, Section& in, LdapAccounts& out)
    {
        in.flag("starttls", out.starttls);
        read_servers(in, out);
        if (in.path("ca_file", out.ca_file, r.base))
            require_readable(r, in, "ca_file", out.ca_file,
                "name a PEM file with the certificate of the authority");
        in.text("bind_dn", out.bind_dn);
        in.text("bind_password", out.bind_password);
        read_secret(r, in, "bind_password_file", out.bind_password);
        if (in.has("bind_password") && in.has("bind_password_file"))
            in.complain("bind_password",
                "is given twice; leave out one of bind_password and bind_password_file");
        in.require("base", "\"ou=people,dc=example,dc=org\"");
        in.text("base", out.base);
        in.require("filter", "\"(mail=%u)\"");
        read_filter(in, "filter", out.filter);
        read_filter(in, "address_filter", out.address_filter);
        in.flag("bind_as_user", out.bind_as_user);
        in.require("name_attribute", "\"mail\"");
        in.text("name_attribute", out.name);
        in.text("password_attribute", out.password);
        in.text("quota_attribute", out.quota);
        in.text("groups_attribute", out.groups);
        in.text("disabled_attribute", out.disabled);
        in.texts("disabled_values", out.disabled_values, nullptr, {});
        for (auto const setting : directory_settings)
            if (std::string attribute; in.text(fmt::format("{}_attribute", setting), attribute))
                out.settings.emplace(setting, attribute);
        if (out.bind_as_user != out.password.empty())
            in.complain("bind_as_user",
                "write either bind_as_user = true, and the directory checks passwords, or "
                "password_attribute = \"userPassword\", and they are checked here");
    }

    // --- SQL

    bool is_letter(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

    /// The parameters of a query, ":name" and the like, outside of its quotes.
    std::vector<std::string> parameters_of(std::string_view query)
    {
        std::vector<std::string> found;
        char quote = 0;
        for (std::size_t i = 0; i < query.size(); ++i) {
            auto const c = query[i];
            if (quote) {
                quote = c == quote ? 0 : quote;
            } else if (c == '\'' || c == '"' || c == '`') {
                quote = c;
            } else if (c == ':' && query.substr(i, 2) == "::") {
                ++i; // a cast of PostgreSQL
            } else if (c == ':' && i + 1 < query.size() && is_letter(query[i + 1])) {
                auto end = i + 1;
                while (end < query.size() && is_letter(query[end]))
                    ++end;
                found.emplace_back(query.substr(i + 1, end - i - 1));
                i = end - 1;
            }
        }
        return found;
    }

    void read_query(Section& in, std::string_view key, std::string& out,
        std::vector<std::string> const& allowed, std::string_view begins)
    {
        if (!in.text(key, out))
            return;
        auto const used = parameters_of(out);
        for (auto const& name : used)
            if (std::ranges::find(allowed, name) == allowed.end())
                in.complain(key,
                    fmt::format(":{} is no parameter here; there are :{}", name,
                        fmt::join(allowed, ", :")));
        bool const has_name = std::ranges::any_of(
            used, [](auto const& name) { return name == "name" || name == "user"; });
        if (!has_name || !lower_case(out).starts_with(begins))
            in.complain(key,
                fmt::format("is no query for one account; it begins with {} and uses :name, the "
                            "name that is asked for, without quotes around it",
                    begins));
    }

    void read_connection(Reading& r, Section& in, SqlAccounts& out)
    {
        static constexpr Choice<SqlAccounts::Driver> drivers[]
            = { { "postgresql", SqlAccounts::Driver::postgresql },
                  { "mysql", SqlAccounts::Driver::mysql },
                  { "sqlite", SqlAccounts::Driver::sqlite } };
        in.require("driver", "\"postgresql\"");
        in.choice("driver", out.driver, drivers);
        in.require("connection", "\"host=/run/postgresql dbname=mail user=mailroom\"");
        in.text("connection", out.connection);
        std::string password;
        read_secret(r, in, "password_file", password);
        if (password.find_first_of("'\\") != std::string::npos)
            in.complain("password_file",
                "has a password with ' or \\, which cannot be passed on; choose another");
        if (in.has("password_file"))
            out.connection += fmt::format(" password='{}'", password);
    }

    void read_sql(Reading& r, Section& in, SqlAccounts& out)
    {
        std::vector<std::string> const names { "name", "user", "domain" };
        std::vector<std::string> const stored { "name", "user", "domain", "password",
            "old_password", "scram_sha_1", "scram_sha_256", "scram_sha_512" };
        read_connection(r, in, out);
        in.require("login_query",
            "\"SELECT username AS name, password FROM mailbox WHERE username = :name\"");
        read_query(in, "login_query", out.login_query, names, "select");
        read_query(in, "address_query", out.address_query, names, "select");
        read_query(in, "update_query", out.update_query, stored, "update");
        in.text("default_scheme", out.default_scheme);
        if (out.default_scheme.find_first_of("{}") != std::string::npos)
            in.complain("default_scheme", "is written without braces, such as \"CRYPT\"");
    }

} // namespace

std::optional<AuthSource> read_auth_source(Reading& r, Section& in, Nesting nesting)
{
    static constexpr Choice<Kind> kinds[] = { { "file", Kind::file }, { "pam", Kind::pam },
        { "ldap", Kind::ldap }, { "sql", Kind::sql } };
    auto const before = r.problems.size();
    Kind kind {};
    in.require("type", "\"file\"");
    if (!in.choice("type", kind, kinds))
        return std::nullopt; // what else there may be depends on it
    AuthSource out;
    if (kind == Kind::file) {
        read_file(r, in, out.accounts.emplace<FileAccounts>());
    } else {
        read_common(in, out);
        if (kind == Kind::pam && nesting == Nesting::inner)
            in.complain(
                "type", "is \"pam\", which lists no accounts; write \"file\", \"ldap\" or \"sql\"");
        else if (kind == Kind::pam)
            read_pam(r, in, out.accounts.emplace<PamAccounts>());
        else if (kind == Kind::ldap)
            read_ldap(r, in, out.accounts.emplace<LdapAccounts>());
        else
            read_sql(r, in, out.accounts.emplace<SqlAccounts>());
        if (kind != Kind::pam)
            read_scram(in, out);
    }
    in.refuse_unknown();
    if (r.problems.size() != before)
        return std::nullopt;
    return out;
}

} // namespace mail::config
