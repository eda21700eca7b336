#include "server/tokens/jwt.h"

#include "server/tokens/json.h"
#include "server/tokens/jws.h"
#include "storage/ascii.h"

#include <algorithm>
#include <array>
#include <vector>

namespace mail::server {

namespace {

    using boost::json::object;

    constexpr std::size_t max_header = 4096;
    constexpr std::size_t max_signature = 2048;
    constexpr std::size_t most_tries = 8;

    std::optional<object> decode_object(std::string_view part, std::size_t max_octets)
    {
        auto const text = decode_base64url(part, max_octets);
        return text ? parse_object(*text, max_octets) : std::nullopt;
    }

    /// Of access tokens (RFC 9068 §2.1) and of those that do not say more than that they are
    /// tokens.
    bool is_taken_type(object const& header)
    {
        if (!header.contains("typ"))
            return true;
        auto const type = ascii::lower_case(text_at(header, "typ").value_or("?"));
        static constexpr std::array<std::string_view, 4> taken { "jwt", "application/jwt", "at+jwt",
            "application/at+jwt" };
        return std::ranges::find(taken, type) != taken.end();
    }

    TokenResult<std::string> algorithm_of(object const& header)
    {
        auto algorithm = text_at(header, "alg");
        if (!algorithm)
            return Rejection::invalid("its header has no \"alg\"");
        if (header.contains("crit"))
            return Rejection::invalid(
                "its header has critical fields (\"crit\"), and none is known here");
        if (header.contains("enc") || header.contains("zip"))
            return Rejection::invalid("it is encrypted or compressed");
        if (!is_taken_type(header))
            return Rejection::invalid("it is no access token (\"typ\")");
        return std::move(*algorithm);
    }

    TokenResult<std::vector<Jwk const*>> keys_for(
        object const& header, std::string const& algorithm, std::span<Jwk const> keys)
    {
        auto const id = text_at(header, "kid");
        std::vector<Jwk const*> found;
        for (auto const& key : keys)
            if ((!id || key.id == *id) && fits(key, algorithm))
                found.push_back(&key);
        if (found.empty())
            return Rejection::invalid("there is no key for it: \"alg\" is \"" + algorithm
                + "\", \"kid\" \"" + id.value_or("") + '"');
        if (found.size() > most_tries)
            return Rejection::invalid(
                "it does not say by which of many keys it is signed (\"kid\")");
        return found;
    }

} // namespace

bool is_jwt(std::string_view token) { return std::ranges::count(token, '.') == 2; }

TokenResult<object> open_jwt(std::string_view token, std::span<Jwk const> keys)
{
    if (token.size() > max_jwt || !is_jwt(token))
        return Rejection::invalid("it is no JWT, or too long");
    auto const first = token.find('.');
    auto const second = token.find('.', first + 1);
    auto const header = decode_object(token.substr(0, first), max_header);
    if (!header)
        return Rejection::invalid("its header is no JSON object");
    auto const algorithm = algorithm_of(*header);
    if (!algorithm)
        return algorithm.error();
    auto const candidates = keys_for(*header, *algorithm, keys);
    if (!candidates)
        return candidates.error();
    auto const signature = decode_base64url(token.substr(second + 1), max_signature);
    if (!signature)
        return Rejection::invalid("its signature is not base64");
    auto const is_signer = [&](Jwk const* key) {
        return verify_signature(*key, *algorithm, token.substr(0, second), *signature);
    };
    if (std::ranges::none_of(*candidates, is_signer))
        return Rejection::invalid("its signature is wrong");
    auto claims = decode_object(token.substr(first + 1, second - first - 1), max_jwt);
    if (!claims)
        return Rejection::invalid("its claims are no JSON object");
    return std::move(*claims);
}

} // namespace mail::server
