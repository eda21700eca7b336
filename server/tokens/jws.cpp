#include "server/tokens/jws.h"

#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>

namespace mail::server {

namespace {

    enum class Form { pkcs1, pss, ecdsa, eddsa };

    struct Algorithm {
        std::string_view name;
        Form form;
        KeyKind kind;
        EVP_MD const* (*digest)();
        std::size_t octets; ///< of ECDSA's two numbers, each
    };

    EVP_MD const* no_digest() { return nullptr; }

    // clang-format off
    constexpr auto algorithms = std::to_array<Algorithm>({
        // name    form         key             digest       octets
        {"ES256",  Form::ecdsa, KeyKind::p256,  ::EVP_sha256, 32},
        {"ES384",  Form::ecdsa, KeyKind::p384,  ::EVP_sha384, 48},
        {"ES512",  Form::ecdsa, KeyKind::p521,  ::EVP_sha512, 66},
        {"EdDSA",  Form::eddsa, KeyKind::ed25519, no_digest,  0},
        {"EdDSA",  Form::eddsa, KeyKind::ed448, no_digest,    0},
        {"PS256",  Form::pss,   KeyKind::rsa,   ::EVP_sha256, 0},
        {"PS384",  Form::pss,   KeyKind::rsa,   ::EVP_sha384, 0},
        {"PS512",  Form::pss,   KeyKind::rsa,   ::EVP_sha512, 0},
        {"RS256",  Form::pkcs1, KeyKind::rsa,   ::EVP_sha256, 0},
        {"RS384",  Form::pkcs1, KeyKind::rsa,   ::EVP_sha384, 0},
        {"RS512",  Form::pkcs1, KeyKind::rsa,   ::EVP_sha512, 0},
    });
    // clang-format on

    Algorithm const* find_algorithm(Jwk const& key, std::string_view name)
    {
        if (!key.algorithm.empty() && key.algorithm != name)
            return nullptr;
        auto const* const found = std::ranges::find_if(algorithms,
            [&](Algorithm const& each) { return each.name == name && each.kind == key.kind; });
        return found == algorithms.end() ? nullptr : found;
    }

    unsigned char const* octets_of(std::string_view text)
    {
        return reinterpret_cast<unsigned char const*>(text.data());
    }

    /// OpenSSL takes ECDSA's two numbers as DER only; JWS has them side by side (RFC 7518 §3.4).
    /// Empty: they are no signature.
    std::string to_der(std::string_view signature, std::size_t octets)
    {
        if (signature.size() != 2 * octets)
            return {};
        std::unique_ptr<ECDSA_SIG, decltype(&::ECDSA_SIG_free)> const both(
            ::ECDSA_SIG_new(), ::ECDSA_SIG_free);
        auto* r = ::BN_bin2bn(octets_of(signature), static_cast<int>(octets), nullptr);
        auto* s
            = ::BN_bin2bn(octets_of(signature.substr(octets)), static_cast<int>(octets), nullptr);
        if (!both || !r || !s || ::ECDSA_SIG_set0(both.get(), r, s) != 1) {
            ::BN_free(r);
            ::BN_free(s);
            return {};
        }
        unsigned char* der = nullptr;
        auto const size = ::i2d_ECDSA_SIG(both.get(), &der);
        if (size <= 0)
            return {};
        std::string out(reinterpret_cast<char const*>(der), static_cast<std::size_t>(size));
        ::OPENSSL_free(der);
        return out;
    }

} // namespace

bool fits(Jwk const& key, std::string_view algorithm)
{
    return find_algorithm(key, algorithm) != nullptr;
}

bool verify_signature(
    Jwk const& key, std::string_view algorithm, std::string_view text, std::string_view signature)
{
    auto const* how = find_algorithm(key, algorithm);
    if (!how)
        return false;
    std::string der;
    if (how->form == Form::ecdsa) {
        der = to_der(signature, how->octets);
        signature = der;
    }
    std::unique_ptr<EVP_MD_CTX, decltype(&::EVP_MD_CTX_free)> const context(
        ::EVP_MD_CTX_new(), ::EVP_MD_CTX_free);
    EVP_PKEY_CTX* settings = nullptr; // the context's
    bool good = context && !signature.empty()
        && ::EVP_DigestVerifyInit(context.get(), &settings, how->digest(), nullptr, key.key.get())
            == 1;
    if (good && how->form == Form::pss) // the salt is as long as the digest (RFC 7518 §3.5)
        good = ::EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PSS_PADDING) == 1
            && ::EVP_PKEY_CTX_set_rsa_pss_saltlen(settings, RSA_PSS_SALTLEN_DIGEST) == 1;
    good = good
        && ::EVP_DigestVerify(
               context.get(), octets_of(signature), signature.size(), octets_of(text), text.size())
            == 1;
    ::ERR_clear_error();
    return good;
}

} // namespace mail::server
