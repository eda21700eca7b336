// What a source of accounts keeps for SCRAM in place of a password (RFC 5802 §3).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace mail::sasl {

enum class ScramHash : std::uint8_t { sha1, sha256, sha512 };
inline constexpr std::size_t scram_hashes = 3;
inline constexpr std::array all_scram_hashes { ScramHash::sha1, ScramHash::sha256,
    ScramHash::sha512 };

inline constexpr std::uint32_t scram_iterations
    = 10'000; ///< of keys that are made here: some 3 ms (RFC 7677 §4: at least 4096)

/// Whoever has them can check proofs, and cannot log in.
struct ScramKeys {
    std::string salt; ///< octets
    std::uint32_t iterations = 0;
    std::string stored_key;
    std::string server_key;
    bool operator==(ScramKeys const&) const = default;
};

std::size_t key_size(ScramHash hash); ///< octets of each key

/// The keys of a password, SASLprepped before. `iterations` HMACs: a millisecond and more.
ScramKeys derive_scram_keys(
    ScramHash hash, std::string_view password, std::string_view salt, std::uint32_t iterations);

/// HMAC by that hash.
std::string scram_hmac(ScramHash hash, std::string_view key, std::string_view text);
/// The hash itself.
std::string scram_digest(ScramHash hash, std::string_view text);

} // namespace mail::sasl
