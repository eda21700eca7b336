// Reads values with units, and addresses.
#include "config/units.h"

#include <arpa/inet.h>
#include <strings.h>

#include <array>
#include <charconv>
#include <span>
#include <string>

namespace mail::config {

namespace {

    struct Unit {
        char const* name;
        std::uint64_t factor;
    };

    constexpr std::uint64_t kib = 1024;
    constexpr auto size_units = std::to_array<Unit>({
        { "B", 1 },
        { "octets", 1 },
        { "KiB", kib },
        { "MiB", kib* kib },
        { "GiB", kib* kib* kib },
        { "TiB", kib* kib* kib* kib },
        { "kB", 1000 },
        { "MB", 1'000'000 },
        { "GB", 1'000'000'000 },
        { "TB", 1'000'000'000'000 },
    });

    constexpr auto time_units = std::to_array<Unit>({
        { "s", 1 },
        { "sec", 1 },
        { "second", 1 },
        { "seconds", 1 },
        { "min", 60 },
        { "minute", 60 },
        { "minutes", 60 },
        { "h", 3600 },
        { "hour", 3600 },
        { "hours", 3600 },
        { "d", 86400 },
        { "day", 86400 },
        { "days", 86400 },
        { "week", 604800 },
        { "weeks", 604800 },
    });

    std::optional<std::uint64_t> parse_quantity(
        std::string_view text, std::span<Unit const> units, std::uint64_t max)
    {
        std::uint64_t number = 0;
        auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error != std::errc {})
            return std::nullopt;
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        while (!text.empty() && text.front() == ' ')
            text.remove_prefix(1);
        std::string const unit(text);
        for (Unit const& known : units) {
            if (::strcasecmp(known.name, unit.c_str()) == 0)
                return number > max / known.factor ? std::nullopt
                                                   : std::optional(number * known.factor);
        }
        return std::nullopt;
    }

} // namespace

std::optional<std::uint64_t> parse_size(std::string_view text)
{
    return parse_quantity(text, size_units, INT64_MAX);
}

std::optional<std::chrono::seconds> parse_duration(std::string_view text)
{
    auto const seconds = parse_quantity(text, time_units, std::uint64_t { 100 } * 366 * 86400);
    if (!seconds)
        return std::nullopt;
    return std::chrono::seconds(static_cast<std::int64_t>(*seconds));
}

std::optional<Endpoint> parse_endpoint(std::string_view text)
{
    Endpoint endpoint;
    if (text.starts_with("unix:")) {
        text.remove_prefix(5);
        // 107 octets and a NUL is what sockaddr_un holds.
        if (!text.starts_with('/') || text.size() > 107 || text.find('\0') != text.npos)
            return std::nullopt;
        endpoint.unix_path = text;
        return endpoint;
    }
    auto const colon = text.rfind(':');
    if (colon == text.npos)
        return std::nullopt;
    auto const port = text.substr(colon + 1);
    auto const [end, error]
        = std::from_chars(port.data(), port.data() + port.size(), endpoint.port);
    if (error != std::errc {} || end != port.data() + port.size())
        return std::nullopt;
    auto host = text.substr(0, colon);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
        endpoint.host = host.substr(1, host.size() - 2);
        in6_addr v6 {};
        if (::inet_pton(AF_INET6, endpoint.host.c_str(), &v6) != 1)
            return std::nullopt;
        return endpoint;
    }
    endpoint.host = host;
    in_addr v4 {};
    if (::inet_pton(AF_INET, endpoint.host.c_str(), &v4) != 1)
        return std::nullopt;
    return endpoint;
}

} // namespace mail::config
