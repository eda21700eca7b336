// Limits on what one command may ask for: those that the administrator sets (RFC 9738), and those
// that keep what a client sends from costing more than it is worth.
#include "storage/messages.h"
#include "tests/support/transcript.h"

namespace mail::imap {
namespace {

    using namespace mail::test;

    std::shared_ptr<TestServices> limited_to(std::uint32_t messages)
    {
        auto const world = Transcript::make_world(
            { mailbox("INBOX", { unseen("one"), seen("two"), unseen("three"), seen("four") }),
                mailbox("Archive") });
        world->settings.imap.message_limit = messages;
        return world;
    }

    Transcript selected(std::shared_ptr<TestServices> const& world)
    {
        Transcript first(world, {}); // to which the messages are \Recent
        first.login().select("INBOX");
        Transcript imap(world, {});
        imap.login().select("INBOX");
        return imap;
    }

    std::string capabilities(std::shared_ptr<TestServices> const& world)
    {
        Transcript imap(world, {});
        imap.login();
        imap.send("a1 CAPABILITY\r\n");
        auto line = imap.read_line() + " ";
        imap.expect("a1 OK *");
        return line;
    }

    bool has(std::string const& text, std::string_view part)
    {
        return text.find(part) != std::string::npos;
    }

    TEST(ImapMessageLimit, IsAnnouncedWhereItIsConfigured)
    {
        auto const world = limited_to(0);
        EXPECT_FALSE(has(capabilities(world), "LIMIT= "));
        EXPECT_FALSE(has(capabilities(world), "MESSAGELIMIT"));
        EXPECT_FALSE(has(capabilities(world), "SAVELIMIT"));
        world->settings.imap.save_limit = 2000;
        EXPECT_TRUE(has(capabilities(world), " SAVELIMIT=2000 "));
        EXPECT_FALSE(has(capabilities(world), "MESSAGELIMIT"));
        world->settings.imap.message_limit = 1000; // one of the two (RFC 9738 §4)
        EXPECT_TRUE(has(capabilities(world), " MESSAGELIMIT=1000 "));
        EXPECT_FALSE(has(capabilities(world), "SAVELIMIT"));
        world->settings.imap.capabilities_off = { "MESSAGELIMIT" };
        EXPECT_TRUE(has(capabilities(world), " SAVELIMIT=2000 "));
        EXPECT_FALSE(has(capabilities(world), "MESSAGELIMIT"));
        world->settings.imap.capabilities_off = { "MESSAGELIMIT", "SAVELIMIT" };
        EXPECT_FALSE(has(capabilities(world), "SAVELIMIT"));
    }

    TEST(ImapMessageLimit, HasSearchKeysThatComeWithIt)
    {
        auto const world = limited_to(10);
        selected(world).play(R"(
            C: a1 UID SEARCH UIDAFTER 2
            S: * SEARCH 3 4
            S: a1 OK * completed
            C: a2 UID SEARCH UIDAFTER 4
            S: * SEARCH
            S: a2 OK *
            C: a3 UID SEARCH UIDBEFORE 3 SEEN
            S: * SEARCH 2
            S: a3 OK *
            C: a4 UID SEARCH UIDBEFORE 1
            S: * SEARCH
            S: a4 OK *
            C: a5 SEARCH UIDAFTER 1 UIDBEFORE 4 NOT UIDAFTER 2
            S: * SEARCH 2
            S: a5 OK *
            C: a6 SEARCH UIDAFTER 0
            S: a6 BAD *
            C: a7 SEARCH UIDAFTER 1:2
            S: a7 BAD *
        )");
        world->settings.imap.message_limit = 0;
        selected(world).play("C: b1 SEARCH UIDAFTER 1\nS: b1 BAD *");
        world->settings.imap.save_limit = 1000;
        selected(world).play("C: b1 SEARCH UIDBEFORE 3\nS: b1 BAD *");
    }

