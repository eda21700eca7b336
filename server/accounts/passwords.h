// Password hashes as they stand in the users file: "{SCHEME}hash".
#pragma once

#include <string>
#include <string_view>

namespace mail::server {

inline constexpr std::size_t max_password = 1024; ///< octets; longer ones are wrong without hashing

/// "{ARGON2ID}$argon2id$..." with OWASP's parameters (19 MiB, 2 passes). Some 20 ms of CPU.
std::string hash_password(std::string_view password);

/// Is this the password? In constant time as far as the scheme allows. As costly as the stored hash
/// asks: on a worker, not on an I/O thread. False for schemes that are not known.
bool verify_password(std::string_view stored, std::string_view password);

/// Empty when `stored` can be used; otherwise what is wrong with it and what would be right.
std::string problem_of_hash(std::string_view stored);

} // namespace mail::server
