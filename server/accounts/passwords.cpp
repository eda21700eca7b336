// Argon2 by libargon2, everything older by libcrypt.
#include "server/accounts/passwords.h"

#include <argon2.h>
#include <crypt.h>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <array>
#include <memory>
#include <stdexcept>

namespace mail::server {

namespace {

    constexpr std::uint32_t passes = 2;
    constexpr std::uint32_t memory_kib = 19 * 1024;

    bool verify_argon2(std::string const& hash, std::string_view password, argon2_type type)
    {
        return ::argon2_verify(hash.c_str(), password.data(), password.size(), type) == ARGON2_OK;
    }

    bool equal(std::string_view a, std::string_view b)
    {
        return a.size() == b.size() && ::CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
    }

    bool verify_crypt(std::string const& hash, std::string_view password)
    {
        if (password.find('\0') != password.npos)
            return false; // crypt would compare what is before it only
        auto const scratch = std::make_unique<crypt_data>();
        std::string text(password);
        auto const* found = ::crypt_r(text.c_str(), hash.c_str(), scratch.get());
        bool const same = found && found[0] != '*' && equal(found, hash);
        ::OPENSSL_cleanse(text.data(), text.size());
        ::OPENSSL_cleanse(scratch.get(), sizeof(crypt_data));
        return same;
    }

    /// A row per scheme: how its hashes begin, and how they are compared.
    struct Scheme {
        std::string_view name;
        std::string_view prefix;
        bool (*verify)(std::string const& hash, std::string_view password);
    };

    constexpr auto schemes = std::to_array<Scheme>({
        { "ARGON2ID", "$argon2id$",
            [](std::string const& h, std::string_view p) {
                return verify_argon2(h, p, Argon2_id);
            } },
        { "ARGON2I", "$argon2i$",
            [](std::string const& h, std::string_view p) {
                return verify_argon2(h, p, Argon2_i);
            } },
        { "SHA512-CRYPT", "$6$", verify_crypt },
        { "SHA256-CRYPT", "$5$", verify_crypt },
        { "BLF-CRYPT", "$2", verify_crypt },
        { "CRYPT", "", verify_crypt },
        { "PLAIN", "", [](std::string const& h, std::string_view p) { return equal(h, p); } },
    });

    Scheme const* find_scheme(std::string_view stored, std::string_view& hash)
    {
        auto const end = stored.find('}');
        if (!stored.starts_with('{') || end == stored.npos)
            return nullptr;
        hash = stored.substr(end + 1);
        for (auto const& scheme : schemes) {
            if (scheme.name == stored.substr(1, end - 1))
                return &scheme;
        }
        return nullptr;
    }

} // namespace

std::string hash_password(std::string_view password)
{
    std::array<unsigned char, 16> salt {};
    if (::RAND_bytes(salt.data(), static_cast<int>(salt.size())) != 1)
        throw std::runtime_error("cannot make a password hash: no random octets");
    std::array<char, 256> encoded {};
    int const code = ::argon2id_hash_encoded(passes, memory_kib, 1, password.data(),
        password.size(), salt.data(), salt.size(), 32, encoded.data(), encoded.size());
    if (code != ARGON2_OK)
        throw std::runtime_error(
            fmt::format("cannot make a password hash: {}", ::argon2_error_message(code)));
    return fmt::format("{{ARGON2ID}}{}", encoded.data());
}

bool verify_password(std::string_view stored, std::string_view password)
{
    std::string_view hash;
    auto const* scheme = find_scheme(stored, hash);
    return scheme && password.size() <= max_password && scheme->verify(std::string(hash), password);
}

std::string problem_of_hash(std::string_view stored)
{
    std::string_view hash;
    auto const* scheme = find_scheme(stored, hash);
    if (!scheme) {
        std::string names;
        for (auto const& each : schemes)
            names += fmt::format(" {{{}}}", each.name);
        return "the password hash begins with no known scheme; write one of" + names;
    }
    if (hash.empty() || !hash.starts_with(scheme->prefix))
        return fmt::format(
            "the hash of scheme {{{}}} must begin with \"{}\"", scheme->name, scheme->prefix);
    return {};
}

} // namespace mail::server
