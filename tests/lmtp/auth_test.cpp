// Who may deliver: clients whom the listener trusts, and accounts that are deliverers (RFC 4954).
#include "protocol/sasl/exchange.h"
#include "tests/lmtp/client.h"

#include "protocol/sasl/base64.h"

namespace mail::lmtp {
namespace {

    struct LmtpAuth : ::testing::Test {
        LmtpAuth() { services.settings.lmtp.deliverers = { "carol" }; }

        static std::string encoded(std::string_view octets)
        {
            std::string text;
            sasl::append_base64(text, octets);
            return text;
        }
        static std::string plain(std::string const& name, std::string const& password = "secret")
        {
            return "AUTH PLAIN " + encoded('\0' + name + '\0' + password) + "\r\n";
        }
        test::TestServices services;
    };

    TEST_F(LmtpAuth, RefusesStrangersWithWhatToDo)
    {
        Client(services, true).distrust().start().play(R"(
        S: 220 *
        C: MAIL FROM:<>
        S: 503 5.5.1 LHLO comes first
        C: VRFY alice
        S: 530 5.7.0 Authentication required: send AUTH
        C: LHLO mx.example.net
        S: 250-mail.example.org
        S: 250-PIPELINING
        S: 250-SIZE *
        S: 250-8BITMIME
        S: 250-BINARYMIME
        S: 250-CHUNKING
        S: 250-SMTPUTF8
        S: 250-AUTH PLAIN LOGIN
        S: 250 ENHANCEDSTATUSCODES
        C: MAIL FROM:<a@b>
        S: 530 5.7.0 Authentication required: send AUTH
        C: RCPT TO:<alice>
        S: 530 5.7.0 *
        C: DATA
        S: 530 5.7.0 *
        C: BDAT 0
        S: 530 5.7.0 *
        C: EXPN staff
        S: 530 5.7.0 *
        C: NOOP
        S: 250 *
        C: RSET
        S: 250 *
        C: HELP
        S: 214 *
        C: QUIT
        S: 221 *
    )");
        Client plain_text(services);
        plain_text.stream.offer_tls();
        plain_text.distrust().start().say("LHLO x\r\n");
        plain_text.play(R"(
        C: MAIL FROM:<a@b>
        S: 530 5.7.0 Authentication required: send STARTTLS, then AUTH
    )");
        services.settings.lmtp.deliverers.clear();
        Client nobody(services);
        nobody.distrust().start().say("LHLO x\r\n");
        nobody.play(R"(
        C: MAIL FROM:<a@b>
        S: 550 5.7.1 Mail is not taken from this address: *trusted_networks
        C: AUTH PLAIN
        S: 502 5.5.1 Nobody logs in here
    )");
    }

    TEST_F(LmtpAuth, TakesMailOfDeliverers)
    {
        Client client(services, true);
        client.distrust().start().say("LHLO mx.example.net\r\n");
        EXPECT_EQ(client.stream.time_limit(), services.settings.limits.login_time);
        EXPECT_EQ(client.say(plain("carol")), "235 2.7.0 Logged in\r\n");
        EXPECT_EQ(client.stream.time_limit(), services.settings.limits.lmtp_idle_time);
        EXPECT_EQ(services.journal.lines.back(), "login lmtp carol PLAIN");
        EXPECT_EQ(client.say(plain("carol")), "503 5.5.1 You are logged in already\r\n");
        auto const extensions = client.say("LHLO mx.example.net\r\n");
        EXPECT_EQ(extensions.find("AUTH"), extensions.npos) << "a second login is not offered";
        EXPECT_NE(extensions.find("IGNOREQUOTA"), extensions.npos);
        EXPECT_EQ(client.deliver({ "alice" }, "A: 1\r\n.\r\n"), "250 2.0.0 <alice> Delivered\r\n");
        auto const message = test::messages_of(services.store(), services.account("alice")).at(0);
        EXPECT_NE(message.find(" with LMTPSA id "), message.npos) << message;
        client.say("MAIL FROM:<>\r\n");
        EXPECT_EQ(client.say(plain("carol")),
            "503 5.5.1 A transaction is open: end it by DATA or RSET\r\n");
    }

    TEST_F(LmtpAuth, RefusesAccountsThatAreNoDeliverers)
    {
        Client client(services, true);
        client.distrust().start().say("LHLO x\r\n");
        EXPECT_EQ(client.say(plain("alice")), "235 2.7.0 Logged in\r\n");
        client.play(R"(
        C: MAIL FROM:<a@b>
        S: 550 5.7.1 This account may not deliver mail: *deliverers
    )");
    }

