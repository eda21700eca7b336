#include "server/accounts/pop3_settings.h"

#include "config/units.h"

#include <fmt/format.h>

namespace mail::server {

namespace {

    using namespace std::chrono_literals;

    constexpr std::chrono::hours day = 24h;
    constexpr std::chrono::seconds most = day * 36500;

    struct Order {
        std::string_view name;
        session::Pop3Order value;
    };
    constexpr Order orders[] = {
        { "arrival", session::Pop3Order::arrival },
        { "newest", session::Pop3Order::newest },
        { "date", session::Pop3Order::date },
    };

    /// "inbox", "all" or "+NAME" of one more mailbox; "30d"; an order.
    bool read_word(std::string_view word, session::Pop3Overrides& out)
    {
        auto const name_mailbox = [&](std::string_view name) {
            if (!out.mailboxes)
                out.mailboxes.emplace();
            out.mailboxes->emplace_back(name);
            return !name.empty();
        };
        if (word == "inbox")
            return name_mailbox("INBOX");
        if (word == "all")
            return name_mailbox("*");
        if (word.starts_with('+'))
            return name_mailbox(word.substr(1));
        for (auto const& order : orders)
            if (word == order.name) {
                out.order = order.value;
                return true;
            }
        out.max_age = config::parse_duration(word);
        return out.max_age && *out.max_age <= most;
    }

    std::string read_view(std::string_view value, session::Pop3Overrides& out)
    {
        for (auto rest = value;;) {
            auto const word = rest.substr(0, rest.find(','));
            if (!read_word(word, out))
                return fmt::format(
                    "\"{}\" is none of inbox, all, +MAILBOX, 30d, arrival, newest and "
                    "date; write, for example, pop3_view=all,30d,newest",
                    word);
            if (word.size() == rest.size())
                return {};
            rest.remove_prefix(word.size() + 1);
        }
    }

    std::string read_expire(std::string_view value, session::Pop3Overrides& out)
    {
        auto const time = config::parse_duration(value);
        if (value == "never")
            out.expire_days = session::pop3_never;
        else if (time && *time % day == 0s && *time <= most)
            out.expire_days = static_cast<std::uint32_t>(*time / day);
        else
            return "write pop3_expire=30d with whole days, or pop3_expire=never";
        return {};
    }

} // namespace

bool is_pop3_setting(std::string_view key)
{
    return key == "pop3_view" || key == "pop3_expire" || key == "pop3_login_delay";
}

std::string read_pop3_setting(
    std::string_view key, std::string_view value, session::Pop3Overrides& out)
{
    if (key == "pop3_view")
        return read_view(value, out);
    if (key == "pop3_expire")
        return read_expire(value, out);
    out.login_delay = config::parse_duration(value);
    if (out.login_delay && *out.login_delay <= day)
        return {};
    return "write pop3_login_delay=5min, a day at most";
}

} // namespace mail::server
