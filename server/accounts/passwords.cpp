// Argon2 by libargon2, crypt(3) by libcrypt, digests by OpenSSL: a row per scheme.
#include "server/accounts/passwords.h"

#include "protocol/sasl/saslprep.h"
#include "server/accounts/digest_schemes.h"

#include <argon2.h>
#include <crypt.h>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <charconv>
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

    bool verify_crypt(std::string const& hash, std::string_view password)
    {
        if (password.find('\0') != password.npos)
            return false; // crypt would compare what is before it only
        auto const scratch = std::make_unique<crypt_data>();
        std::string text(password);
        auto const* found = ::crypt_r(text.c_str(), hash.c_str(), scratch.get());
        bool const same = found && found[0] != '*' && equal_in_constant_time(found, hash);
        ::OPENSSL_cleanse(text.data(), text.size());
        ::OPENSSL_cleanse(scratch.get(), sizeof(crypt_data));
        return same;
    }

    /// How the hashes of a scheme look, and how they are compared.
    struct Scheme {
        std::string_view name; ///< as Dovecot calls it
        bool (*is_weak)(std::string_view hash);
        std::string_view form; ///< for people; a hash that begins with "$" has to begin like it
        bool (*fits)(std::string_view hash); ///< null: the beginning says it all
        bool (*verify)(std::string const& hash, std::string_view password);
    };

    template <argon2_type type> bool argon2(std::string const& hash, std::string_view password)
    {
        return verify_argon2(hash, password, type);
    }

    using Method = evp_md_st const* (*)();
    template <Method method> bool fits_digest(std::string_view hash)
    {
        return is_digest(method(), hash);
    }
    template <Method method> bool digest(std::string const& hash, std::string_view password)
    {
        return verify_digest(method(), hash, password);
    }

    bool pbkdf2(std::string const& hash, std::string_view password)
    {
        return verify_pbkdf2(hash, password);
    }

    template <sasl::ScramHash kind> bool fits_scram(std::string_view hash)
    {
        return read_scram_keys(kind, hash).has_value();
    }
    template <sasl::ScramHash kind> bool scram(std::string const& hash, std::string_view password)
    {
        return verify_scram(kind, hash, password);
    }

    bool plain(std::string const& hash, std::string_view password)
    {
        return equal_in_constant_time(hash, password);
    }

    bool is_there(std::string_view hash) { return !hash.empty(); }

    bool always_weak(std::string_view) { return true; }
    bool never_weak(std::string_view) { return false; }
    /// DES, with and without more rounds, and MD5.
    bool weak_crypt(std::string_view hash)
    {
        return !hash.starts_with('$') || hash.starts_with("$1$");
    }

    std::uint32_t parameter(std::string_view hash, std::string_view name)
    {
        std::uint32_t value = 0;
        auto const at = hash.find(name);
        if (at != hash.npos)
            std::from_chars(hash.data() + at + name.size(), hash.data() + hash.size(), value);
        return value;
    }

    constexpr std::string_view digest_form = "the digest in base64 or hexadecimal digits";
    constexpr std::string_view salted_form = "digest and salt in base64";
    constexpr std::string_view scram_form = "iterations,salt,stored key,server key";

    using sasl::ScramHash;

    // clang-format off
    constexpr auto schemes = std::to_array<Scheme>({
        {"ARGON2ID",      never_weak,  "$argon2id$",               nullptr,                          argon2<Argon2_id>},
        {"ARGON2I",       never_weak,  "$argon2i$",                nullptr,                          argon2<Argon2_i>},
        {"YESCRYPT",      never_weak,  "$y$",                      nullptr,                          verify_crypt},
        {"SHA512-CRYPT",  never_weak,  "$6$",                      nullptr,                          verify_crypt},
        {"SHA256-CRYPT",  never_weak,  "$5$",                      nullptr,                          verify_crypt},
        {"BLF-CRYPT",     never_weak,  "$2",                       nullptr,                          verify_crypt},
        {"CRYPT",         weak_crypt,  "a hash of crypt(3)",       is_there,                         verify_crypt},
        {"SCRAM-SHA-512", never_weak,  scram_form,                 fits_scram<ScramHash::sha512>,    scram<ScramHash::sha512>},
        {"SCRAM-SHA-256", never_weak,  scram_form,                 fits_scram<ScramHash::sha256>,    scram<ScramHash::sha256>},
        {"SCRAM-SHA-1",   never_weak,  scram_form,                 fits_scram<ScramHash::sha1>,      scram<ScramHash::sha1>},
        {"PBKDF2",        never_weak,  "$1$salt$rounds$key",       is_pbkdf2,                        pbkdf2},
        {"SSHA512",       always_weak, salted_form,                fits_digest<::EVP_sha512>,        digest<::EVP_sha512>},
        {"SSHA256",       always_weak, salted_form,                fits_digest<::EVP_sha256>,        digest<::EVP_sha256>},
        {"SSHA",          always_weak, salted_form,                fits_digest<::EVP_sha1>,          digest<::EVP_sha1>},
        {"SHA512",        always_weak, digest_form,                fits_digest<::EVP_sha512>,        digest<::EVP_sha512>},
        {"SHA256",        always_weak, digest_form,                fits_digest<::EVP_sha256>,        digest<::EVP_sha256>},
        {"SHA1",          always_weak, digest_form,                fits_digest<::EVP_sha1>,          digest<::EVP_sha1>},
        {"SHA",           always_weak, digest_form,                fits_digest<::EVP_sha1>,          digest<::EVP_sha1>},
        {"MD5-CRYPT",     always_weak, "$1$",                      nullptr,                          verify_crypt},
        {"MD5",           always_weak, "$1$",                      nullptr,                          verify_crypt},
        {"SMD5",          always_weak, salted_form,                fits_digest<::EVP_md5>,           digest<::EVP_md5>},
        {"LDAP-MD5",      always_weak, digest_form,                fits_digest<::EVP_md5>,           digest<::EVP_md5>},
        {"PLAIN-MD5",     always_weak, digest_form,                fits_digest<::EVP_md5>,           digest<::EVP_md5>},
        {"DES-CRYPT",     always_weak, "13 characters of crypt(3)", is_there,                        verify_crypt},
        {"CLEARTEXT",     always_weak, "the password itself",      is_there,                         plain},
        {"PLAIN",         always_weak, "the password itself",      is_there,                         plain},
    });
    // clang-format on

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

