// QRESYNC (RFC 7162 §3.2): what a client is told that was away, and how it is told while it is
// here.
#include "tests/support/transcript.h"

namespace mail::imap {
namespace {

    using namespace mail::test;

    /// Five messages, of which 2 and 4 are \Deleted.
    Transcript five()
    {
        return Transcript { mailbox("INBOX",
            { seen("one"), deleted("two"), unseen("three"), deleted("four"), unseen("five") }) };
    }

    /// The number behind `name` in the answer to STATUS.
    std::string status(Transcript& imap, std::string const& item)
    {
        imap.send("st STATUS INBOX (" + item + ")\r\n");
        auto const line = imap.read_line();
        imap.expect("st OK *");
        auto const begin = line.find(item + " ") + item.size() + 1;
        return line.substr(begin, line.find(')') - begin);
    }

    TEST(ImapQresync, NeedsEnableAndGoodArguments)
    {
        auto imap = five();
        imap.login().play(R"(
            C: a1 SELECT INBOX (QRESYNC (1 1))
            S: a1 BAD QRESYNC needs ENABLE QRESYNC first
            C: a2 ENABLE QRESYNC
            S: * ENABLED QRESYNC
            S: a2 OK *
            C: a3 SELECT INBOX (QRESYNC (1 -1))
            S: a3 BAD *
            C: a4 SELECT INBOX (QRESYNC (0 1))
            S: a4 BAD *
            C: a5 SELECT INBOX (QRESYNC (1 1 1:*))
            S: a5 BAD *
            C: a6 SELECT INBOX (QRESYNC (1 1 1:2 (1 2 3)))
            S: a6 BAD *
            C: a7 SELECT INBOX (QRESYNC 1)
            S: a7 BAD *
            C: a8 NOOP
            S: a8 OK *
        )");
    }

    TEST(ImapQresync, EnablesCondstoreAndTellsItsModSeq)
    {
        auto imap = five();
        imap.login().select("INBOX").play(R"(
            C: a1 ENABLE QRESYNC
            S: * OK [HIGHESTMODSEQ *] *
            S: * ENABLED QRESYNC
            S: a1 OK *
            C: a2 ENABLE CONDSTORE
            S: * ENABLED
            S: a2 OK *
            C: a3 STORE 1 +FLAGS.SILENT (\Flagged)
            S: * 1 FETCH (UID 1 MODSEQ (*))
            S: a3 OK *
        )");
    }

