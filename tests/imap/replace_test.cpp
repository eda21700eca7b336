// REPLACE and UID REPLACE (RFC 8508).
#include "tests/support/sharing.h"
#include "tests/support/transcript.h"

namespace mail::test {
namespace {

    Transcript with_drafts()
    {
        return Transcript { mailbox("INBOX", { seen("one"), unseen("two"), deleted("three") }),
            mailbox("Sent") };
    }

    TEST(ImapReplace, ReplacesInOneStep)
    {
        auto imap = with_drafts();
        auto other = imap.another();
        other.login().select("INBOX").send("b IDLE\r\n").expect("+ idling").expect_nothing();
        imap.login().select("INBOX").play(R"(
            C: a1 REPLACE 2 INBOX (\Seen \Draft) {3}
            S: + OK
            C: new
            S: * OK [APPENDUID * 4] *
            S: * 2 EXPUNGE
            S: * 3 EXISTS
            S: * * RECENT
            S: a1 OK REPLACE completed
            C: a2 FETCH 1:* (UID FLAGS RFC822.SIZE)
            S: * 1 FETCH (UID 1 FLAGS (*) RFC822.SIZE *)
            S: * 2 FETCH (UID 3 FLAGS (*) RFC822.SIZE *)
            S: * 3 FETCH (UID 4 FLAGS (\Seen \Draft*) RFC822.SIZE 3)
            S: a2 OK *
            C: a3 UID REPLACE 4 Sent "17-Jul-1996 02:44:25 -0700" {3+}
            C: sent
            S: a3 BAD *
            C: a4 UID REPLACE 4 Sent "17-Jul-1996 02:44:25 -0700" {4+}
            C: sent
            S: * OK [APPENDUID * 1] *
            S: * 3 EXPUNGE
            S: a4 OK UID REPLACE completed
        )");
        other.expect("* 2 EXPUNGE").expect("* 3 EXISTS").expect("* * RECENT");
        other.expect("* 3 EXPUNGE").expect_nothing();
        EXPECT_EQ(stored_body(imap.services(), "alice", "Sent", 1), "sent");
        EXPECT_EQ(
            stored_record(imap.services(), "alice", "Sent", 1).internal_date.seconds, 837596665);
    }

    TEST(ImapReplace, RefusesBeforeTheMessageIsSent)
    {
        auto imap = with_drafts();
        imap.login().play(R"(
            C: a0 REPLACE 1 INBOX {3}
            S: a0 BAD *
            C: a1 UID REPLACE 1 INBOX {3}
            S: a1 BAD *
        )");
        imap.select("INBOX").play(R"(
            C: b1 REPLACE 4 INBOX {3}
            S: b1 BAD *
            C: b2 REPLACE 0 INBOX {3}
            S: b2 BAD *
            C: b3 REPLACE 1:2 INBOX {3}
            S: b3 BAD *
            C: b4 REPLACE 1 INBOX
            S: b4 BAD *
            C: b5 UID REPLACE 17 INBOX {3}
            S: b5 NO *
            C: b6 REPLACE 1 nowhere {3}
            S: b6 NO [TRYCREATE] *
            C: b7 REPLACE 1 INBOX {52428801}
            S: b7 NO [TOOBIG] *
            C: b8 REPLACE 1 INBOX {0}
            S: b8 NO [CANNOT] *
            C: b9 REPLACE 1 INBOX {3+}
            C: one {3+}
            C: two
            S: b9 BAD *
            C: c1 REPLACE 1,2 INBOX {3+}
            C: one
            S: c1 BAD *
            C: c2 STATUS INBOX (MESSAGES UIDNEXT)
            S: * STATUS INBOX (MESSAGES 3 UIDNEXT 4)
            S: c2 OK *
        )");
        imap.select("INBOX", "EXAMINE").play(R"(
            C: d1 REPLACE 1 INBOX {3}
            S: d1 NO [READ-ONLY] *
        )");
    }

    TEST(ImapReplace, TakesStarAndCatenate)
    {
        auto imap = with_drafts();
        imap.login().select("INBOX").play(R"(
            C: a1 REPLACE * INBOX CATENATE (TEXT {9+}
            C: To: Mitzy URL ";UID=1/;SECTION=TEXT")
            S: * OK [APPENDUID * 4] *
            S: * 3 EXPUNGE
            S: * 3 EXISTS
            S: * * RECENT
            S: a1 OK *
        )");
        EXPECT_EQ(stored_body(imap.services(), "alice", "INBOX", 4), "To: Mitzyone\r\n");
    }

    TEST(ImapReplace, CountsTheDifference)
    {
        auto const world = Transcript::make_world({ mailbox("INBOX", { { "1234567890" } }) });
        world->authenticator.users["alice"].quota = { .octets = 12, .messages = 1 };
        Transcript imap(world, {});
        imap.login().select("INBOX").play(R"(
            C: a1 APPEND INBOX {2}
            S: a1 NO [OVERQUOTA] *
            C: a2 REPLACE 1 INBOX {13}
            S: a2 NO [OVERQUOTA] *
            C: a3 REPLACE 1 INBOX {12+}
            C: 123456789012
            S: * OK [APPENDUID * 2] *
            S: * 1 EXPUNGE
            S: * 1 EXISTS
            S: * 1 RECENT
            S: a3 OK *
        )");
        world->authenticator.users["alice"].quota = { .octets = 3, .messages = 0 };
        Transcript later(world, {});
        later.login().select("INBOX").play(R"(
            C: b1 REPLACE 1 INBOX {13}
            S: b1 NO [OVERQUOTA] *
            C: b2 REPLACE 1 INBOX {11+}
            C: 12345678901
            S: * OK [APPENDUID * 3] *
            S: * 1 EXPUNGE
            S: * 1 EXISTS
            S: * 1 RECENT
            S: b2 OK *
        )");
    }