std::string_view setting_of(ScramHash hash)
{
    constexpr std::string_view names[] { "scram-sha-1", "scram-sha-256", "scram-sha-512" };
    return names[static_cast<std::size_t>(hash)];
}

Verifiers make_verifiers(std::string_view password)
{
    Verifiers made { .hash = hash_password(password), .settings = {} };
    auto const prepared = sasl::saslprep(password);
    for (auto const hash : { ScramHash::sha1, ScramHash::sha256, ScramHash::sha512 }) {
        std::string salt(16, '\0');
        if (::RAND_bytes(
                reinterpret_cast<unsigned char*>(salt.data()), static_cast<int>(salt.size()))
            != 1)
            throw std::runtime_error("cannot make keys of a password: no random octets");
        auto const keys = sasl::derive_scram_keys(
            hash, prepared ? *prepared : std::string(password), salt, sasl::scram_iterations);
        made.settings.push_back(fmt::format("{}={}", setting_of(hash), write_scram_keys(keys)));
    }
    return made;
}

std::optional<sasl::ScramKeys> keys_in_hash(std::string_view stored, ScramHash hash)
{
    constexpr std::string_view schemes_of[] { "{SCRAM-SHA-1}", "{SCRAM-SHA-256}",
        "{SCRAM-SHA-512}" };
    auto const scheme = schemes_of[static_cast<std::size_t>(hash)];
    if (!stored.starts_with(scheme))
        return std::nullopt;
    return read_scram_keys(hash, stored.substr(scheme.size()));
}

std::optional<std::string_view> password_in_hash(std::string_view stored)
{
    for (std::string_view const scheme : { "{PLAIN}", "{CLEARTEXT}" })
        if (stored.starts_with(scheme))
            return stored.substr(scheme.size());
    return std::nullopt;
}

bool verify_password(std::string_view stored, std::string_view password)
{
    std::string_view hash;
    auto const* scheme = find_scheme(stored, hash);
    return scheme && password.size() <= max_password && scheme->verify(std::string(hash), password);
}

bool is_weak(std::string_view stored)
{
    std::string_view hash;
    auto const* scheme = find_scheme(stored, hash);
    return scheme && scheme->is_weak(hash);
}

bool is_outdated(std::string_view stored)
{
    constexpr std::uint32_t memory_of_one_pass = 46 * 1024; // as good, says OWASP
    if (!stored.starts_with("{ARGON2ID}"))
        return true;
    auto const memory = parameter(stored, "m=");
    auto const times = parameter(stored, ",t=");
    return memory < memory_kib || times < 1 || (times < passes && memory < memory_of_one_pass);
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
    if (!scheme->fits && !hash.starts_with(scheme->form))
        return fmt::format(
            "the hash of scheme {{{}}} must begin with \"{}\"", scheme->name, scheme->form);
    if (scheme->fits && !scheme->fits(hash))
        return fmt::format("the hash of scheme {{{}}} is cut short or of another scheme; write {}",
            scheme->name, scheme->form);
    return {};
}

} // namespace mail::server
