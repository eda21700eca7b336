// AUTH (RFC 5034): exchanges with several lines, by SCRAM, and how they are broken off.
#include "protocol/sasl/exchange.h"
#include "tests/pop3/client.h"
#include "tests/support/scram_client.h"

namespace mail::pop3 {
namespace {

    struct Pop3Auth : ::testing::Test {
        Pop3Auth() { services.authenticator.has_keys = true; }
        test::TestServices services;
    };

    TEST_F(Pop3Auth, OffersWhatAllAccountsCanDo)
    {
        Client client(services);
        client.start().play("S: +OK *");
        auto const offer = client.capability("SASL");
        EXPECT_TRUE(test::matches(offer,
            "SASL SCRAM-SHA-512-PLUS SCRAM-SHA-256-PLUS SCRAM-SHA-1-PLUS SCRAM-SHA-512 "
            "SCRAM-SHA-256 SCRAM-SHA-1 *PLAIN LOGIN*"))
            << offer;
        client.play("C: USER alice\nS: +OK *\nC: PASS secret\nS: +OK 0 *");
        EXPECT_NE(client.capability("SASL"), ""); // RFC 5034 §3: after the login, too
    }

    TEST_F(Pop3Auth, ProvesThePasswordWithoutSendingIt)
    {
        for (auto const* initial : { "", "yes" }) {
            test::ScramClient const scram;
            Client client(services);
            client.start().play("S: +OK *");
            std::string said;
            if (*initial) {
                said = client.say("AUTH SCRAM-SHA-256 " + test::encoded(scram.first()) + "\r\n");
            } else {
                EXPECT_EQ(client.say("AUTH SCRAM-SHA-256\r\n"), "+ \r\n");
                said = client.say(test::encoded(scram.first()) + "\r\n");
            }
            ASSERT_TRUE(said.starts_with("+ ") && said.ends_with("\r\n")) << said;
            auto const challenge = test::decoded(said.substr(2, said.size() - 4));
            said = client.say(test::encoded(scram.last(challenge)) + "\r\n");
            ASSERT_TRUE(said.starts_with("+ ")) << said; // the server's signature
            EXPECT_EQ(client.say("\r\n"), "+OK 0 messages (0 octets)\r\n");
        }
    }

    TEST_F(Pop3Auth, RefusesAWrongProof)
    {
        test::ScramClient const scram { .password = "wrong" };
        Client client(services);
        client.start().play("S: +OK *");
        auto const said = client.say("AUTH SCRAM-SHA-256 " + test::encoded(scram.first()) + "\r\n");
        auto const challenge = test::decoded(said.substr(2, said.size() - 4));
        EXPECT_EQ(client.say(test::encoded(scram.last(challenge)) + "\r\n"),
            "-ERR [AUTH] Wrong name or password\r\n");
        client.play(
            "C: STAT\nS: -ERR Log in first\nC: USER alice\nS: +OK *\nC: PASS secret\nS: +OK "
            "0 *"); // as if AUTH had not been said
    }

    TEST_F(Pop3Auth, IsBrokenOffWithoutBlame)
    {
        Client client(services);
        client.start().play(R"(
        S: +OK *
        C: AUTH SCRAM-SHA-256
        S: + 
        C: *
        S: -ERR Login cancelled as asked
        C: AUTH SCRAM-SHA-256 =
        S: -ERR That is no SCRAM message*
        C: AUTH LOGIN
        S: + VXNlcm5hbWU6
        C: =AAA
        S: -ERR That is not base64*
        C: AUTH LOGIN
        S: + VXNlcm5hbWU6
        C: YWxpY2U=
        S: + UGFzc3dvcmQ6
        C: *
        S: -ERR Login cancelled as asked
        C: AUTH EXTERNAL-NOT-SPOKEN
        S: -ERR This mechanism is not spoken here*
    )");
        EXPECT_EQ(client.say("AUTH PLAIN\r\n"), "+ \r\n");
        EXPECT_EQ(client.say(std::string(sasl::Exchange::max_line + 1000, 'A') + "\r\n"),
            "-ERR The response is too long\r\n");
        EXPECT_EQ(client.say("AUTH PLAIN " + std::string(sasl::Exchange::max_line, '=') + "\r\n")
                      .substr(0, 27),
            "-ERR That is not base64, or");
        EXPECT_FALSE(client.finished); // none of them was a failed login
        client.play("C: AUTH PLAIN AGFsaWNlAHNlY3JldA==\nS: +OK 0 *\nC: AUTH PLAIN "
                    "AGFsaWNlAHNlY3JldA==\nS: -ERR Not after the login");
    }

    TEST_F(Pop3Auth, EndsAfterTooManyFailures)
    {
        Client client(services);
        client.start().play(R"(
        S: +OK *
        C: AUTH PLAIN AGFsaWNlAHdyb25n
        S: -ERR [AUTH] Wrong name or password
        C: AUTH PLAIN AG5vYm9keQBzZWNyZXQ=
        S: -ERR [AUTH] Wrong name or password
        C: USER alice
        S: +OK *
        C: PASS wrong
        S: -ERR [AUTH] Wrong name or password
    )");
        EXPECT_TRUE(client.finished);
    }

} // namespace
} // namespace mail::pop3
