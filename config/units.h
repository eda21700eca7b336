// Values with units, and addresses, as administrators write them: "50 MiB", "30 min", "[::1]:993".
#pragma once

#include "config/config.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace mail::config {

/// Octets. Units B, KiB, MiB, GiB, TiB, and kB, MB, GB, TB of 1000; any case. nullopt when it is
/// no size or does not fit.
std::optional<std::uint64_t> parse_size(std::string_view text);

/// Units s, min, h, d, weeks, and their English words; any case. nullopt when it is no duration or
/// does not fit a century.
std::optional<std::chrono::seconds> parse_duration(std::string_view text);

/// "127.0.0.1:993", "[::1]:993" or "unix:/path". nullopt for anything else, host names included:
/// they could resolve to another address at each start.
std::optional<Endpoint> parse_endpoint(std::string_view text);

} // namespace mail::config
