// What a token says about itself and its user (RFC 7519 §4, RFC 7662 §2.2), and what it must say.
#pragma once

#include "server/tokens/token_result.h"

#include <boost/json/object.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mail::server {

struct Claims {
    std::string name; ///< of the user, SASLprepped
    std::string issuer {}; ///< empty: it does not say
    std::vector<std::string> audiences {}; ///< empty: it does not say
    std::vector<std::string> scopes {};
    // Seconds since 1970
    std::optional<double> expires {};
    std::optional<double> not_before {};
    std::optional<double> issued {};
};

struct Demands {
    std::string issuer {}; ///< empty: any
    std::vector<std::string> audiences {}; ///< one of them; empty: any
    std::string scope {}; ///< empty: none
    double leeway = 0; ///< seconds
};

/// What tokens may leave out.
enum class Gaps {
    refused, ///< nothing that Demands name, nor the end of its life: it has to say all itself
    allowed, ///< issuer, audience, end: whoever was asked about it has looked after these
};

/// Reads them. `name_claim` names the user; as "email" it must not be marked as unverified.
TokenResult<Claims> read_claims(boost::json::object const& object, std::string_view name_claim);

/// Whether a token with these may be taken at that time.
TokenResult<void> check_claims(Claims const& claims, Demands const& demands, Gaps gaps,
    std::chrono::system_clock::time_point now);

} // namespace mail::server
