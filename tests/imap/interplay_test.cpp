// Extensions beside each other: two sessions of one user, of which the first enabled something.
#include "tests/support/transcript.h"

namespace mail::imap {
namespace {

    using namespace mail::test;

    /// `imap` and `other` are alice's. INBOX: one \Seen, two, three \Deleted, four \Flagged, five.
    class ImapInterplay : public testing::Test {
    protected:
        ImapInterplay()
            : world(Transcript::make_world(
                { mailbox("INBOX",
                      { seen("one"), unseen("two"), deleted("three"),
                          message("four", storage::Flags::flagged), unseen("five") }),
                    mailbox("Work") }))
            , imap(world, {})
            , other(world, {})
        {
            imap.login();
            other.login().select("INBOX"); // and takes what is \Recent
        }

        void enable(std::string const& names)
        {
            imap.send("en ENABLE " + names + "\r\n").expect("* ENABLED " + names).expect("en OK *");
        }
        /// A command of which only the outcome matters.
        static void run(Transcript& client, std::string const& command)
        {
            client.send("run " + command + "\r\n");
            std::string line;
            do
                line = client.read_line();
            while (line.starts_with("* "));
            EXPECT_TRUE(line.starts_with("run OK")) << command << ": " << line;
        }
        /// What stands behind `item` in STATUS.
        std::string status(std::string const& item)
        {
            other.send("st STATUS INBOX (" + item + ")\r\n");
            std::string value;
            for (std::string line; !(line = other.read_line()).starts_with("st ");)
                if (line.starts_with("* STATUS ")) {
                    auto const begin = line.find(item + " ") + item.size() + 1;
                    value = line.substr(begin, line.find(')') - begin);
                }
            return value;
        }

        std::shared_ptr<TestServices> world;
        Transcript imap;
        Transcript other;
    };

    TEST_F(ImapInterplay, QresyncWithUidOnly)
    {
        auto const validity = status("UIDVALIDITY");
        auto const before = status("HIGHESTMODSEQ");
        run(other, "EXPUNGE");
        run(other, "STORE 2 +FLAGS.SILENT (\\Answered)");
        enable("QRESYNC UIDONLY");
        imap.send("a1 SELECT INBOX (QRESYNC (" + validity + " " + before + " 1:9))\r\n");
        for (auto const* line : { "* FLAGS *", "* OK [PERMANENTFLAGS *", "* 4 EXISTS", "* 0 RECENT",
                 "* OK [UIDVALIDITY *", "* OK [UIDNEXT *", "* OK [HIGHESTMODSEQ *",
                 "* OK [MAILBOXID *", "* OK [URLMECH *", "* VANISHED (EARLIER) 3",
                 "* 2 UIDFETCH (FLAGS (\\Answered) MODSEQ (*))", "a1 OK [READ-WRITE] *" })
            imap.expect(line);
        // Neither QRESYNC's UID nor a number is in front of what UIDONLY names.
        run(other, "STORE 2:3 +FLAGS.SILENT (\\Deleted)");
        run(other, "UID EXPUNGE 4");
        imap.play("C: a2 UID FETCH 1:* (FLAGS) (CHANGEDSINCE " + before + R"( VANISHED)
            S: * VANISHED (EARLIER) 3
            S: * 2 UIDFETCH (FLAGS (\Answered \Deleted) MODSEQ (*))
            S: * 4 UIDFETCH (FLAGS (\Flagged \Deleted) MODSEQ (*))
            S: * VANISHED 4
            S: * 2 UIDFETCH (FLAGS (\Answered \Deleted) MODSEQ (*))
            S: a2 OK *
            C: a3 UID FETCH 5 (BODY[TEXT])
            S: * 5 UIDFETCH (BODY[TEXT] {6}
            S: five
            S:  FLAGS (\Seen) MODSEQ (*))
            S: a3 OK *
            C: a4 UID MOVE 2 Work
            S: * OK [COPYUID * 2 1] *
            S: * VANISHED 2
            S: a4 OK [HIGHESTMODSEQ *] *
            C: a5 UID SEARCH RETURN (MIN MAX) MODSEQ 1
            S: * ESEARCH (TAG "a5") UID MIN 1 MAX 5 MODSEQ *
            S: a5 OK *
            C: a6 CLOSE
            S: a6 OK CLOSE completed
            C: a7 SELECT INBOX (QRESYNC (1 1 1:5 (1:2 1,5)))
            S: a7 BAD [UIDREQUIRED] *
        )");
    }

