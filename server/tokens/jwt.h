// JSON Web Tokens (RFC 7519) in the compact form of signed ones (RFC 7515 §7.1).
#pragma once

#include "server/tokens/jwk_set.h"
#include "server/tokens/token_result.h"

#include <boost/json/object.hpp>

#include <span>
#include <string_view>

namespace mail::server {

inline constexpr std::size_t max_jwt = 16 * 1024; ///< octets

/// Whether it has the form of one: three parts with points between.
bool is_jwt(std::string_view token);

/// The claims of a token that one of the keys has signed. The key is that of its "kid"; of a token
/// without, one of up to 8 that fit. Rejected also: critical header fields, encryption, and tokens
/// whose type ("typ") says that they are for something else (RFC 8725 §3.11).
TokenResult<boost::json::object> open_jwt(std::string_view token, std::span<Jwk const> keys);

} // namespace mail::server
