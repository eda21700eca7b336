// SORT and UID SORT.
#include "tests/support/transcript.h"

namespace mail::test {
namespace {

    TestMessage mail_of(std::string const& header, std::size_t body = 1)
    {
        return { header + "\r\n" + std::string(body, 'x') + "\r\n" };
    }

    Transcript some()
    {
        return Transcript { mailbox("INBOX",
            { mail_of(
                  "From: \"Zoe\" <b@example.org>\r\nTo: <x@a>\r\nSubject: Re: banana\r\nDate: 3 "
                  "Feb 2020 10:00:00 +0000\r\n",
                  30),
                mail_of("From: Adam <c@example.org>\r\nCc: <k@a>\r\nSubject: cherry\r\nDate: 3 Feb "
                        "2020 10:30:00 +0200\r\n",
                    10),
                mail_of("From: <a@example.org>\r\nTo: Bea <q@a>\r\nSubject: [x] apple\r\n", 20),
                mail_of("Subject: Banana\r\nDate: 1 Feb 2020 10:00:00 -0800\r\n", 40),
                mail_of("From: \xc3\x96scar <o@example.org>\r\nSubject: "
                        "=?iso-8859-1?Q?=C4pfel?=\r\nDate: 3 Feb 2020 10:00:00 +0000\r\n",
                    5) }) };
    }

