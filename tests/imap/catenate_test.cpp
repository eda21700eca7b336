// CATENATE: messages from parts that are in the store already (RFC 4469).
#include "tests/imap/nested_message.h"
#include "tests/support/sharing.h"
#include "tests/support/transcript.h"

namespace mail::test {
namespace {

    Transcript with_nested()
    {
        return Transcript { mailbox("INBOX", { { nested_message().octets } }), mailbox("Drafts") };
    }

    TEST(ImapCatenate, PutsTextAndPartsTogether)
    {
        auto imap = with_nested();
        auto const nested = nested_message();
        imap.login().play(R"(
            C: a1 APPEND Drafts (\Draft) CATENATE (URL "/INBOX/;UID=1/;SECTION=HEADER" TEXT {6}
            S: + OK
            C: begin: URL "/INBOX;UIDVALIDITY=1/;UID=1" TEXT {4+}
            C: end.)
            S: a1 NO [BADURL "/INBOX;UIDVALIDITY=1/;UID=1"] *
            C: a2 append Drafts (\Draft) catenate (url "/inbox/;uid=1/;section=HEADER" text {6}
            S: + OK
            C: begin: URL /INBOX/;UID=1/;SECTION=4.2.1 TEXT {4+}
            C: end. URL {31}
            S: + OK
            C: /INBOX/;UID=1/;SECTION=3.HEADER)
            S: a2 OK [APPENDUID * 1] APPEND completed
        )");
        EXPECT_EQ(stored_body(imap.services(), "alice", "Drafts", 1),
            nested.sections.at("HEADER") + "begin:" + nested.sections.at("4.2.1") + "end."
                + nested.sections.at("3.HEADER"));
        EXPECT_EQ(stored_record(imap.services(), "alice", "Drafts", 1).flags.system,
            storage::Flags::draft);
        EXPECT_EQ(stored_record(imap.services(), "alice", "INBOX", 1).flags.system, 0)
            << "catenating reads nothing";
    }

    TEST(ImapCatenate, TakesEverySectionAndRange)
    {
        auto imap = with_nested();
        auto const nested = nested_message();
        imap.login();
        std::uint32_t uid = 0;
        auto const catenate = [&](std::string const& url) {
            imap.send("a APPEND Drafts CATENATE (URL \"" + url + "\" TEXT {1+}\r\n.)\r\n");
            imap.expect("a OK [APPENDUID *] *");
            return stored_body(imap.services(), "alice", "Drafts", ++uid);
        };
        for (auto const& [section, octets] : nested.sections)
            EXPECT_EQ(catenate("/INBOX/;UID=1" + (section.empty() ? "" : "/;SECTION=" + section)),
                octets + ".")
                << section;
        EXPECT_EQ(catenate("/INBOX/;UID=1/;SECTION=HEADER.FIELDS%20(subject%20To)"),
            "To: bob@example.org\r\nSubject: nested\r\n\r\n.");
        EXPECT_EQ(catenate("/INBOX/;UID=1/;PARTIAL=10.7"), nested.octets.substr(10, 7) + ".");
        EXPECT_EQ(catenate("/INBOX/;UID=1/;SECTION=4.2.1/;PARTIAL=5"),
            nested.sections.at("4.2.1").substr(5) + ".");
        EXPECT_EQ(catenate("/INBOX/;UID=1/;PARTIAL=1000000"), ".");
    }

    TEST(ImapCatenate, RelativeUrlsNameTheSelectedMailbox)
    {
        auto imap = with_nested();
        imap.login().play(R"(
            C: a1 APPEND Drafts CATENATE (URL ";UID=1/;SECTION=1")
            S: a1 NO [BADURL ";UID=1/;SECTION=1"] *
        )");
        imap.select("INBOX").play(R"(
            C: a2 APPEND Drafts CATENATE (URL ";UID=1/;SECTION=1")
            S: a2 OK [APPENDUID * 1] *
            C: a3 APPEND Drafts CATENATE (URL "/Drafts/;UID=1")
            S: a3 OK [APPENDUID * 2] *
        )");
        EXPECT_EQ(stored_body(imap.services(), "alice", "Drafts", 2), "Text of 1\r\n");
    }

