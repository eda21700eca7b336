// STORE and UID STORE.
#include "tests/support/transcript.h"

namespace mail::test {
namespace {

    TEST(ImapStore, RefusesWhatItCannotRead)
    {
        Transcript imap { mailbox("INBOX", { unseen("one") }) };
        imap.login().play(R"(
            C: a0 STORE 1 FLAGS (\Seen)
            S: a0 BAD *
        )");
        imap.select("INBOX").play(R"(
            C: a1 STORE
            S: a1 BAD *
            C: a2 STORE 1
            S: a2 BAD *
            C: a3 STORE 1 FLAGS
            S: a3 BAD *
            C: a4 STORE 1 COLOUR (\Seen)
            S: a4 BAD *
            C: a5 STORE 1 +FLAGS.LOUD (\Seen)
            S: a5 BAD *
            C: a6 STORE 1 FLAGS (\Blue)
            S: a6 BAD *
            C: a7 STORE 1 FLAGS (\Seen
            S: a7 BAD *
            C: a8 STORE 2 FLAGS (\Seen)
            S: a8 BAD *
            C: a9 STORE 1 (UNCHANGEDSINCE) FLAGS (\Seen)
            S: a9 BAD *
            C: b1 STORE 1 (CHANGEDSINCE 1) FLAGS (\Seen)
            S: b1 BAD *
            C: b2 STORE 1 (UNCHANGEDSINCE -1) FLAGS (\Seen)
            S: b2 BAD *
            C: b3 FETCH 1 FLAGS
            S: * 1 FETCH (FLAGS (\Recent))
            S: b3 OK *
            C: b4 UID STORE 7:9 +FLAGS (\Seen)
            S: b4 OK *
        )");
        imap.select("INBOX", "EXAMINE").play(R"(
            C: c1 STORE 1 +FLAGS (\Seen)
            S: c1 NO [READ-ONLY] *
            C: c2 UID STORE 1 +FLAGS (\Seen)
            S: c2 NO [READ-ONLY] *
        )");
    }

    TEST(ImapStore, ReplacesAddsAndRemoves)
    {
        Transcript imap { mailbox("INBOX", { seen("one"), unseen("two"), unseen("three") }) };
        imap.login().select("INBOX").play(R"(
            C: a1 STORE 1:2 FLAGS (\Flagged \Draft)
            S: * 1 FETCH (FLAGS (\Flagged \Draft \Recent))
            S: * 2 FETCH (FLAGS (\Flagged \Draft \Recent))
            S: a1 OK STORE completed
            C: a2 store 2:3 +Flags (\Seen)
            S: * 2 FETCH (FLAGS (\Flagged \Seen \Draft \Recent))
            S: * 3 FETCH (FLAGS (\Seen \Recent))
            S: a2 OK *
            C: a3 UID STORE 1:* -FLAGS \Flagged \DRAFT
            S: * 1 FETCH (UID 1 FLAGS (\Recent))
            S: * 2 FETCH (UID 2 FLAGS (\Seen \Recent))
            S: * 3 FETCH (UID 3 FLAGS (\Seen \Recent))
            S: a3 OK UID STORE completed
            C: a4 STORE 2 FLAGS ()
            S: * 2 FETCH (FLAGS (\Recent))
            S: a4 OK *
            C: a5 STORE 2 FLAGS.SILENT (\Answered)
            S: a5 OK *
            C: a6 STORE 2 -FLAGS.SILENT (\Answered)
            S: a6 OK *
            C: a7 STORE 2 +FLAGS (\Recent)
            S: * 2 FETCH (FLAGS (\Recent))
            S: a7 OK *
            C: a8 STORE 2 -FLAGS (\Recent)
            S: * 2 FETCH (FLAGS (\Recent))
            S: a8 OK *
            C: a9 STORE 3 +FLAGS (\Seen)
            S: * 3 FETCH (FLAGS (\Seen \Recent))
            S: a9 OK *
            C: b1 NOOP
            S: b1 OK *
        )");
    }

    TEST(ImapStore, MakesKeywordsAndTellsThemFirst)
    {
        Transcript imap { mailbox("INBOX", { unseen("one"), unseen("two") }) };
        imap.login().select("INBOX").play(R"(
            C: a1 STORE 1 +FLAGS ($Forwarded \Seen)
            S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft $Forwarded)
            S: * OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft $Forwarded \*)] *
            S: * 1 FETCH (FLAGS (\Seen \Recent $Forwarded))
            S: a1 OK *
            C: a2 STORE 2 FLAGS $FORWARDED
            S: * 2 FETCH (FLAGS (\Recent $Forwarded))
            S: a2 OK *
            C: a3 STORE 1:2 -FLAGS ($forwarded nothing)
            S: * 1 FETCH (FLAGS (\Seen \Recent))
            S: * 2 FETCH (FLAGS (\Recent))
            S: a3 OK *
        )");
        std::string many;
        for (int i = 0; i < 127; ++i)
            many += " k" + std::to_string(i);
        imap.send("b1 STORE 2 FLAGS.SILENT (" + many.substr(1) + ")\r\n");
        imap.expect("* FLAGS (*)").expect("* OK [PERMANENTFLAGS (*k126)] *").expect("b1 OK *");
        imap.play(R"(
            C: b2 STORE 2 +FLAGS (onemore \Seen)
            S: b2 NO [LIMIT] *
            C: b3 STORE 2 FLAGS (k0 k126)
            S: * 2 FETCH (FLAGS (\Recent k0 k126))
            S: b3 OK *
        )");
    }

    TEST(ImapStore, ChangesOnlyWhatIsUnchangedSince)
    {
        Transcript imap { mailbox("INBOX", { unseen("one"), unseen("two"), unseen("three") }) };
        imap.login().select("INBOX").play(R"(
            C: a1 STORE 1:3 (UNCHANGEDSINCE 0) +FLAGS.SILENT (\Flagged)
            S: * OK [HIGHESTMODSEQ *] *
            S: * 1 FETCH (UID 1 MODSEQ (*) FLAGS (\Recent))
            S: * 2 FETCH (UID 2 MODSEQ (*) FLAGS (\Recent))
            S: * 3 FETCH (UID 3 MODSEQ (*) FLAGS (\Recent))
            S: a1 OK [MODIFIED 1:3] *
            C: a2 UID STORE 2 +FLAGS.SILENT (\Seen)
            S: * 2 FETCH (UID 2 MODSEQ (*))
            S: a2 OK *
        )");
        imap.send("b FETCH 3 MODSEQ\r\n");
        auto const line = imap.read_line();
        auto const third = line.substr(line.rfind('(') + 1, line.find(')') - line.rfind('(') - 1);
        imap.expect("b OK *");
        imap.play("C: c1 UID STORE 1:3 (UNCHANGEDSINCE " + third + R"() +FLAGS.SILENT (\Flagged)
            S: * 1 FETCH (UID 1 MODSEQ (*))
            S: * 3 FETCH (UID 3 MODSEQ (*))
            S: * 2 FETCH (UID 2 MODSEQ (*) FLAGS (\Seen \Recent))
            S: c1 OK [MODIFIED 2] *
            C: c2 STORE 2 (UNCHANGEDSINCE 99999999) FLAGS (\Seen \Draft)
            S: * 2 FETCH (UID 2 MODSEQ (*) FLAGS (\Seen \Draft \Recent))
            S: c2 OK STORE completed
            C: c3 NOOP
            S: c3 OK *
        )");
    }

    TEST(ImapStore, TakesTheModifierBehindTheFlagsAsOldImapFlowSendsIt)
    {
        Transcript imap { mailbox("INBOX", { unseen("one") }) };
        imap.login().select("INBOX").play(R"(
            C: a1 STORE 1 +FLAGS.SILENT (\Draft) (UNCHANGEDSINCE 1)
            S: * OK [HIGHESTMODSEQ *] *
            S: * 1 FETCH (UID 1 MODSEQ (*) FLAGS (\Recent))
            S: a1 OK [MODIFIED 1] *
            C: a2 UID STORE 1 +FLAGS.SILENT (\Draft) (UNCHANGEDSINCE 99999999)
            S: * 1 FETCH (UID 1 MODSEQ (*))
            S: a2 OK UID STORE completed
            C: a3 STORE 1 (UNCHANGEDSINCE 99999999) FLAGS () (UNCHANGEDSINCE 99999999)
            S: a3 BAD *
            C: a4 STORE 1 FLAGS () (CHANGEDSINCE 1)
            S: a4 BAD *
            C: a5 STORE 1 FLAGS () UNCHANGEDSINCE 1
            S: a5 BAD *
        )");
    }

    TEST(ImapStore, OthersAreToldAndItselfIsNot)
    {
        Transcript imap { mailbox("INBOX", { unseen("one"), unseen("two") }) };
        imap.login().select("INBOX");
        auto other = imap.another();
        other.login().select("INBOX");
        auto third = imap.another();
        third.login().select("INBOX").play(R"(
            C: e ENABLE CONDSTORE
            S: * OK [HIGHESTMODSEQ *] *
            S: * ENABLED CONDSTORE
            S: e OK *
        )");
        imap.play(R"(
            C: a1 STORE 1 +FLAGS.SILENT (\Flagged)
            S: a1 OK *
            C: a2 STORE 2 +FLAGS (work)
            S: * FLAGS (* work)
            S: * OK [PERMANENTFLAGS (*)] *
            S: * 2 FETCH (FLAGS (\Recent work))
            S: a2 OK *
        )");
        other.play(R"(
            C: b1 STORE 1 +FLAGS (\Seen)
            S: * 1 FETCH (FLAGS (\Flagged \Seen))
            S: * FLAGS (* work)
            S: * OK [PERMANENTFLAGS (*)] *
            S: * 1 FETCH (FLAGS (\Flagged \Seen))
            S: * 2 FETCH (FLAGS (work))
            S: b1 OK *
            C: b2 NOOP
            S: b2 OK *
        )");
        imap.play(R"(
            C: a3 NOOP
            S: * 1 FETCH (FLAGS (\Flagged \Seen \Recent))
            S: a3 OK *
        )");
        third.play(R"(
            C: c1 NOOP
            S: * FLAGS (* work)
            S: * OK [PERMANENTFLAGS (*)] *
            S: * 1 FETCH (UID 1 FLAGS (\Flagged \Seen) MODSEQ (*))
            S: * 2 FETCH (UID 2 FLAGS (work) MODSEQ (*))
            S: c1 OK *
        )");
    }

    TEST(ImapStore, MessagesThatAnotherSessionExpunged)
    {
        Transcript imap { mailbox("INBOX", { unseen("one"), deleted("two"), unseen("three") }) };
        imap.login().select("INBOX");
        auto other = imap.another();
        other.login().select("INBOX").play(R"(
            C: a1 EXPUNGE
            S: * 2 EXPUNGE
            S: a1 OK *
        )");
        imap.play(R"(
            C: a1 STORE 2 +FLAGS (\Seen)
            S: a1 NO [EXPUNGEISSUED] *
            C: a2 STORE 2 +FLAGS.SILENT (\Seen)
            S: a2 OK *
            C: a3 STORE 1:3 +FLAGS (\Seen)
            S: * 1 FETCH (FLAGS (\Seen \Recent))
            S: * 3 FETCH (FLAGS (\Seen \Recent))
            S: a3 NO [EXPUNGEISSUED] *
            C: a4 UID STORE 2:3 -FLAGS (\Seen)
            S: * 3 FETCH (UID 3 FLAGS (\Recent))
            S: * 2 EXPUNGE
            S: a4 OK *
            C: a5 STORE 2 +FLAGS (\Answered)
            S: * 2 FETCH (FLAGS (\Answered \Recent))
            S: a5 OK *
        )");
    }

} // namespace
} // namespace mail::test
