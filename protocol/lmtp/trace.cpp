#include "protocol/lmtp/trace.h"

#include <fmt/format.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <iterator>

namespace mail::lmtp {

namespace {

    void append_from(fmt::appender out, Trace const& trace)
    {
        auto const& address = trace.peer->address;
        std::string_view const kind = address.find(':') == address.npos ? "" : "IPv6:";
        if (address == "local")
            fmt::format_to(out, "from {} (local)\r\n\t", trace.client_name);
        else
            fmt::format_to(out, "from {} ([{}{}])\r\n\t", trace.client_name, kind, address);
        if (!trace.tls.version.empty())
            fmt::format_to(out, "(using {} with cipher {} ({} bits))\r\n\t", trace.tls.version,
                trace.tls.cipher, trace.tls.bits);
    }

    /// The "with" of Received (RFC 3848, RFC 6531 §4.3).
    std::string protocol_of(Trace const& trace)
    {
        if (trace.client_name.empty())
            return "local";
        std::string with = trace.is_utf8 ? "UTF8LMTP" : "LMTP";
        if (!trace.tls.version.empty())
            with += 'S';
        if (trace.is_authenticated)
            with += 'A';
        return with;
    }

} // namespace

std::string trace_fields(Trace const& trace)
{
    fmt::memory_buffer fields;
    auto const out = fmt::appender(fields);
    fmt::format_to(out, "Return-Path: <{}>\r\n", trace.sender);
    if (!trace.recipient.empty())
        fmt::format_to(out, "Delivered-To: {}\r\n", trace.recipient);
    if (!trace.original_recipient.empty())
        fmt::format_to(out, "Original-Recipient: {}\r\n", trace.original_recipient);
    fmt::format_to(out, "Received: ");
    if (!trace.client_name.empty())
        append_from(out, trace);
    fmt::format_to(out, "by {} with {} id {}", trace.hostname, protocol_of(trace), trace.id);
    if (!trace.recipient.empty())
        fmt::format_to(out, "\r\n\tfor <{}>", trace.recipient);
    fmt::format_to(out, ";\r\n\t{}\r\n", format_date(trace.date));
    return fmt::to_string(fields);
}

std::string make_delivery_id()
{
    // Begins at the time of the start, in nanoseconds, and so never meets an id of an earlier run.
    static std::atomic<std::uint64_t> next { static_cast<std::uint64_t>(
        std::chrono::system_clock::now().time_since_epoch() / std::chrono::nanoseconds(1)) };
    return fmt::format("{:016x}", next.fetch_add(1, std::memory_order_relaxed));
}

storage::InternalDate date_now()
{
    auto const now = std::time(nullptr);
    std::tm local {};
    ::localtime_r(&now, &local);
    return { now, static_cast<std::int16_t>(local.tm_gmtoff / 60) };
}

std::string format_date(storage::InternalDate date)
{
    static constexpr std::array<std::string_view, 7> days { "Sun", "Mon", "Tue", "Wed", "Thu",
        "Fri", "Sat" };
    static constexpr std::array<std::string_view, 12> months { "Jan", "Feb", "Mar", "Apr", "May",
        "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    std::time_t const shifted = date.seconds + date.zone_minutes * 60;
    std::tm t {};
    ::gmtime_r(&shifted, &t);
    int const zone = std::abs(int { date.zone_minutes });
    return fmt::format("{}, {} {} {} {:02}:{:02}:{:02} {}{:02}{:02}",
        days[static_cast<std::size_t>(t.tm_wday)], t.tm_mday,
        months[static_cast<std::size_t>(t.tm_mon)], t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec,
        date.zone_minutes < 0 ? '-' : '+', zone / 60, zone % 60);
}

} // namespace mail::lmtp
