// Dates of mail, token by token.

#include "protocol/mime/date.h"

#include "protocol/mime/header.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

namespace mail::mime {

namespace {

    constexpr std::size_t most_octets = 256;

    struct Zone {
        std::string_view name;
        int hours;
    };
    constexpr auto zones
        = std::to_array<Zone>({ { "UT", 0 }, { "UTC", 0 }, { "GMT", 0 }, { "Z", 0 }, { "EST", -5 },
            { "EDT", -4 }, { "CST", -6 }, { "CDT", -5 }, { "MST", -7 }, { "MDT", -6 },
            { "PST", -8 }, { "PDT", -7 }, { "MET", 1 }, { "CET", 1 }, { "MEST", 2 }, { "CEST", 2 },
            { "EET", 2 }, { "EEST", 3 }, { "BST", 1 }, { "WET", 0 }, { "WEST", 1 }, { "JST", 9 } });
    constexpr auto months = std::to_array<std::string_view>(
        { "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec" });

    bool is_digit(char c) { return c >= '0' && c <= '9'; }
    bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

    /// What the tokens have told so far; -1: not yet.
    struct Parts {
        int day = -1, month = -1, year = -1;
        int hour = 0, minute = 0, second = 0;
        bool has_time = false, afternoon = false, morning = false;
        std::optional<int> zone;
    };

    class DateReader {
    public:
        explicit DateReader(std::string_view text)
            : text_(text.substr(0, most_octets))
        {
        }

        Parts read()
        {
            while (at_ < text_.size()) {
                char const c = text_[at_];
                if (c == '(')
                    skip_comment();
                else if (is_digit(c))
                    read_number();
                else if (is_letter(c))
                    read_name();
                else if ((c == '+' || c == '-') && parts_.has_time && !parts_.zone
                    && at_ + 1 < text_.size() && is_digit(text_[at_ + 1]))
                    read_zone();
                else
                    ++at_;
            }
            return parts_;
        }

    private:
        void skip_comment()
        {
            int depth = 0;
            do {
                char const c = text_[at_++];
                depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            } while (depth > 0 && at_ < text_.size());
        }

        std::string_view digits()
        {
            auto const begin = at_;
            while (at_ < text_.size() && is_digit(text_[at_]))
                ++at_;
            return text_.substr(begin, at_ - begin);
        }

        static int value(std::string_view digits)
        {
            int number = 0;
            auto const result
                = std::from_chars(digits.data(), digits.data() + digits.size(), number);
            return result.ec == std::errc() ? number : -1;
        }

        void read_number()
        {
            auto const first = digits();
            int const number = value(first);
            if (!parts_.has_time && at_ < text_.size() && first.size() <= 2
                && (text_[at_] == ':' || text_[at_] == '.') && at_ + 1 < text_.size()
                && is_digit(text_[at_ + 1]) && (text_[at_] == ':' || parts_.year >= 0)) {
                read_time(number);
            } else if (first.size() >= 4) {
                if (parts_.year < 0)
                    parts_.year = number;
            } else if (parts_.year >= 0 && parts_.month < 0) {
                parts_.month = number - 1; // ISO 8601: year first
            } else if (parts_.day < 0) {
                parts_.day = number;
            } else if (parts_.year < 0 && parts_.month >= 0) {
                parts_.year
                    = number + (first.size() == 3 || number >= 50 ? 1900 : 2000); // RFC 5322 §4.3
            }
        }

        void read_time(int hour)
        {
            parts_.has_time = true;
            parts_.hour = hour;
            char const mark = text_[at_++];
            parts_.minute = value(digits());
            if (at_ + 1 < text_.size() && text_[at_] == mark && is_digit(text_[at_ + 1])) {
                ++at_;
                parts_.second = value(digits());
            }
            if (at_ + 1 < text_.size() && text_[at_] == '.' && is_digit(text_[at_ + 1])) {
                ++at_;
                digits(); // fractions
            }
        }

        void read_zone()
        {
            int const sign = text_[at_++] == '-' ? -1 : 1;
            auto const first = digits();
            int hours = value(first), minutes = 0;
            if (first.size() > 2) {
                minutes = hours % 100;
                hours /= 100;
            } else if (at_ + 2 < text_.size() && text_[at_] == ':') {
                ++at_;
                minutes = value(digits());
            }
            if (first.size() <= 4 && hours <= 24 && minutes >= 0 && minutes < 60)
                parts_.zone = sign * (hours * 60 + minutes);
        }

        void read_name()
        {
            auto const begin = at_;
            while (at_ < text_.size() && is_letter(text_[at_]))
                ++at_;
            auto const name = text_.substr(begin, at_ - begin);
            if (name.size() >= 3 && parts_.month < 0) {
                auto const found = std::ranges::find_if(
                    months, [&](auto month) { return equal_no_case(month, name.substr(0, 3)); });
                if (found != months.end()) {
                    parts_.month = static_cast<int>(found - months.begin());
                    return;
                }
            }
            if (!parts_.has_time)
                return;
            parts_.morning |= equal_no_case(name, "AM");
            parts_.afternoon |= equal_no_case(name, "PM");
            if (parts_.zone)
                return;
            auto const zone = std::ranges::find_if(
                zones, [&](auto const& z) { return equal_no_case(z.name, name); });
            if (zone != zones.end())
                parts_.zone = zone->hours * 60;
        }

        std::string_view text_;
        std::size_t at_ = 0;
        Parts parts_;
    };

} // namespace

std::int64_t SentDate::local_day() const
{
    auto const local = seconds + std::int64_t { zone_minutes } * 60;
    return (local >= 0 ? local : local - 86'399) / 86'400;
}

std::optional<SentDate> parse_date(std::string_view raw_value)
{
    using namespace std::chrono;
    auto const parts = DateReader(raw_value).read();
    if (parts.year < 1 || parts.year > 9999 || parts.month < 0 || parts.month > 11 || parts.day < 1
        || parts.day > 31)
        return std::nullopt;
    auto const date = year(parts.year) / month(static_cast<unsigned>(parts.month) + 1)
        / day(static_cast<unsigned>(parts.day));
    auto const days = date.ok() ? sys_days(date) : sys_days(date.year() / date.month() / last);
    std::int64_t seconds = std::int64_t { days.time_since_epoch().count() } * 86'400;
    int hour = parts.hour;
    if (parts.afternoon && hour < 12)
        hour += 12;
    else if (parts.morning && hour == 12)
        hour = 0;
    // A time out of range counts as midnight: the day is still worth something.
    if (hour >= 0 && hour <= 24 && parts.minute >= 0 && parts.minute < 60 && parts.second >= 0
        && parts.second <= 60)
        seconds += std::int64_t { hour } * 3600 + parts.minute * 60 + parts.second;
    int const zone = parts.zone.value_or(0);
    return SentDate { seconds - std::int64_t { zone } * 60, static_cast<std::int16_t>(zone) };
}

} // namespace mail::mime
