// BDAT (RFC 3030, RFC 2033 §4.3): chunks become one message, whatever octets they have, and what is
// refused is read to its end.
#include "tests/lmtp/client.h"

namespace mail::lmtp {
namespace {

    struct LmtpChunking : ::testing::Test {
        std::vector<std::string> stored(std::string const& name)
        {
            return test::messages_of(services.store(), services.account(name));
        }
        static std::string chunk(std::string const& octets, bool is_last = false)
        {
            return "BDAT " + std::to_string(octets.size()) + (is_last ? " LAST\r\n" : "\r\n")
                + octets;
        }
        test::TestServices services;
    };

    TEST_F(LmtpChunking, JoinsChunksToOneMessage)
    {
        std::string all = "Content-Type: application/octet-stream\r\n"
                          "Content-Transfer-Encoding: binary\r\n\r\n";
        for (int i = 0; i < 256; ++i)
            all += static_cast<char>(i);
        all += "\r\n.\r\nMAIL FROM:<>\r\n..no line end";
        Client client(services);
        client.greet();
        client.play(R"(
        C: MAIL FROM:<sender@example.net> BODY=BINARYMIME
        S: 250 2.1.0 OK
        C: RCPT TO:<alice@example.org>
        S: 250 2.1.5 OK
        C: RCPT TO:<bob@example.org>
        S: 250 2.1.5 OK
    )");
        EXPECT_EQ(client.say(chunk(all.substr(0, 100))), "250 2.0.0 100 octets received\r\n");
        EXPECT_EQ(client.say(chunk("")), "250 2.0.0 0 octets received\r\n");
        EXPECT_EQ(client.say(chunk(all.substr(100), true)),
            "250 2.0.0 <alice@example.org> Delivered\r\n250 2.0.0 <bob@example.org> Delivered\r\n");
        EXPECT_EQ(sent_of(stored("alice").at(0)), all);
        EXPECT_EQ(sent_of(stored("bob").at(0)), all);
        EXPECT_EQ(client.say("BDAT 3 LAST\r\nabc"), "503 5.5.1 MAIL comes first\r\n");
        EXPECT_EQ(client.conversation.totals().messages, 1u);
    }

    TEST_F(LmtpChunking, TakesPipelinedChunksCutAtEveryOctet)
    {
        Client client(services);
        client.stream.largest_read = 1;
        client.greet();
        auto const said = client.say("MAIL FROM:<> SIZE=8\r\nRCPT TO:<alice>\r\n"
            + chunk("A: 1\r\n") + "bdat 2\r\n\r\nBDAT 0 last\r\nMAIL FROM:<>\r\nRCPT TO:<bob>\r\n"
            + chunk("", true) + "QUIT\r\n");
        EXPECT_EQ(said,
            "250 2.1.0 OK\r\n250 2.1.5 OK\r\n250 2.0.0 6 octets received\r\n"
            "250 2.0.0 2 octets received\r\n250 2.0.0 <alice> Delivered\r\n250 2.1.0 OK\r\n"
            "250 2.1.5 OK\r\n250 2.0.0 <bob> Delivered\r\n221 2.0.0 Bye\r\n");
        EXPECT_EQ(sent_of(stored("alice").at(0)), "A: 1\r\n\r\n");
        EXPECT_EQ(sent_of(stored("bob").at(0)), "");
    }

    TEST_F(LmtpChunking, ReadsChunksThatItRefuses)
    {
        Client client(services);
        client.start().play("S: 220 *");
        std::string const trap = "QUIT\r\nMAIL FROM:<>\r\n";
        EXPECT_EQ(client.say(chunk(trap)), "503 5.5.1 LHLO comes first\r\n");
        client.say("LHLO x\r\n");
        EXPECT_EQ(client.say(chunk(trap)), "503 5.5.1 MAIL comes first\r\n");
        EXPECT_EQ(client.say(chunk(trap, true)), "503 5.5.1 MAIL comes first\r\n");
        client.say("MAIL FROM:<>\r\n");
        EXPECT_EQ(client.say(chunk(trap)), "503 5.5.1 No valid recipients: RCPT comes first\r\n");
        client.say("RCPT TO:<alice>\r\n");
        EXPECT_EQ(client.say("BDAT 6 FIRST\r\n" + trap.substr(0, 6)),
            "501 5.5.4 The form is BDAT octets [LAST]\r\n");
        EXPECT_EQ(client.say("BDAT 6 LAST now\r\n" + trap.substr(0, 6)),
            "501 5.5.4 The form is BDAT octets [LAST]\r\n");
        EXPECT_EQ(client.say(chunk(trap)), "250 2.0.0 20 octets received\r\n");
        client.play(R"(
        C: RCPT TO:<bob>
        S: 503 5.5.1 The message has begun: RCPT comes before BDAT
        C: MAIL FROM:<>
        S: 503 5.5.1 A transaction is open*
        C: DATA
        S: 503 5.5.1 The message has begun by BDAT*
        C: RSET
        S: 250 *
        C: MAIL FROM:<> BODY=BINARYMIME
        S: 250 *
        C: RCPT TO:<alice>
        S: 250 *
        C: DATA
        S: 503 5.5.1 BODY=BINARYMIME comes by BDAT*
    )");
        EXPECT_TRUE(stored("alice").empty());
        EXPECT_FALSE(client.finished);
    }

