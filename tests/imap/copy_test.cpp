// COPY, MOVE, EXPUNGE and their forms with UIDs.
#include "tests/support/transcript.h"

namespace mail::test {
namespace {

    TEST(ImapCopy, RefusesWhatItCannotDo)
    {
        Transcript imap { mailbox("INBOX", { unseen("one") }), mailbox("Archive") };
        imap.login().play(R"(
            C: a0 COPY 1 Archive
            S: a0 BAD *
        )");
        imap.select("INBOX").play(R"(
            C: a1 COPY
            S: a1 BAD *
            C: a2 COPY 1
            S: a2 BAD *
            C: a3 COPY 1 Archive more
            S: a3 BAD *
            C: a4 COPY 2 Archive
            S: a4 BAD *
            C: a5 COPY 1 nowhere
            S: a5 NO [TRYCREATE] *
            C: a6 UID COPY 1 nowhere
            S: a6 NO [TRYCREATE] *
            C: a7 UID COPY 9 Archive
            S: a7 OK UID COPY completed
            C: a8 STATUS Archive (MESSAGES UIDNEXT)
            S: * STATUS Archive (MESSAGES 0 UIDNEXT 1)
            S: a8 OK *
        )");
    }

    TEST(ImapCopy, CopiesFlagsAndDates)
    {
        Transcript imap {
            mailbox("INBOX",
                { seen("one"), unseen("two"),
                    { "Subject: three\r\n\r\n", storage::Flags::flagged, { "work" } } }),
            mailbox("Archive", { unseen("old") })
        };
        imap.login().select("INBOX").play(R"(
            C: a1 COPY 1,3 Archive
            S: a1 OK [COPYUID * 1,3 2:3] COPY completed
            C: a2 uid copy 2:* "Archive"
            S: a2 OK [COPYUID * 2:3 4:5] UID COPY completed
            C: a3 COPY 2 INBOX
            S: * 4 EXISTS
            S: * 4 RECENT
            S: a3 OK [COPYUID * 2 4] *
        )");
        imap.select("Archive", "EXAMINE").play(R"(
            C: b1 FETCH 2:5 (UID FLAGS INTERNALDATE RFC822.SIZE)
            S: * 2 FETCH (UID 2 FLAGS (\Seen \Recent) INTERNALDATE "09-Sep-2001 01:46:40 +0000" RFC822.SIZE *)
            S: * 3 FETCH (UID 3 FLAGS (\Flagged \Recent work) INTERNALDATE "09-Sep-2001 01:46:40 +0000" RFC822.SIZE 18)
            S: * 4 FETCH (UID 4 FLAGS (\Recent) INTERNALDATE "09-Sep-2001 01:46:40 +0000" RFC822.SIZE *)
            S: * 5 FETCH (UID 5 FLAGS (\Flagged \Recent work) INTERNALDATE "09-Sep-2001 01:46:40 +0000" RFC822.SIZE 18)
            S: b1 OK *
        )");
    }

    TEST(ImapCopy, OthersSeeTheCopies)
    {
        Transcript imap { mailbox("INBOX", { seen("one"), unseen("two") }), mailbox("Archive") };
        imap.login().select("INBOX");
        auto other = imap.another();
        other.login().select("Archive");
        imap.play(R"(
            C: a1 COPY 1:2 Archive
            S: a1 OK [COPYUID * 1:2 1:2] *
        )");
        other.play(R"(
            C: b1 NOOP
            S: * 2 EXISTS
            S: * 2 RECENT
            S: b1 OK *
            C: b2 FETCH 1:2 FLAGS
            S: * 1 FETCH (FLAGS (\Seen \Recent))
            S: * 2 FETCH (FLAGS (\Recent))
            S: b2 OK *
        )");
    }

    TEST(ImapCopy, OfWhatAnotherSessionExpunged)
    {
        Transcript imap { mailbox("INBOX", { unseen("one"), deleted("two"), unseen("three") }),
            mailbox("Archive") };
        imap.login().select("INBOX");
        auto other = imap.another();
        other.login().select("INBOX").play(R"(
            C: a1 EXPUNGE
            S: * 2 EXPUNGE
            S: a1 OK *
        )");
        imap.play(R"(
            C: a1 COPY 1:3 Archive
            S: * 2 EXPUNGE
            S: a1 NO [EXPUNGEISSUED] *
            C: a2 STATUS Archive (MESSAGES)
            S: * STATUS Archive (MESSAGES 0)
            S: a2 OK *
            C: a3 UID COPY 1:3 Archive
            S: a3 OK [COPYUID * 1,3 1:2] *
        )");
    }

    TEST(ImapMove, RefusesWhatItCannotDo)
    {
        Transcript imap { mailbox("INBOX", { unseen("one") }), mailbox("Archive") };
        imap.login().select("INBOX").play(R"(
            C: a1 MOVE 1
            S: a1 BAD *
            C: a2 MOVE 2 Archive
            S: a2 BAD *
            C: a3 MOVE 1 nowhere
            S: a3 NO [TRYCREATE] *
            C: a4 UID MOVE 9 Archive
            S: a4 OK *
        )");
        imap.select("INBOX", "EXAMINE").play(R"(
            C: b1 MOVE 1 Archive
            S: b1 NO [READ-ONLY] *
            C: b2 FETCH 1 UID
            S: * 1 FETCH (UID 1)
            S: b2 OK *
        )");
    }

