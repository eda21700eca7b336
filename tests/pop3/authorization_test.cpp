// The AUTHORIZATION state: refusals, CAPA, the ways to log in, STLS.
#include "tests/pop3/client.h"

namespace mail::pop3 {
namespace {

    struct Pop3Authorization : ::testing::Test {
        test::TestServices services;
    };

    TEST_F(Pop3Authorization, RefusesWhatIsNotForThisState)
    {
        Client(services).start().play(R"(
        S: +OK mail.example.org POP3 server ready
        C: STAT
        S: -ERR Log in first
        C: RETR 1
        S: -ERR Log in first
        C: DELE 1
        S: -ERR Log in first
        C: NOOP
        S: -ERR Log in first
        C: UIDL
        S: -ERR Log in first
        C: TOP 1 1
        S: -ERR Log in first
        C: APOP alice 0123456789abcdef0123456789abcdef
        S: -ERR Unknown command*
        C: 
        S: -ERR Unknown command*
        C: PASS secret
        S: -ERR USER comes first
        C: USER
        S: -ERR This command takes one argument
        C: CAPA now
        S: -ERR This command takes no arguments
        C: AUTH CRAM-MD5
        S: -ERR This mechanism is not spoken here*
        C: AUTH PLAIN a b
        S: -ERR AUTH takes a mechanism and at most one initial response
        C: AUTH PLAIN !
        S: -ERR That is not base64*
        C: AUTH PLAIN
        S: + 
        C: *
        S: -ERR Login cancelled as asked
        C: STLS
        S: -ERR TLS is on already
        C: QUIT
        S: +OK Goodbye
    )");
        Client(services).start().play(R"(
        S: +OK *
        C: STLS now
        S: -ERR This command takes no arguments
        C: AUTH PLAIN ====
        S: -ERR That is not base64*
        C: AUTH PLAIN =AAA
        S: -ERR That is not base64*
        C: AUTH PLAIN =
        S: -ERR PLAIN takes identity NUL name NUL password
        C: LIST
        S: -ERR Log in first
        C: RSET
        S: -ERR Log in first
        C: LAST
        S: -ERR Unknown command*
        C: XTND XMIT
        S: -ERR Unknown command*
        C: QUIT now
        S: -ERR This command takes no arguments
        C: QUIT
        S: +OK Goodbye
    )");
    }

    TEST_F(Pop3Authorization, ListsWhatIsSpokenHere)
    {
        std::string_view const encrypted = R"(
        C: CAPA
        S: +OK *
        S: TOP
        S: UIDL
        S: RESP-CODES
        S: AUTH-RESP-CODE
        S: PIPELINING
        S: EXPIRE NEVER
        S: UTF8 USER
        S: LANG
        S: USER
        S: SASL PLAIN LOGIN
        S: IMPLEMENTATION Mailroom
        S: .
    )";
        Client client(services);
        client.start().play("S: +OK *");
        client.play(encrypted)
            .play(R"(
        C: auth
        S: +OK *
        S: PLAIN
        S: LOGIN
        S: .
        C: uSeR alice
        S: +OK *
        C: pass secret
        S: +OK 0 messages (0 octets)
    )")
            .play(encrypted); // the same in both states
    }

    TEST_F(Pop3Authorization, LogsInByEveryWay)
    {
        for (auto const* script : { "C: USER alice\nC: PASS secret\nS: +OK Now the password\nS: "
                                    "+OK 0 messages (0 octets)",
                 "C: AUTH PLAIN AGFsaWNlAHNlY3JldA==\nS: +OK 0 messages (0 octets)",
                 "C: AUTH PLAIN\nS: + \nC: AGFsaWNlAHNlY3JldA==\nS: +OK 0 messages (0 octets)",
                 "C: auth login\nS: + VXNlcm5hbWU6\nC: YWxpY2U=\nS: + UGFzc3dvcmQ6\nC: "
                 "c2VjcmV0\nS: +OK 0 messages*",
                 "C: AUTH LOGIN YWxpY2U=\nC: c2VjcmV0\nS: + UGFzc3dvcmQ6\nS: +OK 0 messages*" }) {
            Client client(services);
            client.start()
                .play("S: +OK *")
                .play(script)
                .play("C: USER alice\nS: -ERR Not after the login\nC: QUIT\nS: +OK Goodbye");
            EXPECT_TRUE(client.finished);
            EXPECT_EQ(client.ended_by, nullptr);
        }
    }