    TEST(ImapMessageLimit, CutsFetchToTheNewest)
    {
        auto const world = limited_to(2);
        selected(world).play(R"(
            C: a1 FETCH 1:* FLAGS
            S: * 3 FETCH (FLAGS ())
            S: * 4 FETCH (FLAGS (\Seen))
            S: a1 OK [MESSAGELIMIT 2 3] *
            C: a2 UID FETCH 1:2 FLAGS
            S: * 1 FETCH (UID 1 FLAGS ())
            S: * 2 FETCH (UID 2 FLAGS (\Seen))
            S: a2 OK * completed
            C: a3 UID FETCH 4,1,2 FLAGS
            S: * 2 FETCH (UID 2 FLAGS (\Seen))
            S: * 4 FETCH (UID 4 FLAGS (\Seen))
            S: a3 OK [MESSAGELIMIT 2 2] *
            C: a4 UID FETCH 3:1000 FLAGS
            S: * 3 FETCH (UID 3 FLAGS ())
            S: * 4 FETCH (UID 4 FLAGS (\Seen))
            S: a4 OK * completed
            C: a5 FETCH 1:3 BODY[TEXT]<0.1>
            S: * 2 FETCH (BODY[TEXT]<0> {1}
            S: t)
            S: * 3 FETCH (BODY[TEXT]<0> {1}
            S: t FLAGS (\Seen))
            S: a5 OK [MESSAGELIMIT 2 2] *
            C: a6 FETCH 1 FLAGS
            S: * 1 FETCH (FLAGS ())
            S: a6 OK * completed
            C: a7 ENABLE UIDONLY
            S: * ENABLED UIDONLY
            S: a7 OK *
            C: a8 UID FETCH 1:* (UID)
            S: * 3 UIDFETCH (UID 3)
            S: * 4 UIDFETCH (UID 4)
            S: a8 OK [MESSAGELIMIT 2 3] *
            C: a9 UID FETCH 1:* (UID) (PARTIAL -1:-2)
            S: * 3 UIDFETCH (UID 3)
            S: * 4 UIDFETCH (UID 4)
            S: a9 OK * completed
            C: b1 UID FETCH 1:* (UID) (PARTIAL -1:-3)
            S: b1 NO [MESSAGELIMIT 2] *
        )");
        world->settings.imap.capabilities_off = { "MESSAGELIMIT" };
        selected(world).play(R"(
            C: a1 FETCH 1:* UID
            S: * 1 FETCH (UID 1)
            S: * 2 FETCH (UID 2)
            S: * 3 FETCH (UID 3)
            S: * 4 FETCH (UID 4)
            S: a1 OK * completed
        )");
    }

    TEST(ImapMessageLimit, CutsWhatVanishedWithTheFetch)
    {
        auto const world = limited_to(0);
        for (auto const* text : { "five", "six", "seven" })
            deliver(*world, "alice", "INBOX", unseen(text));
        selected(world).play(R"(
            C: a1 UID STORE 2,6 +FLAGS.SILENT (\Deleted)
            S: a1 OK *
            C: a2 UID EXPUNGE 2,6
            S: * 2 EXPUNGE
            S: * 5 EXPUNGE
            S: a2 OK *
        )");
        world->settings.imap.message_limit = 2;
        Transcript imap(world, {});
        imap.login().play(R"(
            C: a1 ENABLE QRESYNC
            S: * ENABLED *
            S: a1 OK *
        )");
        imap.select("INBOX").play(R"(
            C: a2 UID FETCH 1:* (FLAGS) (CHANGEDSINCE 1 VANISHED)
            S: * VANISHED (EARLIER) 6
            S: * 4 FETCH (UID 5 FLAGS () MODSEQ (*))
            S: * 5 FETCH (UID 7 FLAGS () MODSEQ (*))
            S: a2 OK [MESSAGELIMIT 2 5] *
            C: a3 UID FETCH 1:4 (FLAGS) (CHANGEDSINCE 1 VANISHED)
            S: * 2 FETCH (UID 3 FLAGS () MODSEQ (*))
            S: * 3 FETCH (UID 4 FLAGS (\Seen) MODSEQ (*))
            S: a3 OK [MESSAGELIMIT 2 3] *
            C: a4 UID FETCH 1:2 (FLAGS) (CHANGEDSINCE 1 VANISHED)
            S: * VANISHED (EARLIER) 2
            S: * 1 FETCH (UID 1 FLAGS () MODSEQ (*))
            S: a4 OK * completed
        )");
    }

