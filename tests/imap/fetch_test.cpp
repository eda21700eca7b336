// FETCH and UID FETCH.
#include "tests/imap/nested_message.h"
#include "tests/support/transcript.h"

#include <charconv>
#include <random>

namespace mail::test {
namespace {

    TestMessage small(std::string const& subject, std::uint8_t flags = 0)
    {
        return { "Subject: " + subject + "\r\n\r\nbody\r\n", flags };
    }

    /// Sends a FETCH of one item of message 1 that answers with a literal; nothing for NIL.
    std::optional<std::string> fetch_literal(Transcript& imap, std::string const& item,
        std::string const& label, std::string_view after = ")")
    {
        imap.send("f FETCH 1 " + item + "\r\n");
        auto line = imap.read_line();
        auto const begin = "* 1 FETCH (" + label + " ";
        EXPECT_TRUE(line.starts_with(begin)) << line;
        line.erase(0, std::min(begin.size(), line.size()));
        if (line == "NIL)") {
            imap.expect("f OK *");
            return std::nullopt;
        }
        EXPECT_TRUE(line.starts_with('{') && line.ends_with('}')) << line;
        std::size_t octets = 0;
        std::from_chars(line.data() + 1, line.data() + line.size(), octets);
        auto literal = imap.read_octets(octets);
        imap.expect(after);
        imap.expect("f OK *");
        return literal;
    }

    std::optional<std::string> peek(Transcript& imap, std::string const& section)
    {
        return fetch_literal(imap, "BODY.PEEK[" + section + "]", "BODY[" + section + "]");
    }

