#include "server/tokens/jwk_set.h"

#include "server/tokens/json.h"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <algorithm>
#include <optional>

namespace mail::server {

namespace {

    using boost::json::object;
    using Key = std::shared_ptr<EVP_PKEY>;

    constexpr std::size_t max_keys = 200;
    constexpr std::size_t max_number = 2048; ///< octets: RSA keys of 16384 bits
    constexpr int min_rsa_bits = 2048;

    template <auto free> struct Free {
        template <class T> void operator()(T* thing) const { free(thing); }
    };
    using Builder = std::unique_ptr<OSSL_PARAM_BLD, Free<::OSSL_PARAM_BLD_free>>;
    using Parameters = std::unique_ptr<OSSL_PARAM, Free<::OSSL_PARAM_free>>;
    using Number = std::unique_ptr<BIGNUM, Free<::BN_free>>;
    using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Free<::EVP_PKEY_CTX_free>>;

    unsigned char const* octets_of(std::string const& text)
    {
        return reinterpret_cast<unsigned char const*>(text.data());
    }

    std::optional<std::string> octets_at(object const& from, std::string_view key)
    {
        auto const text = text_at(from, key);
        return text ? decode_base64url(*text, max_number) : std::nullopt;
    }

    /// nullptr: OpenSSL finds that they are no key.
    Key make_key(char const* type, OSSL_PARAM_BLD* builder)
    {
        Parameters const parameters(::OSSL_PARAM_BLD_to_param(builder));
        KeyContext const context(::EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
        EVP_PKEY* key = nullptr;
        bool const made = parameters && context && ::EVP_PKEY_fromdata_init(context.get()) == 1
            && ::EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) == 1;
        ::ERR_clear_error();
        return Key(made ? key : nullptr, ::EVP_PKEY_free);
    }

    /// RFC 7518 §6.3
    std::optional<Jwk> read_rsa(object const& from)
    {
        auto const modulus = octets_at(from, "n");
        auto const exponent = octets_at(from, "e");
        if (!modulus || !exponent || exponent->size() > 8)
            return std::nullopt;
        auto const number = [](std::string const& octets) {
            return Number(::BN_bin2bn(octets_of(octets), static_cast<int>(octets.size()), nullptr));
        };
        auto const n = number(*modulus);
        auto const e = number(*exponent);
        Builder const builder(::OSSL_PARAM_BLD_new());
        if (!n || !e || ::BN_num_bits(e.get()) < 2 || !::BN_is_odd(e.get())
            || ::OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1
            || ::OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1)
            return std::nullopt;
        Jwk jwk { {}, {}, KeyKind::rsa, make_key("RSA", builder.get()) };
        return jwk.key ? std::optional(std::move(jwk)) : std::nullopt;
    }

    /// RFC 7518 §6.2
    std::optional<Jwk> read_ec(object const& from)
    {
        struct Curve {
            std::string_view name;
            char const* group;
            std::size_t octets; ///< of a coordinate, with its leading zeros
            KeyKind kind;
        };
        static constexpr Curve curves[] = {
            { "P-256", "P-256", 32, KeyKind::p256 },
            { "P-384", "P-384", 48, KeyKind::p384 },
            { "P-521", "P-521", 66, KeyKind::p521 },
        };
        auto const name = text_at(from, "crv");
        auto const* const curve = std::ranges::find(curves, name.value_or(""), &Curve::name);
        auto const x = octets_at(from, "x");
        auto const y = octets_at(from, "y");
        if (curve == std::end(curves) || !x || !y || x->size() != curve->octets
            || y->size() != curve->octets)
            return std::nullopt;
        auto const point = '\x04' + *x + *y;
        Builder const builder(::OSSL_PARAM_BLD_new());
        if (::OSSL_PARAM_BLD_push_utf8_string(
                builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve->group, 0)
                != 1
            || ::OSSL_PARAM_BLD_push_octet_string(
                   builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size())
                != 1)
            return std::nullopt;
        Jwk jwk { {}, {}, curve->kind, make_key("EC", builder.get()) };
        return jwk.key ? std::optional(std::move(jwk)) : std::nullopt;
    }

    /// RFC 8037 §2
    std::optional<Jwk> read_okp(object const& from)
    {
        auto const curve = text_at(from, "crv");
        auto const x = octets_at(from, "x");
        if (!curve || !x || (*curve != "Ed25519" && *curve != "Ed448"))
            return std::nullopt;
        bool const is_short = *curve == "Ed25519";
        Key key(::EVP_PKEY_new_raw_public_key(is_short ? EVP_PKEY_ED25519 : EVP_PKEY_ED448, nullptr,
                    octets_of(*x), x->size()),
            ::EVP_PKEY_free);
        ::ERR_clear_error();
        if (!key)
            return std::nullopt;
        return Jwk { {}, {}, is_short ? KeyKind::ed25519 : KeyKind::ed448, std::move(key) };
    }

    /// RFC 7517 §4.2, §4.3
    bool is_for_signatures(object const& from)
    {
        if (from.contains("use") && text_at(from, "use") != "sig")
            return false;
        auto const* operations = from.if_contains("key_ops");
        if (!operations)
            return true;
        return operations->is_array()
            && std::ranges::any_of(operations->get_array(), [](boost::json::value const& one) {
                   return one.is_string() && one.get_string() == "verify";
               });
    }

    std::optional<Jwk> read_key(object const& from)
    {
        auto const type = text_at(from, "kty");
        if (!type || !is_for_signatures(from))
            return std::nullopt;
        auto jwk = *type == "RSA" ? read_rsa(from)
            : *type == "EC"       ? read_ec(from)
            : *type == "OKP"      ? read_okp(from)
                                  : std::nullopt;
        if (!jwk)
            return std::nullopt;
        jwk->id = text_at(from, "kid").value_or("");
        jwk->algorithm = text_at(from, "alg").value_or("");
        return jwk;
    }

} // namespace

TokenResult<std::vector<Jwk>> parse_jwk_set(std::string_view text)
{
    auto const set = parse_object(text, max_jwk_set);
    auto const* keys = set ? set->if_contains("keys") : nullptr;
    if (!keys || !keys->is_array())
        return Rejection::invalid("it is no JWK Set (RFC 7517): {\"keys\": [...]}");
    if (keys->get_array().size() > max_keys)
        return Rejection::invalid("it has more than 200 keys");
    std::vector<Jwk> found;
    for (auto const& each : keys->get_array()) {
        auto jwk = each.is_object() ? read_key(each.get_object()) : std::nullopt;
        if (!jwk)
            continue;
        if (jwk->kind == KeyKind::rsa && ::EVP_PKEY_get_bits(jwk->key.get()) < min_rsa_bits)
            return Rejection::invalid("its key \"" + jwk->id + "\" has less than 2048 bits");
        found.push_back(std::move(*jwk));
    }
    if (found.empty())
        return Rejection::invalid(
            "it has no key by which signatures can be checked (RSA, EC or OKP)");
    return found;
}

} // namespace mail::server