    TEST_F(ImapInterplay, UnchangedSinceByNumbersAndByUidsAlone)
    {
        imap.select("INBOX").play(R"(
            C: a1 STORE 2 (UNCHANGEDSINCE 0) +FLAGS.SILENT (\Seen)
            S: * OK [HIGHESTMODSEQ *] *
            S: * 2 FETCH (UID 2 MODSEQ (*) FLAGS ())
            S: a1 OK [MODIFIED 2] *
            C: a2 STORE 4:5 (UNCHANGEDSINCE 9999) +FLAGS.SILENT (\Seen)
            S: * 4 FETCH (UID 4 MODSEQ (*))
            S: * 5 FETCH (UID 5 MODSEQ (*))
            S: a2 OK STORE completed
        )");
        enable("UIDONLY");
        imap.play(R"(
            C: b1 UID STORE 2,9 (UNCHANGEDSINCE 0) +FLAGS.SILENT (\Seen)
            S: * 2 UIDFETCH (MODSEQ (*) FLAGS ())
            S: b1 OK [MODIFIED 2] *
            C: b2 UID STORE 2 (UNCHANGEDSINCE 9999) +FLAGS.SILENT (\Seen)
            S: * 2 UIDFETCH (MODSEQ (*))
            S: b2 OK UID STORE completed
            C: b3 UID STORE 1:2 (UNCHANGEDSINCE 9) FLAGS (\Draft)
            S: * 1 UIDFETCH (MODSEQ (*) FLAGS (\Draft))
            S: * 2 UIDFETCH (MODSEQ (*) FLAGS (\Seen))
            S: b3 OK [MODIFIED 2] *
            C: b4 STORE 1 (UNCHANGEDSINCE 0) FLAGS ()
            S: b4 BAD [UIDREQUIRED] *
        )");
    }

    TEST_F(ImapInterplay, UidOnlyInIdleAndNotify)
    {
        enable("UIDONLY");
        imap.select("INBOX").send("a1 IDLE\r\n").expect("+ idling");
        run(other, "EXPUNGE");
        imap.expect("* VANISHED 3");
        run(other, "STORE 3 +FLAGS.SILENT (\\Seen)");
        imap.expect("* 4 UIDFETCH (FLAGS (\\Flagged \\Seen))");
        imap.deliver("INBOX", unseen("six"));
        imap.expect("* 5 EXISTS").expect("* 1 RECENT").expect_nothing();
        imap.send("DONE\r\n").expect("a1 OK *");
        imap.play(R"(
            C: a2 NOTIFY SET (selected (MessageNew (UID FLAGS BODY.PEEK[TEXT]) MessageExpunge FlagChange))
            S: a2 OK *
        )");
        imap.deliver("INBOX", unseen("seven"));
        imap.expect("* 6 EXISTS").expect("* 2 RECENT");
        imap.expect("* 7 UIDFETCH (UID 7 FLAGS (\\Recent) BODY[TEXT] {7}");
        imap.expect("seven").expect(")").expect_nothing();
        run(other, "NOOP");
        run(other, "UID STORE 1,7 +FLAGS.SILENT (\\Deleted)");
        imap.expect("* 1 UIDFETCH (FLAGS (\\Deleted \\Seen))");
        imap.expect("* 7 UIDFETCH (FLAGS (\\Deleted \\Recent))");
        run(other, "EXPUNGE");
        imap.expect("* VANISHED 1,7").expect_nothing();
    }

