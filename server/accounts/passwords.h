// Password hashes as they stand in the users file: "{SCHEME}hash".
#pragma once

#include "protocol/sasl/scram_keys.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mail::server {

inline constexpr std::size_t max_password = 1024; ///< octets; longer ones are wrong without hashing

/// "{ARGON2ID}$argon2id$..." with OWASP's parameters (19 MiB, 2 passes). Some 20 ms of CPU.
std::string hash_password(std::string_view password);

/// All that is kept of a password: its hash, and keys with which clients prove that they know it
/// (SCRAM).
struct Verifiers {
    std::string hash;
    std::vector<std::string> settings {}; ///< "scram-sha-256=..." and the like, of the users file
};
Verifiers make_verifiers(std::string_view password); ///< some 50 ms of CPU

/// The setting's name, "scram-sha-256".
std::string_view setting_of(sasl::ScramHash hash);
inline bool is_scram_setting(std::string_view word) { return word.starts_with("scram-sha-"); }

/// The keys that the hash itself is ({SCRAM-SHA-256}); nullopt: it is none of that kind.
std::optional<sasl::ScramKeys> keys_in_hash(std::string_view stored, sasl::ScramHash hash);
/// The password, where it is stored as it is ({PLAIN}).
std::optional<std::string_view> password_in_hash(std::string_view stored);

/// Is this the password? In constant time as far as the scheme allows. As costly as the stored hash
/// asks: on a worker, not on an I/O thread. False for schemes that are not known.
bool verify_password(std::string_view stored, std::string_view password);

/// Whether who gets hold of the hash finds common passwords by trying many of them quickly.
bool is_weak(std::string_view stored);
/// Whether hash_password would make a better one today.
bool is_outdated(std::string_view stored);

/// Empty when `stored` can be used; otherwise what is wrong with it and what would be right.
std::string problem_of_hash(std::string_view stored);

} // namespace mail::server
