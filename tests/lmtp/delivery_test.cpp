// Deliveries: what is stored is what was sent, and each recipient is answered for itself.
#include "tests/lmtp/client.h"

#include "protocol/lmtp/trace.h"
#include "storage/verify.h"

#include <algorithm>
#include <filesystem>
#include <random>

namespace mail::lmtp {
namespace {

    struct LmtpDelivery : ::testing::Test {
        std::vector<std::string> stored(
            std::string const& name, std::string const& mailbox = "INBOX")
        {
            return test::messages_of(services.store(), services.account(name), mailbox);
        }
        std::uintmax_t octets_on_disk() const
        {
            std::uintmax_t octets = 0;
            for (auto const& entry : std::filesystem::recursive_directory_iterator(services.path()))
                if (entry.is_regular_file())
                    octets += entry.file_size();
            return octets;
        }
        test::TestServices services;
    };

    TEST_F(LmtpDelivery, AddsTraceFieldsAndNothingElse)
    {
        Client client(services);
        client.greet();
        EXPECT_EQ(client.deliver({ "alice@example.org" },
                      "Subject: x\r\n\r\n..\r\n...x\r\n8bit \xe9\r\n.\r\n"),
            "250 2.0.0 <alice@example.org> Delivered\r\n");
        ASSERT_EQ(stored("alice").size(), 1u);
        auto const message = stored("alice").front();
        EXPECT_EQ(sent_of(message), "Subject: x\r\n\r\n.\r\n..x\r\n8bit \xe9\r\n");
        EXPECT_TRUE(test::matches(trace_of(message),
            "Return-Path: <sender@example.net>\r\nDelivered-To: alice@example.org\r\n"
            "Received: from mx.example.net ([127.0.0.1])\r\n\tby mail.example.org with LMTP id "
            "*\r\n"
            "\tfor <alice@example.org>;\r\n\t*, * 20* *:*:* *\r\n"))
            << message;
        EXPECT_EQ(services.journal.lines.back(),
            "delivered alice@example.org " + std::to_string(message.size())
                + " delivered as UID 1");
    }

    TEST_F(LmtpDelivery, TellsAboutTlsAndNullSenders)
    {
        Client client(services, true);
        client.stream.mutable_peer().address = "2001:db8::1";
        client.greet().play("C: MAIL FROM:<>\nC: RCPT TO:<alice>\nC: DATA\nS: 250 *\nS: 250 *\nS: "
                            "354 *\nC: .\nS: 250 *");
        auto const message = stored("alice").at(0);
        EXPECT_TRUE(message.starts_with(
            "Return-Path: <>\r\nDelivered-To: alice\r\n"
            "Received: from mx.example.net ([IPv6:2001:db8::1])\r\n"
            "\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256 bits))\r\n"
            "\tby mail.example.org with LMTPS id "))
            << message;
        EXPECT_EQ(sent_of(message), "");
    }

    TEST_F(LmtpDelivery, StoresOneBodyForAllRecipients)
    {
        Client client(services);
        client.greet();
        EXPECT_EQ(client.deliver({ "alice@example.org", "bob@example.org", "alice+x@example.org" },
                      "A: 1\r\n\r\n.\r\n"),
            "250 2.0.0 <alice@example.org> Delivered\r\n250 2.0.0 <bob@example.org> Delivered\r\n"
            "250 2.0.0 <alice+x@example.org> Delivered\r\n");
        ASSERT_EQ(stored("alice").size(), 2u);
        EXPECT_EQ(stored("alice"), (std::vector<std::string>(2, stored("bob").at(0))));
        // Nobody learns from it who else got it.
        EXPECT_EQ(stored("bob").at(0).find("alice"), std::string::npos);
        EXPECT_EQ(client.conversation.totals().messages, 1u);
        EXPECT_EQ(client.conversation.totals().delivered, 3u);
    }

