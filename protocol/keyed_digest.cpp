// OpenSSL's HMAC, begun once and copied for each digest: to begin costs three times the digest.
#include "protocol/keyed_digest.h"

#include "protocol/wipe.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>

namespace mail {

namespace {

    void require(bool worked)
    {
        if (!worked)
            throw std::runtime_error("OpenSSL cannot compute HMAC-SHA-256");
    }

    void add(EVP_MAC_CTX* context, std::string_view octets)
    {
        require(::EVP_MAC_update(
                    context, reinterpret_cast<unsigned char const*>(octets.data()), octets.size())
            == 1);
    }

} // namespace

void KeyedDigest::Free::operator()(evp_mac_ctx_st* context) const { ::EVP_MAC_CTX_free(context); }

KeyedDigest::KeyedDigest(std::string_view key)
{
    auto* const method = ::EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    begun_.reset(::EVP_MAC_CTX_new(method));
    ::EVP_MAC_free(method); // the context keeps it
    char digest[] = "SHA256";
    OSSL_PARAM const parameters[] = {
        ::OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        ::OSSL_PARAM_construct_end(),
    };
    require(begun_
        && ::EVP_MAC_init(begun_.get(), reinterpret_cast<unsigned char const*>(key.data()),
               key.size(), parameters)
            == 1);
}

KeyedDigest KeyedDigest::of_this_process()
{
    std::string key(32, '\0');
    if (::RAND_priv_bytes(
            reinterpret_cast<unsigned char*>(key.data()), static_cast<int>(key.size()))
        != 1)
        throw std::runtime_error("the system has no random octets for a key");
    KeyedDigest digest(key);
    wipe(key);
    return digest;
}

KeyedDigest::Octets KeyedDigest::of(Parts parts) const
{
    Context const context(::EVP_MAC_CTX_dup(begun_.get()));
    require(context != nullptr);
    bool is_first = true;
    for (auto const part : parts) {
        if (!std::exchange(is_first, false))
            add(context.get(), std::string_view("\0", 1));
        add(context.get(), part);
    }
    Octets octets {};
    std::size_t size = 0;
    require(::EVP_MAC_final(context.get(), octets.data(), &size, octets.size()) == 1
        && size == octets.size());
    return octets;
}

std::uint64_t KeyedDigest::number_of(Parts parts) const
{
    auto const octets = of(parts);
    std::uint64_t number = 0;
    std::memcpy(&number, octets.data(), sizeof number);
    return std::max<std::uint64_t>(number, 1);
}

} // namespace mail
