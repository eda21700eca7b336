// APPEND: what is refused before it is sent, what streams in, and what others are told.
#include "tests/support/sharing.h"
#include "tests/support/transcript.h"

namespace mail::test {
namespace {

    storage::HotRecord record_of(Transcript& imap, std::string const& name, std::uint32_t uid)
    {
        return stored_record(imap.services(), "alice", name, uid);
    }

    /// Sends a message as a literal that need not be asked for.
    std::string literal(std::string const& octets)
    {
        return "{" + std::to_string(octets.size()) + "+}\r\n" + octets;
    }

    TEST(ImapAppend, RefusesBeforeTheMessageIsSent)
    {
        Transcript imap;
        imap.login().play(R"(
            C: a1 APPEND
            S: a1 BAD *
            C: a2 APPEND INBOX
            S: a2 BAD *
            C: a3 APPEND INBOX (\Seen)
            S: a3 BAD *
            C: a4 APPEND INBOX "no literal"
            S: a4 BAD *
            C: a5 APPEND INBOX (\Foo) {10}
            S: a5 BAD *
            C: a6 APPEND INBOX "1-Foo-2020 00:00:00 +0000" {10}
            S: a6 BAD *
            C: a7 APPEND nowhere {10}
            S: a7 NO [TRYCREATE] *
            C: a8 APPEND INBOX {52428801}
            S: a8 NO [TOOBIG] *
            C: a9 APPEND INBOX {0}
            S: a9 NO [CANNOT] *
            C: b1 APPEND R&D {10}
            S: b1 NO [CANNOT] *
            C: b2 NOOP
            S: b2 OK *
            C: b3 APPEND INBOX {10 }
            S: b3 BAD *
            C: b4 APPEND INBOX{10}
            S: b4 BAD *
            C: b5 APPEND INBOX NIL {10}
            S: b5 BAD *
            C: b6 APPEND INBOX UTF8 {10}
            S: b6 BAD *
            C: b7 APPEND INBOX (\Seen) (\Seen) {10}
            S: b7 BAD *
            C: b8 APPEND INBOX {10+
            S: b8 BAD *
            C: b9 APPEND INBOX {99999999999999999999}
            S: b9 BAD *
        )");
    }

    TEST(ImapAppend, SkipsWhatItRefusesButIsSentAnyway)
    {
        auto const world = Transcript::make_world({});
        world->settings.limits.message_octets = 100;
        Transcript imap(world, {});
        imap.login();
        imap.send("a1 APPEND nowhere {6+}\r\na NOOP\r\na2 NOOP\r\n");
        imap.expect("a1 NO [TRYCREATE] *").expect("a2 OK *");
        imap.send("a3 APPEND INBOX {101+}\r\n" + std::string(101, '\n') + "\r\na4 NOOP\r\n");
        imap.expect("a3 NO [TOOBIG] *").expect("a4 OK *");
        imap.send("a5 APPEND INBOX {20000000+}\r\n");
        imap.expect("a5 NO [TOOBIG] *");
        for (int i = 0; i < 20; ++i)
            imap.send(std::string(1'000'000, 'x')).expect_nothing();
        imap.send("\r\na6 NOOP\r\n").expect("a6 OK *");
        imap.send("a7 APPEND INBOX (\\Foo) {3+}\r\nabc {3+}\r\nabc\r\na8 NOOP\r\n");
        imap.expect("a7 BAD *").expect("a8 OK *").expect_nothing();
        // Before the login it is no command at all.
        auto other = imap.another();
        other.send("a1 APPEND INBOX {8+}\r\na2 NOOP\r\n\r\na3 NOOP\r\n");
        other.expect("a1 BAD Log in first").expect("a3 OK *").expect_nothing();
    }

    TEST(ImapAppend, KeepsOctetsFlagsAndDate)
    {
        Transcript imap { mailbox("a b") };
        imap.login().play(R"(
            C: a1 APPEND "a b" (\Seen $Label1 \Recent) "17-Jul-1996 02:44:25 -0700" {19}
            S: + OK
            C: Subject: x
            C: 
            C: hello
            S: a1 OK [APPENDUID * 1] APPEND completed
            C: a2 append "a b" {21+}
            C: Subject: y
            C: 
            C: goodbye
            S: a2 OK [APPENDUID * 2] *
            C: a3 APPEND {3}
            S: + OK
            C: a b (\Draft) {3+}
            C: abc
            S: a3 OK [APPENDUID * 3] *
        )");
        EXPECT_EQ(stored_body(imap.services(), "alice", "a b", 1), "Subject: x\r\n\r\nhello");
        EXPECT_EQ(stored_body(imap.services(), "alice", "a b", 3), "abc");
        auto const first = record_of(imap, "a b", 1);
        EXPECT_EQ(first.flags.system, storage::Flags::seen);
        EXPECT_EQ(first.internal_date.seconds, 837596665);
        EXPECT_EQ(first.internal_date.zone_minutes, -420);
        auto const third = record_of(imap, "a b", 3);
        EXPECT_EQ(third.flags.system, storage::Flags::draft);
        auto const now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
        EXPECT_NEAR(static_cast<double>(third.internal_date.seconds), static_cast<double>(now), 60);
    }

    TEST(ImapAppend, KeepsOctetsHoweverTheyCome)
    {
        Transcript imap;
        imap.login();
        std::string octets = "Subject: all octets\r\n\r\n";
        for (int i = 0; i < 3000; ++i)
            octets.push_back(static_cast<char>(i * 7));
        imap.stream().largest_read = 7;
        imap.send("a1 APPEND INBOX {" + std::to_string(octets.size()) + "+}\r\n" + octets + "\r\n");
        imap.expect("a1 OK [APPENDUID * 1] *");
        EXPECT_EQ(stored_body(imap.services(), "alice", "INBOX", 1), octets);
        imap.stream().largest_read = SIZE_MAX;
        std::string large = "Subject: large\r\n\r\n";
        while (large.size() < 5'000'000)
            large += "line " + std::to_string(large.size()) + "\r\n";
        imap.send("a2 APPEND INBOX {" + std::to_string(large.size()) + "}\r\n").expect("+ OK");
        imap.send(large + "\r\n").expect("a2 OK [APPENDUID * 2] *");
        EXPECT_EQ(stored_body(imap.services(), "alice", "INBOX", 2), large);
    }

    TEST(ImapAppend, TakesOneMessageWithoutMultiappend)
    {
        auto const world = Transcript::make_world({});
        world->settings.imap.capabilities_off = { "MULTIAPPEND" };
        Transcript imap(world, {});
        imap.login();
        imap.send("a1 APPEND INBOX {3+}\r\nabc (\\Seen) {3+}\r\nabc\r\na2 NOOP\r\n");
        imap.expect("a1 BAD *").expect("a2 OK *");
        imap.send("a3 APPEND INBOX {3}\r\n").expect("+ OK").send("abc {3}\r\n");
        imap.expect("a3 BAD *").expect_nothing();
        imap.send("a4 APPEND INBOX {3+}\r\nabcdef\r\n").expect("a4 BAD *");
        imap.play(R"(
            C: a5 STATUS INBOX (MESSAGES)
            S: * STATUS INBOX (MESSAGES 0)
            S: a5 OK *
        )");
    }

    TEST(ImapAppend, TakesTheNameOfTheMailboxAsALiteralWhereverItsLineEnds)
    {
        Transcript imap { mailbox("a b") };
        imap.login();
        imap.send("a1 APPEND {3}\r\n").expect("+ OK");
        imap.send("a b {3}\r\n").expect("+ OK").send("abc\r\n");
        imap.expect("a1 OK [APPENDUID * 1] *");
        imap.send("a2 APPEND {3+}\r\na b () {3+}\r\nabc\r\n").expect("a2 OK [APPENDUID * 2] *");
        // A mailbox name cannot be so long, and is not read to find that out.
        imap.send("a3 APPEND {300000}\r\n").expect("a3 BAD [TOOBIG] *");
        imap.send("a4 APPEND {300000+}\r\n" + std::string(300'000, 'x') + " {3+}\r\nabc\r\n");
        imap.expect("a4 BAD [TOOBIG] *");
        imap.send("a5 APPEND {3+}\r\nno\n {3+}\r\nabc\r\na6 NOOP\r\n");
        imap.expect("a5 NO [CANNOT] *").expect("a6 OK *").expect_nothing();
    }

    TEST(ImapMultiappend, KeepsAllOrNothing)
    {
        Transcript imap;
        imap.login().play(R"(
            C: a1 APPEND INBOX (\Seen) "17-Jul-1996 02:44:25 -0700" {3}
            S: + OK
            C: one (\Flagged two) {3+}
            C: two {5}
            S: + OK
            C: three
            S: a1 OK [APPENDUID * 1:3] APPEND completed
            C: a2 APPEND INBOX {3+}
            C: one {3}
            S: + OK
            C: two {0}
            S: a2 NO [CANNOT] *
            C: a3 APPEND INBOX {3+}
            C: one {0+}
            C: 
            S: a3 NO [CANNOT] *
            C: a4 APPEND INBOX {3+}
            C: one (\Nonsense) {3+}
            C: two
            S: a4 BAD *
            C: a5 APPEND INBOX {3+}
            C: one {52428801}
            S: a5 NO [TOOBIG] *
            C: a6 APPEND INBOX {3+}
            C: onetwo
            S: a6 BAD *
            C: a7 APPEND INBOX {3+}
            C: one two {3+}
            C: two
            S: a7 BAD *
            C: a8 STATUS INBOX (MESSAGES UIDNEXT)
            S: * STATUS INBOX (MESSAGES 3 UIDNEXT 4)
            S: a8 OK *
        )");
        EXPECT_EQ(stored_body(imap.services(), "alice", "INBOX", 1), "one");
        EXPECT_EQ(stored_body(imap.services(), "alice", "INBOX", 2), "two");
        EXPECT_EQ(stored_body(imap.services(), "alice", "INBOX", 3), "three");
        EXPECT_EQ(record_of(imap, "INBOX", 1).flags.system, storage::Flags::seen);
        EXPECT_EQ(record_of(imap, "INBOX", 1).internal_date.seconds, 837596665);
        EXPECT_EQ(record_of(imap, "INBOX", 2).flags.system, storage::Flags::flagged);
        EXPECT_TRUE(record_of(imap, "INBOX", 2).flags.has_keyword(0));
        EXPECT_EQ(record_of(imap, "INBOX", 3).flags.system, 0);
    }

    TEST(ImapMultiappend, IsToldAsOneStep)
    {
        Transcript imap { mailbox("INBOX", { seen("one") }) };
        auto other = imap.another();
        other.login().select("INBOX").send("a1 IDLE\r\n").expect("+ idling").expect_nothing();
        imap.login().select("INBOX").play(R"(
            C: a1 APPEND INBOX {3+}
            C: abc {3+}
            C: abc
            S: * 3 EXISTS
            S: * * RECENT
            S: a1 OK [APPENDUID * 2:3] *
        )");
        other.expect("* 3 EXISTS").expect("* * RECENT").expect_nothing();
    }

    TEST(ImapMultiappend, SaysTheSameHoweverTheInputIsCut)
    {
        for (std::size_t const largest : { 1, 2, 3, 7, 64 }) {
            Transcript imap;
            imap.login();
            imap.stream().largest_read = largest;
            imap.send("a1 APPEND {5+}\r\nINBOX (\\Seen) {3+}\r\none CATENATE (TEXT {3+}\r\ntwo URL "
                      "{12+}\r\n/INBOX/;UID= TEXT {1+}\r\n.) {1+}\r\nx\r\na2 NOOP\r\n");
            imap.expect("a1 NO [BADURL *] *").expect("a2 OK *");
            imap.send(
                "a3 APPEND {5+}\r\nINBOX (\\Seen) {3+}\r\none CATENATE (TEXT {3+}\r\ntwo TEXT "
                "{0+}\r\n TEXT {1+}\r\n.) UTF8 (~{5+}\r\nthree) {4+}\r\nfour\r\na4 NOOP\r\n");
            imap.expect("a3 OK [APPENDUID * 1:4] *").expect("a4 OK *").expect_nothing();
            EXPECT_EQ(stored_body(imap.services(), "alice", "INBOX", 1), "one");
            EXPECT_EQ(stored_body(imap.services(), "alice", "INBOX", 2), "two.");
            EXPECT_EQ(stored_body(imap.services(), "alice", "INBOX", 3), "three");
            EXPECT_EQ(stored_body(imap.services(), "alice", "INBOX", 4), "four");
        }
    }

    TEST(ImapMultiappend, TakesMoreThanALineHolds)
    {
        Transcript imap;
        imap.login();
        auto const flags = std::string(200, 'k');
        std::string command = "a1 APPEND INBOX";
        for (int i = 1; i <= 1000; ++i) // 200 KiB of options: each message has a line of its own
            command += " (" + flags + ") " + literal("message " + std::to_string(i));
        imap.send(command + "\r\n").expect("a1 OK [APPENDUID * 1:1000] *");
        EXPECT_EQ(stored_body(imap.services(), "alice", "INBOX", 777), "message 777");
        imap.send("a2 APPEND INBOX {3+}\r\nabc (" + std::string(70'000, 'x') + ") {3+}\r\nabc\r\n");
        imap.expect("a2 BAD [LIMIT] *");
        imap.send("a3 NOOP\r\n").expect("a3 OK *").expect_nothing();
    }

    TEST(ImapMultiappend, BoundsTheNumberOfMessages)
    {
        auto const world = Transcript::make_world({});
        Transcript imap(world, {});
        imap.login();
        std::string command = "a1 APPEND INBOX";
        for (int i = 0; i < 5001; ++i)
            command += " {1+}\r\nx";
        imap.send(command + "\r\na2 NOOP\r\n").expect("a1 NO [LIMIT] *").expect("a2 OK *");
        world->settings.imap.save_limit = 2; // RFC 9738
        Transcript saves(world, {});
        saves.login();
        saves.send("b1 APPEND INBOX {1+}\r\nx {1+}\r\nx {1+}\r\nx\r\n")
            .expect("b1 NO [MESSAGELIMIT 2] *");
        saves.send("b2 APPEND INBOX {1+}\r\nx {1+}\r\nx\r\n").expect("b2 OK [APPENDUID * 1:2] *");
        world->settings.imap.message_limit = 1;
        Transcript limited(world, {});
        limited.login();
        limited.send("b3 APPEND INBOX {1+}\r\nx {1}\r\n").expect("b3 NO [MESSAGELIMIT 1] *");
        limited.send("b4 APPEND INBOX {1+}\r\nx\r\n").expect("b4 OK [APPENDUID * 3] *");
    }

    TEST(ImapMultiappend, KeepsManyLargeMessages)
    {
        Transcript imap;
        imap.login();
        std::string noise;
        for (unsigned i = 0; noise.size() < 300'000; ++i)
            noise += static_cast<char>((i * 2654435761U) >> 24);
        std::string command = "a1 APPEND INBOX";
        for (int i = 0; i < 12; ++i)
            command += " " + literal("Subject: " + std::to_string(i) + "\r\n\r\n" + noise);
        imap.send(command + "\r\n").expect("a1 OK [APPENDUID * 1:12] *");
        for (unsigned i = 0; i < 12; ++i)
            EXPECT_TRUE(stored_body(imap.services(), "alice", "INBOX", i + 1)
                == "Subject: " + std::to_string(i) + "\r\n\r\n" + noise)
                << i;
        // What was written out for a command that is refused is gone again.
        imap.send(command + " {0+}\r\n\r\n").expect("a1 NO [CANNOT] *");
        imap.send("a2 NOOP\r\n").expect("a2 OK *").expect_nothing();
    }

    TEST(ImapAppend, LiteralMinusHoldsForEachLiteral)
    {
        auto const world = Transcript::make_world({});
        world->settings.imap.capabilities_off = { "LITERAL+" };
        Transcript imap(world, {});
        imap.login();
        imap.send(
            "a1 APPEND INBOX {3+}\r\nabc " + literal(std::string(4097, 'x')) + "\r\na2 NOOP\r\n");
        imap.expect("a1 BAD [TOOBIG] *").expect("a2 OK *");
        imap.send("a3 APPEND INBOX " + literal(std::string(4096, 'x')) + " {4097}\r\n");
        imap.expect("+ OK").send(std::string(4097, 'x') + "\r\n");
        imap.expect("a3 OK [APPENDUID * 1:2] *");
    }

    TEST(ImapAppend, IsRefusedBeforeItIsSentWhenTheAccountIsFull)
    {
        auto const world = Transcript::make_world({ mailbox("INBOX", { { "12345" } }) });
        world->authenticator.users["alice"].quota = { .octets = 20, .messages = 3 };
        Transcript imap(world, {});
        imap.login().play(R"(
            C: a1 APPEND INBOX {16}
            S: a1 NO [OVERQUOTA] *
            C: a2 APPEND INBOX {10+}
            C: 1234567890 {6}
            S: a2 NO [OVERQUOTA] *
            C: a3 APPEND INBOX {1+}
            C: 1 {1+}
            C: 1 {1}
            S: a3 NO [OVERQUOTA] *
            C: a4 APPEND INBOX {15+}
            C: 123456789012345
            S: * OK [ALERT] The account is full, *
            S: a4 OK *
            C: a5 APPEND INBOX {1}
            S: a5 NO [OVERQUOTA] *
        )");
    }

    TEST(ImapAppend, RespectsTheRightsOnSharedMailboxes)
    {
        auto const world = Transcript::make_world({ mailbox("Seen"), mailbox("Plain"),
            mailbox("Blind"), mailbox("Read", { seen("x") }) });
        share(*world, "alice", "Seen", "bob", "lris");
        share(*world, "alice", "Plain", "bob", "lriwt");
        share(*world, "alice", "Blind", "bob", "li");
        share(*world, "alice", "Read", "bob", "lr");
        Transcript imap(world, {});
        imap.login("bob").play(R"(
            C: a1 APPEND "Other Users/alice/Seen" (\Seen \Flagged \Deleted key) {3+}
            C: abc
            S: a1 OK [APPENDUID * 1] *
            C: a2 APPEND "Other Users/alice/Plain" (\Seen \Flagged \Deleted key) {3+}
            C: abc
            S: a2 OK [APPENDUID * 1] *
            C: a3 APPEND "Other Users/alice/Blind" {3+}
            C: abc
            S: a3 OK APPEND completed
            C: a4 APPEND "Other Users/alice/Read" {3}
            S: a4 NO [NOPERM] *
            C: a5 APPEND "Other Users/alice/INBOX" {3}
            S: a5 NO [TRYCREATE] *
            C: a6 APPEND "Other Users/nobody/INBOX" {3}
            S: a6 NO [TRYCREATE] *
        )");
        auto const plain = stored_record(*world, "alice", "Plain", 1);
        EXPECT_EQ(plain.flags.system, storage::Flags::flagged | storage::Flags::deleted);
        EXPECT_TRUE(plain.flags.has_keyword(0));
        EXPECT_EQ(stored_record(*world, "alice", "Seen", 1).flags, storage::Flags {})
            << "\\Seen is bob's alone, the others are not his to set";
        imap.select("Other Users/alice/Seen").play(R"(
            C: b1 FETCH 1 FLAGS
            S: * 1 FETCH (FLAGS (\Seen))
            S: b1 OK *
        )");
    }

    TEST(ImapAppend, AsksForTheRightsAgainWhenTheMessageIsThere)
    {
        auto const world = Transcript::make_world({ mailbox("Shared") });
        share(*world, "alice", "Shared", "bob", "lri");
        Transcript imap(world, {});
        imap.login("bob").send("a1 APPEND \"Other Users/alice/Shared\" {3}\r\n").expect("+ OK");
        share(*world, "alice", "Shared", "bob", "lr");
        imap.send("abc\r\n").expect("a1 NO [NOPERM] *");
    }

    TEST(ImapAppend, TellsNoUidsWithoutUidplus)
    {
        auto const world = Transcript::make_world({});
        world->settings.imap.capabilities_off = { "UIDPLUS" };
        Transcript imap(world, {});
        imap.login().play(R"(
            C: a1 APPEND INBOX {3+}
            C: abc
            S: a1 OK APPEND completed
            C: a2 ENABLE IMAP4rev2
            S: * ENABLED IMAP4rev2
            S: a2 OK *
            C: a3 APPEND INBOX {3+}
            C: abc
            S: a3 OK [APPENDUID * 2] *
        )");
    }

    TEST(ImapAppend, TakesMessagesWithUtf8HeadersInAnyForm)
    {
        std::string const octets = "Subject: Gr\xc3\xbc\xc3\x9f"
                                   "e\r\n\r\nx\r\n";
        Transcript imap;
        imap.login();
        imap.send("a1 APPEND INBOX " + literal(octets) + "\r\n").expect("a1 OK *");
        imap.send("a2 APPEND INBOX (\\Seen) UTF8 (~" + literal(octets) + ")\r\n").expect("a2 OK *");
        imap.send("a3 APPEND INBOX utf8 (~{" + std::to_string(octets.size()) + "}\r\n");
        imap.expect("+ OK").send(octets + ") UTF8 (~" + literal(octets) + ")\r\n");
        imap.expect("a3 OK [APPENDUID * 3:4] *");
        for (unsigned uid = 1; uid <= 4; ++uid)
            EXPECT_EQ(stored_body(imap.services(), "alice", "INBOX", uid), octets);
        imap.send("a4 APPEND INBOX UTF8 (~" + literal(octets) + "\r\na5 NOOP\r\n");
        imap.expect("a4 BAD *").expect("a5 OK *");
        imap.send("a6 APPEND INBOX UTF8 (~{0}\r\n").expect("a6 NO [CANNOT] *").expect_nothing();
    }

    TEST(ImapAppendLimit, IsToldAndHolds)
    {
        auto const world = Transcript::make_world({});
        world->settings.limits.message_octets = 257890;
        Transcript imap(world, {});
        imap.login().play(R"(
            C: a1 CAPABILITY
            S: * CAPABILITY * APPENDLIMIT=257890 *
            S: a1 OK *
            C: a2 STATUS INBOX (APPENDLIMIT MESSAGES)
            S: * STATUS INBOX (APPENDLIMIT 257890 MESSAGES 0)
            S: a2 OK *
            C: a3 APPEND INBOX {257891}
            S: a3 NO [TOOBIG] *
        )");
        imap.send("a4 APPEND INBOX " + literal(std::string(257890, 'x')) + "\r\n")
            .expect("a4 OK *");
        world->settings.imap.capabilities_off = { "APPENDLIMIT=1" };
        Transcript without(world, {});
        without.login().play(R"(
            C: a1 STATUS INBOX (APPENDLIMIT)
            S: a1 BAD *
        )");
    }

    TEST(ImapAppend, LeavesNothingWhenTheClientGoesAway)
    {
        Transcript imap;
        auto other = imap.another();
        other.login().send("a1 APPEND INBOX {3000000}\r\n").expect("+ OK");
        other.send(std::string(2'000'000, 'x')).expect_nothing();
        other.stream().hang_up();
        other.expect_closed();
        imap.login().play(R"(
            C: a5 STATUS INBOX (MESSAGES SIZE)
            S: * STATUS INBOX (MESSAGES 0 SIZE 0)
            S: a5 OK *
        )");
    }

    TEST(ImapAppend, IsToldToThoseWhoLook)
    {
        Transcript imap { mailbox("INBOX", { seen("one") }) };
        auto other = imap.another();
        other.login().select("INBOX").send("a1 IDLE\r\n").expect("+ idling").expect_nothing();
        imap.login().select("INBOX").play(R"(
            C: a1 APPEND INBOX (new-keyword) {3+}
            C: abc
            S: * 2 EXISTS
            S: * * RECENT
            S: * FLAGS (* new-keyword)
            S: * OK [PERMANENTFLAGS (* new-keyword \*)] *
            S: a1 OK [APPENDUID * 2] *
        )");
        other.expect("* 2 EXISTS").expect("* * RECENT").expect("* FLAGS *");
        other.expect("* OK [PERMANENTFLAGS *").expect_nothing();
    }

} // namespace
} // namespace mail::test
