// Asks a login service about tokens (RFC 7662).
#pragma once

#include "config/config.h"
#include "server/tokens/claims.h"
#include "server/tokens/https_post.h"
#include "server/tokens/token_cache.h"
#include "server/tokens/token_result.h"

#include <boost/asio/awaitable.hpp>

#include <atomic>
#include <string>
#include <string_view>

namespace mail::server {

/// How this server shows who it is: the value of the field Authorization. The client's id and
/// secret are encoded first (RFC 6749 §2.3.1). Empty: it shows nothing.
std::string authorization_of(
    std::string_view client_id, std::string_view secret, std::string_view bearer_token);

/// The body of a request (RFC 7662 §2.1).
std::string introspection_form(std::string_view token);

/// What an answer says (§2.2). Unavailable is what is no answer: errors of the server, and of ours
/// before it.
TokenResult<Claims> read_introspection(
    unsigned status, std::string_view body, std::string_view name_claim);

/// Thread-safe.
class Introspection {
public:
    /// Reads the files; throws std::runtime_error with what is wrong with them.
    Introspection(config::Introspection settings, std::string name_claim);

    /// What the service, or the memory of its answer, says about the token.
    boost::asio::awaitable<TokenResult<Claims>> ask(std::string token);

private:
    config::Introspection settings_;
    std::string name_claim_;
    std::string authorization_;
    HttpsClient client_;
    TokenCache cache_;
    std::atomic<unsigned> asking_ = 0;
};

} // namespace mail::server
