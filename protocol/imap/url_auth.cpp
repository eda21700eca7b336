// Tokens of URLs.
#include "protocol/imap/url_auth.h"

#include "protocol/imap/context.h"
#include "protocol/keyed_digest.h"
#include "storage/ascii.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace mail::imap {
namespace {

    constexpr std::string_view algorithm = "01"; ///< of the tokens: HMAC-SHA256 (RFC 4467 §2.4.1)
    constexpr std::size_t key_octets = 32;

} // namespace

std::string random_url_key()
{
    std::array<unsigned char, key_octets> octets {};
    if (::RAND_bytes(octets.data(), static_cast<int>(octets.size())) != 1)
        throw std::runtime_error("the system has no random numbers for a key");
    std::string key(octets.begin(), octets.end());
    ::OPENSSL_cleanse(octets.data(), octets.size());
    return key;
}

std::string url_token(std::string_view rump, std::string_view key)
{
    std::string token(algorithm);
    for (auto const octet : KeyedDigest(key).of({ rump })) {
        token += "0123456789abcdef"[octet >> 4];
        token += "0123456789abcdef"[octet & 15];
    }
    return token;
}

bool is_token_of(std::string_view token, std::string_view rump, std::string_view key)
{
    auto const right = url_token(rump, key);
    std::string given(token);
    std::ranges::transform(given, given.begin(), ascii::lower);
    given.resize(right.size(), '-'); // no digit: what is too short differs
    return ::CRYPTO_memcmp(given.data(), right.data(), right.size()) == 0
        && token.size() == right.size();
}

awaitable<bool> may_redeem(Context& ctx, UrlAccess access)
{
    switch (access.kind) {
    case UrlAccess::Kind::anonymous:
        co_return true;
    case UrlAccess::Kind::authuser:
        co_return !ctx.session.user().is_anonymous;
    case UrlAccess::Kind::user: {
        if (ctx.session.user().is_anonymous)
            co_return false;
        auto const named = co_await ctx.session.find_identity(access.user);
        co_return named && named->account.id == ctx.account();
    }
    case UrlAccess::Kind::application: {
        auto const& applications = ctx.session.user().applications;
        co_return std::ranges::find(applications, access.application) != applications.end();
    }
    }
    co_return false;
}

} // namespace mail::imap
