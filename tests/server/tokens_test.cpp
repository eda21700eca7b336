// Tokens of OAuth 2: signatures, keys, claims, and the answers of login services.
#include "server/tokens/claims.h"
#include "server/tokens/introspection.h"
#include "server/tokens/json.h"
#include "server/tokens/jwk_set.h"
#include "server/tokens/jwks_files.h"
#include "server/tokens/jwt.h"
#include "server/tokens/token_cache.h"
#include "server/tokens/token_checker.h"
#include "tests/support/answer.h"
#include "tests/support/signed_tokens.h"
#include "tests/support/temporary_directory.h"

#include <boost/asio/thread_pool.hpp>

#include <gtest/gtest.h>

#include <fstream>

using namespace std::chrono_literals;
using namespace std::string_literals;

namespace mail::server {
namespace {

    using TimePoint = std::chrono::system_clock::time_point;

    std::vector<Jwk> keys()
    {
        auto all = parse_jwk_set(test::jwk_set);
        EXPECT_TRUE(all) << (all ? "" : all.error().why());
        return all ? *all : std::vector<Jwk> {};
    }

    std::string why(std::string_view token)
    {
        auto const claims = open_jwt(token, keys());
        return claims ? "good" : claims.error().why();
    }

    TEST(Tokens, EveryAlgorithmIsVerified)
    {
        auto const all = keys();
        ASSERT_EQ(all.size(), 6U);
        for (auto const& each : test::signed_tokens) {
            auto const claims = open_jwt(each.token, all);
            ASSERT_TRUE(claims) << each.algorithm << ' ' << each.key << ": "
                                << claims.error().why();
            EXPECT_EQ(text_at(*claims, "email"), "alice@example.org");
            // One bit of the signature, of the claims, of the header.
            auto const second = each.token.rfind('.');
            for (auto const at : { second + 10, second - 10, std::size_t { 12 } }) {
                std::string bent(each.token);
                bent[at] = bent[at] == 'A' ? 'B' : 'A';
                EXPECT_FALSE(open_jwt(bent, all)) << each.algorithm << " at " << at;
            }
        }
        EXPECT_EQ(why(test::no_kid_token), "good") << "the one key that fits";
        EXPECT_EQ(why(test::access_token), "good");
    }