    TEST(ImapMessageLimit, IsToldBesideWhatElseTheAnswerTells)
    {
        auto const world = limited_to(2);
        auto imap = selected(world);
        imap.play(R"(
            C: a1 ENABLE CONDSTORE
            S: * OK [HIGHESTMODSEQ *] *
            S: * ENABLED CONDSTORE
            S: a1 OK *
            C: a2 UID STORE 3 (UNCHANGEDSINCE 1) +FLAGS.SILENT (\Flagged)
            S: * 3 FETCH (UID 3 MODSEQ (*) FLAGS ())
            S: a2 OK [MODIFIED 3] *
            C: a3 UID STORE 1:4 (UNCHANGEDSINCE 1) +FLAGS.SILENT (\Flagged)
            S: * 3 FETCH (UID 3 MODSEQ (*) FLAGS ())
            S: * 4 FETCH (UID 4 MODSEQ (*) FLAGS (\Seen))
            S: * NO [MESSAGELIMIT 2 3] *
            S: a3 OK [MODIFIED 3:4] *
        )");
        auto other = imap.another();
        other.login().select("INBOX").play(R"(
            C: b1 UID STORE 4 +FLAGS.SILENT (\Deleted)
            S: b1 OK *
            C: b2 EXPUNGE
            S: * 4 EXPUNGE
            S: b2 OK *
        )");
        imap.play(R"(
            C: a4 STORE 2:4 -FLAGS (\Draft)
            S: * 3 FETCH (UID 3 MODSEQ (*) FLAGS ())
            S: * NO [MESSAGELIMIT 2 3] *
            S: a4 NO [EXPUNGEISSUED] *
        )");
    }

    TEST(ImapMessageLimit, CutsStoreToTheNewest)
    {
        auto const world = limited_to(2);
        auto imap = selected(world);
        imap.play(R"(
            C: a1 STORE 1:4 +FLAGS (\Flagged)
            S: * 3 FETCH (FLAGS (\Flagged))
            S: * 4 FETCH (FLAGS (\Flagged \Seen))
            S: a1 OK [MESSAGELIMIT 2 3] *
            C: a2 UID STORE 1:2 +FLAGS.SILENT (\Answered)
            S: a2 OK * completed
            C: a3 UID SEARCH UID 3:4 FLAGGED
            S: * SEARCH 3 4
            S: a3 OK * completed
            C: a4 UID SEARCH UID 1:2 FLAGGED
            S: * SEARCH
            S: a4 OK * completed
        )");
    }

    TEST(ImapMessageLimit, RefusesCopiesOfMore)
    {
        auto const world = limited_to(2);
        selected(world).play(R"(
            C: a1 COPY 1:3 Archive
            S: a1 NO [MESSAGELIMIT 2 2] *
            C: a2 UID COPY 1:* Archive
            S: a2 NO [MESSAGELIMIT 2 3] *
            C: a3 UID COPY 3:1000 Archive
            S: a3 OK [COPYUID * 3:4 1:2] *
        )");
        world->settings.imap.message_limit = 0;
        world->settings.imap.save_limit = 1;
        selected(world).play(R"(
            C: b1 UID COPY 1:2 Archive
            S: b1 NO [MESSAGELIMIT 1 2] *
            C: b2 UID FETCH 1:2 UID
            S: * 1 FETCH (UID 1)
            S: * 2 FETCH (UID 2)
            S: b2 OK * completed
            C: b3 UID MOVE 1:2 Archive
            S: * OK [COPYUID * 1:2 3:4] Moved
            S: * 1 EXPUNGE
            S: * 1 EXPUNGE
            S: b3 OK * completed
        )");
        world->settings.imap.capabilities_off = { "SAVELIMIT" };
        selected(world).play("C: c1 UID COPY 1:* Archive\nS: c1 OK [COPYUID * 3:4 5:6] *");
    }

    TEST(ImapMessageLimit, CutsMoveToTheNewest)
    {
        auto const world = limited_to(3);
        auto imap = selected(world);
        imap.play(R"(
            C: a1 UID MOVE 1:* Archive
            S: * OK [COPYUID * 2:4 1:3] Moved
            S: * 2 EXPUNGE
            S: * 2 EXPUNGE
            S: * 2 EXPUNGE
            S: a1 OK [MESSAGELIMIT 3 2] *
            C: a2 UID MOVE 1:* Archive
            S: * OK [COPYUID * 1 4] Moved
            S: * 1 EXPUNGE
            S: a2 OK * completed
        )");
        imap.select("Archive").play(R"(
            C: a3 ENABLE QRESYNC
            S: * OK [HIGHESTMODSEQ *] *
            S: * ENABLED QRESYNC
            S: a3 OK *
            C: a4 UID MOVE 1:4 INBOX
            S: * OK [COPYUID * 2:4 5:7] Moved
            S: * VANISHED 2:4
            S: * OK [HIGHESTMODSEQ *] *
            S: a4 OK [MESSAGELIMIT 3 2] *
        )");
    }

