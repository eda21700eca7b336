// The Date field (RFC 5322 §3.3, §4.3) and the other ways in which mail writes dates.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace mail::mime {

struct SentDate {
    std::int64_t seconds = 0; ///< since the Unix epoch, UTC
    std::int16_t zone_minutes = 0; ///< east of UTC; 0 when not given
    bool operator==(SentDate const&) const = default;

    /// Days since the Unix epoch in the date's own zone: what SENTON compares (RFC 9051 §6.4.4).
    std::int64_t local_day() const;
};

/// Lenient: weekday, seconds and zone may be missing, asctime's order and ISO 8601 are understood,
/// two-digit years are RFC 5322's. Nothing when day, month or year cannot be told. Looks at 256
/// octets at most.
std::optional<SentDate> parse_date(std::string_view raw_value);

} // namespace mail::mime