    TEST(ImapReplace, AMessageThatIsGoneMeanwhileIsNotReplaced)
    {
        auto imap = with_drafts();
        auto other = imap.another();
        imap.login().select("INBOX").send("a1 REPLACE 3 INBOX {3}\r\n").expect("+ OK");
        other.login().select("INBOX").play(R"(
            C: b1 EXPUNGE
            S: * 3 EXPUNGE
            S: b1 OK *
        )");
        imap.send("new\r\n").expect("* 3 EXPUNGE").expect("a1 NO [EXPUNGEISSUED] *");
        imap.play(R"(
            C: a2 STATUS INBOX (MESSAGES UIDNEXT)
            S: * STATUS INBOX (MESSAGES 2 UIDNEXT 4)
            S: a2 OK *
        )");
        other.play(R"(
            C: b2 STORE 2 +FLAGS.SILENT (\Deleted)
            S: b2 OK *
            C: b3 EXPUNGE
            S: * 2 EXPUNGE
            S: b3 OK *
        )");
        imap.play(R"(
            C: a3 UID REPLACE 2 INBOX {3}
            S: * 2 EXPUNGE
            S: a3 NO [EXPUNGEISSUED] *
        )");
    }

    TEST(ImapReplace, TellsVanishedAndModSeqs)
    {
        auto imap = with_drafts();
        imap.login().play(R"(
            C: a0 ENABLE QRESYNC
            S: * ENABLED QRESYNC
            S: a0 OK *
        )");
        imap.select("INBOX").play(R"(
            C: a1 UID REPLACE 2 INBOX {3+}
            C: new
            S: * OK [APPENDUID * 4] *
            S: * VANISHED 2
            S: * 3 EXISTS
            S: * * RECENT
            S: a1 OK [HIGHESTMODSEQ *] *
        )");
        auto by_uid = imap.another();
        by_uid.login().play(R"(
            C: b0 ENABLE UIDONLY
            S: * ENABLED UIDONLY
            S: b0 OK *
        )");
        by_uid.select("INBOX").play(R"(
            C: b1 REPLACE 1 INBOX {3}
            S: b1 BAD [UIDREQUIRED] *
            C: b2 REPLACE 1 INBOX {3+}
            C: new
            S: b2 BAD [UIDREQUIRED] *
            C: b3 UID REPLACE 1 INBOX {3+}
            C: new
            S: * OK [APPENDUID * 5] *
            S: * VANISHED 1
            S: * 3 EXISTS
            S: * * RECENT
            S: b3 OK *
        )");
    }

    TEST(ImapReplace, NeedsTheRightsOfStoreExpungeAndAppend)
    {
        auto const world
            = Transcript::make_world({ mailbox("Full", { unseen("one"), unseen("two") }),
                mailbox("NoExpunge", { unseen("one") }), mailbox("NoDelete", { unseen("one") }),
                mailbox("NoInsert") });
        share(*world, "alice", "Full", "bob", "lrite");
        share(*world, "alice", "NoExpunge", "bob", "lrit");
        share(*world, "alice", "NoDelete", "bob", "lrie");
        share(*world, "alice", "NoInsert", "bob", "lr");
        Transcript imap(world, {});
        imap.login("bob").select("Other Users/alice/NoExpunge").play(R"(
            C: a1 REPLACE 1 INBOX {3}
            S: a1 NO [NOPERM] *
        )");
        imap.select("Other Users/alice/NoDelete").play(R"(
            C: a1 REPLACE 1 INBOX {3}
            S: a1 NO [NOPERM] *
        )");
        imap.select("Other Users/alice/Full").play(R"(
            C: a1 REPLACE 1 "Other Users/alice/NoInsert" {3}
            S: a1 NO [NOPERM] *
            C: a2 REPLACE 1 INBOX (\Seen) {3+}
            C: new
            S: * OK [APPENDUID * 1] *
            S: * 1 EXPUNGE
            S: a2 OK *
            C: a3 REPLACE 1 "Other Users/alice/Full" {3+}
            C: new
            S: * OK [APPENDUID * 3] *
            S: * 1 EXPUNGE
            S: * 1 EXISTS
            S: * 0 RECENT
            S: a3 OK *
        )");
        EXPECT_EQ(stored_body(*world, "bob", "INBOX", 1), "new");
        EXPECT_EQ(stored_body(*world, "alice", "Full", 3), "new");
    }

    TEST(ImapReplace, IsNoCommandWhenItIsOff)
    {
        auto const world = Transcript::make_world({ mailbox("INBOX", { seen("one") }) });
        world->settings.imap.capabilities_off = { "REPLACE" };
        Transcript imap(world, {});
        imap.login().select("INBOX").play(R"(
            C: a1 REPLACE 1 INBOX {3}
            S: a1 BAD Unknown command*
            C: a2 UID REPLACE 1 INBOX {3+}
            C: new
            S: a2 BAD Unknown command*
        )");
    }

} // namespace
} // namespace mail::test