    TEST_F(LmtpDelivery, AnswersForEachRecipientItself)
    {
        Client client(services);
        client.greet();
        client.say("MAIL FROM:<>\r\nRCPT TO:<alice@x>\r\nRCPT TO:<nobody@x>\r\nRCPT "
                   "TO:<bob@x>\r\nDATA\r\n");
        ASSERT_TRUE(services.store().remove_account("alice"));
        EXPECT_EQ(client.say("A: 1\r\n.\r\n"),
            "451 4.2.0 <alice@x> The mailbox went away during the delivery: try again\r\n"
            "250 2.0.0 <bob@x> Delivered\r\n");
        EXPECT_EQ(stored("bob").size(), 1u);
        client.play("C: DATA\nS: 503 *");
    }

    TEST_F(LmtpDelivery, KeepsAConnectionForManyTransactions)
    {
        Client client(services);
        client.greet();
        std::string commands;
        for (int i = 0; i < 50; ++i)
            commands += "MAIL FROM:<> BODY=8BITMIME\r\nRCPT TO:<alice@x>\r\nDATA\r\nN: "
                + std::to_string(i) + "\r\n.\r\nRSET\r\n";
        auto const said = client.say(commands + "QUIT\r\n");
        EXPECT_TRUE(said.ends_with("221 2.0.0 Bye\r\n")) << said;
        EXPECT_TRUE(client.finished);
        auto const messages = stored("alice");
        ASSERT_EQ(messages.size(), 50u);
        for (std::size_t i = 0; i < 50; ++i)
            EXPECT_EQ(sent_of(messages[i]), "N: " + std::to_string(i) + "\r\n");
    }

    TEST_F(LmtpDelivery, TakesInputCutAtEveryOctet)
    {
        Client client(services);
        client.stream.largest_read = 1;
        client.greet();
        client.deliver({ "alice" }, "A: 1\r\n\r\n.\r\r\n..\r\n\r.\r\n\n.\n\r\n.\r\n");
        EXPECT_EQ(sent_of(stored("alice").at(0)), "A: 1\r\n\r\n\r\r\n.\r\n\r.\r\n\n.\n\r\n");
    }

    TEST_F(LmtpDelivery, EndsAtCrlfDotCrlfOnly)
    {
        Client client(services);
        client.greet();
        std::string const smuggled
            = "\nMAIL FROM:<admin@x>\r\nRCPT TO:<bob@x>\r\nDATA\r\nsmuggled\r\n";
        for (std::string const end : { "\n.", "\r.\r", "\n.\r", "\r\n.", "\r." }) {
            EXPECT_EQ(client.deliver({ "alice@x" }, "A: 1\r\n\r\nx" + end + smuggled + ".\r\n"),
                "250 2.0.0 <alice@x> Delivered\r\n");
        }
        EXPECT_EQ(stored("alice").size(), 5u);
        EXPECT_TRUE(stored("bob").empty());
        EXPECT_TRUE(stored("alice").front().ends_with("x\n." + smuggled));
    }

