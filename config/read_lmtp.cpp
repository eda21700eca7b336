// [lmtp]
#include "config/reading.h"

namespace mail::config {

using namespace std::chrono_literals;

void read_lmtp(Reading& r, Section& in)
{
    auto& out = r.config.lmtp;
    auto const is_name = [](std::string_view name) {
        return !name.empty() && name.find_first_of(" \t:") == name.npos;
    };
    in.texts("deliverers", out.deliverers, is_name,
        "write names of accounts as the users file has them, such as \"mx@example.org\"");
    for (auto& name : out.deliverers)
        name = lower_case(name);
    in.flag("announce_dsn", out.announce_dsn);
    in.flag("deliver_to_detail", out.deliver_to_detail);
    in.flag("create_detail", out.create_detail);
    in.flag("detail_needs_post", out.detail_needs_post);
    for (auto const& [key, is_set] : { std::pair { "create_detail", out.create_detail },
             std::pair { "detail_needs_post", out.detail_needs_post } })
        if (is_set && !out.deliver_to_detail)
            in.complain(key, "does nothing without deliver_to_detail = true; add that");
    if (in.text("recipient_delimiter", out.recipient_delimiter)
        && out.recipient_delimiter.find_first_of("@ \"<>\\") != std::string::npos)
        in.complain("recipient_delimiter",
            "has characters that are no delimiters; write one or more like \"+\" or \"+-\", or "
            "\"\" for none");
    in.duration("duplicate_window", out.duplicate_window, 0s, 24h * 90);
    in.count("max_hops", out.max_hops, 10, 10'000);
    in.count("messages_per_session", out.messages_per_session, 0, 1'000'000'000);
    in.duration("message_time", out.message_time, 10s, 24h);
}

} // namespace mail::config