    TEST_F(ImapInterplay, UidOnlyCarriesEveryItem)
    {
        enable("UIDONLY");
        imap.select("INBOX").play(R"(
            C: a1 UID FETCH 2 (BINARY.PEEK[1] BINARY.SIZE[1] PREVIEW SAVEDATE EMAILID THREADID RFC822.SIZE)
            S: * 2 UIDFETCH (BINARY[1] {5}
            S: two
            S:  BINARY.SIZE[1] 5 PREVIEW "two" SAVEDATE "*" EMAILID (*) THREADID (*) RFC822.SIZE *)
            S: a1 OK *
            C: a2 UID REPLACE 2 INBOX CATENATE (URL ";UID=2/;SECTION=HEADER" TEXT {3+}
            C: new)
            S: * OK [APPENDUID * 6] *
            S: * VANISHED 2
            S: * 5 EXISTS
            S: * 1 RECENT
            S: a2 OK *
            C: a3 UID THREAD REFS UTF-8 UNDELETED
            S: * THREAD (1)(4)(5)(6)
            S: a3 OK *
            C: a4 UIDBATCHES 500
            S: * UIDBATCHES (TAG "a4") 6:1
            S: a4 OK *
            C: a5 REPLACE 1 INBOX {3}
            S: a5 BAD [UIDREQUIRED] *
        )");
    }

    TEST_F(ImapInterplay, FiltersMayNotHideNumbersFromUidOnly)
    {
        imap.play(R"(
            C: a1 SETMETADATA "" (/private/filters/values/numbers "1:3" /private/filters/values/uids "UID 1:3 OLDER 1")
            S: a1 OK *
        )");
        imap.select("INBOX").play(R"(
            C: a2 UID SEARCH FILTER numbers
            S: * SEARCH 1 2 3
            S: a2 OK *
        )");
        enable("UIDONLY");
        imap.play(R"(
            C: a3 UID SEARCH FILTER numbers
            S: a3 BAD [UIDREQUIRED] *
            C: a4 UID SORT (REVERSE ARRIVAL) UTF-8 FILTER uids
            S: * SORT 1 2 3
            S: a4 OK *
            C: a5 UID SEARCH RETURN (SAVE COUNT) FILTER uids
            S: * ESEARCH (TAG "a5") UID COUNT 3
            S: a5 OK *
            C: a6 UID SEARCH $ DELETED
            S: * SEARCH 3
            S: a6 OK *
        )");
    }

    TEST_F(ImapInterplay, PagesOfSortedUids)
    {
        enable("UIDONLY");
        imap.select("INBOX").play(R"(
            C: a1 UID SORT RETURN (PARTIAL 1:2 COUNT) (REVERSE SUBJECT) UTF-8 ALL
            S: * ESEARCH (TAG "a1") UID COUNT 5 PARTIAL (1:2 2:3)
            S: a1 OK *
            C: a2 UID SORT RETURN (PARTIAL -1:-2) (REVERSE SUBJECT) UTF-8 ALL
            S: * ESEARCH (TAG "a2") UID PARTIAL (-1:-2 4:5)
            S: a2 OK *
            C: a3 UID SORT RETURN (SAVE PARTIAL 2:3) (SUBJECT) UTF-8 UNDELETED
            S: * ESEARCH (TAG "a3") UID PARTIAL (2:3 4,1)
            S: a3 OK *
            C: a4 UID FETCH $ FLAGS
            S: * 1 UIDFETCH (FLAGS (\Seen))
            S: * 4 UIDFETCH (FLAGS (\Flagged))
            S: a4 OK *
            C: a5 UID FETCH 1:* FLAGS (PARTIAL -1:-2 CHANGEDSINCE 1)
            S: * OK [HIGHESTMODSEQ *] *
            S: * 4 UIDFETCH (FLAGS (\Flagged) MODSEQ (*))
            S: * 5 UIDFETCH (FLAGS () MODSEQ (*))
            S: a5 OK *
            C: a6 SORT RETURN (PARTIAL 1:2) (SUBJECT) UTF-8 ALL
            S: a6 BAD [UIDREQUIRED] *
        )");
    }

