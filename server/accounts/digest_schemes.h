// Password hashes that are no crypt(3) and no Argon2: digests with and without salt, PBKDF2, and
// SCRAM's keys, as Dovecot and directories write them.
#pragma once

#include "protocol/sasl/scram_keys.h"

#include <optional>
#include <string>
#include <string_view>

struct evp_md_st;

namespace mail::server {

/// "salt" behind the digest in base64 ({SSHA256} and the like), or nothing behind it ({SHA256};
/// also in hexadecimal digits). False when it is neither.
bool verify_digest(evp_md_st const* method, std::string_view encoded, std::string_view password);
bool is_digest(evp_md_st const* method, std::string_view encoded);

/// Dovecot's {PBKDF2}: "$1$salt$rounds$key", SHA-1, the key in hexadecimal digits.
bool verify_pbkdf2(std::string_view encoded, std::string_view password);
bool is_pbkdf2(std::string_view encoded);

/// Dovecot's {SCRAM-SHA-256} and the like: "iterations,salt,stored key,server key", in base64.
std::optional<sasl::ScramKeys> read_scram_keys(sasl::ScramHash hash, std::string_view encoded);
std::string write_scram_keys(sasl::ScramKeys const& keys);
bool verify_scram(sasl::ScramHash hash, std::string_view encoded, std::string_view password);

bool equal_in_constant_time(std::string_view a, std::string_view b);

} // namespace mail::server
