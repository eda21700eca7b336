// APPEND: what is refused before it is sent, what streams in, and what others are told.
#include "tests/support/transcript.h"

namespace mail::test {
namespace {

    /// The octets of a message, from the store.
    std::string body_of(Transcript& imap, std::string const& name, storage::Uid uid)
    {
        auto const account = imap.services().account("alice");
        auto& volume = imap.services().store().volume_of(account);
        auto const txn = volume.read();
        auto const mailbox = storage::find_mailbox(txn, account.id, name);
        auto const hot = storage::get_message(txn, account.id, mailbox->id, uid);
        std::string octets;
        while (octets.size() < hot->size) {
            auto const before = octets.size();
            auto const read = storage::read_body(txn, hot->body, octets.size(), hot->size, octets);
            if (!read || octets.size() == before)
                return "unreadable";
        }
        return octets;
    }

    storage::HotRecord record_of(Transcript& imap, std::string const& name, storage::Uid uid)
    {
        auto const account = imap.services().account("alice");
        auto const txn = imap.services().store().volume_of(account).read();
        auto const mailbox = storage::find_mailbox(txn, account.id, name);
        return *storage::get_message(txn, account.id, mailbox->id, uid);
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
        EXPECT_EQ(body_of(imap, "a b", storage::Uid { 1 }), "Subject: x\r\n\r\nhello");
        EXPECT_EQ(body_of(imap, "a b", storage::Uid { 3 }), "abc");
        auto const first = record_of(imap, "a b", storage::Uid { 1 });
        EXPECT_EQ(first.flags.system, storage::Flags::seen);
        EXPECT_EQ(first.internal_date.seconds, 837596665);
        EXPECT_EQ(first.internal_date.zone_minutes, -420);
        auto const third = record_of(imap, "a b", storage::Uid { 3 });
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
        EXPECT_EQ(body_of(imap, "INBOX", storage::Uid { 1 }), octets);
        imap.stream().largest_read = SIZE_MAX;
        std::string large = "Subject: large\r\n\r\n";
        while (large.size() < 5'000'000)
            large += "line " + std::to_string(large.size()) + "\r\n";
        imap.send("a2 APPEND INBOX {" + std::to_string(large.size()) + "}\r\n").expect("+ OK");
        imap.send(large + "\r\n").expect("a2 OK [APPENDUID * 2] *");
        EXPECT_EQ(body_of(imap, "INBOX", storage::Uid { 2 }), large);
    }

    TEST(ImapAppend, TakesOneMessage)
    {
        Transcript imap;
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
