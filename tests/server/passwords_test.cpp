// Password hashes as other servers write them: made by doveadm of Dovecot 2.3 and by libcrypt.
#include "server/accounts/passwords.h"
#include "server/accounts/users.h"

#include <gtest/gtest.h>

namespace mail::server {
namespace {

    constexpr std::string_view password = "Geheim 7";

    class TakenOver : public ::testing::TestWithParam<std::string_view> { };

    TEST_P(TakenOver, IsReadAndFitsItsPasswordOnly)
    {
        EXPECT_EQ(problem_of_hash(GetParam()), "");
        EXPECT_TRUE(verify_password(GetParam(), password));
        for (std::string const wrong : { "Geheim 8", "geheim 7", "Geheim", "", "77 Geheim" })
            EXPECT_FALSE(verify_password(GetParam(), wrong)) << wrong;
    }

    // clang-format off
    INSTANTIATE_TEST_SUITE_P(Hashes, TakenOver,
        ::testing::Values(
            "{ARGON2ID}$argon2id$v=19$m=65536,t=3,p=1$WPD5i1eJ7afV6mQ4KVLoZg$zlfCL3D3g2swSGUcZ0eih13itkWECjgfjdkKTEn009Y",
            "{ARGON2I}$argon2i$v=19$m=32768,t=4,p=1$cu7mktjBcPAwfFWnFUIZJQ$V1Og8yuRyKjjwpEj64MJTmMN590FnfotGFEVABEiYNs",
            "{SHA512-CRYPT}$6$e275JnCIdc5AkMlt$dUPoT7EOeCikm9xu665xC8Dyilg2kJ3sf0hdnwwslWDrE1QiuSm3dswevIBFJwee8QyvDiVBz405/W6iBz2vv.",
            "{SHA256-CRYPT}$5$2V8I3ZtAIJQJht4N$NSSpxmuOHCYoukJAd.djmKCamyVqC7GkRhzWPOZbGDC",
            "{BLF-CRYPT}$2y$05$/SThy.HtCJ.aBh6/Evi9ouKnjMoXgsVD6UN05gEMXF5P.9CFTOTk6",
            "{PBKDF2}$1$mh2nrUOLWF03t3AZ$5000$1b2cd91d243a1d90c3360178e5fbc5ff2558590b",
            "{SSHA512}l6njR9OH9oXTPOrbVj+uDUp5icfct51l0xaE2cmoXe6eSfcy/bBju4QaGZy0ciMt2b9qguuxl3nAFQWbNdzwrLrQqdo=",
            "{SSHA256}tZJ/FR70up8K1O0wN4ZYH3EVTP3/Gwv86JMBWcMz5ez5ejgw",
            "{SSHA}CIz9fIB037gVjmk0yY9gzmq88vtLh+JW",
            "{SHA512}5w41/0YKHIW3YTQ2YV5YTKaFRfYkvTsKGwN3m6XaBi5AgU+9wwRfmf+nk5nHY7dc+PP0Z17c7EXFj2Y6gpb8VQ==",
            "{SHA256}gLlXbRuycUJtDwhG5ldC98glAB/B3uYAo2ke4WG9EB8=",
            "{SHA1}4m7w5irTBMNvyVK4Ifbumzy4XkM=",
            "{SHA}4m7w5irTBMNvyVK4Ifbumzy4XkM=",
            "{MD5-CRYPT}$1$t7LiR9fZ$SC9qN0Ntw4T9UQXDefHiH1",
            "{MD5}$1$MuWA6jEe$Nx5omnsND9qXedA/u7Nvu0",
            "{SMD5}W/fZAn6w4UTdFm4ys9SzDvynbcc=",
            "{LDAP-MD5}I+rF5yH6/Y85X2kpAThO4w==",
            "{PLAIN-MD5}23eac5e721fafd8f395f692901384ee3",
            "{DES-CRYPT}FANS8YuZjR9ts",
            "{CRYPT}$2y$05$OgNVPYLUvu.E4SDRElvOJ.RWA4NFrlEVrkUaLuRa.xB2M9oemLvQG",
            "{SCRAM-SHA-256}4096,HQAjjvDbhU096BRFkg2NGg==,wtLULOuKWbjn7MjblxqQdN7BpKldcBtlokd0LaikxEU=,qBBtBC6Te7Eo+jfJG7GMKh9vpRbpbYnlNCpmjWfIAPk=",
            "{SCRAM-SHA-1}4096,cDR7Zg4ivZ38UUxVXFAmOw==,ibqtUxPu5EcuXadgARgElclQJaE=,dXAwYe3MPH+M5xnpzzpoh455KUs=",
            "{YESCRYPT}$y$j9T$F5Jx5fExrKuPp53xLKQ..1$qxfkBZzf/NYQocAu6v76QXd56XqVwB60PwiTo4gXOB8",
            "{SHA256}80b9576d1bb271426d0f0846e65742f7c825001fc1dee600a3691ee161bd101f",
            "{CLEARTEXT}Geheim 7",
            "{PLAIN}Geheim 7"));
    // clang-format on