    TEST(ImapMove, TellsTheUidsBeforeTheExpunges)
    {
        Transcript imap { mailbox("INBOX",
                              { seen("one"), deleted("two"), unseen("three"), unseen("four") }),
            mailbox("Archive") };
        imap.login().select("INBOX");
        auto other = imap.another();
        other.login().select("INBOX");
        imap.play(R"(
            C: a1 MOVE 1:2,4 Archive
            S: * OK [COPYUID * 1:2,4 1:3] *
            S: * 1 EXPUNGE
            S: * 1 EXPUNGE
            S: * 2 EXPUNGE
            S: a1 OK MOVE completed
            C: a2 UID MOVE 3 INBOX
            S: * OK [COPYUID * 3 5] *
            S: * 1 EXPUNGE
            S: * 1 EXISTS
            S: * 1 RECENT
            S: a2 OK *
            C: a3 FETCH 1 UID
            S: * 1 FETCH (UID 5)
            S: a3 OK *
        )");
        other.play(R"(
            C: b1 FETCH 4 UID
            S: * 4 FETCH (UID 4)
            S: * 5 EXISTS
            S: * 0 RECENT
            S: b1 OK *
            C: b2 NOOP
            S: * 1 EXPUNGE
            S: * 1 EXPUNGE
            S: * 1 EXPUNGE
            S: * 1 EXPUNGE
            S: b2 OK *
        )");
        imap.select("Archive").play(R"(
            C: c1 FETCH 1:3 (UID FLAGS)
            S: * 1 FETCH (UID 1 FLAGS (\Seen \Recent))
            S: * 2 FETCH (UID 2 FLAGS (\Deleted \Recent))
            S: * 3 FETCH (UID 3 FLAGS (\Recent))
            S: c1 OK *
        )");
    }

    TEST(ImapExpunge, RefusesWhatItCannotDo)
    {
        Transcript imap { mailbox("INBOX", { deleted("one") }) };
        imap.login().play(R"(
            C: a0 EXPUNGE
            S: a0 BAD *
        )");
        imap.select("INBOX", "EXAMINE").play(R"(
            C: a1 EXPUNGE
            S: a1 NO [READ-ONLY] *
            C: a2 UID EXPUNGE 1
            S: a2 NO [READ-ONLY] *
            C: a3 EXPUNGE 1
            S: a3 BAD *
            C: a4 UID EXPUNGE
            S: a4 BAD *
            C: a5 UID EXPUNGE x
            S: a5 BAD *
        )");
    }

    TEST(ImapExpunge, RemovesWhatIsDeleted)
    {
        Transcript imap { mailbox("INBOX",
            { deleted("one"), unseen("two"), deleted("three"), deleted("four"), seen("five") }) };
        imap.login().select("INBOX").play(R"(
            C: a1 UID EXPUNGE 2:3,9
            S: * 3 EXPUNGE
            S: a1 OK UID EXPUNGE completed
            C: a2 EXPUNGE
            S: * 1 EXPUNGE
            S: * 2 EXPUNGE
            S: a2 OK EXPUNGE completed
            C: a3 EXPUNGE
            S: a3 OK *
            C: a4 FETCH 1:* UID
            S: * 1 FETCH (UID 2)
            S: * 2 FETCH (UID 5)
            S: a4 OK *
        )");
    }

    TEST(ImapExpunge, OthersLearnWhenTheyMay)
    {
        Transcript imap { mailbox(
            "INBOX", { deleted("one"), unseen("two"), deleted("three"), unseen("four") }) };
        imap.login().select("INBOX");
        auto other = imap.another();
        other.login().select("INBOX");
        auto third = imap.another();
        third.login().select("INBOX");
        imap.play(R"(
            C: a1 EXPUNGE
            S: * 1 EXPUNGE
            S: * 2 EXPUNGE
            S: a1 OK *
        )");
        other.play(R"(
            C: b1 SEARCH ALL
            S: * SEARCH 2 4
            S: b1 OK *
            C: b2 STORE 4 +FLAGS (\Deleted)
            S: * 4 FETCH (FLAGS (\Deleted))
            S: b2 OK *
            C: b3 EXPUNGE
            S: * 1 EXPUNGE
            S: * 2 EXPUNGE
            S: * 2 EXPUNGE
            S: b3 OK *
        )");
        third.play(R"(
            C: c1 FETCH 2 UID
            S: * 2 FETCH (UID 2)
            S: c1 OK *
            C: c2 NOOP
            S: * 1 EXPUNGE
            S: * 2 EXPUNGE
            S: * 2 EXPUNGE
            S: c2 OK *
        )");
    }

} // namespace
} // namespace mail::test
