// [pop3]
#include "config/reading.h"
#include "config/units.h"

namespace mail::config {

using namespace std::chrono_literals;

namespace {

    constexpr std::chrono::hours day = 24h;
    constexpr std::chrono::seconds most_days = day * 36500;

    /// A number of whole days, which RFC 2449 counts in; nothing for "never".
    void read_days(Section& in, std::string_view key, std::optional<std::uint32_t>& out)
    {
        std::string text;
        if (!in.text(key, text))
            return;
        auto const time = parse_duration(text);
        if (text == "never")
            out.reset();
        else if (time && *time % day == 0s && *time <= most_days)
            out = static_cast<std::uint32_t>(*time / day);
        else
            in.complain(key, "is no number of days; write, for example, \"30 d\", or \"never\"");
    }

    void read_mailboxes(Section& in, Pop3& out)
    {
        auto const is_name = [](std::string_view name) { return !name.empty(); };
        in.texts("mailboxes", out.mailboxes, is_name,
            "write names of mailboxes such as \"INBOX\", or \"*\" for all");
        if (out.mailboxes.empty())
            in.complain("mailboxes", "is empty: there would be no mail; write [\"INBOX\"]");
    }

} // namespace

void read_pop3(Reading& r, Section& in)
{
    static constexpr Choice<Pop3Order> orders[] = {
        { "arrival", Pop3Order::arrival },
        { "newest", Pop3Order::newest },
        { "date", Pop3Order::date },
    };
    static constexpr Choice<bool> deletes[] = { { "expunge", false }, { "flag", true } };
    auto& out = r.config.pop3;
    read_mailboxes(in, out);
    in.duration("max_age", out.max_age, 0s, most_days);
    in.choice("order", out.order, orders);
    if (in.text("uidl_format", out.uidl_format) && r.checks.problem_of_uidl_format)
        if (auto problem = r.checks.problem_of_uidl_format(out.uidl_format); !problem.empty())
            in.complain("uidl_format", std::move(problem));
    in.choice("deletes", out.deletes_by_flag, deletes);
    read_days(in, "expire", out.expire_days);
    read_days(in, "account_expire", out.account_expire_days);
    in.duration("login_delay", out.login_delay, 0s, day);
    std::chrono::seconds delay {};
    if (in.duration("account_login_delay", delay, 0s, day) && delay != 0s)
        out.account_login_delay = delay;
    in.duration("takeover_time", out.takeover_time, 0s, day);
    in.flag("implementation", out.implementation);
    if (in.text("language", out.language) && r.checks.is_language
        && !r.checks.is_language(out.language))
        in.complain("language", "is not spoken; write one of those that LANG lists");
}

} // namespace mail::config
