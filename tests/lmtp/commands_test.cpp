// Every LMTP command in every state; refusals first.
#include "tests/lmtp/client.h"

namespace mail::lmtp {
namespace {

    struct LmtpCommands : ::testing::Test {
        test::TestServices services;
    };

    TEST_F(LmtpCommands, RefusesBeforeLhlo)
    {
        Client(services).start().play(R"(
        S: 220 mail.example.org LMTP server ready
        C: MAIL FROM:<a@b>
        S: 503 5.5.1 LHLO comes first
        C: RCPT TO:<alice>
        S: 503 5.5.1 LHLO comes first
        C: DATA
        S: 503 5.5.1 LHLO comes first
        C: HELO mx.example.net
        S: 500 5.5.1 This is LMTP, not SMTP: say LHLO
        C: EHLO mx.example.net
        S: 500 5.5.1 This is LMTP, not SMTP: say LHLO
        C: LHLO
        S: 501 5.5.4 *
        C: LHLO two words
        S: 501 5.5.4 *
        C: LHLO <script>
        S: 501 5.5.4 *
        C: BDAT 0
        S: 503 5.5.1 LHLO comes first
        C: AUTH PLAIN
        S: 503 5.5.1 LHLO comes first
        C: 
        S: 500 5.5.1 Unknown command*
        C: STARTTLS
        S: 502 5.5.1 This port does not offer TLS
        C: NOOP whatever
        S: 250 2.0.0 OK
        C: RSET
        S: 250 2.0.0 OK
        C: VRFY alice
        S: 252 2.5.0 *
        C: VRFY
        S: 501 5.5.4 *
        C: EXPN staff
        S: 502 5.5.1 *
        C: EXPN
        S: 501 5.5.4 *
        C: HELP
        S: 214 2.0.0 AUTH BDAT DATA EXPN HELP LHLO MAIL NOOP QUIT RCPT RSET STARTTLS VRFY
        C: QUIT now
        S: 501 5.5.4 This command takes no arguments
        C: quit
        S: 221 2.0.0 Bye
    )");
    }

    TEST_F(LmtpCommands, ListsItsExtensions)
    {
        services.settings.limits.message_octets = 1000;
        Client(services).start().play(R"(
        S: 220 *
        C: lhlo [127.0.0.1]
        S: 250-mail.example.org
        S: 250-PIPELINING
        S: 250-SIZE 1000
        S: 250-8BITMIME
        S: 250-BINARYMIME
        S: 250-CHUNKING
        S: 250-SMTPUTF8
        S: 250-IGNOREQUOTA
        S: 250 ENHANCEDSTATUSCODES
    )");
        services.settings.lmtp.announces_dsn = true;
        services.settings.lmtp.deliverers = { "carol" };
        Client(services, true).distrust().start().play(R"(
        S: 220 *
        C: LHLO mx.example.net
        S: 250-mail.example.org
        S: 250-PIPELINING
        S: 250-SIZE 1000
        S: 250-8BITMIME
        S: 250-BINARYMIME
        S: 250-CHUNKING
        S: 250-SMTPUTF8
        S: 250-DSN
        S: 250-AUTH PLAIN LOGIN
        S: 250 ENHANCEDSTATUSCODES
    )");
    }

    TEST_F(LmtpCommands, RefusesBadTransactions)
    {
        services.settings.limits.message_octets = 1000;
        services.settings.limits.lmtp_recipients = 2;
        Client(services).greet().play(R"(
        C: RCPT TO:<alice@example.org>
        S: 503 5.5.1 MAIL comes first
        C: DATA
        S: 503 5.5.1 MAIL comes first
        C: MAIL
        S: 501 5.5.4 *
        C: MAIL TO:<a@b>
        S: 501 5.5.4 *
        C: MAIL FROM:a@b
        S: 501 5.1.7 *
        C: MAIL FROM:<a@b
        S: 501 5.1.7 *
        C: MAIL FROM:<a@b>x
        S: 501 5.1.7 *
        C: MAIL FROM:<a@b> SIZE=1001
        S: 552 5.3.4 At most 1000 octets are taken here
        C: MAIL FROM:<a@b> SIZE=99999999999999999999999
        S: 552 5.3.4 *
        C: MAIL FROM:<a@b> SIZE=-1
        S: 501 5.5.4 *
        C: MAIL FROM:<a@b> SIZE
        S: 501 5.5.4 *
        C: MAIL FROM:<a@b> BODY=9BIT
        S: 501 5.5.4 *
        C: MAIL FROM:<a@b> MT-PRIORITY=3
        S: 555 5.5.4 A parameter is not known here: MT-PRIORITY
        C: MAIL FROM:<> BODY=8BITMIME SIZE=1000
        S: 250 2.1.0 OK
        C: MAIL FROM:<a@b>
        S: 503 5.5.1 A transaction is open*
        C: DATA
        S: 503 5.5.1 No valid recipients*
        C: RCPT FROM:<alice>
        S: 501 5.5.4 *
        C: RCPT TO:<>
        S: 501 5.1.3 *
        C: RCPT TO:<alice@example.org> RRVS=x
        S: 555 5.5.4 A parameter is not known here: RRVS
        C: RCPT TO:<nobody@example.org>
        S: 550 5.1.1 No such user here*
        C: DATA
        S: 503 5.5.1 No valid recipients*
        C: RCPT TO:<alice@example.org>
        S: 250 2.1.5 OK
        C: rcpt to: <@relay.example,@other.example:"alice"@example.org>
        S: 250 2.1.5 OK
        C: RCPT TO:<bob@example.org>
        S: 452 4.5.3 Too many recipients*
        C: RSET
        S: 250 2.0.0 OK
        C: DATA
        S: 503 5.5.1 MAIL comes first
    )");
    }

