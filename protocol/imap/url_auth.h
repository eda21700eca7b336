// Authorization of URLs (RFC 4467): keys, tokens, and who may redeem them.
#pragma once

#include "protocol/byte_stream.h"
#include "protocol/imap/url.h"

#include <string>
#include <string_view>

namespace mail::imap {

class Context;

inline constexpr std::string_view internal_mechanism = "INTERNAL"; ///< the only one

/// 32 octets that nobody can guess.
std::string random_url_key();

/// The token for a URL that ends with its access identifier (§5): hexadecimal, beginning with two
/// digits that name the algorithm, HMAC-SHA256.
std::string url_token(std::string_view rump, std::string_view key);

/// Whether the token is the one for the URL. Takes the same time wherever they differ.
bool is_token_of(std::string_view token, std::string_view rump, std::string_view key);

/// Whether the session may redeem URLs with this access identifier (§3). Throws
/// session::AccountsUnavailable.
awaitable<bool> may_redeem(Context& ctx, UrlAccess access);

} // namespace mail::imap