    TEST_F(Pop3Authorization, TakesPasswordsWithSpaces)
    {
        services.authenticator.passwords["alice"] = " two  words ";
        Client(services).start().play(
            "S: +OK *\nC: USER alice\nS: +OK *\nC: PASS  two  words \nS: +OK 0 *");
    }

    TEST_F(Pop3Authorization, SaysWhoseFaultARefusalIs)
    {
        Client client(services);
        client.start().play(R"(
        S: +OK *
        C: USER nobody
        S: +OK *
        C: PASS secret
        S: -ERR [AUTH] Wrong name or password
        C: PASS secret
        S: -ERR USER comes first
        C: AUTH PLAIN Ym9iAGFsaWNlAHNlY3JldA==
        S: -ERR [AUTH] This account may not log in here*
    )");
        services.authenticator.is_down = true;
        client.play(R"(
        C: USER alice
        S: +OK *
        C: PASS secret
        S: -ERR [SYS/TEMP] *
    )");
        EXPECT_TRUE(client.finished); // the third in all
    }

    TEST_F(Pop3Authorization, LogsInByOtherProofs)
    {
        services.authenticator.takes_tokens = true;
        // user=alice^Aauth=Bearer token-of-alice^A^A, and the same as RFC 7628 has it
        for (auto const* script :
            { "C: AUTH XOAUTH2 dXNlcj1hbGljZQFhdXRoPUJlYXJlciB0b2tlbi1vZi1hbGljZQEB\nS: +OK 0 *",
                "C: AUTH XOAUTH2\nS: + \n"
                "C: dXNlcj1hbGljZQFhdXRoPUJlYXJlciB0b2tlbi1vZi1hbGljZQEB\nS: +OK 0 *",
                "C: AUTH OAUTHBEARER biwsAWF1dGg9QmVhcmVyIHRva2VuLW9mLWFsaWNlAQE=\nS: +OK 0 *",
                "C: AUTH EXTERNAL =\nS: +OK 0 *", "C: AUTH EXTERNAL\nS: + \nC: \nS: +OK 0 *" }) {
            Client client(services);
            client.stream.certified = { "alice" };
            client.start().play("S: +OK *").play(script);
        }
    }

    TEST_F(Pop3Authorization, ExplainsRefusedTokensAndCancels)
    {
        services.authenticator.takes_tokens = true;
        Client(services).start().play(R"(
        S: +OK *
        C: AUTH XOAUTH2 dXNlcj1hbGljZQFhdXRoPUJlYXJlciBvbGQBAQ==
        S: + eyJzdGF0dXMiOiI0MDEi*
        C: 
        S: -ERR [AUTH] *
        C: AUTH PLAIN
        S: + 
        C: *
        S: -ERR Login cancelled*
        C: AUTH PLAIN
        S: + 
        C: 
        S: -ERR PLAIN takes*
        C: AUTH LOGIN =
        S: -ERR LOGIN needs*
        C: AUTH ANONYMOUS =
        S: -ERR Nobody may read here*
        C: AUTH EXTERNAL =
        S: -ERR EXTERNAL needs a certificate*
        C: USER alice
        S: +OK *
        C: PASS secret
        S: +OK *
    )");
        Client later(services);
        services.authenticator.is_down = true;
        later.start().play(R"(
        S: +OK *
        C: AUTH XOAUTH2 dXNlcj1hbGljZQFhdXRoPUJlYXJlciBvbGQBAQ==
        S: + eyJzdGF0dXMiOiI1MDMi*
        C: *
        S: -ERR [SYS/TEMP] *
    )");
    }