    TEST(ImapQresync, AnotherUidValidityTellsNothingElse)
    {
        auto imap = five();
        imap.login().play(R"(
            C: a1 ENABLE QRESYNC
            S: * ENABLED QRESYNC
            S: a1 OK *
            C: a2 SELECT INBOX (QRESYNC (7 1 1:5))
            S: * FLAGS *
            S: * OK [PERMANENTFLAGS *
            S: * 5 EXISTS
            S: * 5 RECENT
            S: * OK [UNSEEN 2] *
            S: * OK [UIDVALIDITY *
            S: * OK [UIDNEXT 6] *
            S: * OK [HIGHESTMODSEQ *
            S: * OK [MAILBOXID (*)] *
            S: * OK [URLMECH INTERNAL] *
            S: a2 OK [READ-WRITE] *
        )");
    }

    TEST(ImapQresync, TellsWhatHappenedMeanwhile)
    {
        auto imap = five();
        imap.login();
        auto const validity = status(imap, "UIDVALIDITY");
        auto const before = status(imap, "HIGHESTMODSEQ");
        imap.select("INBOX").play(R"(
            C: a1 EXPUNGE
            S: * 2 EXPUNGE
            S: * 3 EXPUNGE
            S: a1 OK *
            C: a2 STORE 2 +FLAGS.SILENT (\Answered)
            S: * 2 FETCH (UID 3 MODSEQ (*))
            S: a2 OK *
        )");
        imap.deliver("INBOX", unseen("six"));
        auto later = imap.another();
        auto const greet = [](Transcript& client) {
            client.login().play(R"(
                C: e ENABLE QRESYNC
                S: * ENABLED QRESYNC
                S: e OK *
            )");
        };
        auto const skip_status = [](Transcript& client) {
            for (auto const* line : { "* FLAGS *", "* OK [PERMANENTFLAGS *", "* 4 EXISTS",
                     "* * RECENT", "* OK [UNSEEN *", "* OK [UIDVALIDITY *", "* OK [UIDNEXT *",
                     "* OK [HIGHESTMODSEQ *", "* OK [MAILBOXID *", "* OK [URLMECH *" })
                client.expect(line);
        };
        greet(later);
        later.send("s SELECT INBOX (QRESYNC (" + validity + " " + before + "))\r\n");
        skip_status(later);
        later.expect("* VANISHED (EARLIER) 2,4");
        later.expect("* 2 FETCH (UID 3 FLAGS (\\Answered*) MODSEQ (*))");
        later.expect("* 4 FETCH (UID 6 FLAGS (*) MODSEQ (*))");
        later.expect("s OK [READ-WRITE] *").expect_nothing();

        // What the client does not know of it is not told of.
        auto known = imap.another();
        greet(known);
        known.send("s SELECT INBOX (QRESYNC (" + validity + " " + before + " 1:3))\r\n");
        skip_status(known);
        known.expect("* VANISHED (EARLIER) 2");
        known.expect("* 2 FETCH (UID 3 FLAGS (\\Answered*) MODSEQ (*))");
        known.expect("s OK [READ-WRITE] *").expect_nothing();

        // It knows of the expunge of 2 when its second message has UID 3.
        auto match = imap.another();
        greet(match);
        match.send(
            "s SELECT INBOX (QRESYNC (" + validity + " " + before + " 1:5 (1:3 1,3,4)))\r\n");
        skip_status(match);
        match.expect("* VANISHED (EARLIER) 4");
        match.expect("* 2 FETCH (UID 3 FLAGS (\\Answered*) MODSEQ (*))");
        match.expect("s OK [READ-WRITE] *").expect_nothing();

        // Up to date: nothing.
        auto current = imap.another();
        greet(current);
        auto const now = status(current, "HIGHESTMODSEQ");
        current.send("s SELECT INBOX (QRESYNC (" + validity + " " + now + "))\r\n");
        skip_status(current);
        current.expect("s OK [READ-WRITE] *").expect_nothing();
    }

    TEST(ImapQresync, WhereTheLogDoesNotReachAllThatIsNotThereIsTold)
    {
        auto imap = five();
        imap.login();
        auto const validity = status(imap, "UIDVALIDITY");
        imap.select("INBOX").play(R"(
            C: a1 EXPUNGE
            S: * 2 EXPUNGE
            S: * 3 EXPUNGE
            S: a1 OK *
        )");
        imap.services().store().sweep_expunged(
            std::chrono::system_clock::now() + std::chrono::hours(24 * 365));
        imap.play(R"(
            C: a2 ENABLE QRESYNC
            S: * OK [HIGHESTMODSEQ *
            S: * ENABLED QRESYNC
            S: a2 OK *
            C: a3 UID FETCH 1:9 (FLAGS) (CHANGEDSINCE 1 VANISHED)
            S: * VANISHED (EARLIER) 2,4,6:9
            S: * 1 FETCH (UID 1 FLAGS (\Seen \Recent) MODSEQ (*))
            S: * 2 FETCH (UID 3 FLAGS (\Recent) MODSEQ (*))
            S: * 3 FETCH (UID 5 FLAGS (\Recent) MODSEQ (*))
            S: a3 OK *
        )");
    }

    TEST(ImapQresync, VanishedIsAModifierOfUidFetchWithChangedSince)
    {
        auto imap = five();
        imap.login().select("INBOX").play(R"(
            C: a1 UID FETCH 1:5 FLAGS (CHANGEDSINCE 1 VANISHED)
            S: a1 BAD VANISHED needs ENABLE QRESYNC first
            C: a2 ENABLE QRESYNC
            S: * OK [HIGHESTMODSEQ *
            S: * ENABLED QRESYNC
            S: a2 OK *
            C: a3 FETCH 1:5 FLAGS (CHANGEDSINCE 1 VANISHED)
            S: a3 BAD *
            C: a4 UID FETCH 1:5 FLAGS (VANISHED)
            S: a4 BAD *
        )");
        auto const before = status(imap, "HIGHESTMODSEQ");
        imap.play(R"(
            C: b1 UID EXPUNGE 2
            S: * VANISHED 2
            S: b1 OK [HIGHESTMODSEQ *] *
        )");
        imap.play("C: b2 UID FETCH 1:5 FLAGS (CHANGEDSINCE " + before + R"( VANISHED)
            S: * VANISHED (EARLIER) 2
            S: b2 OK *
            C: b3 UID FETCH 3:5 FLAGS (VANISHED CHANGEDSINCE )"
            + before + R"()
            S: b3 OK *
        )");
    }

    TEST(ImapQresync, ExpungesAreToldAsVanished)
    {
        auto imap = five();
        auto other = imap.another();
        imap.login().select("INBOX").play(R"(
            C: a1 ENABLE QRESYNC
            S: * OK [HIGHESTMODSEQ *
            S: * ENABLED QRESYNC
            S: a1 OK *
        )");
        other.login().select("INBOX").play(R"(
            C: b1 EXPUNGE
            S: * 2 EXPUNGE
            S: * 3 EXPUNGE
            S: b1 OK *
        )");
        imap.play(R"(
            C: a2 NOOP
            S: * VANISHED 2,4
            S: a2 OK NOOP completed
            C: a3 EXPUNGE
            S: a3 OK EXPUNGE completed
            C: a4 STORE 1 +FLAGS (\Deleted)
            S: * 1 FETCH (UID 1 MODSEQ (*) FLAGS (\Deleted \Seen \Recent))
            S: a4 OK *
            C: a5 EXPUNGE
            S: * VANISHED 1
            S: a5 OK [HIGHESTMODSEQ *] *
            C: a6 MOVE 1 Trash
            S: a6 NO [TRYCREATE] *
            C: a7 CREATE Trash
            S: a7 OK *
            C: a8 MOVE 1 Trash
            S: * OK [COPYUID * 3 1] *
            S: * VANISHED 3
            S: a8 OK [HIGHESTMODSEQ *] *
        )");
    }

    TEST(ImapQresync, AnExpungeThatMayNotBeToldKeepsTheModSeqBack)
    {
        auto imap = five();
        auto other = imap.another();
        imap.login().select("INBOX").play(R"(
            C: a1 ENABLE QRESYNC
            S: * OK [HIGHESTMODSEQ *
            S: * ENABLED QRESYNC
            S: a1 OK *
        )");
        auto const before = std::stoul(status(imap, "HIGHESTMODSEQ"));
        other.login().select("INBOX").play(R"(
            C: b1 EXPUNGE
            S: * 2 EXPUNGE
            S: * 3 EXPUNGE
            S: b1 OK *
        )");
        imap.send("a2 STORE 1 +FLAGS.SILENT (\\Flagged)\r\n")
            .expect("* 1 FETCH (UID 1 MODSEQ (*))");
        auto const line = imap.read_line();
        ASSERT_TRUE(line.starts_with("a2 OK [HIGHESTMODSEQ ")) << line;
        auto const told = std::stoul(line.substr(line.find("SEQ ") + 4));
        EXPECT_GE(told, before);
        // Whoever asks for what is later than this learns of the expunge.
        imap.play(
            "C: a3 UID FETCH 1:5 (FLAGS) (CHANGEDSINCE " + std::to_string(told) + R"( VANISHED)
            S: * 1 FETCH (UID 1 FLAGS (\Flagged \Seen \Recent) MODSEQ (*))
            S: * VANISHED 2,4
            S: a3 OK UID FETCH completed
        )");
    }

} // namespace
} // namespace mail::imap