    TEST(ImapMessageLimit, CountsWhatUidExpungeRemoves)
    {
        auto const world = limited_to(2);
        auto imap = selected(world);
        imap.play(R"(
            C: a1 UID STORE 1:2 +FLAGS.SILENT (\Deleted)
            S: a1 OK *
            C: a2 UID STORE 4 +FLAGS.SILENT (\Deleted)
            S: a2 OK *
            C: a3 UID EXPUNGE 1:3
            S: * 1 EXPUNGE
            S: * 1 EXPUNGE
            S: a3 OK * completed
        )");
        deliver(*world, "alice", "INBOX", deleted("five"));
        deliver(*world, "alice", "INBOX", deleted("six"));
        imap.play(R"(
            C: a4 NOOP
            S: * 4 EXISTS
            S: * 2 RECENT
            S: a4 OK *
            C: a5 UID EXPUNGE 1:*
            S: * 3 EXPUNGE
            S: * 3 EXPUNGE
            S: a5 OK [MESSAGELIMIT 2 5] *
            C: a6 UID EXPUNGE 1:*
            S: * 2 EXPUNGE
            S: a6 OK * completed
        )");
    }

    TEST(ImapMessageLimit, NeverCutsExpungeCloseAndStatus)
    {
        auto const world = limited_to(1);
        for (auto const* text : { "five", "six", "seven" })
            deliver(*world, "alice", "INBOX", deleted(text));
        auto imap = selected(world);
        imap.play(R"(
            C: a1 STATUS INBOX (UNSEEN MESSAGES DELETED)
            S: * STATUS INBOX (UNSEEN 5 MESSAGES 7 DELETED 3)
            S: a1 OK * completed
            C: a2 EXPUNGE
            S: * 5 EXPUNGE
            S: * 5 EXPUNGE
            S: * 5 EXPUNGE
            S: a2 OK * completed
        )");
        deliver(*world, "alice", "INBOX", deleted("eight"));
        deliver(*world, "alice", "INBOX", deleted("nine"));
        imap.play(R"(
            C: a3 NOOP
            S: * 6 EXISTS
            S: * 2 RECENT
            S: a3 OK *
            C: a4 CLOSE
            S: a4 OK * completed
            C: a5 STATUS INBOX (MESSAGES)
            S: * STATUS INBOX (MESSAGES 4)
            S: a5 OK *
        )");
    }

    TEST(ImapMessageLimit, CountsWhatIsSearched)
    {
        auto const world = limited_to(2);
        auto imap = selected(world);
        imap.play(R"(
            C: a1 SEARCH SEEN
            S: * SEARCH 4
            S: a1 OK [MESSAGELIMIT 2 3] *
            C: a2 UID SEARCH 1:2 SEEN
            S: * SEARCH 2
            S: a2 OK * completed
            C: a3 UID SEARCH UID 1:3 ALL
            S: * SEARCH 2 3
            S: a3 OK [MESSAGELIMIT 2 2] *
            C: a4 UID SEARCH UIDBEFORE 3
            S: * SEARCH 1 2
            S: a4 OK * completed
            C: a5 UID SEARCH RETURN (MIN MAX COUNT) ALL
            S: * ESEARCH (TAG "a5") UID MIN 3 MAX 4 COUNT 2
            S: a5 OK [MESSAGELIMIT 2 3] *
            C: a6 UID SEARCH RETURN (MAX) SEEN
            S: * ESEARCH (TAG "a6") UID MAX 4
            S: a6 OK * completed
            C: a7 UID SEARCH RETURN (MAX) FLAGGED
            S: * ESEARCH (TAG "a7") UID
            S: a7 OK [MESSAGELIMIT 2 3] *
            C: a8 UID SEARCH RETURN (SAVE) ALL
            S: a8 OK [MESSAGELIMIT 2 3] *
            C: a9 UID FETCH $ UID
            S: * 3 FETCH (UID 3)
            S: * 4 FETCH (UID 4)
            S: a9 OK * completed
            C: b1 UID SEARCH RETURN (PARTIAL 1:3) ALL
            S: b1 NO [MESSAGELIMIT 2] *
            C: b2 UID SEARCH RETURN (PARTIAL -1:-2) ALL
            S: * ESEARCH (TAG "b2") UID PARTIAL (-1:-2 3:4)
            S: b2 OK * completed
            C: b3 ENABLE UIDONLY
            S: * ENABLED UIDONLY
            S: b3 OK *
            C: b4 UID SEARCH NOT SEEN
            S: * SEARCH 3
            S: b4 OK [MESSAGELIMIT 2 3] *
        )");
    }

