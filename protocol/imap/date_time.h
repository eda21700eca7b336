// date-time of INTERNALDATE and APPEND (RFC 9051 §9).
#pragma once

#include "storage/messages.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace mail::imap {

/// Appends "17-Jul-1996 02:44:25 -0700" with its quotes.
void append_date_time(std::string& out, storage::InternalDate date);

/// Reads date-time without its quotes; nullopt when it is none.
std::optional<storage::InternalDate> parse_date_time(std::string_view text);

/// Reads "1996-12-19T16:39:57-08:00" (date-time of RFC 3339 §5.6), in seconds since the Unix epoch,
/// fractions left out; nullopt when it is none.
std::optional<std::int64_t> parse_timestamp(std::string_view text);

/// Reads "1-Feb-1994" (date-text); nullopt when it is none.
std::optional<std::chrono::sys_days> parse_date(std::string_view text);

} // namespace mail::imap
