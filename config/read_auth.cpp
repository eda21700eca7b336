// [auth]
#include "config/reading.h"

namespace mail::config {

using namespace std::chrono_literals;

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
}

} // namespace mail::config