    TEST(ImapFetch, RefusesWhatItCannotRead)
    {
        Transcript imap { mailbox("INBOX", { small("one"), small("two") }), mailbox("empty") };
        imap.login().play(R"(
            C: a0 FETCH 1 FLAGS
            S: a0 BAD *
        )");
        imap.select("INBOX").play(R"(
            C: a1 FETCH
            S: a1 BAD *
            C: a2 FETCH 1
            S: a2 BAD *
            C: a3 FETCH x FLAGS
            S: a3 BAD *
            C: a4 FETCH 0 FLAGS
            S: a4 BAD *
            C: a5 FETCH 3 FLAGS
            S: a5 BAD *
            C: a6 FETCH 1 (FLAGS
            S: a6 BAD *
            C: a7 FETCH 1 FLAGS UID
            S: a7 BAD *
            C: a8 FETCH 1 FLAGS (CHANGEDSINCE)
            S: a8 BAD *
            C: a9 FETCH 1 FLAGS (CHANGEDSINCE -1)
            S: a9 BAD *
            C: b1 FETCH 1 FLAGS (VANISHED)
            S: b1 BAD *
            C: b2 FETCH 1 BODY[1
            S: b2 BAD *
            C: b3 UID FETCH 1 COLOUR
            S: b3 BAD *
            C: b4 UID FETCH 7:9 FLAGS
            S: b4 OK *
            C: b5 NOOP
            S: b5 OK *
        )");
        imap.select("empty").play(R"(
            C: c1 FETCH 1 FLAGS
            S: c1 BAD *
            C: c2 FETCH 1:* FLAGS
            S: c2 OK *
            C: c3 UID FETCH 1:* FLAGS
            S: c3 OK *
        )");
    }

    TEST(ImapFetch, AnswersTheItemsOfTheIndex)
    {
        Transcript imap { mailbox(
            "INBOX", { small("one", storage::Flags::seen), small("two"), small("three") }) };
        imap.login().select("INBOX").play(R"(
            C: a1 FETCH 1 FLAGS
            S: * 1 FETCH (FLAGS (\Seen \Recent))
            S: a1 OK FETCH completed
            C: a2 fetch 2:3 (internaldate Uid rfc822.size)
            S: * 2 FETCH (UID 2 INTERNALDATE "09-Sep-2001 01:46:40 +0000" RFC822.SIZE 22)
            S: * 3 FETCH (UID 3 INTERNALDATE "09-Sep-2001 01:46:40 +0000" RFC822.SIZE 24)
            S: a2 OK *
            C: a3 UID FETCH *,2 FLAGS
            S: * 2 FETCH (UID 2 FLAGS (\Recent))
            S: * 3 FETCH (UID 3 FLAGS (\Recent))
            S: a3 OK UID FETCH completed
            C: a4 UID fetch 21:* (FLAGS)
            S: * 3 FETCH (UID 3 FLAGS (\Recent))
            S: a4 OK *
            C: a5 FETCH 1 FAST
            S: * 1 FETCH (FLAGS (\Seen \Recent) INTERNALDATE "09-Sep-2001 01:46:40 +0000" RFC822.SIZE 22)
            S: a5 OK *
            C: a6 FETCH 1 ALL
            S: * 1 FETCH (FLAGS (\Seen \Recent) INTERNALDATE "09-Sep-2001 01:46:40 +0000" RFC822.SIZE 22 ENVELOPE (NIL "one" NIL NIL NIL NIL NIL NIL NIL NIL))
            S: a6 OK *
            C: a7 FETCH 1 FULL
            S: * 1 FETCH (FLAGS (*) INTERNALDATE "*" RFC822.SIZE 22 ENVELOPE (*) BODY ("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 6 1))
            S: a7 OK *
            C: a8 UID FETCH 1 (BODYSTRUCTURE UID FLAGS UID)
            S: * 1 FETCH (UID 1 BODYSTRUCTURE ("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 6 1 NIL NIL NIL NIL) FLAGS (\Seen \Recent))
            S: a8 OK *
        )");
    }

    TEST(ImapFetch, EverySectionOfANestedMessageOctetForOctet)
    {
        auto const message = nested_message();
        Transcript imap { mailbox("INBOX", { { message.octets } }) };
        imap.login().select("INBOX");
        for (auto const& [section, octets] : message.sections)
            EXPECT_EQ(octets, peek(imap, section)) << section;
        for (auto const* section : { "7", "1.1", "1.TEXT", "3.3", "4.HEADER", "4.2.2.3", "7.MIME" })
            EXPECT_EQ(std::nullopt, peek(imap, section)) << section;
        EXPECT_EQ("Subject: third\r\n\r\n", peek(imap, "3.HEADER.FIELDS (Subject)"));
        EXPECT_EQ("Message-ID: <inner@example.org>\r\nContent-Type: multipart/mixed;\r\n "
                  "boundary=\"inner\"\r\n\r\n",
            peek(imap, "4.2.HEADER.FIELDS.NOT (FROM subject)"));
        EXPECT_EQ("\r\n", peek(imap, "HEADER.FIELDS (X-None)"));
        imap.play(R"(
            C: a1 FETCH 1 FLAGS
            S: * 1 FETCH (FLAGS (\Recent))
            S: a1 OK *
        )");
    }

    TEST(ImapFetch, SendsPartsOfSections)
    {
        auto const message = nested_message();
        auto const& whole = message.octets;
        Transcript imap { mailbox("INBOX", { { whole } }) };
        imap.login().select("INBOX");
        EXPECT_EQ(whole, fetch_literal(imap, "BODY.PEEK[]<0.100000>", "BODY[]<0>"));
        EXPECT_EQ(whole.substr(0, 1), fetch_literal(imap, "BODY.PEEK[]<0.1>", "BODY[]<0>"));
        EXPECT_EQ(whole.substr(100, 50), fetch_literal(imap, "BODY.PEEK[]<100.50>", "BODY[]<100>"));
        EXPECT_EQ("", fetch_literal(imap, "BODY.PEEK[]<100000.50>", "BODY[]<100000>"));
        EXPECT_EQ("Text of 4", fetch_literal(imap, "BODY.PEEK[4.2.1]<0.9>", "BODY[4.2.1]<0>"));
        EXPECT_EQ("bject: nes",
            fetch_literal(imap, "BODY.PEEK[HEADER.FIELDS (SUBJECT)]<2.10>",
                "BODY[HEADER.FIELDS (SUBJECT)]<2>"));
        EXPECT_EQ(std::nullopt, fetch_literal(imap, "BODY.PEEK[9]<0.1>", "BODY[9]<0>"));
        EXPECT_EQ(
            message.sections.at("HEADER"), fetch_literal(imap, "RFC822.HEADER", "RFC822.HEADER"));
    }

    TEST(ImapFetch, MarksAsSeenAndSaysSo)
    {
        Transcript imap { mailbox("INBOX", { small("a"), small("b"), small("c"), small("d") }) };
        imap.login().select("INBOX").play(R"(
            C: a1 FETCH 1 BODY[TEXT]
            S: * 1 FETCH (BODY[TEXT] {6}
            S: body
            S:  FLAGS (\Seen \Recent))
            S: a1 OK *
            C: a2 FETCH 1 BODY[TEXT]
            S: * 1 FETCH (BODY[TEXT] {6}
            S: body
            S: )
            S: a2 OK *
            C: a3 FETCH 2 (RFC822.HEADER BODY.PEEK[1])
            S: * 2 FETCH (RFC822.HEADER {14}
            S: Subject: b
            S: 
            S:  BODY[1] {6}
            S: body
            S: )
            S: a3 OK *
            C: a4 FETCH 2 (FLAGS RFC822.TEXT)
            S: * 2 FETCH (FLAGS (\Seen \Recent) RFC822.TEXT {6}
            S: body
            S: )
            S: a4 OK *
            C: a5 UID FETCH 3:4 (RFC822.SIZE RFC822)
            S: * 3 FETCH (UID 3 RFC822.SIZE 20 RFC822 {20}
            S: Subject: c
            S: 
            S: body
            S:  FLAGS (\Seen \Recent))
            S: * 4 FETCH (UID 4 RFC822.SIZE 20 RFC822 {20}
            S: Subject: d
            S: 
            S: body
            S:  FLAGS (\Seen \Recent))
            S: a5 OK *
        )");
    }

    TEST(ImapFetch, MarksNothingInAnExaminedMailbox)
    {
        Transcript imap { mailbox("INBOX", { small("a") }) };
        imap.login().select("INBOX", "EXAMINE").play(R"(
            C: a1 FETCH 1 (FLAGS BODY[TEXT])
            S: * 1 FETCH (FLAGS (\Recent) BODY[TEXT] {6}
            S: body
            S: )
            S: a1 OK *
            C: a2 FETCH 1 FLAGS
            S: * 1 FETCH (FLAGS (\Recent))
            S: a2 OK *
        )");
    }

    TEST(ImapFetch, ShowsModSeqsAndWhatChangedSince)
    {
        Transcript imap { mailbox("INBOX", { small("a"), small("b") }) };
        imap.login().select("INBOX").play(R"(
            C: a1 FETCH 1:2 MODSEQ
            S: * OK [HIGHESTMODSEQ *] *
            S: * 1 FETCH (MODSEQ (*))
            S: * 2 FETCH (MODSEQ (*))
            S: a1 OK *
            C: a2 UID FETCH 1:* (FLAGS) (CHANGEDSINCE 0)
            S: * 1 FETCH (UID 1 FLAGS (\Recent) MODSEQ (*))
            S: * 2 FETCH (UID 2 FLAGS (\Recent) MODSEQ (*))
            S: a2 OK *
            C: a3 FETCH 1:* (UID) (CHANGEDSINCE 999999)
            S: a3 OK *
            C: a4 FETCH 1 BODY[TEXT]
            S: * 1 FETCH (BODY[TEXT] {6}
            S: body
            S:  FLAGS (\Seen \Recent) UID 1 MODSEQ (*))
            S: a4 OK *
        )");
        imap.send("b FETCH 2 MODSEQ\r\n");
        auto const line = imap.read_line();
        auto const second = line.substr(line.rfind('(') + 1, line.find(')') - line.rfind('(') - 1);
        imap.expect("b OK *");
        imap.play("C: c FETCH 1:2 UID (CHANGEDSINCE " + second
            + ")\nS: * 1 FETCH (UID 1 MODSEQ (*))\nS: c OK *\n");
    }

    TEST(ImapFetch, StreamsALongBody)
    {
        std::mt19937 random(7);
        std::string long_body;
        while (long_body.size() < 3'000'000) {
            for (int i = 0; i < 70; ++i)
                long_body += static_cast<char>('!' + random() % 90);
            long_body += "\r\n";
        }
        auto const whole = "Subject: long\r\n\r\n" + long_body;
        Transcript imap { mailbox("INBOX", { { whole, storage::Flags::seen }, small("b") }) };
        imap.login().select("INBOX");
        EXPECT_TRUE(whole == fetch_literal(imap, "(BODY[] UID)", "UID 1 BODY[]"));
        EXPECT_TRUE(whole
            == fetch_literal(imap, "(BODY[] RFC822.SIZE)", "BODY[]",
                " RFC822.SIZE " + std::to_string(whole.size()) + ")"));
        EXPECT_TRUE(long_body == fetch_literal(imap, "BODY[TEXT]", "BODY[TEXT]"));
        EXPECT_TRUE(whole.substr(1'000'001, 800'000)
            == fetch_literal(imap, "BODY[]<1000001.800000>", "BODY[]<1000001>"));
        EXPECT_EQ("Subject: long\r\n\r\n", peek(imap, "HEADER"));
        imap.play("C: a FETCH 1:2 (BODY.PEEK[1]<2999980.1> BODY.PEEK[HEADER.FIELDS (SUBJECT)])\n"
                  "S: * 1 FETCH (BODY[1]<2999980> {1}\n"
                  "S: "
            + long_body.substr(2999980, 1)
            + " BODY[HEADER.FIELDS (SUBJECT)] {17}\n"
              "S: Subject: long\nS: \nS: )\n"
              "S: * 2 FETCH (BODY[1]<2999980> {0}\n"
              "S:  BODY[HEADER.FIELDS (SUBJECT)] {14}\nS: Subject: b\nS: \nS: )\nS: a OK *\n");
    }

    TEST(ImapFetch, ManyMessagesComeInOrderAcrossSlices)
    {
        Transcript imap { mailbox("INBOX") };
        imap.login();
        for (int i = 0; i < 150; ++i)
            imap.deliver(
                "INBOX", { "Subject: " + std::string(200, 'x') + std::to_string(i) + "\r\n\r\n" });
        imap.select("INBOX");
        imap.send("a UID FETCH 1:150 (FLAGS BODYSTRUCTURE BODY ENVELOPE)\r\n");
        for (int i = 1; i <= 150; ++i) {
            auto const number = std::to_string(i);
            imap.expect("* " + number + " FETCH (UID " + number
                + " FLAGS (\\Recent) BODYSTRUCTURE (*) BODY (*) ENVELOPE (NIL \"*"
                + std::to_string(i - 1) + "\" NIL *))");
        }
        imap.expect("a OK *");
        imap.play(R"(
            C: b UID FETCH 149,1,90:91,20 UID
            S: * 1 FETCH (UID 1)
            S: * 20 FETCH (UID 20)
            S: * 90 FETCH (UID 90)
            S: * 91 FETCH (UID 91)
            S: * 149 FETCH (UID 149)
            S: b OK *
        )");
    }

    TEST(ImapFetch, OthersLearnOfSeen)
    {
        Transcript imap { mailbox("INBOX", { small("a"), small("b") }) };
        imap.login().select("INBOX");
        auto other = imap.another();
        other.login().select("INBOX");
        imap.play(R"(
            C: a1 UID FETCH 2 BODY[TEXT]
            S: * 2 FETCH (UID 2 BODY[TEXT] {6}
            S: body
            S:  FLAGS (\Seen \Recent))
            S: a1 OK *
            C: a2 NOOP
            S: a2 OK *
        )");
        other.play(R"(
            C: a1 FETCH 1 UID
            S: * 1 FETCH (UID 1)
            S: * 2 FETCH (FLAGS (\Seen))
            S: a1 OK *
        )");
    }

    TEST(ImapFetch, WhatAnotherSessionExpungedIsStillThere)
    {
        Transcript imap { mailbox(
            "INBOX", { small("a"), small("b", storage::Flags::deleted), small("c") }) };
        imap.login().select("INBOX");
        auto other = imap.another();
        other.login().select("INBOX").play(R"(
            C: a1 EXPUNGE
            S: * 2 EXPUNGE
            S: a1 OK *
            C: a2 FETCH 1:2 UID
            S: * 1 FETCH (UID 1)
            S: * 2 FETCH (UID 3)
            S: a2 OK *
        )");
        imap.play(R"(
            C: a1 FETCH 1:3 (UID FLAGS BODY.PEEK[HEADER])
            S: * 1 FETCH (UID 1 FLAGS (\Recent) BODY[HEADER] {14}
            S: Subject: a
            S: 
            S: )
            S: * 2 FETCH (UID 2 FLAGS (\Deleted \Recent) BODY[HEADER] {14}
            S: Subject: b
            S: 
            S: )
            S: * 3 FETCH (UID 3 FLAGS (\Recent) BODY[HEADER] {14}
            S: Subject: c
            S: 
            S: )
            S: a1 OK *
            C: a2 FETCH 2:3 (UID)
            S: * 2 FETCH (UID 2)
            S: * 3 FETCH (UID 3)
            S: a2 OK *
            C: a3 UID FETCH 1:* (FLAGS)
            S: * 1 FETCH (UID 1 FLAGS (\Recent))
            S: * 2 FETCH (UID 2 FLAGS (\Deleted \Recent))
            S: * 3 FETCH (UID 3 FLAGS (\Recent))
            S: * 2 EXPUNGE
            S: a3 OK *
            C: a4 FETCH 2 (UID)
            S: * 2 FETCH (UID 3)
            S: a4 OK *
            C: a5 FETCH 3 (UID)
            S: a5 BAD *
        )");
    }

} // namespace
} // namespace mail::test