    TEST(Tokens, WhatIsNoProofIsRefused)
    {
        EXPECT_NE(why(test::none_token).find("there is no key for it"), std::string::npos);
        EXPECT_NE(why(test::shared_secret_token).find("there is no key for it"), std::string::npos)
            << "a public key is no shared secret";
        EXPECT_NE(why(test::unknown_key_token).find("there is no key for it"), std::string::npos);
        EXPECT_EQ(why(test::wrong_key_token), "its signature is wrong");
        EXPECT_NE(why(test::critical_token).find("crit"), std::string::npos);
        EXPECT_NE(why(test::logout_token).find("typ"), std::string::npos);
        for (std::string const wrong : { "", ".", "..", "...", "a.b.c", "e30.e30.e30", "e30.e30." })
            EXPECT_NE(why(wrong), "good") << wrong;
        auto const& token = test::signed_tokens.front().token;
        EXPECT_NE(why(std::string(token) + "."), "good");
        EXPECT_NE(why(std::string(token) + "="), "good") << "base64 with padding";
        EXPECT_NE(why(std::string(max_jwt, 'x') + ".."), "good");
        EXPECT_NE(why(token.substr(0, token.rfind('.') + 1)), "good") << "without a signature";
        // Nesting beyond what a token may need: {"alg":[[[...
        std::string header = "{\"alg\":" + std::string(2000, '[');
        EXPECT_FALSE(parse_object(header + std::string(2000, ']') + '}', 100'000));
    }

    TEST(Tokens, AKeyIsForItsOwnAlgorithms)
    {
        auto all = keys();
        auto const& rs256 = test::signed_tokens.front();
        for (auto& key : all)
            if (key.id == "rsa")
                key.algorithm = "PS256";
        EXPECT_FALSE(open_jwt(rs256.token, all)) << "\"alg\" of the key";
        for (auto& key : all)
            key.id = "rsa"; // whatever "kid" says, the kind must fit
        for (auto& key : all)
            key.algorithm.clear();
        EXPECT_TRUE(open_jwt(rs256.token, all));
        std::erase_if(all, [](Jwk const& key) { return key.kind == KeyKind::rsa; });
        EXPECT_FALSE(open_jwt(rs256.token, all));
        std::vector<Jwk> many(9, all.front());
        EXPECT_FALSE(open_jwt(test::no_kid_token, many)) << "nobody tries them all";
    }

    std::string why_no_set(std::string const& text)
    {
        auto const set = parse_jwk_set(text);
        return set ? "good" : set.error().why();
    }

    TEST(Tokens, SetsOfKeysAreRead)
    {
        for (std::string const wrong : { "", "[]", "{}", "{\"keys\":{}}", "{\"keys\":[]}",
                 "{\"keys\":[1,{}]}", "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\"}]}",
                 "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"\",\"e\":\"\"}]}",
                 "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AA\"}]}",
                 "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\"}]}",
                 "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"AA\"}]}" })
            EXPECT_NE(why_no_set(wrong), "good") << wrong;
        EXPECT_NE(
            why_no_set(std::string(test::small_rsa_set)).find("2048 bits"), std::string::npos);
        // A point beside the curve.
        std::string const beside = "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\""
            + std::string(43, 'A') + "\",\"y\":\"" + std::string(43, 'A') + "\"}]}";
        EXPECT_NE(why_no_set(beside), "good");
        std::string text(test::jwk_set);
        text.replace(text.find("\"sig\""), 5, "\"enc\"");
        EXPECT_EQ(parse_jwk_set(text)->size(), 5U) << "for encryption";
        text.replace(text.find("\"kid\": \"p256\""), 13, "\"key_ops\":[\"sign\"],\"kid\":\"p256\"");
        EXPECT_EQ(parse_jwk_set(text)->size(), 4U) << "to sign, not to verify";
    }

    TEST(Tokens, Base64urlHasOneSpelling)
    {
        EXPECT_EQ(decode_base64url("", 9), "");
        EXPECT_EQ(decode_base64url("_-8", 9), "\xff\xef");
        for (std::string const wrong : { "A", "_-8=", "/+8", "_-9", "_- 8", "_-8\n" })
            EXPECT_FALSE(decode_base64url(wrong, 9)) << wrong;
        EXPECT_FALSE(decode_base64url("AAAA", 2));
    }

    // --- Claims

    std::string judge(std::string const& json, Demands const& demands = {},
        Gaps gaps = Gaps::refused, std::string_view name = "email")
    {
        auto const object = parse_object(json, 10'000);
        EXPECT_TRUE(object) << json;
        auto const claims = read_claims(*object, name);
        if (!claims)
            return claims.error().why();
        auto const verdict = check_claims(*claims, demands, gaps, TimePoint(1000s));
        return verdict ? claims->name : verdict.error().why();
    }

    TEST(Claims, TheLifeOfATokenHasABeginningAndAnEnd)
    {
        auto const with = [](std::string const& times) {
            return judge("{\"email\":\"a@b\"" + times + "}", { .leeway = 30 });
        };
        EXPECT_EQ(with(",\"exp\":1001"), "a@b");
        EXPECT_EQ(with(",\"exp\":970.5"), "a@b") << "within the leeway";
        EXPECT_EQ(with(",\"exp\":970"), "it has expired");
        EXPECT_EQ(with(""), "it has no end (\"exp\")");
        EXPECT_EQ(with(",\"exp\":2000,\"nbf\":1030,\"iat\":1030"), "a@b");
        EXPECT_EQ(with(",\"exp\":2000,\"nbf\":1031"), "it is not valid yet (\"nbf\")");
        EXPECT_TRUE(with(",\"exp\":2000,\"iat\":1031").starts_with("it was issued in the future"));
        for (auto const* wrong : { "\"2000\"", "null", "true", "[]", "{}" })
            EXPECT_NE(with(",\"exp\":"s + wrong), "a@b") << wrong;
    }

    TEST(Claims, AreThoseThatAreDemanded)
    {
        Demands const demands {
            .issuer = "https://i", .audiences = { "x", "mailroom" }, .scope = "mail"
        };
        auto const with = [&](std::string const& more, Gaps gaps = Gaps::refused) {
            return judge("{\"email\":\"a@b\",\"exp\":2000," + more + "}", demands, gaps);
        };
        std::string const issuer = "\"iss\":\"https://i\",";
        std::string const audience = "\"aud\":\"mailroom\",";
        std::string const scope = "\"scope\":\"openid mail\"";
        EXPECT_EQ(with(issuer + audience + scope), "a@b");
        EXPECT_EQ(with(issuer + "\"aud\":[\"y\",\"mailroom\"],\"scp\":[\"mail\"]"), "a@b");
        EXPECT_EQ(with(audience + scope), "it is of another issuer: \"\"");
        EXPECT_EQ(with("\"iss\":\"https://i/\"," + audience + scope),
            "it is of another issuer: \"https://i/\"");
        EXPECT_EQ(with(issuer + scope), "it is for another audience");
        EXPECT_EQ(with(issuer + "\"aud\":[\"mailroom2\"]," + scope), "it is for another audience");
        EXPECT_EQ(with(issuer + audience + "\"scope\":\"email\""), "it lacks the scope \"mail\"");
        EXPECT_EQ(with(issuer + audience + "\"x\":1"), "it lacks the scope \"mail\"");
        EXPECT_EQ(with(issuer + "\"aud\":[1]," + scope), "its \"aud\" is of the wrong type");
        EXPECT_EQ(with("\"iss\":1," + audience + scope), "its \"iss\" is of the wrong type");
        EXPECT_EQ(with(issuer + audience + "\"scope\":7"), "its \"scope\" is of the wrong type");
        // Of what was asked about, only what is said must be right.
        EXPECT_EQ(with(scope, Gaps::allowed), "a@b");
        EXPECT_EQ(with("\"iss\":\"https://j\"," + scope, Gaps::allowed),
            "it is of another issuer: \"https://j\"");
        EXPECT_EQ(with("\"aud\":\"other\"," + scope, Gaps::allowed), "it is for another audience");
    }

    TEST(Claims, NameAUserWhoIsThatUser)
    {
        auto const name = [](std::string const& json, std::string_view claim = "email") {
            return judge("{\"exp\":2000," + json + "}", {}, Gaps::refused, claim);
        };
        EXPECT_EQ(name("\"sub\":\"7\"", "sub"), "7");
        EXPECT_EQ(name("\"email\":\"u\xcc\x88@b\""), "\xc3\xbc@b") << "prepared";
        EXPECT_EQ(name("\"sub\":\"7\""), "it names no user: it has no \"email\"");
        EXPECT_EQ(name("\"email\":7"), "it names no user: it has no \"email\"");
        EXPECT_EQ(name("\"email\":\"\""), "its \"email\" is no name of a user");
        EXPECT_EQ(name("\"email\":\"a\\u0000b\""), "its \"email\" is no name of a user");
        EXPECT_EQ(name("\"email\":\"a@b\",\"email_verified\":true"), "a@b");
        EXPECT_EQ(name("\"email\":\"a@b\",\"email_verified\":\"true\""), "a@b");
        EXPECT_EQ(name("\"email\":\"a@b\",\"email_verified\":false"),
            "the address that it names is not verified");
        EXPECT_EQ(name("\"email\":\"a@b\",\"email_verified\":null"),
            "the address that it names is not verified");
        EXPECT_EQ(name("\"sub\":\"7\",\"email_verified\":false", "sub"), "7");
    }

    // --- Files of keys

    TEST(JwksFiles, AreReadAgainAndABadOneKeepsTheOldKeys)
    {
        test::TemporaryDirectory const folder;
        auto const path = folder.path() / "keys.json";
        auto const write = [&](std::string_view text) {
            std::ofstream(folder.path() / "new", std::ios::binary) << text;
            std::filesystem::rename(folder.path() / "new", path);
        };
        EXPECT_THROW(JwksFiles({ path }), std::runtime_error);
        write("{}");
        EXPECT_THROW(JwksFiles({ path }), std::runtime_error);
        write(test::jwk_set);
        JwksFiles files({ path });
        auto const first = files.current();
        EXPECT_EQ(first->size(), 6U);
        EXPECT_EQ(files.current(), first) << "nothing has changed";
        write("no JSON");
        EXPECT_EQ(files.current(), first);
        std::filesystem::remove(path);
        EXPECT_EQ(files.current(), first);
        std::string text(test::jwk_set);
        text.replace(text.find("\"sig\""), 5, "\"enc\"");
        write(text);
        EXPECT_EQ(files.current()->size(), 5U);
        EXPECT_EQ(first->size(), 6U) << "who has them still keeps them";
    }

    // --- Introspection

    TEST(Introspection, ShowsWhoAsks)
    {
        EXPECT_EQ(authorization_of("", "", ""), "");
        EXPECT_EQ(authorization_of("", "", "token"), "Bearer token");
        EXPECT_EQ(authorization_of("mailroom", "secret", ""), "Basic bWFpbHJvb206c2VjcmV0");
        EXPECT_EQ(authorization_of("a:b", "p q", ""), "Basic YSUzQWI6cCUyMHE=")
            << "RFC 6749 §2.3.1";
        EXPECT_EQ(
            introspection_form("a+b/c=&d"), "token=a%2Bb%2Fc%3D%26d&token_type_hint=access_token");
    }

    TEST(Introspection, OnlyAnAnswerIsAnAnswer)
    {
        auto const ask = [](unsigned status, std::string const& body) {
            auto const claims = read_introspection(status, body, "username");
            return claims ? claims->name : claims.error().is_temporary() ? "later" : "wrong";
        };
        EXPECT_EQ(ask(200, "{\"active\":true,\"username\":\"alice\"}"), "alice");
        EXPECT_EQ(ask(200, "{\"active\":false}"), "wrong");
        EXPECT_EQ(ask(200, "{\"active\":false,\"username\":\"alice\"}"), "wrong");
        EXPECT_EQ(ask(200, "{\"active\":true}"), "wrong") << "names nobody";
        for (auto const* body : { "", "{}", "[]", "null", "{\"active\":\"true\"}", "{\"active\":1}",
                 "<html>", "{\"active\":true" })
            EXPECT_EQ(ask(200, body), "later") << body;
        for (unsigned const status : { 201U, 301U, 400U, 401U, 403U, 404U, 429U, 500U, 503U })
            EXPECT_EQ(ask(status, "{\"active\":false}"), "later") << status;
    }

    TEST(TokenCache, ForgetsInTime)
    {
        using Clock = TokenCache::Clock;
        auto const now = Clock::now();
        TokenCache cache(60s);
        EXPECT_FALSE(cache.find("a", now));
        cache.keep("a", Claims { .name = "alice" }, now);
        cache.keep("b", Rejection::invalid("old"), now);
        EXPECT_EQ((*cache.find("a", now + 59s))->name, "alice");
        EXPECT_EQ(cache.find("b", now + 59s)->error().why(), "old");
        EXPECT_FALSE(cache.find("a", now + 60s));
        EXPECT_FALSE(cache.find("A", now));
        TokenCache none(0s);
        none.keep("a", Claims {}, now);
        EXPECT_FALSE(none.find("a", now));
        for (std::size_t i = 0; i < TokenCache::capacity + 10; ++i)
            cache.keep(std::to_string(i), Claims {}, now);
        EXPECT_TRUE(cache.find(std::to_string(TokenCache::capacity + 9), now));
        EXPECT_FALSE(cache.find("0", now)) << "it has a bound";
    }

    // --- All of it

    TokenResult<std::string> check(TokenChecker& checker, std::string_view token)
    {
        return test::answer(checker.check(std::string(token)));
    }

    TEST(TokenChecker, ChecksByKeysAndAsksNobodyWhoIsNotThere)
    {
        test::TemporaryDirectory const folder;
        config::Oauth settings;
        settings.jwks_files = { folder.path() / "keys.json" };
        std::ofstream(settings.jwks_files.front()) << test::jwk_set;
        settings.issuer = "https://login.example.org";
        settings.audience = { "mailroom" };
        boost::asio::thread_pool workers(1);
        TokenChecker checker(settings, workers.get_executor());
        for (auto const& each : test::signed_tokens) {
            auto const owner = check(checker, each.token);
            ASSERT_TRUE(owner) << each.algorithm << ": " << owner.error().why();
            EXPECT_EQ(*owner, "alice@example.org");
        }
        auto const opaque = check(checker, "opaque");
        EXPECT_FALSE(opaque.error().is_temporary());

        settings.audience = { "others" };
        TokenChecker strict(settings, workers.get_executor());
        EXPECT_EQ(check(strict, test::signed_tokens.front().token).error().why(),
            "it is for another audience");

        // A login service that is not there: nobody listens at port 1.
        settings.introspection.url = { "127.0.0.1", 1, "/" };
        TokenChecker alone(settings, workers.get_executor());
        EXPECT_TRUE(check(alone, "opaque").error().is_temporary());
        EXPECT_FALSE(check(alone, test::signed_tokens.front().token).error().is_temporary())
            << "a JWT is not sent around";
        workers.join();
    }

} // namespace
} // namespace mail::server