    TEST(PasswordHashes, LongOnesAreWrongWithoutHashing)
    {
        EXPECT_FALSE(verify_password(
            "{PLAIN}" + std::string(max_password + 1, 'x'), std::string(max_password + 1, 'x')));
    }

    TEST(PasswordHashes, ProblemsSayWhatWouldBeRight)
    {
        for (std::string const wrong :
            { "", "secret", "{}", "{NONE}x", "{ARGON2ID}", "{SHA512-CRYPT}$5$x", "{SSHA256}",
                "{SSHA256}AAAA", "{SHA}!!", "{PBKDF2}$1$salt$0$00", "{PBKDF2}$2$a$1$00",
                "{PBKDF2}$1$salt$5000$0", "{PBKDF2}$1$salt$99999999$00", "{SCRAM-SHA-256}4096,AAAA",
                "{SCRAM-SHA-256}4096,JRYEeVGg7z1PTnhoS+maeg==,l8UQgmui3HmpQAWli66FZu6EcnU=,"
                "HyAUUbJ58gFW3TxiLRG5Y5aMsdk=",
                "{SCRAM-SHA-1}0,JRYEeVGg7z1PTnhoS+maeg==,l8UQgmui3HmpQAWli66FZu6EcnU=,"
                "HyAUUbJ58gFW3TxiLRG5Y5aMsdk=",
                "{PLAIN}" }) {
            EXPECT_NE(problem_of_hash(wrong), "") << wrong;
            EXPECT_FALSE(verify_password(wrong, password)) << wrong;
        }
        EXPECT_NE(
            problem_of_hash("{SSHA256}AAAA").find("digest and salt in base64"), std::string::npos);
    }

    TEST(PasswordHashes, WhatIsMadeHereFits)
    {
        auto const made = make_verifiers(password);
        EXPECT_TRUE(verify_password(made.hash, password));
        EXPECT_NE(make_verifiers(password).hash, made.hash) << "another salt each time";
        ASSERT_EQ(made.settings.size(), sasl::scram_hashes);
        std::string line = "alice " + made.hash;
        for (auto const& setting : made.settings)
            line += ' ' + setting;
        std::vector<UsersProblem> problems;
        auto const users = Users::parse(line, problems);
        ASSERT_TRUE(problems.empty());
        for (auto const hash :
            { sasl::ScramHash::sha1, sasl::ScramHash::sha256, sasl::ScramHash::sha512 }) {
            auto const& keys = users.all()[0].scram[static_cast<std::size_t>(hash)];
            ASSERT_TRUE(keys);
            EXPECT_EQ(*keys, sasl::derive_scram_keys(hash, password, keys->salt, keys->iterations));
            EXPECT_TRUE(users.keys_of_all()[static_cast<std::size_t>(hash)]);
        }
    }

} // namespace
} // namespace mail::server