    TEST_F(LmtpCommands, TellsUnknownUsersFromALookUpThatFailed)
    {
        Client client(services);
        client.greet().play("C: MAIL FROM:<>\nS: 250 *");
        services.authenticator.is_down = true;
        client.play("C: RCPT TO:<alice@example.org>\nS: 451 4.3.0 *");
        services.authenticator.is_down = false;
        client.play("C: RCPT TO:<alice@example.org>\nS: 250 *");
    }

    TEST_F(LmtpCommands, DropsWhatCameBeforeTheHandshake)
    {
        Client client(services);
        client.stream.offer_tls();
        client.start().play(R"(
        S: 220 *
        C: LHLO mx.example.net
        S: 250-*
        S: 250-PIPELINING
        S: 250-SIZE *
        S: 250-8BITMIME
        S: 250-BINARYMIME
        S: 250-CHUNKING
        S: 250-SMTPUTF8
        S: 250-IGNOREQUOTA
        S: 250-STARTTLS
        S: 250 ENHANCEDSTATUSCODES
        C: MAIL FROM:<>
        S: 250 *
        C: STARTTLS
        C: NOOP
        S: 220 2.0.0 Begin TLS now
        C: MAIL FROM:<>
        S: 503 5.5.1 LHLO comes first
        C: STARTTLS
        S: 503 5.5.1 TLS is on already
        C: DATA
        S: 503 5.5.1 LHLO comes first
    )");
    }

    TEST_F(LmtpCommands, EndsSessionsThatTakeTooMuch)
    {
        services.settings.lmtp.messages = 2;
        Client client(services);
        client.greet();
        for (int i = 0; i < 2; ++i)
            client.deliver({ "alice" }, "A: 1\r\n.\r\n");
        EXPECT_EQ(client.say("MAIL FROM:<>\r\nRCPT TO:<alice>\r\n"),
            "421 4.7.0 2 messages came by this connection: send the next by another\r\n");
        EXPECT_TRUE(client.finished);

        services.settings.lmtp.messages = 0;
        services.settings.lmtp.message_time = std::chrono::seconds(-1); // is over at once
        for (std::string const message : { "DATA\r\nA: 1\r\n", "BDAT 100\r\nA: 1\r\n" }) {
            Client slow(services);
            slow.greet();
            slow.say("MAIL FROM:<>\r\nRCPT TO:<alice>\r\n");
            auto const said = slow.say(message);
            EXPECT_TRUE(said.ends_with("421 4.4.2 The message takes too long to come in: closing "
                                       "the connection\r\n"))
                << said;
            EXPECT_TRUE(slow.finished);
        }
        EXPECT_EQ(test::messages_of(services.store(), services.account("alice")).size(), 2u);
    }

    TEST_F(LmtpCommands, BoundsLinesAndPatience)
    {
        Client client(services);
        client.greet();
        EXPECT_EQ(client.stream.time_limit(), services.settings.limits.lmtp_idle_time);
        EXPECT_EQ(client.say(std::string(50'000, 'x')), "");
        EXPECT_EQ(client.say("\r\nNOOP\r\n"),
            "500 5.5.6 The line is too long: 4096 octets at most\r\n250 2.0.0 OK\r\n");
        std::string bad;
        for (int i = 0; i < 20; ++i)
            bad += "NONSENSE\r\n";
        EXPECT_TRUE(client.say(bad).ends_with(
            "421 4.7.0 Too many bad commands: closing the connection\r\n"));
        EXPECT_TRUE(client.finished);
        EXPECT_EQ(client.ended_by, nullptr);
    }

} // namespace
} // namespace mail::lmtp
