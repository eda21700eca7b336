// Dates of RFC 9051 §9: always the same width, English month names.
#include "protocol/imap/date_time.h"

#include "protocol/imap/parser.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace mail::imap {
namespace {

    constexpr std::array<std::string_view, 12> months { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

    std::optional<int> parse_digits(std::string_view text)
    {
        int value = 0;
        auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error != std::errc {} || end != text.data() + text.size() || text.front() == '-')
            return std::nullopt;
        return value;
    }

    void append_two(std::string& out, int value)
    {
        out.push_back(static_cast<char>('0' + value / 10 % 10));
        out.push_back(static_cast<char>('0' + value % 10));
    }

    std::optional<std::chrono::sys_days> to_days(
        std::string_view day, std::string_view month, std::string_view year)
    {
        auto const d = parse_digits(day);
        auto const y = parse_digits(year);
        auto const m = std::ranges::find_if(
            months, [&](std::string_view name) { return equal_without_case(name, month); });
        if (!d || !y || m == months.end())
            return std::nullopt;
        std::chrono::year_month_day const date { std::chrono::year(*y),
            std::chrono::month(static_cast<unsigned>(m - months.begin() + 1)),
            std::chrono::day(static_cast<unsigned>(*d)) };
        if (!date.ok())
            return std::nullopt;
        return std::chrono::sys_days(date);
    }

} // namespace

void append_date_time(std::string& out, storage::InternalDate date)
{
    // The wire has four digits for the year: what lies outside of them is shown at their edge.
    constexpr std::int64_t first = -62135596800; // 1 January of the year 1
    constexpr std::int64_t last = 253402300799; // the end of the year 9999
    std::chrono::sys_seconds const local { std::chrono::seconds(
        std::clamp(date.seconds + std::int64_t { date.zone_minutes } * 60, first, last)) };
    auto const day = std::chrono::floor<std::chrono::days>(local);
    std::chrono::year_month_day const ymd { day };
    auto const second = static_cast<int>((local - day).count());
    auto const year = static_cast<int>(ymd.year());
    int const zone = date.zone_minutes < 0 ? -date.zone_minutes : date.zone_minutes;

    out.push_back('"');
    append_two(out, static_cast<int>(static_cast<unsigned>(ymd.day())));
    out.push_back('-');
    out.append(months[static_cast<unsigned>(ymd.month()) - 1]);
    out.push_back('-');
    append_two(out, year / 100);
    append_two(out, year % 100);
    out.push_back(' ');
    append_two(out, second / 3600);
    out.push_back(':');
    append_two(out, second / 60 % 60);
    out.push_back(':');
    append_two(out, second % 60);
    out.push_back(' ');
    out.push_back(date.zone_minutes < 0 ? '-' : '+');
    append_two(out, zone / 60);
    append_two(out, zone % 60);
    out.push_back('"');
}

std::optional<storage::InternalDate> parse_date_time(std::string_view text)
{
    // " 1-Jul-1996 02:44:25 -0700"; some clients leave out the padding of the day.
    while (!text.empty() && text.front() == ' ')
        text.remove_prefix(1);
    auto const day_digits = text.find('-');
    if ((day_digits != 1 && day_digits != 2) || text.size() != day_digits + 24)
        return std::nullopt;
    auto const days = to_days(
        text.substr(0, day_digits), text.substr(day_digits + 1, 3), text.substr(day_digits + 5, 4));
    auto const time = text.substr(day_digits + 9);
    if (!days || text[day_digits + 4] != '-' || time[0] != ' ' || time[3] != ':' || time[6] != ':'
        || time[9] != ' ' || (time[10] != '+' && time[10] != '-'))
        return std::nullopt;
    auto const hour = parse_digits(time.substr(1, 2));
    auto const minute = parse_digits(time.substr(4, 2));
    auto const second = parse_digits(time.substr(7, 2));
    auto const zone_hour = parse_digits(time.substr(11, 2));
    auto const zone_minute = parse_digits(time.substr(13, 2));
    if (!hour || !minute || !second || !zone_hour || !zone_minute || *hour > 23 || *minute > 59
        || *second > 60 || *zone_minute > 59)
        return std::nullopt;

    int zone = *zone_hour * 60 + *zone_minute;
    if (time[10] == '-')
        zone = -zone;
    auto const midnight = std::chrono::sys_seconds(*days).time_since_epoch().count();
    storage::InternalDate date;
    date.seconds = midnight + *hour * 3600 + *minute * 60 + *second - zone * 60;
    date.zone_minutes = static_cast<std::int16_t>(zone);
    return date;
}

std::optional<std::int64_t> parse_timestamp(std::string_view text)
{
    if (text.size() < 20 || text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != 't')
        || text[13] != ':' || text[16] != ':')
        return std::nullopt;
    auto const year = parse_digits(text.substr(0, 4));
    auto const month = parse_digits(text.substr(5, 2));
    auto const day = parse_digits(text.substr(8, 2));
    auto const hour = parse_digits(text.substr(11, 2));
    auto const minute = parse_digits(text.substr(14, 2));
    auto const second = parse_digits(text.substr(17, 2));
    text.remove_prefix(19);
    if (!year || !month || !day || !hour || !minute || !second || *hour > 23 || *minute > 59
        || *second > 60)
        return std::nullopt;
    std::chrono::year_month_day const date { std::chrono::year(*year),
        std::chrono::month(static_cast<unsigned>(*month)),
        std::chrono::day(static_cast<unsigned>(*day)) };
    if (!date.ok())
        return std::nullopt;
    if (text.starts_with('.')) {
        auto const behind = std::min(text.find_first_not_of("0123456789", 1), text.size());
        if (behind == 1)
            return std::nullopt;
        text.remove_prefix(behind);
    }
    int zone = 0;
    if (text.size() == 6 && (text[0] == '+' || text[0] == '-') && text[3] == ':') {
        auto const hours = parse_digits(text.substr(1, 2));
        auto const minutes = parse_digits(text.substr(4, 2));
        if (!hours || !minutes || *hours > 23 || *minutes > 59)
            return std::nullopt;
        zone = (*hours * 60 + *minutes) * (text[0] == '-' ? -1 : 1);
    } else if (text != "Z" && text != "z") {
        return std::nullopt;
    }
    auto const midnight = std::chrono::sys_seconds(std::chrono::sys_days(date)).time_since_epoch();
    return midnight.count() + *hour * 3600 + *minute * 60 + *second - zone * 60;
}

std::optional<std::chrono::sys_days> parse_date(std::string_view text)
{
    auto const first = text.find('-');
    if ((first != 1 && first != 2) || text.size() != first + 9 || text[first + 4] != '-')
        return std::nullopt;
    return to_days(text.substr(0, first), text.substr(first + 1, 3), text.substr(first + 5));
}

} // namespace mail::imap