    TEST_F(Pop3Authorization, KeepsPasswordsOffPlainConnections)
    {
        Client client(services, false);
        client.start().play(R"(
        S: +OK *
        C: USER alice
        S: -ERR Passwords are taken under TLS only*
        C: AUTH PLAIN AGFsaWNlAHNlY3JldA==
        S: -ERR Passwords are taken under TLS only*
        C: STLS
        S: -ERR This port does not offer TLS*
        C: AUTH
        S: +OK *
        S: .
        C: CAPA
        S: +OK *
        S: TOP
        S: UIDL
        S: RESP-CODES
        S: AUTH-RESP-CODE
        S: PIPELINING
        S: EXPIRE NEVER
        S: UTF8 USER
        S: LANG
        S: IMPLEMENTATION Mailroom
        S: .
    )");
        Client allowed(services, false);
        allowed.session.login().set_allows_plain_text(true);
        allowed.login();
    }

    TEST_F(Pop3Authorization, DropsWhatCameBeforeTheHandshake)
    {
        Client client(services, false);
        client.stream.offer_tls();
        client.start().play("S: +OK *");
        EXPECT_EQ(client.say("STLS\r\nUSER alice\r\nQUIT\r\n"), "+OK Begin TLS now\r\n");
        client.play("C: PASS secret\nS: -ERR USER comes first\nC: USER alice\nS: +OK *\nC: PASS "
                    "secret\nS: +OK 0 *");
    }

    TEST_F(Pop3Authorization, ClosesAfterTooManyBadCommands)
    {
        Client client(services);
        client.start();
        std::string bad;
        for (int i = 0; i < 19; ++i)
            bad += "NONSENSE\r\n";
        client.say(bad + "CAPA\r\n" + bad);
        EXPECT_FALSE(client.finished);
        client.say("NONSENSE\r\n");
        EXPECT_TRUE(client.finished);
    }

    TEST_F(Pop3Authorization, BoundsLinesAndTime)
    {
        {
            Client client(services);
            client.start().play("S: +OK *");
            EXPECT_EQ(client.stream.time_limit(), services.settings.limits.login_time);
            EXPECT_EQ(client.say(std::string(100'000, 'x')), "");
            EXPECT_EQ(client.say("USER alice\nUSER alice\n"),
                "-ERR The line is too long: 8192 octets at most\r\n+OK Now the password\r\n");
            client.play("C: PASS secret\nS: +OK *");
            EXPECT_EQ(client.stream.time_limit(), services.settings.limits.pop3_idle_time);
            client.stream.run_out_of_time();
            EXPECT_TRUE(services.run_until([&] { return client.finished; }));
            EXPECT_NE(client.ended_by, nullptr);
        }
        Client(services).login(); // the lock is free
    }

    TEST_F(Pop3Authorization, TakesInputCutAtEveryOctet)
    {
        Client client(services);
        client.stream.largest_read = 1;
        client.login().play(
            "C: STAT\nC: UIDL\nC: QUIT\nS: +OK 0 0\nS: +OK *\nS: .\nS: +OK Goodbye");
    }

    TEST_F(Pop3Authorization, LetsOneSessionAtATimeHaveTheMaildrop)
    {
        Client bob(services);
        bob.login("bob");
        {
            Client first(services);
            first.login();
            Client second(services);
            second.start().play(R"(
            S: +OK *
            C: USER alice
            S: +OK *
            C: PASS secret
            S: -ERR [IN-USE] *
            C: STAT
            S: -ERR Log in first
        )");
            first.play("C: QUIT\nS: +OK Goodbye");
            second.play("C: USER alice\nS: +OK *\nC: PASS secret\nS: +OK 0 *");
        }
        Client(services).login(); // a client that went away leaves no lock
    }

} // namespace
} // namespace mail::pop3
