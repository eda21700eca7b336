// The format version of the store (docs/storage-format.md §3).
#pragma once

#include <cstdint>
#include <string_view>

namespace mail::storage {

class Volume;

inline constexpr std::uint32_t format_version = 3;
inline constexpr std::string_view format_key
    = "format"; ///< in Table::meta of the catalogue and of each volume

/// Writes the version into a new environment; throws when that of an old one is not ours.
void check_format(Volume& volume);

} // namespace mail::storage
