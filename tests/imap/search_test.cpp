// SEARCH and UID SEARCH.
#include "tests/support/transcript.h"

namespace mail::test {
namespace {

    TestMessage mail_of(std::string const& header, std::string const& body, std::uint8_t flags = 0,
        std::vector<std::string> keywords = {})
    {
        return { header + "\r\n" + body, flags, std::move(keywords) };
    }

    TEST(ImapSearch, RefusesWhatItCannotRead)
    {
        Transcript imap { mailbox("INBOX", { unseen("one") }) };
        imap.login().play(R"(
            C: a0 SEARCH ALL
            S: a0 BAD *
        )");
        imap.select("INBOX").play(R"(
            C: a1 SEARCH
            S: a1 BAD *
            C: a2 SEARCH COLOUR
            S: a2 BAD *
            C: a3 SEARCH FROM
            S: a3 BAD *
            C: a4 SEARCH (SEEN
            S: a4 BAD *
            C: a5 SEARCH ON 31-Nix-2020
            S: a5 BAD *
            C: a6 SEARCH 0
            S: a6 BAD *
            C: a7 SEARCH RETURN (SAVED) ALL
            S: a7 BAD *
            C: a8 SEARCH RETURN (MIN
            S: a8 BAD *
            C: a9 SEARCH RETURN (ALL)
            S: a9 BAD *
            C: b1 SEARCH CHARSET UTF-8
            S: b1 BAD *
            C: b2 SEARCH CHARSET X-UNKNOWN FROM "a"
            S: b2 NO [BADCHARSET (US-ASCII UTF-8 *)] *
            C: b3 SEARCH MODSEQ
            S: b3 BAD *
            C: b4 SEARCH ALL
            S: * SEARCH 1
            S: b4 OK SEARCH completed
        )");
    }

    TEST(ImapSearch, AlwaysAnswersEvenWithNothing)
    {
        Transcript imap { mailbox("INBOX", { unseen("one") }), mailbox("empty") };
        imap.login().select("INBOX").play(R"(
            C: a1 SEARCH SEEN
            S: * SEARCH
            S: a1 OK *
            C: a2 UID SEARCH SEEN
            S: * SEARCH
            S: a2 OK UID SEARCH completed
            C: a3 SEARCH RETURN (MIN MAX ALL COUNT) SEEN
            S: * ESEARCH (TAG "a3") COUNT 0
            S: a3 OK *
            C: a4 UID SEARCH RETURN () SEEN
            S: * ESEARCH (TAG "a4") UID
            S: a4 OK *
            C: a5 SEARCH MODSEQ 99999999
            S: * OK [HIGHESTMODSEQ *] *
            S: * SEARCH
            S: a5 OK *
        )");
        imap.select("empty").play(R"(
            C: b1 SEARCH 1:* UNSEEN
            S: * SEARCH
            S: b1 OK *
            C: b2 UID SEARCH RETURN (COUNT) 1:*
            S: * ESEARCH (TAG "b2") UID COUNT 0
            S: b2 OK *
        )");
    }

    TEST(ImapSearch, FindsByFlagsAndSets)
    {
        Transcript imap { mailbox("INBOX",
            { deleted("zero"), seen("one"),
                mail_of("Subject: two\r\n", "", storage::Flags::flagged, { "$label2" }),
                mail_of("Subject: three\r\n", "", storage::Flags::answered | storage::Flags::seen),
                unseen("four") }) };
        imap.login().select("INBOX").play(R"(
            C: e EXPUNGE
            S: * 1 EXPUNGE
            S: e OK *
            C: a1 SEARCH UNSEEN
            S: * SEARCH 2 4
            S: a1 OK *
            C: a2 UID SEARCH UNSEEN
            S: * SEARCH 3 5
            S: a2 OK *
            C: a3 uid search keyword $LABEL2
            S: * SEARCH 3
            S: a3 OK *
            C: a4 SEARCH KEYWORD nothing
            S: * SEARCH
            S: a4 OK *
            C: a5 SEARCH OR ANSWERED FLAGGED
            S: * SEARCH 2 3
            S: a5 OK *
            C: a6 SEARCH NOT (SEEN) 3:*
            S: * SEARCH 4
            S: a6 OK *
            C: a7 UID SEARCH 2
            S: * SEARCH 3
            S: a7 OK *
            C: a8 SEARCH UID 3:4
            S: * SEARCH 2 3
            S: a8 OK *
            C: a9 SEARCH NEW
            S: * SEARCH 2 4
            S: a9 OK *
            C: b1 SEARCH OLD
            S: * SEARCH
            S: b1 OK *
            C: b2 SEARCH RETURN (COUNT MIN) UNDELETED
            S: * ESEARCH (TAG "b2") MIN 1 COUNT 4
            S: b2 OK *
            C: b3 UID SEARCH RETURN (MIN MAX ALL) OR SEEN FLAGGED
            S: * ESEARCH (TAG "b3") UID MIN 2 MAX 4 ALL 2:4
            S: b3 OK *
            C: b4 SEARCH RETURN () 1,3:4
            S: * ESEARCH (TAG "b4") ALL 1,3:4
            S: b4 OK *
            C: b5 SEARCH RETURN (MIN) UNSEEN
            S: * ESEARCH (TAG "b5") MIN 2
            S: b5 OK *
        )");
    }

    TEST(ImapSearch, FindsInHeadersAndBodies)
    {
        Transcript imap { mailbox("INBOX",
            { mail_of("From: =?utf-8?B?SsO8cmdlbg==?= <j@example.org>\r\nSubject: Hello\r\nX-Tag: "
                      "first\r\n",
                  "The inner body\r\n"),
                mail_of(
                    "From: bob@example.org\r\nSubject: =?iso-8859-1?q?Gr=FC=DFe?=\r\nContent-Type: "
                    "text/plain; charset=iso-8859-1\r\n"
                    "Content-Transfer-Encoding: quoted-printable\r\n",
                    "sch=F6ne Gr=FC=\r\n=DFe\r\n"),
                mail_of("Subject: base\r\nContent-Type: text/plain; "
                        "charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n",
                    "zqnOvM6tzrPOsQ==\r\n") }) };
        imap.login().select("INBOX").play(
            "C: a1 SEARCH FROM \"J\xc3\x9cRGEN\"\nS: * SEARCH 1\nS: a1 OK *\n"
            "C: a2 SEARCH CHARSET UTF-8 SUBJECT \"GR\xc3\x9c\xc3\x9f"
            "E\"\nS: * SEARCH 2\nS: a2 OK *\n"
            "C: a3 SEARCH CHARSET ISO-8859-1 BODY \"sch\xd6ne gr\xfc\xdf\"\nS: * SEARCH 2\nS: a3 "
            "OK *\n"
            "C: a4 SEARCH BODY \"\xcf\x89\xce\xbc\xce\xad\xce\xb3\xce\xb1\"\nS: * SEARCH 3\nS: a4 "
            "OK *\n"
            "C: a5 uid SEARCH UNDELETED BODY \"INNER body\"\nS: * SEARCH 1\nS: a5 OK *\n"
            "C: a6 SEARCH BODY hello\nS: * SEARCH\nS: a6 OK *\n"
            "C: a7 SEARCH TEXT hello\nS: * SEARCH 1\nS: a7 OK *\n"
            "C: a8 SEARCH TEXT \"x-tag: FIRST\"\nS: * SEARCH 1\nS: a8 OK *\n"
            "C: a9 SEARCH HEADER X-Tag \"\"\nS: * SEARCH 1\nS: a9 OK *\n"
            "C: b1 SEARCH OR HEADER X-Tag second BODY \"\xcf\x89\"\nS: * SEARCH 3\nS: b1 OK *\n"
            "C: b2 SEARCH BODY \"\"\nS: * SEARCH 1 2 3\nS: b2 OK *\n"
            "C: b3 SEARCH NOT TEXT e\nS: * SEARCH\nS: b3 OK *\n"
            "C: b4 SEARCH FROM {3+}\nC: bob\nS: * SEARCH 2\nS: b4 OK *\n");
    }

    TEST(ImapSearch, TellsTheHighestModSeq)
    {
        Transcript imap { mailbox("INBOX", { unseen("a"), unseen("b"), unseen("c") }) };
        imap.login().select("INBOX");
        std::vector<std::string> mod_seqs;
        imap.send("m FETCH 1:3 MODSEQ\r\n").expect("* OK [HIGHESTMODSEQ *] *");
        for (int i = 0; i < 3; ++i) {
            auto const line = imap.read_line();
            mod_seqs.push_back(
                line.substr(line.rfind('(') + 1, line.find(')') - line.rfind('(') - 1));
        }
        imap.expect("m OK *");
        imap.play("C: a1 SEARCH MODSEQ " + mod_seqs[1] + "\nS: * SEARCH 2 3 (MODSEQ " + mod_seqs[2]
            + ")\nS: a1 OK *\n"
            + "C: a2 SEARCH RETURN (MIN) MODSEQ 1\nS: * ESEARCH (TAG \"a2\") MIN 1 MODSEQ "
            + mod_seqs[0] + "\nS: a2 OK *\n"
            + "C: a3 SEARCH RETURN (MIN MAX) MODSEQ 1 1:2\nS: * ESEARCH (TAG \"a3\") MIN 1 MAX 2 "
              "MODSEQ "
            + mod_seqs[1] + "\nS: a3 OK *\n"
            + "C: a4 SEARCH RETURN (ALL) MODSEQ \"/flags/\\\\seen\" all " + mod_seqs[2]
            + "\nS: * ESEARCH (TAG \"a4\") ALL 3 MODSEQ " + mod_seqs[2] + "\nS: a4 OK *\n"
            + "C: a5 UID SEARCH RETURN (MIN COUNT) MODSEQ 0\nS: * ESEARCH (TAG \"a5\") UID MIN 1 "
              "COUNT 3 MODSEQ "
            + mod_seqs[2] + "\nS: a5 OK *\n");
    }

    TEST(ImapSearch, LeavesOutWhatAnotherSessionExpunged)
    {
        Transcript imap { mailbox("INBOX", { unseen("one"), deleted("two"), unseen("three") }) };
        imap.login().select("INBOX");
        auto other = imap.another();
        other.login().select("INBOX").play(R"(
            C: a1 EXPUNGE
            S: * 2 EXPUNGE
            S: a1 OK *
        )");
        imap.deliver("INBOX", unseen("four"));
        imap.play(R"(
            C: a1 SEARCH ALL
            S: * SEARCH 1 3
            S: * 4 EXISTS
            S: * 4 RECENT
            S: a1 OK *
            C: a2 SEARCH BODY three
            S: * SEARCH 3
            S: a2 OK *
            C: a3 UID SEARCH ALL
            S: * SEARCH 1 3 4
            S: * 2 EXPUNGE
            S: a3 OK *
            C: a4 SEARCH ALL
            S: * SEARCH 1 2 3
            S: a4 OK *
        )");
    }

} // namespace
} // namespace mail::test