    TEST_F(ImapInterplay, SelectedDelayedKeepsNumbersAndSavedResultsUnderQresync)
    {
        imap.select("INBOX").play(R"(
            C: a1 ENABLE QRESYNC
            S: * OK [HIGHESTMODSEQ *] *
            S: * ENABLED QRESYNC
            S: a1 OK *
            C: a2 NOTIFY SET (selected-delayed (MessageNew (UID) MessageExpunge FlagChange))
            S: a2 OK *
            C: a3 SEARCH RETURN (SAVE) ALL
            S: a3 OK *
        )");
        auto const before = status("HIGHESTMODSEQ");
        run(other, "EXPUNGE"); // of 3
        imap.expect_nothing();
        imap.deliver("INBOX", unseen("six"));
        imap.expect("* 6 EXISTS").expect("* 1 RECENT").expect("* 6 FETCH (UID 6 MODSEQ (*))");
        imap.expect("* OK [HIGHESTMODSEQ *] *").expect_nothing();
        // Until VANISHED is told, who comes again must ask for all from here.
        imap.send("b1 FETCH 3 UID\r\n").expect("* 3 FETCH (UID 3)");
        auto const answer = imap.read_line();
        ASSERT_TRUE(answer.starts_with("b1 OK [HIGHESTMODSEQ ")) << answer;
        auto const held = answer.substr(6, answer.find(']') - 5);
        EXPECT_GE(std::stoul(held.substr(15)), std::stoul(before));
        EXPECT_LT(std::stoul(held.substr(15)), std::stoul(status("HIGHESTMODSEQ")) - 1)
            << "there were an expunge and a delivery since";
        imap.play(R"(
            C: b2 STORE 3:4 +FLAGS (\Seen)
            S: * 4 FETCH (UID 4 MODSEQ (*) FLAGS (\Flagged \Seen))
            S: * OK )"
            + held + R"( *
            S: b2 NO [EXPUNGEISSUED] *
            C: b3 SEARCH RETURN (COUNT ALL) $
            S: * ESEARCH (TAG "b3") COUNT 4 ALL 1:2,4:5
            S: b3 OK )"
            + held + R"( *
            C: b4 SORT (REVERSE ARRIVAL) UTF-8 $
            S: * SORT 1 2 4 5
            S: b4 OK )"
            + held + R"( *
            C: b5 THREAD REFS UTF-8 $
            S: * THREAD (1)(2)(4)(5)
            S: b5 OK )"
            + held + R"( *
            C: b6 UID FETCH $ UID
            S: * 1 FETCH (UID 1)
            S: * 2 FETCH (UID 2)
            S: * 3 FETCH (UID 3)
            S: * 4 FETCH (UID 4)
            S: * 5 FETCH (UID 5)
            S: * VANISHED 3
            S: b6 OK UID FETCH completed
            C: b7 SEARCH $
            S: * SEARCH 1 2 3 4
            S: b7 OK SEARCH completed
        )");
        run(other, "UID STORE 1 +FLAGS.SILENT (\\Deleted)");
        imap.expect("* 1 FETCH (UID 1 FLAGS (\\Deleted \\Seen) MODSEQ (*))");
        run(other, "EXPUNGE");
        imap.expect_nothing();
        imap.play(R"(
            C: c1 NOTIFY SET (selected (MessageNew MessageExpunge FlagChange))
            S: * VANISHED 1
            S: c1 OK *
        )");
        run(other, "UID STORE 2 +FLAGS.SILENT (\\Deleted)");
        imap.expect("* 1 FETCH (UID 2 FLAGS (\\Deleted) MODSEQ (*))");
        run(other, "EXPUNGE");
        imap.expect("* VANISHED 2").expect_nothing();
    }

    TEST_F(ImapInterplay, FlagsOfWhatIsExpungedAreNotHeldBackForEver)
    {
        imap.select("INBOX").play(R"(
            C: a1 ENABLE QRESYNC
            S: * OK [HIGHESTMODSEQ *] *
            S: * ENABLED QRESYNC
            S: a1 OK *
            C: a2 NOTIFY SET (selected (MessageNew MessageExpunge))
            S: a2 OK *
        )");
        run(other, "STORE 1:* +FLAGS.SILENT (\\Deleted)");
        imap.play(R"(
            C: a3 NOOP
            S: a3 OK [HIGHESTMODSEQ *] *
        )");
        run(other, "EXPUNGE");
        imap.expect("* VANISHED 1:5").play(R"(
            C: a4 NOOP
            S: a4 OK NOOP completed
        )");
    }

    TEST_F(ImapInterplay, SavedResultsMoveAndShrink)
    {
        imap.select("INBOX").play(R"(
            C: a1 SEARCH RETURN (SAVE) 2:5
            S: a1 OK *
            C: a2 MOVE $ Nowhere
            S: a2 NO [TRYCREATE] *
        )");
        run(other, "EXPUNGE"); // of 3
        imap.play(R"(
            C: a3 COPY $ Work
            S: * 3 EXPUNGE
            S: a3 NO [EXPUNGEISSUED] *
            C: a4 COPY $ Work
            S: a4 OK [COPYUID * 2,4:5 1:3] *
        )");
        run(other, "UID STORE 4 +FLAGS.SILENT (\\Deleted)");
        run(other, "EXPUNGE");
        imap.play(R"(
            C: a5 MOVE $ Work
            S: * OK [COPYUID * 2,5 4:5] *
            S: * 2 EXPUNGE
            S: * 2 EXPUNGE
            S: * 2 EXPUNGE
            S: a5 OK *
            C: a6 MOVE $ Work
            S: a6 OK *
            C: a7 SEARCH RETURN (COUNT) $
            S: * ESEARCH (TAG "a7") COUNT 0
            S: a7 OK *
        )");
    }

    TEST_F(ImapInterplay, ReplaceIsToldToThoseWhoNotifyAndResynchronise)
    {
        auto watcher = imap.another();
        watcher.login().play(R"(
            C: w1 ENABLE QRESYNC
            S: * ENABLED QRESYNC
            S: w1 OK *
        )");
        watcher.select("INBOX").play(R"(
            C: w2 NOTIFY SET (selected (MessageNew (UID PREVIEW) MessageExpunge)) (personal (MessageNew MessageExpunge))
            S: w2 OK *
        )");
        enable("QRESYNC");
        imap.select("INBOX").play(R"(
            C: a1 UID REPLACE 99 INBOX {3}
            S: a1 NO *
            C: a2 REPLACE 2 INBOX (\Seen) {17+}
            C: Subject: x
            C:
            C: new
            S: * OK [APPENDUID * 6] *
            S: * VANISHED 2
            S: * 5 EXISTS
            S: * * RECENT
            S: a2 OK [HIGHESTMODSEQ *] *
        )");
        watcher.expect("* VANISHED 2").expect("* 5 EXISTS").expect("* * RECENT");
        watcher.expect("* 5 FETCH (UID 6 PREVIEW \"new\" MODSEQ (*))").expect_nothing();
        imap.play(R"(
            C: a3 UID REPLACE 1 Work {3+}
            C: abc
            S: * OK [APPENDUID * 1] *
            S: * VANISHED 1
            S: a3 OK [HIGHESTMODSEQ *] *
        )");
        watcher.expect("* VANISHED 1");
        watcher.expect("* STATUS Work (MESSAGES 1 UIDNEXT 2 HIGHESTMODSEQ *)").expect_nothing();
    }

} // namespace
} // namespace mail::imap