    TEST_F(LmtpDelivery, ReadsToTheEndOfWhatIsTooBig)
    {
        services.settings.limits.message_octets = 100'000;
        Client client(services);
        client.greet();
        std::string const fits(99'998, 'x');
        EXPECT_EQ(client.deliver({ "alice", "bob" }, fits + "xxx\r\n.\r\n"),
            "552 5.3.4 <alice> At most 100000 octets are taken here\r\n"
            "552 5.3.4 <bob> At most 100000 octets are taken here\r\n");
        EXPECT_EQ(
            client.deliver({ "alice" }, fits + "\r\n.\r\n"), "250 2.0.0 <alice> Delivered\r\n");
        EXPECT_EQ(stored("alice").size(), 1u);
        EXPECT_TRUE(stored("bob").empty());
    }

    TEST_F(LmtpDelivery, DeliversNothingOfACutMessage)
    {
        {
            Client client(services);
            client.greet();
            client.deliver({ "alice" }, "A: 1\r\n\r\nnot the whole\r\n.\r");
        }
        EXPECT_TRUE(stored("alice").empty());
    }

    TEST_F(LmtpDelivery, TakesLongMessagesFromSeveralConnections)
    {
        std::mt19937_64 random(5);
        std::string body = "A: 1\r\n\r\n";
        while (body.size() < 40'000'000) {
            std::uint64_t const word = random();
            std::string line = "x";
            for (int i = 0; i < 9; ++i)
                line += static_cast<char>('A' + ((word >> (6 * i)) & 31));
            for (int i = 0; i < 7; ++i)
                body += line;
            body += "\r\n";
        }
        Client first(services);
        Client second(services);
        first.greet();
        second.greet();
        first.deliver({ "alice" }, "");
        second.deliver({ "bob" }, "");
        for (std::size_t i = 0; i < body.size(); i += 1'000'000) {
            first.stream.push(std::string_view(body).substr(i, 1'000'000));
            second.stream.push(std::string_view(body).substr(i, 1'000'000));
            first.settle();
            second.settle();
        }
        EXPECT_EQ(first.say(".\r\n"), "250 2.0.0 <alice> Delivered\r\n");
        EXPECT_EQ(second.say(".\r\n"), "250 2.0.0 <bob> Delivered\r\n");
        EXPECT_TRUE(sent_of(stored("alice").at(0)) == body);
        EXPECT_TRUE(sent_of(stored("bob").at(0)) == body);
    }

    TEST_F(LmtpDelivery, TakesNulsAndOctetsBeyondAscii)
    {
        std::string all;
        for (int i = 0; i < 256; ++i)
            all += static_cast<char>(i);
        Client client(services);
        client.greet();
        client.deliver({ "alice" }, all + "\r\n.\r\n");
        EXPECT_EQ(sent_of(stored("alice").at(0)), all + "\r\n");
    }

    TEST_F(LmtpDelivery, SortsByDetailWhereTheSettingsSaySo)
    {
        auto const alice = services.account("alice");
        services.authenticator.passwords["carol+own"] = "x";
        *services.store().volume_of(alice).write(
            [&](storage::WriteTxn& txn) -> storage::Result<void> {
                auto const made = storage::create_mailbox(txn, alice.id, { .name = "lists/cpp" });
                if (!made)
                    return made.error();
                return {};
            });
        {
            Client client(services);
            client.greet().deliver({ "alice+lists/cpp@x" }, "one\r\n.\r\n");
        }
        EXPECT_EQ(stored("alice").size(), 1u);
        services.settings.deliver_to_detail = true;
        services.settings.recipient_delimiter = "+-";
        Client client(services);
        client.greet();
        client.deliver({ "alice+lists/cpp@x" }, "two\r\n.\r\n");
        client.deliver({ "alice-lists/cpp@x" }, "three\r\n.\r\n");
        client.deliver({ "alice+none@x" }, "four\r\n.\r\n");
        client.deliver({ "alice+@x" }, "five\r\n.\r\n");
        client.deliver({ "carol+own@x" }, "six\r\n.\r\n");
        EXPECT_EQ(stored("alice", "lists/cpp").size(), 2u);
        EXPECT_EQ(stored("alice").size(), 3u);
        EXPECT_EQ(stored("carol+own").size(), 1u); // an account of just that name comes first
        EXPECT_TRUE(client.say("MAIL FROM:<>\r\nRCPT TO:<\"alice+a b\"@x>\r\n")
                        .ends_with("550 5.1.1 No such user here: check the address\r\n"));
    }

    TEST_F(LmtpDelivery, AFullAccountDefersOrRejects)
    {
        services.authenticator.users["alice"].quota = { .octets = 1000, .messages = 2 };
        Client client(services);
        client.greet();
        client.deliver({ "alice" }, "one\r\n.\r\n");
        // What is announced can be told from at RCPT.
        client.play(R"(
        C: MAIL FROM:<> SIZE=900
        S: 250 *
        C: RCPT TO:<alice>
        S: 452 4.2.2 The mailbox is full: the recipient must delete some mail
        C: RCPT TO:<bob>
        S: 250 *
        C: RSET
        S: 250 *
    )");
        // The rest shows at the end, for each recipient by itself.
        std::string const large(900, 'x');
        EXPECT_EQ(client.deliver({ "alice", "bob" }, large + "\r\n.\r\n"),
            "452 4.2.2 <alice> The mailbox is full: the recipient must delete some mail\r\n"
            "250 2.0.0 <bob> Delivered\r\n");
        services.settings.over_quota = session::OverQuota::reject;
        EXPECT_EQ(client.deliver({ "alice" }, large + "\r\n.\r\n"),
            "552 5.2.2 <alice> The mailbox is full: ask the recipient to make room\r\n");
        EXPECT_TRUE(services.journal.lines.back().ends_with("ask the recipient to make room"));
        client.deliver({ "alice" }, "two\r\n.\r\n");
        client.play(R"(
        C: MAIL FROM:<>
        S: 250 *
        C: RCPT TO:<alice>
        S: 552 5.2.2 The mailbox is full: ask the recipient to make room
        C: RCPT TO:<alice> IGNOREQUOTA=yes
        S: 501 5.5.4 IGNOREQUOTA takes no value
        C: RCPT TO:<alice> ignorequota
        S: 250 *
    )");
        client.say("DATA\r\n");
        EXPECT_EQ(client.say(large + "\r\n.\r\n"), "250 2.0.0 <alice> Delivered\r\n");
        EXPECT_EQ(stored("alice").size(), 3u);
        EXPECT_EQ(stored("bob").size(), 1u);
    }

    TEST_F(LmtpDelivery, RefusesWhatGoesInCircles)
    {
        services.settings.lmtp.max_hops = 3;
        Client client(services);
        client.greet();
        std::string const hops = "Received: a\r\nX: 1\r\n received: no\r\nRECEIVED: b\r\n"
                                 "Received: c\r\n";
        EXPECT_EQ(client.deliver({ "alice", "bob" }, hops + "Received: d\r\n\r\nx\r\n.\r\n"),
            "554 5.4.6 <alice> Too many Received fields (3 at most): the message goes in "
            "circles\r\n"
            "554 5.4.6 <bob> Too many Received fields (3 at most): the message goes in "
            "circles\r\n");
        EXPECT_EQ(client.deliver({ "alice" }, hops + "\r\nReceived: in the body\r\n.\r\n"),
            "250 2.0.0 <alice> Delivered\r\n");
        EXPECT_EQ(stored("alice").size(), 1u);
        EXPECT_TRUE(stored("bob").empty());
    }

    TEST_F(LmtpDelivery, DropsDuplicatesWhereTheSettingsSaySo)
    {
        auto const letter = [](std::string const& id, std::string const& text) {
            return "Message-ID: " + id + "\r\n\r\n" + text + "\r\n.\r\n";
        };
        Client client(services);
        client.greet();
        for (int i = 0; i < 2; ++i)
            client.deliver({ "bob" }, letter("<1@x>", "kept"));
        EXPECT_EQ(stored("bob").size(), 2u) << "it is off";

        services.settings.lmtp.duplicate_window = std::chrono::hours(1);
        EXPECT_EQ(client.deliver({ "alice@x", "alice@x", "bob" }, letter("<1@x>", "one")),
            "250 2.0.0 <alice@x> Delivered\r\n250 2.0.0 <alice@x> Delivered before: dropped\r\n"
            "250 2.0.0 <bob> Delivered\r\n");
        EXPECT_TRUE(services.journal.lines[services.journal.lines.size() - 2].ends_with(
            "delivered before: dropped as a duplicate"));
        EXPECT_EQ(client.deliver({ "alice@X" }, letter("<1@x>", "another text")),
            "250 2.0.0 <alice@X> Delivered before: dropped\r\n");
        EXPECT_EQ(client.deliver({ "alice+x@x" }, letter("<1@x>", "another address")),
            "250 2.0.0 <alice+x@x> Delivered\r\n");
        EXPECT_EQ(client.deliver({ "alice@x" }, letter("<2@x>", "another id")),
            "250 2.0.0 <alice@x> Delivered\r\n");
        for (int i = 0; i < 2; ++i)
            EXPECT_EQ(client.deliver({ "alice@x" }, "Subject: without an id\r\n.\r\n"),
                "250 2.0.0 <alice@x> Delivered\r\n");
        EXPECT_EQ(stored("alice").size(), 5u);
        EXPECT_EQ(client.conversation.totals().delivered, 2u + 2u + 4u);

        // What was refused was not delivered: it may come again.
        services.authenticator.users["carol"].quota = { .octets = 100 };
        EXPECT_TRUE(client.deliver({ "carol" }, letter("<3@x>", "x")).starts_with("452 4.2.2"));
        services.authenticator.users["carol"].quota = {};
        EXPECT_EQ(
            client.deliver({ "carol" }, letter("<3@x>", "x")), "250 2.0.0 <carol> Delivered\r\n");
    }

    TEST_F(LmtpDelivery, AThousandRecipientsShareOneBody)
    {
        std::mt19937_64 random(7);
        std::string body = "Subject: to all\r\n\r\n";
        for (int line = 0; line < 2'000; ++line) {
            body += 'x'; // no dots
            for (int i = 0; i < 60; ++i)
                body += static_cast<char>('!' + random() % 90);
            body += "\r\n";
        }
        constexpr std::size_t count = 1'000;
        std::vector<std::string> recipients;
        for (std::size_t i = 0; i < count; ++i)
            recipients.push_back(i % 2 == 0 ? "alice" : "bob");
        Client client(services);
        client.greet();
        client.deliver({ "alice", "bob" }, "first\r\n.\r\n");
        auto const before = octets_on_disk();
        auto const said = client.deliver(recipients, body + ".\r\n");
        auto const grown = octets_on_disk() - before;
        EXPECT_EQ(std::ranges::count(said, '\n'), static_cast<long>(count));
        EXPECT_EQ(said.find("452"), said.npos);
        EXPECT_EQ(stored("alice").size(), count / 2 + 1);
        EXPECT_TRUE(sent_of(stored("bob").back()) == body);
        // The body once, and a record of some 2 KiB for each copy.
        EXPECT_LT(grown, body.size() + count * 3'000);
        auto const txn = services.store().volume_of(services.account("alice")).read();
        EXPECT_TRUE(storage::verify_volume(txn).empty());
    }

    TEST(LmtpTrace, FormatsDates)
    {
        EXPECT_EQ(format_date({ 0, 0 }), "Thu, 1 Jan 1970 00:00:00 +0000");
        EXPECT_EQ(format_date({ 1'700'000'000, 330 }), "Wed, 15 Nov 2023 03:43:20 +0530");
        EXPECT_EQ(format_date({ 1'700'000'000, -210 }), "Tue, 14 Nov 2023 18:43:20 -0330");
        EXPECT_NE(make_delivery_id(), make_delivery_id());
    }

    TEST(LmtpTrace, KnowsLocalDeliveries)
    {
        Trace trace;
        trace.recipient = "alice";
        trace.hostname = "mail.example.org";
        trace.id = "1";
        EXPECT_EQ(trace_fields(trace),
            "Return-Path: <>\r\nDelivered-To: alice\r\nReceived: by mail.example.org with local id "
            "1\r\n"
            "\tfor <alice>;\r\n\tThu, 1 Jan 1970 00:00:00 +0000\r\n");
    }

} // namespace
} // namespace mail::lmtp
