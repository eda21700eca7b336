// Public keys of whoever signs tokens (RFC 7517), and what can be checked by them.
#pragma once

#include "server/tokens/token_result.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct evp_pkey_st;

namespace mail::server {

enum class KeyKind { rsa, p256, p384, p521, ed25519, ed448 };

/// One key that may check signatures.
struct Jwk {
    std::string id; ///< "kid"; empty: it has none
    std::string algorithm; ///< "alg"; empty: any of its kind
    KeyKind kind;
    std::shared_ptr<evp_pkey_st> key;
};

/// The keys of a JWK Set. Those that are not for signatures, or of a kind that is not known, are
/// left out (§5), as are symmetric keys. Rejected: it is no JWK Set, it has no key that can be used
/// or more than 200, an RSA key of less than 2048 bits (RFC 7518 §3.3).
TokenResult<std::vector<Jwk>> parse_jwk_set(std::string_view text);

inline constexpr std::size_t max_jwk_set = 1 << 20; ///< octets

} // namespace mail::server
