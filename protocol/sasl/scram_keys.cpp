#include "protocol/sasl/scram_keys.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <stdexcept>

namespace mail::sasl {

namespace {

    EVP_MD const* digest_of(ScramHash hash)
    {
        switch (hash) {
        case ScramHash::sha1:
            return ::EVP_sha1();
        case ScramHash::sha256:
            return ::EVP_sha256();
        case ScramHash::sha512:
            return ::EVP_sha512();
        }
        return nullptr;
    }

    unsigned char const* octets_of(std::string_view text)
    {
        return reinterpret_cast<unsigned char const*>(text.data());
    }

    unsigned char* octets_of(std::string& text)
    {
        return reinterpret_cast<unsigned char*>(text.data());
    }

    void require(bool worked)
    {
        if (!worked)
            throw std::runtime_error("OpenSSL cannot compute a SCRAM key");
    }

} // namespace

std::size_t key_size(ScramHash hash)
{
    return static_cast<std::size_t>(::EVP_MD_get_size(digest_of(hash)));
}

std::string scram_hmac(ScramHash hash, std::string_view key, std::string_view text)
{
    std::string mac(key_size(hash), '\0');
    require(::HMAC(digest_of(hash), key.data(), static_cast<int>(key.size()), octets_of(text),
                text.size(), octets_of(mac), nullptr)
        != nullptr);
    return mac;
}

std::string scram_digest(ScramHash hash, std::string_view text)
{
    std::string digest(key_size(hash), '\0');
    require(
        ::EVP_Digest(text.data(), text.size(), octets_of(digest), nullptr, digest_of(hash), nullptr)
        == 1);
    return digest;
}

ScramKeys derive_scram_keys(
    ScramHash hash, std::string_view password, std::string_view salt, std::uint32_t iterations)
{
    std::string salted(key_size(hash), '\0'); // Hi() is PBKDF2 (RFC 5802 §2.2)
    require(::PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), octets_of(salt),
                static_cast<int>(salt.size()), static_cast<int>(iterations), digest_of(hash),
                static_cast<int>(salted.size()), octets_of(salted))
        == 1);
    return { .salt = std::string(salt),
        .iterations = iterations,
        .stored_key = scram_digest(hash, scram_hmac(hash, salted, "Client Key")),
        .server_key = scram_hmac(hash, salted, "Server Key") };
}

} // namespace mail::sasl