    TEST(ImapCatenate, RefusesUrlsThatNameNothing)
    {
        auto imap = with_nested();
        imap.login().select("INBOX");
        for (auto const* url : { "/INBOX/;UID=2", "/nowhere/;UID=1", "/INBOX/;UID=1/;SECTION=7",
                 "/INBOX", "/INBOX/;UID=0", "imap://alice@mail.example.org/INBOX/;UID=1",
                 "imap://alice@mail.example.org/INBOX/;UID=1;URLAUTH=anonymous",
                 "/INBOX/;UID=1;URLAUTH=anonymous", "INBOX/;UID=1", ";SECTION=1", "http://x/",
                 "/INBOX/;UID=1/;SECTION=HEADER.FIELDS", "//mail.example.org/INBOX/;UID=1", "x" })
            imap.send("a APPEND Drafts CATENATE (TEXT {1+}\r\nx URL \"" + std::string(url)
                    + "\" TEXT {3+}\r\nxyz)\r\n")
                .expect("a NO [BADURL \"" + std::string(url) + "\"] *")
                .expect_nothing();
        // What may not stand in a response code is encoded in it.
        imap.send("b APPEND Drafts CATENATE (URL \"/a]b \\\"\\\\c\")\r\n");
        imap.expect("b NO [BADURL \"/a%5Db%20%22%5Cc\"] *");
        imap.send("c APPEND Drafts CATENATE (URL {7+}\r\n/\r\n\xc3\xbc"
                  "ab)\r\n");
        imap.expect("c NO [BADURL \"/%0D%0A%C3%BCab\"] *").expect_nothing();
        imap.send("d APPEND Drafts CATENATE (URL \"/INBOX/;UID=9\" TEXT {5}\r\n");
        imap.expect("d NO [BADURL *] *").expect_nothing();
    }