    TEST(ImapMessageLimit, RefusesToSortOrThreadMore)
    {
        auto const world = limited_to(2);
        selected(world).play(R"(
            C: a1 SORT (ARRIVAL) UTF-8 ALL
            S: a1 NO [MESSAGELIMIT 2 3] *
            C: a2 UID SORT RETURN (SAVE COUNT) (ARRIVAL) UTF-8 ALL
            S: a2 NO [MESSAGELIMIT 2 3] *
            C: a3 UID SEARCH $
            S: * SEARCH
            S: a3 OK *
            C: a4 UID SORT (REVERSE ARRIVAL) UTF-8 UID 2:3
            S: * SORT 2 3
            S: a4 OK * completed
            C: a5 UID SORT RETURN (PARTIAL 1:3) (ARRIVAL) UTF-8 UID 2:3
            S: a5 NO [MESSAGELIMIT 2] *
            C: a6 THREAD REFERENCES UTF-8 ALL
            S: a6 NO [MESSAGELIMIT 2 3] *
            C: a7 UID THREAD REFERENCES UTF-8 UIDBEFORE 3
            S: * THREAD (1)(2)
            S: a7 OK * completed
        )");
    }

    TEST(ImapMessageLimit, CutsEachMailboxOfASearchOfSeveral)
    {
        auto const world = limited_to(2);
        for (auto const* text : { "five", "six", "seven" })
            deliver(*world, "alice", "Archive", seen(text));
        selected(world).play(R"(
            C: a1 ESEARCH IN (mailboxes (INBOX Archive)) RETURN (ALL) SEEN
            S: * ESEARCH (TAG "a1" MAILBOX Archive UIDVALIDITY *) UID ALL 2:3
            S: * ESEARCH (TAG "a1" MAILBOX INBOX UIDVALIDITY *) UID ALL 4
            S: a1 OK [MESSAGELIMIT 2] *
            C: a2 ESEARCH IN (mailboxes Archive) RETURN (ALL) SEEN
            S: * ESEARCH (TAG "a2" MAILBOX Archive UIDVALIDITY *) UID ALL 2:3
            S: a2 OK [MESSAGELIMIT 2 2] *
            C: a3 ESEARCH IN (mailboxes (INBOX Archive)) RETURN (ALL) UIDBEFORE 2
            S: * ESEARCH (TAG "a3" MAILBOX Archive UIDVALIDITY *) UID ALL 1
            S: * ESEARCH (TAG "a3" MAILBOX INBOX UIDVALIDITY *) UID ALL 1
            S: a3 OK * completed
            C: a4 ESEARCH IN (mailboxes Archive) RETURN (PARTIAL 1:3) SEEN
            S: a4 NO [MESSAGELIMIT 2] *
        )");
    }

    TEST(ImapMessageLimit, LeavesAResultThatIsCutUnfollowed)
    {
        auto const world = limited_to(2);
        selected(world).play(R"(
            C: a1 UID SEARCH RETURN (UPDATE COUNT) SEEN
            S: * ESEARCH (TAG "a1") UID COUNT 1
            S: * NO [NOUPDATE "a1"] *
            S: a1 OK [MESSAGELIMIT 2 3] *
            C: a2 ESEARCH IN (selected) RETURN (UPDATE COUNT) SEEN
            S: * ESEARCH (TAG "a2" MAILBOX INBOX UIDVALIDITY *) UID COUNT 1
            S: * NO [NOUPDATE "a2"] *
            S: a2 OK [MESSAGELIMIT 2 3] *
            C: a3 UID SEARCH RETURN (UPDATE COUNT) UID 1:2 SEEN
            S: * ESEARCH (TAG "a3") UID COUNT 1
            S: a3 OK * completed
            C: a4 UID STORE 1 +FLAGS.SILENT (\Seen)
            S: * ESEARCH (TAG "a3") UID ADDTO (0 1)
            S: a4 OK *
        )");
    }