    TEST(ImapSort, RefusesWhatItCannotRead)
    {
        auto imap = some();
        imap.login().play(R"(
            C: a0 SORT (DATE) UTF-8 ALL
            S: a0 BAD *
        )");
        imap.select("INBOX").play(R"(
            C: a1 SORT
            S: a1 BAD *
            C: a2 SORT () UTF-8 ALL
            S: a2 BAD *
            C: a3 SORT (COLOUR) UTF-8 ALL
            S: a3 BAD *
            C: a4 SORT (REVERSE) UTF-8 ALL
            S: a4 BAD *
            C: a5 SORT (DATE) UTF-8
            S: a5 BAD *
            C: a6 SORT (DATE) ALL
            S: a6 NO [BADCHARSET *
            C: a7 SORT DATE UTF-8 ALL
            S: a7 BAD *
            C: a8 SORT (DATE REVERSE REVERSE) UTF-8 ALL
            S: a8 BAD *
            C: a9 SORT (RELEVANCY) UTF-8 ALL
            S: a9 BAD *
            C: b1 SORT (DATE) X-NONE ALL
            S: b1 NO [BADCHARSET (US-ASCII UTF-8 *)] *
            C: b2 SORT RETURN (NONSENSE) (DATE) UTF-8 ALL
            S: b2 BAD *
            C: b3 SORT (DATE) UTF-8 NONSENSE
            S: b3 BAD *
        )");
    }

    TEST(ImapSort, SortsByEachCriterion)
    {
        auto imap = some();
        imap.login().select("INBOX").play(R"(
            C: a1 SORT (ARRIVAL) UTF-8 ALL
            S: * SORT 1 2 3 4 5
            S: a1 OK SORT completed
            C: a2 SORT (DATE) utf-8 ALL
            S: * SORT 3 4 2 1 5
            S: a2 OK *
            C: a3 sort (reverse date) US-ASCII ALL
            S: * SORT 1 5 2 4 3
            S: a3 OK *
            C: a4 SORT (SUBJECT) UTF-8 ALL
            S: * SORT 3 5 1 4 2
            S: a4 OK *
            C: a5 SORT (REVERSE SUBJECT) UTF-8 ALL
            S: * SORT 2 1 4 5 3
            S: a5 OK *
            C: a6 SORT (SUBJECT REVERSE DATE) UTF-8 1,4
            S: * SORT 1 4
            S: a6 OK *
            C: a7 SORT (SUBJECT DATE) UTF-8 1,4
            S: * SORT 4 1
            S: a7 OK *
            C: a8 SORT (FROM) UTF-8 ALL
            S: * SORT 4 3 1 2 5
            S: a8 OK *
            C: a9 SORT (DISPLAYFROM) UTF-8 ALL
            S: * SORT 4 3 2 5 1
            S: a9 OK *
            C: b1 SORT (TO) UTF-8 ALL
            S: * SORT 2 4 5 3 1
            S: b1 OK *
            C: b2 SORT (DISPLAYTO) UTF-8 1,3
            S: * SORT 3 1
            S: b2 OK *
            C: b3 SORT (CC SIZE) UTF-8 ALL
            S: * SORT 3 4 5 1 2
            S: b3 OK *
            C: b4 SORT (SIZE) UTF-8 ALL
            S: * SORT *
            S: b4 OK *
            C: b5 SORT (REVERSE ARRIVAL) UTF-8 ALL
            S: * SORT 1 2 3 4 5
            S: b5 OK *
            C: b6 SORT (SUBJECT) UTF-8 TEXT "not in mailbox"
            S: * SORT
            S: b6 OK *
        )");
    }

    TEST(ImapSort, UidsAndNumbersDiffer)
    {
        auto imap = some();
        imap.login().select("INBOX").play(R"(
            C: a0 STORE 1 +FLAGS.SILENT (\Deleted)
            S: a0 OK *
            C: a1 EXPUNGE
            S: * 1 EXPUNGE
            S: a1 OK *
            C: a2 SORT (SUBJECT) UTF-8 ALL
            S: * SORT 2 4 3 1
            S: a2 OK *
            C: a3 UID SORT (SUBJECT) UTF-8 ALL
            S: * SORT 3 5 4 2
            S: a3 OK UID SORT completed
            C: a4 UID SORT (SUBJECT) UTF-8 1:2
            S: * SORT 3 2
            S: a4 OK *
        )");
    }

    TEST(ImapSort, ReturnsWhatEsortSays)
    {
        auto imap = some();
        imap.login().select("INBOX").play(R"(
            C: a1 SORT RETURN () (SUBJECT) UTF-8 ALL
            S: * ESEARCH (TAG "a1") ALL 3,5,1,4,2
            S: a1 OK *
            C: a2 UID SORT RETURN (MIN MAX COUNT) (SUBJECT) UTF-8 ALL
            S: * ESEARCH (TAG "a2") UID MIN 3 MAX 2 COUNT 5
            S: a2 OK *
            C: a3 SORT RETURN (ALL) (ARRIVAL) UTF-8 ALL
            S: * ESEARCH (TAG "a3") ALL 1:5
            S: a3 OK *
            C: a4 SORT RETURN (PARTIAL 2:3) (SUBJECT) UTF-8 ALL
            S: * ESEARCH (TAG "a4") PARTIAL (2:3 5,1)
            S: a4 OK *
            C: a5 SORT RETURN (PARTIAL -1:-2) (SUBJECT) UTF-8 ALL
            S: * ESEARCH (TAG "a5") PARTIAL (-1:-2 4,2)
            S: a5 OK *
            C: a6 SORT RETURN (PARTIAL 9:10) (SUBJECT) UTF-8 ALL
            S: * ESEARCH (TAG "a6") PARTIAL (9:10 NIL)
            S: a6 OK *
            C: a7 SORT RETURN (MIN) (DATE) UTF-8 DELETED
            S: * ESEARCH (TAG "a7")
            S: a7 OK *
            C: a8 SORT RETURN (SAVE MIN MAX) (SUBJECT) UTF-8 ALL
            S: * ESEARCH (TAG "a8") MIN 3 MAX 2
            S: a8 OK *
            C: a9 SEARCH $
            S: * SEARCH 2 3
            S: a9 OK *
            C: b1 SORT RETURN (SAVE) (SUBJECT) X-NONE ALL
            S: b1 NO [BADCHARSET *
            C: b2 SEARCH $
            S: * SEARCH
            S: b2 OK *
        )");
    }

    TEST(ImapSort, TellsModSeqAndRelevancy)
    {
        auto imap = some();
        imap.login().select("INBOX").play(R"(
            C: a0 STORE 2 +FLAGS.SILENT (\Flagged)
            S: a0 OK *
            C: a1 SORT (SUBJECT) UTF-8 MODSEQ 1
            S: * OK [HIGHESTMODSEQ *] *
            S: * SORT 3 5 1 4 2 (MODSEQ *)
            S: a1 OK *
            C: a2 SORT (SUBJECT) UTF-8 MODSEQ 99999
            S: * SORT
            S: a2 OK *
            C: a3 SORT RETURN (ALL) (SUBJECT) UTF-8 MODSEQ 1 1:2
            S: * ESEARCH (TAG "a3") ALL 1:2 MODSEQ *
            S: a3 OK *
            C: a4 SORT (RELEVANCY) UTF-8 FUZZY SUBJECT banana
            S: * SORT 1 4
            S: a4 OK *
            C: a5 SORT RETURN (RELEVANCY ALL) (RELEVANCY) UTF-8 FUZZY OR SUBJECT bananas SUBJECT cherry
            S: * ESEARCH (TAG "a5") ALL 2,1,4 RELEVANCY (100 47 47)
            S: a5 OK *
            C: a6 SORT (REVERSE RELEVANCY) UTF-8 FUZZY OR SUBJECT bananas SUBJECT cherry
            S: * SORT 1 4 2
            S: a6 OK *
        )");
    }

    TEST(ImapSort, UidsOnlyAndSwitches)
    {
        auto world = Transcript::make_world({ mailbox("INBOX", { seen("one"), seen("two") }) });
        world->settings.imap.capabilities_off = { "SORT=DISPLAY", "ESORT" };
        Transcript imap(world, {});
        imap.login().select("INBOX").play(R"(
            C: a1 SORT (DISPLAYFROM) UTF-8 ALL
            S: a1 BAD *
            C: a2 SORT RETURN (COUNT) (DATE) UTF-8 ALL
            S: a2 BAD *
            C: a3 ENABLE UIDONLY
            S: * ENABLED UIDONLY
            S: a3 OK *
            C: a4 SORT (DATE) UTF-8 ALL
            S: a4 BAD [UIDREQUIRED] *
            C: a5 UID SORT (DATE) UTF-8 1:2
            S: a5 BAD [UIDREQUIRED] *
            C: a6 UID SORT (REVERSE SUBJECT) UTF-8 ALL
            S: * SORT 2 1
            S: a6 OK *
        )");
        auto off = Transcript::make_world({ mailbox("INBOX", { seen("one") }) });
        off->settings.imap.capabilities_off = { "SORT" };
        Transcript none(off, {});
        none.login().select("INBOX").play(R"(
            C: a1 SORT (DATE) UTF-8 ALL
            S: a1 BAD Unknown command*
            C: a2 UID SORT (DATE) UTF-8 ALL
            S: a2 BAD Unknown command*
        )");
    }

    TEST(ImapSort, Utf8AcceptLeavesOneCharset)
    {
        auto imap = some();
        imap.login().select("INBOX").play(R"(
            C: a1 SORT (SUBJECT) ISO-8859-1 ALL
            S: * SORT 3 5 1 4 2
            S: a1 OK *
            C: a2 ENABLE UTF8=ACCEPT
            S: * ENABLED UTF8=ACCEPT
            S: a2 OK *
            C: a3 SORT (SUBJECT) ISO-8859-1 ALL
            S: a3 BAD *
            C: a4 SORT (SUBJECT) UTF-8 ALL
            S: * SORT 3 5 1 4 2
            S: a4 OK *
        )");
    }

} // namespace
} // namespace mail::test
