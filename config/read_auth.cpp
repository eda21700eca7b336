// [auth]
#include "config/reading.h"

namespace mail::config {

using namespace std::chrono_literals;

namespace {

    /// One that no name of an account has, so that no name means two things.
    void read_master_separator(Section& in, std::string& out)
    {
        if (!in.text("master_separator", out))
            return;
        constexpr std::string_view good = "*%/:;|";
        if (out.size() > 1 || (!out.empty() && good.find(out) == good.npos)) {
            out.clear();
            in.complain("master_separator",
                "is none; write one of \"*\", \"%\", \"/\", \":\", \";\", \"|\", or \"\" for no "
                "such names");
        }
    }

} // namespace

void read_auth(Reading& r, Section& in)
{
    auto& out = r.config.auth;
    auto const sources = in.tables("source");
    if (sources.empty())
        in.require("users_file", "\"/etc/mailroom/users\"");
    else if (in.has("users_file"))
        in.complain("users_file",
            "would be one more source; write it as [[auth.source]] with type = \"file\" and path, "
            "in its place among the others");
    if (in.path("users_file", out.users_file, r.base))
        require_readable(r, in, "users_file", out.users_file, "make it by: mailroom user add NAME");
    for (auto const* each : sources) {
        Section section(r.problems, *each, "auth.source");
        if (auto source = read_auth_source(r, section, Nesting::outer))
            out.sources.push_back(std::move(*source));
    }
    for (auto const& source : out.sources)
        if (auto const* file = std::get_if<FileAccounts>(&source.accounts))
            out.users_file = out.users_file.empty() ? file->path : out.users_file;
    if (in.text("default_domain", out.default_domain)) {
        out.default_domain = lower_case(out.default_domain);
        if (out.default_domain.find_first_of("@ \t") != std::string::npos)
            in.complain(
                "default_domain", "is no domain; write, for example, \"example.org\", without @");
    }
    in.duration("cache_time", out.cache_time, 0s, 24h);
    if (in.text("anonymous_account", out.anonymous_account))
        out.anonymous_account = lower_case(out.anonymous_account);
    if (auto const* table = in.table("oauth")) {
        Section section(r.problems, *table, "auth.oauth");
        read_oauth(r, section);
        section.refuse_unknown();
    }
    in.flag("weak_schemes", out.weak_schemes);
    in.flag("rehash", out.rehash);
    in.path("app_passwords_file", out.app_passwords_file, r.base);
    read_master_separator(in, out.master_separator);
    in.count("checks_at_once", out.checks_at_once, 0, 10'000);
    auto const is_network
        = [&](std::string_view text) { return !r.checks.is_network || r.checks.is_network(text); };
    constexpr std::string_view advice
        = "is no network; write one such as \"192.0.2.0/24\" or \"2001:db8::/32\"";
    in.texts("allow_networks", out.allow_networks, is_network, advice);
    in.texts("deny_networks", out.deny_networks, is_network, advice);
    if (auto const* table = in.table("guessing")) {
        Section guessing(r.problems, *table, "auth.guessing");
        read_guessing(guessing, out.guessing);
        guessing.refuse_unknown();
    }
}

} // namespace mail::config