    TEST(ImapMessageLimit, IsOfEachCommandAndNotOfWhatIsToldUnasked)
    {
        auto const world = limited_to(2);
        auto imap = selected(world);
        imap.play(R"(
            C: a1 NOTIFY SET (SELECTED (MessageNew (UID) MessageExpunge))
            S: a1 OK *
            C: a2 UID STORE 1:4 +FLAGS.SILENT (\Flagged)
            S: a2 OK [MESSAGELIMIT 2 3] *
        )");
        auto other = imap.another();
        other.login();
        other.send("b1 APPEND INBOX {1+}\r\nx {1+}\r\nx\r\n").expect("b1 OK *");
        other.send("b2 APPEND INBOX {1+}\r\nx {1+}\r\nx\r\n").expect("b2 OK *");
        imap.play(R"(
            S: * 6 EXISTS
            S: * 2 RECENT
            S: * 5 FETCH (UID 5)
            S: * 6 FETCH (UID 6)
            S: * 8 EXISTS
            S: * 4 RECENT
            S: * 7 FETCH (UID 7)
            S: * 8 FETCH (UID 8)
            C: a3 UIDBATCHES 500
            S: * UIDBATCHES (TAG "a3") 8:1
            S: a3 OK *
        )");
    }

    // What costs no more for being written many times

    std::string repeated(std::string_view text, std::size_t times)
    {
        std::string all;
        for (std::size_t i = 0; i < times; ++i)
            all += text;
        return all;
    }

    /// A selected mailbox of 500 messages that are no neighbours of each other.
    Transcript scattered()
    {
        Transcript imap(mailbox("INBOX"));
        imap.login();
        imap.send("f APPEND INBOX" + repeated(" {1+}\r\nx", 1000) + "\r\n").expect("f OK *");
        imap.select("INBOX");
        std::string odd;
        for (int uid = 1; uid <= 1000; uid += 2)
            odd += (odd.empty() ? "" : ",") + std::to_string(uid);
        imap.send("e UID STORE " + odd + " +FLAGS.SILENT (\\Deleted)\r\n").expect("e OK *");
        imap.send("g UID EXPUNGE " + odd + "\r\n");
        for (int i = 0; i < 500; ++i)
            imap.expect("* * EXPUNGE");
        imap.expect("g OK *");
        return imap;
    }

    TEST(ImapLimits, TakeSetsInManyKeysForWhatTheyAre)
    {
        auto imap = scattered();
        imap.play("C: a1 UID SEARCH RETURN (SAVE) ALL\nS: a1 OK *");
        for (std::string const key : { "UID 1:* ", "1:* ", "$ ", "NOT UID 3 ", "OR 1 UID 1:* " }) {
            imap.send("a2 UID SEARCH RETURN (COUNT) " + repeated(key, 1600) + "UNSEEN\r\n");
            imap.expect("* ESEARCH (TAG \"a2\") UID COUNT 500").expect("a2 OK *");
        }
        imap.play(R"(
            C: a3 UID SEARCH RETURN (MIN MAX COUNT) 2:4,$ UID 1:9
            S: * ESEARCH (TAG "a3") UID MIN 2 MAX 8 COUNT 4
            S: a3 OK *
            C: a4 UID SEARCH RETURN (MIN MAX COUNT) 2:4 NOT 3
            S: * ESEARCH (TAG "a4") UID MIN 4 MAX 8 COUNT 2
            S: a4 OK *
            C: a5 UID SEARCH RETURN (COUNT) 500:9999,*
            S: * ESEARCH (TAG "a5") UID COUNT 1
            S: a5 OK *
        )");
    }