    TEST_F(LmtpChunking, ClosesWhereItCannotTellDataFromCommands)
    {
        for (auto const* line : { "BDAT", "BDAT x", "BDAT -1", "BDAT 5x LAST", "BDAT LAST",
                 "BDAT 99999999999999999999" }) {
            Client client(services);
            client.greet();
            client.say("MAIL FROM:<>\r\nRCPT TO:<alice>\r\n");
            EXPECT_TRUE(client.say(line + std::string("\r\nRCPT TO:<bob>\r\n"))
                            .starts_with("501 5.5.4 The form is BDAT octets [LAST]: "))
                << line;
            EXPECT_TRUE(client.finished) << line;
        }
        EXPECT_TRUE(stored("alice").empty());
    }

    // RFC 2033 §4.3: a reply for each recipient that was accepted, and so none. Each client that
    // sends commands in groups would else take all later replies for those of others.
    TEST_F(LmtpChunking, SaysNothingToALastChunkForNobody)
    {
        Client client(services);
        client.greet();
        EXPECT_EQ(client.say("MAIL FROM:<>\r\nRCPT TO:<nobody>\r\n" + chunk("lost", true)
                      + "MAIL FROM:<>\r\nRCPT TO:<alice>\r\n" + chunk("found", true)),
            "250 2.1.0 OK\r\n550 5.1.1 No such user here: check the address\r\n"
            "250 2.1.0 OK\r\n250 2.1.5 OK\r\n250 2.0.0 <alice> Delivered\r\n");
        EXPECT_EQ(client.say("MAIL FROM:<> SIZE=99999999999\r\nRCPT TO:<alice>\r\n"
                      + chunk("lost", true) + "NOOP\r\n" + chunk("", true)),
            "552 5.3.4 At most 52428800 octets are taken here\r\n503 5.5.1 MAIL comes first\r\n"
            "250 2.0.0 OK\r\n503 5.5.1 MAIL comes first\r\n");
        EXPECT_EQ(stored("alice").size(), 1u);
    }

    TEST_F(LmtpChunking, RefusesWhatIsTooBigForEachRecipient)
    {
        services.settings.limits.message_octets = 1000;
        Client client(services);
        client.greet();
        std::string const half(600, 'x');
        EXPECT_EQ(client.say("MAIL FROM:<>\r\nRCPT TO:<alice>\r\nRCPT TO:<bob>\r\n" + chunk(half)
                      + chunk(half) + chunk(half) + chunk(half, true)),
            "250 2.1.0 OK\r\n250 2.1.5 OK\r\n250 2.1.5 OK\r\n250 2.0.0 600 octets received\r\n"
            "552 5.3.4 At most 1000 octets are taken here\r\n"
            "552 5.3.4 At most 1000 octets are taken here\r\n"
            "552 5.3.4 <alice> At most 1000 octets are taken here\r\n"
            "552 5.3.4 <bob> At most 1000 octets are taken here\r\n");
        EXPECT_EQ(client.say("MAIL FROM:<>\r\nRCPT TO:<alice>\r\n" + chunk("fits", true)),
            "250 2.1.0 OK\r\n250 2.1.5 OK\r\n250 2.0.0 <alice> Delivered\r\n");
        EXPECT_EQ(stored("alice").size(), 1u);
        EXPECT_TRUE(stored("bob").empty());
    }

    TEST_F(LmtpChunking, ForgetsWhatIsNotFinished)
    {
        std::string const large(600'000, 'x');
        for (auto const* end : { "RSET\r\n", "LHLO x\r\n", "QUIT\r\n", "" }) {
            Client client(services);
            client.greet();
            client.say("MAIL FROM:<>\r\nRCPT TO:<alice>\r\n" + chunk(large));
            client.say(end);
        }
        EXPECT_TRUE(stored("alice").empty());
        Client client(services);
        client.greet();
        client.say("MAIL FROM:<>\r\nRCPT TO:<alice>\r\nBDAT 100 LAST\r\nnot the whole");
        client.stream.hang_up();
        client.settle();
        EXPECT_TRUE(stored("alice").empty());
    }

} // namespace
} // namespace mail::lmtp
