// What the client switches on: IMAP4rev2 (RFC 9051), UTF-8 (RFC 9755), UIDs only (RFC 9586), and
// UIDBATCHES (RFC 10022), which belongs to the last.
#include "tests/support/transcript.h"

namespace mail::imap {
namespace {

    using namespace mail::test;

    Transcript three()
    {
        return Transcript { mailbox("INBOX", { seen("one"), unseen("two"), deleted("three") }) };
    }

    TEST(ImapRev2, SelectTellsWhatRfc9051Says)
    {
        auto imap = three();
        imap.login().play(R"(
            C: a1 ENABLE IMAP4rev2
            S: * ENABLED IMAP4rev2
            S: a1 OK *
            C: a2 SELECT INBOX
            S: * FLAGS *
            S: * OK [PERMANENTFLAGS *
            S: * 3 EXISTS
            S: * LIST () "/" INBOX
            S: * OK [UIDVALIDITY *
            S: * OK [UIDNEXT 4] *
            S: * OK [HIGHESTMODSEQ *
            S: * OK [MAILBOXID (*)] *
            S: * OK [URLMECH INTERNAL] *
            S: a2 OK [READ-WRITE] *
            C: a3 FETCH 1 FLAGS
            S: * 1 FETCH (FLAGS (\Seen))
            S: a3 OK *
            C: a4 STATUS INBOX (RECENT)
            S: a4 BAD *
            C: a5 STATUS INBOX (MESSAGES DELETED SIZE)
            S: * STATUS INBOX (MESSAGES 3 DELETED 1 SIZE *)
            S: a5 OK *
        )");
    }

    TEST(ImapRev2, WhatIsToldUnaskedNamesTheUidAndNothingIsRecent)
    {
        auto imap = three();
        auto other = imap.another();
        imap.login().select("INBOX").play(R"(
            C: a1 ENABLE IMAP4rev2
            S: * ENABLED IMAP4rev2
            S: a1 OK *
        )");
        other.login().select("INBOX").play(R"(
            C: b1 STORE 2 +FLAGS.SILENT (\Flagged)
            S: b1 OK *
        )");
        imap.deliver("INBOX", unseen("four"));
        imap.play(R"(
            C: a2 NOOP
            S: * 4 EXISTS
            S: * 2 FETCH (UID 2 FLAGS (\Flagged))
            S: a2 OK *
        )");
    }

    TEST(ImapRev2, NamesAreUtf8)
    {
        auto imap = three();
        auto const folder = std::string("Entw\xc3\xbcrfe");
        imap.login();
        imap.send("a0 CREATE \"a&APw-b\"\r\n").expect("a0 OK *");
        imap.play(R"(
            C: a1 ENABLE IMAP4rev2
            S: * ENABLED IMAP4rev2
            S: a1 OK *
        )");
        imap.send("a2 CREATE \"" + folder + "\"\r\n").expect("a2 OK *");
        imap.send("a3 CREATE \"x&y\"\r\n").expect("a3 OK *");
        imap.send("a4 LIST \"\" *\r\n");
        imap.expect("* LIST (\\HasNoChildren) \"/\" INBOX");
        imap.expect("* LIST (\\HasNoChildren) \"/\" \"" + folder + "\"");
        imap.expect("* LIST (\\HasNoChildren) \"/\" \"a\xc3\xbc"
                    "b\"");
        imap.expect("* LIST (\\HasNoChildren) \"/\" x&y");
        imap.expect("a4 OK *");
        imap.send("a5 SELECT \"\xc3\x28\"\r\n").expect("a5 BAD *");

        auto old = imap.another();
        old.login().play(R"(
            C: b1 LIST "" *
            S: * LIST (\HasNoChildren) "/" INBOX
            S: * LIST (\HasNoChildren) "/" Entw&APw-rfe
            S: * LIST (\HasNoChildren) "/" a&APw-b
            S: * LIST (\HasNoChildren) "/" x&-y
            S: b1 OK *
        )");
    }

    TEST(ImapUtf8, AcceptMeansNamesInUtf8AlsoInRev1)
    {
        auto imap = three();
        auto const decomposed = std::string("u\xcc\x88"
                                            "ber");
        auto const composed = std::string("\xc3\xbc"
                                          "ber");
        imap.login().play(R"(
            C: a1 ENABLE UTF8=ACCEPT
            S: * ENABLED UTF8=ACCEPT
            S: a1 OK *
        )");
        imap.send("a2 CREATE \"" + decomposed + "\"\r\n").expect("a2 OK *");
        imap.send("a3 STATUS \"" + composed + "\" (MESSAGES)\r\n");
        imap.expect("* STATUS \"" + composed + "\" (MESSAGES 0)").expect("a3 OK *");
        imap.send("a4 SELECT \"" + composed + "\"\r\n").expect("* FLAGS *");
        imap.expect("* OK [PERMANENTFLAGS *").expect("* 0 EXISTS").expect("* 0 RECENT");
    }

    TEST(ImapUidOnly, NumbersAreGoneBothWays)
    {
        auto imap = three();
        auto other = imap.another();
        imap.login().play(R"(
            C: a1 ENABLE UIDONLY
            S: * ENABLED UIDONLY
            S: a1 OK *
            C: a2 SELECT INBOX
            S: * FLAGS *
            S: * OK [PERMANENTFLAGS *
            S: * 3 EXISTS
            S: * 3 RECENT
            S: * OK [UIDVALIDITY *
            S: * OK [UIDNEXT 4] *
            S: * OK [HIGHESTMODSEQ *
            S: * OK [MAILBOXID (*)] *
            S: * OK [URLMECH INTERNAL] *
            S: a2 OK [READ-WRITE] *
            C: b1 FETCH 1 FLAGS
            S: b1 BAD [UIDREQUIRED] *
            C: b2 STORE 1 FLAGS ()
            S: b2 BAD [UIDREQUIRED] *
            C: b3 COPY 1 INBOX
            S: b3 BAD [UIDREQUIRED] *
            C: b4 MOVE 1 INBOX
            S: b4 BAD [UIDREQUIRED] *
            C: b5 SEARCH ALL
            S: b5 BAD [UIDREQUIRED] *
            C: c1 UID FETCH 2:* (FLAGS)
            S: * 2 UIDFETCH (FLAGS (\Recent))
            S: * 3 UIDFETCH (FLAGS (\Deleted \Recent))
            S: c1 OK *
            C: c2 UID FETCH 1 (UID FLAGS)
            S: * 1 UIDFETCH (UID 1 FLAGS (\Seen \Recent))
            S: c2 OK *
            C: c3 UID STORE 1 +FLAGS (\Flagged)
            S: * 1 UIDFETCH (FLAGS (\Flagged \Seen \Recent))
            S: c3 OK *
            C: c4 EXPUNGE
            S: * VANISHED 3
            S: c4 OK *
            C: c5 UID COPY 1 INBOX
            S: * 3 EXISTS
            S: * 3 RECENT
            S: c5 OK [COPYUID * 1 4] *
        )");
        other.login().select("INBOX").play(R"(
            C: o1 STORE 2 +FLAGS.SILENT (\Deleted)
            S: o1 OK *
        )");
        imap.play(R"(
            C: d1 NOOP
            S: * 2 UIDFETCH (FLAGS (\Deleted \Recent))
            S: d1 OK *
        )");
        other.play(R"(
            C: o2 EXPUNGE
            S: * 2 EXPUNGE
            S: o2 OK *
        )");
        imap.play(R"(
            C: d2 NOOP
            S: * VANISHED 2
            S: d2 OK *
        )");
    }

    TEST(ImapUidOnly, RefusesNumbersInSelectToo)
    {
        auto imap = three();
        imap.login().play(R"(
            C: a1 ENABLE UIDONLY QRESYNC
            S: * ENABLED UIDONLY QRESYNC
            S: a1 OK *
            C: a2 SELECT INBOX (QRESYNC (1 1 1:3 (1 1)))
            S: a2 BAD [UIDREQUIRED] *
        )");
    }

    TEST(ImapUidBatches, CutsTheMailboxFromItsNewest)
    {
        std::vector<TestMessage> many(1203, TestMessage { "Subject: x\r\n\r\nx\r\n" });
        Transcript imap { mailbox("INBOX", std::move(many)) };
        imap.login().play(R"(
            C: a0 UIDBATCHES 500
            S: a0 BAD *
        )");
        imap.select("INBOX").play(R"(
            C: a1 UIDBATCHES 500
            S: * UIDBATCHES (TAG "a1") 1203:704,703:204,203:1
            S: a1 OK *
            C: a2 UIDBATCHES 600 2:3
            S: * UIDBATCHES (TAG "a2") 603:4,3:1
            S: a2 OK *
            C: a3 UIDBATCHES 2000
            S: * UIDBATCHES (TAG "a3") 1203:1
            S: a3 OK *
            C: a4 UIDBATCHES 500 40:45
            S: * UIDBATCHES (TAG "a4")
            S: a4 OK *
            C: a5 UIDBATCHES 499
            S: a5 NO [TOOFEW] *
            C: a6 UIDBATCHES 500 3:2
            S: a6 BAD [CLIENTBUG] *
            C: a7 UIDBATCHES 0
            S: a7 BAD *
            C: a8 UIDBATCHES 500 1:*
            S: a8 BAD *
            C: a9 UID UIDBATCHES 500
            S: a9 BAD *
            C: b1 UIDBATCHES 4294967295 4294967295:4294967295
            S: * UIDBATCHES (TAG "b1")
            S: b1 OK *
        )");
    }

} // namespace
} // namespace mail::imap
