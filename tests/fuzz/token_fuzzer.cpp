// Any octets as a token, as a set of keys, and as an answer of a login service. A line end parts
// them: the token, then the rest. Nobody gets in by a token that the test's keys have not signed.
#include "server/tokens/claims.h"
#include "server/tokens/json.h"
#include "server/tokens/jwt.h"
#include "tests/support/signed_tokens.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace mail::server;

namespace {

bool is_known(std::string_view token)
{
    for (auto const& each : mail::test::signed_tokens)
        if (each.token == token)
            return true;
    return token == mail::test::no_kid_token || token == mail::test::access_token;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* octets, std::size_t size)
{
    std::string_view const input(reinterpret_cast<char const*>(octets), size);
    auto const token = input.substr(0, input.find('\n'));
    auto const rest = input.substr(std::min(token.size() + 1, input.size()));
    static auto const keys = *parse_jwk_set(mail::test::jwk_set);
    // Other signatures of the same text there are (ECDSA's), but not to be found by chance.
    if (open_jwt(token, keys) && !is_known(token))
        std::abort();
    if (auto const others = parse_jwk_set(rest); others && others->empty())
        std::abort();
    if (auto const object = parse_object(rest, 64 * 1024))
        for (std::string_view const name : { "email", "sub" })
            if (auto const claims = read_claims(*object, name); claims && claims->name.empty())
                std::abort();
    return 0;
}
