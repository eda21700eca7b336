// Signatures of tokens (RFC 7515) by the algorithms of RFC 7518 §3.1 and RFC 8037 that have public
// keys. "none" and those with a shared secret (HS256 ...) are not among them.
#pragma once

#include "server/tokens/jwk_set.h"

#include <string_view>

namespace mail::server {

/// Whether the algorithm is known and the key is one for it: of its kind, and not for another
/// "alg".
bool fits(Jwk const& key, std::string_view algorithm);

/// Whether `signature` is that of `text`, by a key that fits(). Up to a millisecond.
bool verify_signature(
    Jwk const& key, std::string_view algorithm, std::string_view text, std::string_view signature);

} // namespace mail::server
