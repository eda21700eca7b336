#include "server/accounts/digest_schemes.h"

#include "protocol/sasl/base64.h"
#include "protocol/sasl/saslprep.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <charconv>

namespace mail::server {

namespace {

    constexpr std::size_t max_encoded = 1024; // octets of a decoded hash
    constexpr std::uint32_t max_rounds = 10'000'000; // some seconds

    std::size_t size_of(evp_md_st const* method)
    {
        return static_cast<std::size_t>(::EVP_MD_get_size(method));
    }

    std::optional<std::string> decode_hex(std::string_view digits)
    {
        std::string octets;
        if (digits.size() % 2 != 0)
            return std::nullopt;
        for (std::size_t i = 0; i < digits.size(); i += 2) {
            unsigned octet = 0;
            auto const* const end = digits.data() + i + 2;
            if (std::from_chars(digits.data() + i, end, octet, 16).ptr != end)
                return std::nullopt;
            octets.push_back(static_cast<char>(octet));
        }
        return octets;
    }

    /// Digest and salt; nullopt when it is too short.
    std::optional<std::string> decode_digest(evp_md_st const* method, std::string_view encoded)
    {
        if (encoded.size() == 2 * size_of(method)) // or, rarely, digest and salt in base64
            if (auto octets = decode_hex(encoded))
                return octets;
        auto octets = sasl::decode_base64(encoded, max_encoded);
        return octets && octets->size() >= size_of(method) ? octets : std::nullopt;
    }

    std::optional<std::uint32_t> read_rounds(std::string_view digits)
    {
        std::uint32_t rounds = 0;
        auto const* const end = digits.data() + digits.size();
        auto const [at, error] = std::from_chars(digits.data(), end, rounds);
        if (error != std::errc {} || at != end || rounds == 0 || rounds > max_rounds)
            return std::nullopt;
        return rounds;
    }

    struct Pbkdf2 {
        std::string salt;
        std::uint32_t rounds;
        std::string key;
    };

    std::optional<Pbkdf2> read_pbkdf2(std::string_view encoded)
    {
        constexpr std::string_view version = "$1$";
        if (!encoded.starts_with(version))
            return std::nullopt;
        encoded.remove_prefix(version.size());
        auto const first = encoded.find('$');
        auto const second = encoded.find('$', first + 1);
        if (first == encoded.npos || second == encoded.npos)
            return std::nullopt;
        auto const rounds = read_rounds(encoded.substr(first + 1, second - first - 1));
        auto const key = decode_hex(encoded.substr(second + 1));
        if (!rounds || !key || key->empty())
            return std::nullopt;
        return Pbkdf2 { std::string(encoded.substr(0, first)), *rounds, *key };
    }

} // namespace

bool equal_in_constant_time(std::string_view a, std::string_view b)
{
    return a.size() == b.size() && ::CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

bool is_digest(evp_md_st const* method, std::string_view encoded)
{
    return decode_digest(method, encoded).has_value();
}

bool verify_digest(evp_md_st const* method, std::string_view encoded, std::string_view password)
{
    auto const stored = decode_digest(method, encoded);
    if (!stored)
        return false;
    std::string text(password);
    text += std::string_view(*stored).substr(size_of(method)); // the salt
    std::string digest(size_of(method), '\0');
    bool const done = ::EVP_Digest(text.data(), text.size(),
                          reinterpret_cast<unsigned char*>(digest.data()), nullptr, method, nullptr)
        == 1;
    ::OPENSSL_cleanse(text.data(), text.size());
    return done
        && equal_in_constant_time(digest, std::string_view(*stored).substr(0, digest.size()));
}

bool is_pbkdf2(std::string_view encoded) { return read_pbkdf2(encoded).has_value(); }

bool verify_pbkdf2(std::string_view encoded, std::string_view password)
{
    auto const stored = read_pbkdf2(encoded);
    if (!stored)
        return false;
    std::string key(stored->key.size(), '\0');
    bool const done
        = ::PKCS5_PBKDF2_HMAC_SHA1(password.data(), static_cast<int>(password.size()),
              reinterpret_cast<unsigned char const*>(stored->salt.data()),
              static_cast<int>(stored->salt.size()), static_cast<int>(stored->rounds),
              static_cast<int>(key.size()), reinterpret_cast<unsigned char*>(key.data()))
        == 1;
    return done && equal_in_constant_time(key, stored->key);
}

std::optional<sasl::ScramKeys> read_scram_keys(sasl::ScramHash hash, std::string_view encoded)
{
    std::string_view parts[4];
    for (auto& part : parts) {
        part = encoded.substr(0, encoded.find(','));
        encoded.remove_prefix(std::min(encoded.size(), part.size() + 1));
    }
    auto const rounds = read_rounds(parts[0]);
    auto const salt = sasl::decode_base64(parts[1], max_encoded);
    auto const stored_key = sasl::decode_base64(parts[2], max_encoded);
    auto const server_key = sasl::decode_base64(parts[3], max_encoded);
    if (!encoded.empty() || !rounds || !salt || salt->empty() || !stored_key || !server_key
        || stored_key->size() != sasl::key_size(hash) || server_key->size() != stored_key->size())
        return std::nullopt;
    return sasl::ScramKeys {
        .salt = *salt, .iterations = *rounds, .stored_key = *stored_key, .server_key = *server_key
    };
}

std::string write_scram_keys(sasl::ScramKeys const& keys)
{
    auto text = fmt::format("{}", keys.iterations);
    for (auto const* part : { &keys.salt, &keys.stored_key, &keys.server_key }) {
        text += ',';
        sasl::append_base64(text, *part);
    }
    return text;
}

bool verify_scram(sasl::ScramHash hash, std::string_view encoded, std::string_view password)
{
    auto const keys = read_scram_keys(hash, encoded);
    if (!keys)
        return false;
    auto const prepared = sasl::saslprep(password);
    auto const derived = sasl::derive_scram_keys(
        hash, prepared ? *prepared : std::string(password), keys->salt, keys->iterations);
    return equal_in_constant_time(derived.stored_key, keys->stored_key);
}

} // namespace mail::server
