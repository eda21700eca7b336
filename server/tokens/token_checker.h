// Whom a token of OAuth 2 belongs to, by keys that are here or by asking the login service.
#pragma once

#include "config/config.h"
#include "protocol/session/authenticator.h"
#include "server/tokens/claims.h"
#include "server/tokens/introspection.h"
#include "server/tokens/jwks_files.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>

namespace mail::server {

/// Thread-safe.
class TokenChecker {
public:
    /// Reads all files that the settings name; throws std::runtime_error with what is wrong. Keys
    /// are tried on `workers`: some take a millisecond.
    TokenChecker(config::Oauth const& settings, boost::asio::any_io_executor workers);

    /// The name of the user. A JWT is checked by the keys where there are some; all else is asked
    /// about.
    boost::asio::awaitable<TokenResult<std::string>> check(std::string token);

    session::TokenAdvice const& advice() const { return advice_; }

private:
    boost::asio::awaitable<TokenResult<Claims>> read(std::string token);

    Demands demands_;
    std::string name_claim_;
    session::TokenAdvice advice_;
    boost::asio::any_io_executor workers_;
    std::unique_ptr<JwksFiles> keys_; ///< null: none
    std::unique_ptr<Introspection> service_; ///< null: nobody can be asked
};

} // namespace mail::server