    TEST(ImapLimits, TakeRepeatedRangesForOne)
    {
        auto imap = scattered();
        imap.send("a1 UID FETCH " + repeated("2,", 30'000) + "2 (UID)\r\n")
            .expect("* 1 FETCH (UID 2)")
            .expect("a1 OK *");
        imap.send(
                "a2 UID STORE " + repeated("1:4294967295,", 4000) + "1 +FLAGS.SILENT (\\Seen)\r\n")
            .expect("a2 OK *");
        imap.play(
            "C: a3 SEARCH RETURN (COUNT) SEEN\nS: * ESEARCH (TAG \"a3\") COUNT 500\nS: a3 OK *");
    }

    TEST(ImapLimits, AnswerWithACode)
    {
        Transcript imap(mailbox("INBOX", { seen("one") }));
        imap.login().select("INBOX");
        auto const refused = [&](std::string const& command, std::string_view answer) {
            imap.send("a1 " + command + "\r\n").expect("a1 " + std::string(answer) + " *");
        };
        refused("SEARCH " + repeated("SEEN ", 5000) + "SEEN", "NO [LIMIT]");
        refused("SEARCH " + repeated("(", 101) + "SEEN", "NO [LIMIT]");
        refused("SEARCH " + repeated("BODY x ", 101) + "SEEN", "NO [LIMIT]");
        refused("SEARCH " + repeated("HEADER x y ", 501) + "SEEN", "NO [LIMIT]");
        refused("SEARCH " + repeated("FUZZY FROM y ", 501) + "SEEN", "NO [LIMIT]");
        std::string keywords;
        std::string items;
        for (int i = 0; i < 1001; ++i) {
            items += (i == 0 ? "BODY[" : " BODY[") + std::to_string(i + 1) + "]";
            if (i <= 128)
                keywords += (i == 0 ? "k" : " k") + std::to_string(i);
        }
        refused("STORE 1 +FLAGS (" + keywords + ")", "NO [LIMIT]");
        imap.send("a1 APPEND INBOX (" + keywords + ") {1+}\r\nx\r\n").expect("a1 NO [LIMIT] *");
        refused("FETCH 1 (" + items + ")", "NO [LIMIT]");
        refused("LIST \"\" (" + repeated("x ", 50) + "x)", "NO [LIMIT]");
        refused("NOOP " + repeated("x", 70'000), "BAD [LIMIT]");
        imap.send("a1 NOOP {300000}\r\n").expect("a1 BAD [TOOBIG] *");
        imap.send("a2 NOOP\r\n").expect("a2 OK *").expect_nothing();
    }

    TEST(ImapLimits, DoNotWaitForTheEndOfWhatIsFarTooLarge)
    {
        Transcript imap;
        imap.login();
        imap.send("a1 APPEND INBOX {200000000+}\r\n" + repeated("x", 1000));
        imap.expect("a1 NO [TOOBIG] *").expect_nothing(); // the next command is read
        imap.send(repeated("x", 200'000'000 - 1000) + "\r\na2 NOOP\r\n").expect("a2 OK *");
        imap.send("a3 NOOP {99999999999999999999+}\r\n");
        imap.expect("* BYE [LIMIT] *").expect_closed();
        auto line = imap.another();
        line.login().send(repeated("a", 1'000'000)).expect_nothing();
        line.send("\r\nb1 NOOP\r\n").expect("a* BAD [LIMIT] *").expect("b1 OK *");
        auto const more = repeated("a", 100'000'000);
        line.send(more).send(more).expect_nothing();
        line.send(more).expect("* BYE [LIMIT] *").expect_closed();
    }

    TEST(ImapLimits, LookManyFieldNamesUpInAHeaderOfManyFields)
    {
        Transcript imap;
        imap.login();
        auto const text = repeated("a:\r\n", 100'000) + "\r\nx";
        imap.send("a1 APPEND INBOX {" + std::to_string(text.size()) + "+}\r\n" + text + "\r\n")
            .expect("a1 OK *");
        imap.select("INBOX");
        std::string names = "Z";
        for (int i = 0; i < 8000; ++i)
            names += " n" + std::to_string(i);
        imap.send("a2 FETCH 1 (BODY.PEEK[HEADER.FIELDS (" + names + ")])\r\n");
        imap.expect("* 1 FETCH (BODY[HEADER.FIELDS (*)] {2}").expect("").expect(")");
        imap.expect("a2 OK *");
    }

} // namespace
} // namespace mail::imap
