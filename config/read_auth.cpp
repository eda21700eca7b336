// [auth]
#include "config/reading.h"

namespace mail::config {

using namespace std::chrono_literals;

void read_auth(Reading& r, Section& in)
{
    auto& out = r.config.auth;
    in.require("users_file", "\"/etc/mailroom/users\"");
    if (in.path("users_file", out.users_file, r.base))
        require_readable(r, in, "users_file", out.users_file, "make it by: mailroom user add NAME");
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
}

} // namespace mail::config