    TEST(ImapCatenate, RefusesWhatItCannotRead)
    {
        auto imap = with_nested();
        imap.login().play(R"(
            C: a1 APPEND Drafts CATENATE
            S: a1 BAD *
            C: a2 APPEND Drafts CATENATE ()
            S: a2 BAD *
            C: a3 APPEND Drafts CATENATE (TEXT "x")
            S: a3 BAD *
            C: a4 APPEND Drafts CATENATE (TEXT ~{1+}
            C: x)
            S: a4 BAD *
            C: a5 APPEND Drafts CATENATE (URL "/INBOX/;UID=1"
            S: a5 BAD *
            C: a6 APPEND Drafts CATENATE (URL "/INBOX/;UID=1") x
            S: a6 BAD *
            C: a7 APPEND Drafts CATENATE (TEXT {1+}
            C: xURL "/INBOX/;UID=1")
            S: a7 BAD *
            C: a8 APPEND nowhere CATENATE (TEXT {1}
            S: a8 NO [TRYCREATE] *
            C: a9 APPEND Drafts CATENATE (TEXT {0}
            S: + OK
            C: )
            S: a9 NO [CANNOT] *
            C: b1 STATUS Drafts (MESSAGES)
            S: * STATUS Drafts (MESSAGES 0)
            S: b1 OK *
        )");
    }

    TEST(ImapCatenate, IsNoGrammarWhenItIsOff)
    {
        auto const world = Transcript::make_world({ mailbox("INBOX", { { "abc" } }) });
        world->settings.imap.capabilities_off = { "CATENATE" };
        Transcript imap(world, {});
        imap.login().play(R"(
            C: a1 APPEND INBOX CATENATE (URL "/INBOX/;UID=1")
            S: a1 BAD *
        )");
        world->settings.imap.capabilities_off = { "URL-PARTIAL", "UTF8=ACCEPT" };
        Transcript other(world, {});
        other.login().play(R"(
            C: a1 APPEND INBOX CATENATE (URL "/INBOX/;UID=1/;PARTIAL=0.1")
            S: a1 NO [BADURL *] *
            C: a2 APPEND INBOX CATENATE (UTF8 (~{1}
            S: a2 BAD *
            C: a3 APPEND INBOX UTF8 (~{1}
            S: a3 BAD *
        )");
    }

    TEST(ImapCatenate, CountsAllPartsBeforeTheyAreSent)
    {
        auto const world = Transcript::make_world({ mailbox("INBOX", { { "12345678" } }) });
        world->settings.limits.message_octets = 20;
        Transcript imap(world, {});
        imap.login().play(R"(
            C: a1 APPEND INBOX CATENATE (URL "/INBOX/;UID=1" URL "/INBOX/;UID=1" TEXT {5}
            S: a1 NO [TOOBIG] *
            C: a2 APPEND INBOX CATENATE (TEXT {15+}
            C: 123456789012345 URL "/INBOX/;UID=1")
            S: a2 NO [TOOBIG] *
            C: a3 APPEND INBOX CATENATE (URL "/INBOX/;UID=1" URL "/INBOX/;UID=1" TEXT {4+}
            C: 1234)
            S: a3 OK *
        )");
        world->authenticator.users["alice"].quota.octets = 40;
        Transcript other(world, {});
        other.login().play(R"(
            C: a1 APPEND INBOX CATENATE (URL "/INBOX/;UID=1" TEXT {5}
            S: a1 NO [OVERQUOTA] *
            C: a2 APPEND INBOX CATENATE (URL "/INBOX/;UID=1" TEXT {4+}
            C: 1234)
            S: * OK [ALERT] The account is full, *
            S: a2 OK *
        )");
    }

    TEST(ImapCatenate, MixesWithMultiappendAndUtf8)
    {
        auto imap = with_nested();
        imap.login().play(R"(
            C: a1 APPEND Drafts {3+}
            C: one (\Seen) CATENATE (URL "/INBOX/;UID=1/;SECTION=1" TEXT {3+}
            C: two) CATENATE (UTF8 (~{5+}
            C: three) TEXT {1+}
            C: .) {4}
            S: + OK
            C: four
            S: a1 OK [APPENDUID * 1:4] *
        )");
        EXPECT_EQ(stored_body(imap.services(), "alice", "Drafts", 2), "Text of 1\r\ntwo");
        EXPECT_EQ(stored_body(imap.services(), "alice", "Drafts", 3), "three.");
        EXPECT_EQ(stored_body(imap.services(), "alice", "Drafts", 4), "four");
        imap.play(R"(
            C: a2 APPEND Drafts {3+}
            C: one CATENATE (URL "/INBOX/;UID=77")
            S: a2 NO [BADURL *] *
            C: a3 STATUS Drafts (MESSAGES)
            S: * STATUS Drafts (MESSAGES 4)
            S: a3 OK *
        )");
    }

    TEST(ImapCatenate, ReadsWhatMayBeReadOnly)
    {
        auto const world = Transcript::make_world({ mailbox("Open", { { "open" } }),
            mailbox("Dark", { { "dark" } }), mailbox("Hidden", { { "hidden" } }) });
        share(*world, "alice", "Open", "bob", "lr");
        share(*world, "alice", "Dark", "bob", "li");
        Transcript imap(world, {});
        imap.login("bob").play(R"(
            C: a1 APPEND INBOX CATENATE (URL "/Other%20Users/alice/Open/;UID=1")
            S: a1 OK [APPENDUID * 1] *
            C: a2 APPEND INBOX CATENATE (URL "/Other%20Users/alice/Dark/;UID=1")
            S: a2 NO [BADURL *] *
            C: a3 APPEND INBOX CATENATE (URL "/Other%20Users/alice/Hidden/;UID=1")
            S: a3 NO [BADURL *] *
        )");
        EXPECT_EQ(stored_body(*world, "bob", "INBOX", 1), "open");
    }

    TEST(ImapCatenate, CopiesALongMessage)
    {
        std::string whole = "Subject: long\r\n\r\n";
        for (int i = 0; whole.size() < 3'000'000; ++i)
            whole += "line " + std::to_string(i * 7919) + "\r\n";
        Transcript imap { mailbox("INBOX", { { whole } }) };
        imap.login();
        imap.send("a APPEND INBOX CATENATE (URL \"/INBOX/;UID=1\" URL \"/INBOX/;UID=1\")\r\n");
        imap.expect("a OK [APPENDUID * 2] *");
        EXPECT_TRUE(stored_body(imap.services(), "alice", "INBOX", 2) == whole + whole);
    }

    TEST(ImapCatenate, ExpungedMessagesAreNoParts)
    {
        auto imap = Transcript { mailbox("INBOX", { deleted("one"), seen("two") }) };
        imap.login().select("INBOX");
        auto other = imap.another();
        other.login().select("INBOX").play(R"(
            C: b1 EXPUNGE
            S: * 1 EXPUNGE
            S: b1 OK *
        )");
        imap.play(R"(
            C: a1 APPEND INBOX CATENATE (URL ";UID=1")
            S: * 1 EXPUNGE
            S: a1 NO [BADURL ";UID=1"] *
        )");
    }

} // namespace
} // namespace mail::test