    TEST_F(LmtpAuth, SaysWhyALoginFailed)
    {
        services.settings.limits.failed_logins = 4;
        Client client(services, true);
        client.distrust().start().say("LHLO x\r\n");
        client.play(R"(
        C: AUTH
        S: 501 5.5.4 The form is AUTH mechanism [initial response]
        C: AUTH PLAIN a b
        S: 501 5.5.4 *
        C: AUTH CRAM-MD5
        S: 504 5.5.4 This mechanism is not spoken here*
        C: AUTH EXTERNAL
        S: 504 5.5.4 EXTERNAL needs a certificate*
        C: AUTH ANONYMOUS
        S: 504 5.5.4 Nobody delivers anonymously*
        C: AUTH PLAIN
        S: 334 *
        C: *
        S: 501 5.7.0 Login cancelled as asked
        C: AUTH PLAIN
        S: 334 *
        C: =AAA
        S: 501 5.5.2 *
        C: AUTH PLAIN AAA=AAAA
        S: 501 5.5.2 *
    )");
        EXPECT_EQ(client.say("AUTH PLAIN\r\n"), "334 \r\n");
        EXPECT_EQ(client.say(std::string(sasl::Exchange::max_line + 1000, 'A') + "\r\n"),
            "500 5.5.6 The response is too long\r\n");
        EXPECT_EQ(client.say(plain("carol", "wrong")), "535 5.7.8 Wrong name or password\r\n");
        EXPECT_EQ(client.say(plain("nobody")), "535 5.7.8 Wrong name or password\r\n");
        services.authenticator.is_down = true;
        EXPECT_EQ(client.say(plain("carol")),
            "454 4.7.0 The accounts cannot be asked now: try again later\r\n");
        services.authenticator.is_down = false;
        EXPECT_EQ(client.say(plain("carol", "wrong")), "535 5.7.8 Wrong name or password\r\n");
        EXPECT_TRUE(client.finished) << "that were four";
    }

    TEST_F(LmtpAuth, TakesNoPasswordWithoutTls)
    {
        Client client(services);
        client.stream.offer_tls();
        client.distrust().start();
        auto const before = client.say("LHLO x\r\n");
        EXPECT_EQ(before.find("AUTH"), before.npos);
        EXPECT_TRUE(client.say("AUTH PLAIN\r\n").starts_with("538 5.7.11 "));
        client.say("STARTTLS\r\n");
        EXPECT_EQ(client.say(plain("carol")), "503 5.5.1 LHLO comes first\r\n");
        auto const after = client.say("LHLO x\r\n");
        EXPECT_NE(after.find("250-AUTH PLAIN LOGIN\r\n"), after.npos);
        EXPECT_EQ(client.say(plain("carol")), "235 2.7.0 Logged in\r\n");
    }

    TEST_F(LmtpAuth, SpeaksLoginAndScram)
    {
        {
            Client client(services, true);
            client.distrust().start().say("LHLO x\r\n");
            EXPECT_TRUE(client.say("auth login\r\n").starts_with("334 "));
            EXPECT_TRUE(client.say(encoded("carol") + "\r\n").starts_with("334 "));
            EXPECT_EQ(client.say(encoded("secret") + "\r\n"), "235 2.7.0 Logged in\r\n");
        }
        services.authenticator.has_keys = true;
        Client client(services); // a proof may go without TLS
        client.distrust().start();
        EXPECT_NE(
            client.say("LHLO x\r\n").find("250-AUTH SCRAM-SHA-512 SCRAM-SHA-256 SCRAM-SHA-1\r\n"),
            std::string::npos);
        EXPECT_TRUE(client.say("AUTH SCRAM-SHA-256 " + encoded("n,,n=carol,r=abc") + "\r\n")
                        .starts_with("334 "));
        EXPECT_EQ(client.say("*\r\n"), "501 5.7.0 Login cancelled as asked\r\n");
    }

    TEST_F(LmtpAuth, ALoginEndsWithStartTls)
    {
        services.authenticator.has_keys = true;
        Client client(services);
        client.stream.offer_tls();
        client.session.login().set_allows_plain_text(true);
        client.distrust().start().say("LHLO x\r\n");
        EXPECT_EQ(client.say(plain("carol")), "235 2.7.0 Logged in\r\n");
        EXPECT_EQ(client.say("STARTTLS\r\n"), "220 2.0.0 Begin TLS now\r\n");
        client.say("LHLO x\r\n");
        EXPECT_TRUE(client.say("MAIL FROM:<>\r\n").starts_with("530 5.7.0 "));
    }

    TEST_F(LmtpAuth, WhoDoesNotLogInIsLeftAfterAWhile)
    {
        services.settings.limits.login_time = std::chrono::seconds(-1);
        Client client(services, true);
        client.distrust().start();
        EXPECT_TRUE(
            client.say("NOOP\r\n")
                .ends_with(
                    "250 2.0.0 OK\r\n421 4.7.0 Nobody logged in: closing the connection\r\n"));
        EXPECT_TRUE(client.finished);
    }

} // namespace
} // namespace mail::lmtp
