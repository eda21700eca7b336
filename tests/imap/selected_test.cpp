// SELECT, EXAMINE, leaving them, and the news that sessions get: NOOP, CHECK and IDLE.
#include "tests/support/transcript.h"

namespace mail::test {
namespace {

    /// Changes flags as another client's STORE would.
    void store(Transcript& imap, std::string const& name, storage::Uid uid, std::uint8_t flags,
        std::vector<std::string> keywords = {})
    {
        auto const account = imap.services().account("alice");
        auto& volume = imap.services().store().volume_of(account);
        auto const mailbox = storage::find_mailbox(volume.read(), account.id, name);
        ASSERT_TRUE(mailbox);
        auto const stored = volume.write([&](storage::WriteTxn& txn) -> storage::Result<void> {
            storage::FlagChange change;
            change.system = flags;
            change.keywords = keywords;
            auto const result
                = storage::store_flags(txn, account.id, mailbox->id, storage::UidSet(uid), change);
            if (!result)
                return result.error();
            return {};
        });
        ASSERT_TRUE(stored);
    }

    void expunge(Transcript& imap, std::string const& name, storage::Uid uid)
    {
        auto const account = imap.services().account("alice");
        auto& volume = imap.services().store().volume_of(account);
        auto const mailbox = storage::find_mailbox(volume.read(), account.id, name);
        ASSERT_TRUE(mailbox);
        auto const expunged = volume.write([&](storage::WriteTxn& txn) -> storage::Result<void> {
            auto const result
                = storage::expunge(txn, account.id, mailbox->id, storage::UidSet(uid));
            if (!result)
                return result.error();
            return {};
        });
        ASSERT_TRUE(expunged);
    }

    TEST(ImapSelect, RefusesWhatIsNotThere)
    {
        Transcript imap { mailbox("INBOX") };
        imap.login().play(R"(
            C: a1 SELECT
            S: a1 BAD *
            C: a2 SELECT nowhere
            S: a2 NO [NONEXISTENT] *
            C: a3 SELECT INBOX (COLOUR)
            S: a3 BAD *
            C: a4 SELECT INBOX ()
            S: a4 BAD *
            C: a5 SELECT INBOX (QRESYNC (1 -1))
            S: a5 BAD *
            C: a6 EXAMINE nowhere
            S: a6 NO [NONEXISTENT] *
            C: a7 CHECK
            S: a7 BAD *
        )");
    }

    TEST(ImapSelect, TellsTheState)
    {
        Transcript imap { mailbox("INBOX", { seen("one"), unseen("two"), unseen("three") }),
            mailbox("empty") };
        imap.login().play(R"(
            C: a1 SELECT inbox
            S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
            S: * OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft \*)] *
            S: * 3 EXISTS
            S: * 3 RECENT
            S: * OK [UNSEEN 2] *
            S: * OK [UIDVALIDITY *] *
            S: * OK [UIDNEXT 4] *
            S: * OK [HIGHESTMODSEQ *] *
            S: * OK [MAILBOXID (*)] *
            S: * OK [URLMECH INTERNAL] *
            S: a1 OK [READ-WRITE] SELECT completed
            C: a2 SELECT INBOX
            S: * OK [CLOSED] *
            S: * FLAGS *
            S: * OK [PERMANENTFLAGS *
            S: * 3 EXISTS
            S: * 0 RECENT
            S: * OK [UNSEEN 2] *
            S: * OK [UIDVALIDITY *] *
            S: * OK [UIDNEXT 4] *
            S: * OK [HIGHESTMODSEQ *] *
            S: * OK [MAILBOXID (*)] *
            S: * OK [URLMECH INTERNAL] *
            S: a2 OK [READ-WRITE] SELECT completed
            C: a3 EXAMINE empty (CONDSTORE)
            S: * OK [CLOSED] *
            S: * FLAGS *
            S: * OK [PERMANENTFLAGS ()] *
            S: * 0 EXISTS
            S: * 0 RECENT
            S: * OK [UIDVALIDITY *] *
            S: * OK [UIDNEXT 1] *
            S: * OK [HIGHESTMODSEQ *] *
            S: * OK [MAILBOXID (*)] *
            S: * OK [URLMECH INTERNAL] *
            S: a3 OK [READ-ONLY] EXAMINE completed
            C: a4 SELECT nowhere
            S: * OK [CLOSED] *
            S: a4 NO [NONEXISTENT] *
            C: a5 CHECK
            S: a5 BAD Select a mailbox first
        )");
    }

    TEST(ImapSelect, GivesRecentToOneSession)
    {
        Transcript imap(mailbox("INBOX", { seen("one") }));
        auto examiner = imap.another();
        auto reader = imap.another();
        auto late = imap.another();
        auto const recent = [](Transcript& session, std::string const& command) {
            session.login().send("x " + command + " INBOX\r\n");
            session.expect("* FLAGS *").expect("* OK [PERMANENTFLAGS *").expect("* 1 EXISTS");
            return session.read_line();
        };
        EXPECT_EQ(recent(examiner, "EXAMINE"), "* 1 RECENT");
        EXPECT_EQ(recent(reader, "SELECT"), "* 1 RECENT");
        EXPECT_EQ(recent(late, "SELECT"), "* 0 RECENT");
    }

    TEST(ImapClose, ExpungesSilently)
    {
        Transcript imap { mailbox("INBOX", { seen("one"), deleted("two"), unseen("three") }) };
        auto other = imap.another();
        other.login().select("INBOX");
        auto reader = imap.another();
        reader.login().select("INBOX", "EXAMINE").play(R"(
            C: a0 CLOSE x
            S: a0 BAD *
            C: a1 CLOSE
            S: a1 OK CLOSE completed
            C: a2 STATUS INBOX (MESSAGES)
            S: * STATUS INBOX (MESSAGES 3)
            S: a2 OK *
        )");
        imap.login().select("INBOX").play(R"(
            C: a1 CLOSE
            S: a1 OK CLOSE completed
            C: a2 CLOSE
            S: a2 BAD *
            C: a3 STATUS INBOX (MESSAGES)
            S: * STATUS INBOX (MESSAGES 2)
            S: a3 OK *
        )");
        other.play(R"(
            C: a1 NOOP
            S: * 2 EXPUNGE
            S: a1 OK *
        )");
    }

    TEST(ImapUnselect, LeavesDeletedMessages)
    {
        Transcript imap { mailbox("INBOX", { deleted("one") }) };
        imap.login().select("INBOX").play(R"(
            C: a1 UNSELECT
            S: a1 OK *
            C: a2 UNSELECT
            S: a2 BAD *
            C: a3 STATUS INBOX (MESSAGES)
            S: * STATUS INBOX (MESSAGES 1)
            S: a3 OK *
        )");
    }

    TEST(ImapNoop, TellsNews)
    {
        Transcript imap { mailbox("INBOX", { seen("one"), unseen("two"), unseen("three") }) };
        imap.login().select("INBOX").play(R"(
            C: a1 NOOP
            S: a1 OK NOOP completed
        )");
        imap.deliver("INBOX", unseen("four"));
        imap.play(R"(
            C: a1 CHECK
            S: * 4 EXISTS
            S: * 4 RECENT
            S: a1 OK CHECK completed
        )");
        store(imap, "INBOX", storage::Uid { 2 }, storage::Flags::flagged, { "$Label1" });
        imap.play(R"(
            C: a1 NOOP
            S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft $Label1)
            S: * OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft $Label1 \*)] *
            S: * 2 FETCH (FLAGS (\Flagged \Recent $Label1))
            S: a1 OK *
        )");
        expunge(imap, "INBOX", storage::Uid { 1 });
        expunge(imap, "INBOX", storage::Uid { 3 });
        imap.deliver("INBOX", unseen("five"));
        store(imap, "INBOX", storage::Uid { 4 }, storage::Flags::seen);
        imap.play(R"(
            C: a1 NOOP
            S: * 1 EXPUNGE
            S: * 2 EXPUNGE
            S: * 3 EXISTS
            S: * 3 RECENT
            S: * 2 FETCH (FLAGS (\Seen \Recent))
            S: a1 OK *
            C: a2 NOOP
            S: a2 OK *
        )");
        // A message that came and went in between was never there.
        imap.deliver("INBOX", unseen("six"));
        expunge(imap, "INBOX", storage::Uid { 6 });
        imap.play(R"(
            C: a1 NOOP
            S: a1 OK *
        )");
    }

    TEST(ImapNoop, TellsModSeqsWithCondstore)
    {
        Transcript imap { mailbox("INBOX", { seen("one"), unseen("two") }) };
        imap.login().play(R"(
            C: a1 ENABLE CONDSTORE
            S: * ENABLED CONDSTORE
            S: a1 OK *
        )");
        imap.select("INBOX");
        store(imap, "INBOX", storage::Uid { 2 }, storage::Flags::flagged);
        imap.play(R"(
            C: a1 NOOP
            S: * 2 FETCH (UID 2 FLAGS (\Flagged \Recent) MODSEQ (*))
            S: a1 OK *
        )");
    }

    TEST(ImapNoop, CostsNoTransactionWithoutNews)
    {
        Transcript imap { mailbox("INBOX"), mailbox("other") };
        imap.login().select("INBOX");
        imap.deliver("other", unseen("one"));
        imap.play(R"(
            C: a1 NOOP
            S: a1 OK *
        )");
        // Many in one piece: answered in order, and together.
        std::string commands;
        for (int i = 0; i < 5000; ++i)
            commands += "t" + std::to_string(i) + " NOOP\r\n";
        imap.send(commands);
        for (int i = 0; i < 5000; ++i)
            imap.expect("t" + std::to_string(i) + " OK NOOP completed");
        imap.expect_nothing();
    }

    TEST(ImapIdle, TellsAtOnce)
    {
        Transcript imap { mailbox("INBOX", { seen("one") }) };
        imap.login().select("INBOX").play(R"(
            C: a0 IDLE x
            S: a0 BAD *
            C: a1 IDLE
            S: + idling
        )");
        imap.deliver("INBOX", unseen("two"));
        imap.play(R"(
            S: * 2 EXISTS
            S: * 2 RECENT
        )");
        store(imap, "INBOX", storage::Uid { 1 }, storage::Flags::answered);
        imap.play(R"(
            S: * 1 FETCH (FLAGS (\Answered \Seen \Recent))
        )");
        expunge(imap, "INBOX", storage::Uid { 1 });
        imap.play(R"(
            S: * 1 EXPUNGE
            C: done
            S: a1 OK IDLE completed
            C: a2 IDLE
            S: + idling
            C: NOOP
            S: a2 BAD IDLE ends with the line DONE
        )");
        imap.send("a3 IDLE\r\nDONE\r\na4 NOOP\r\n");
        imap.expect("+ idling").expect("a3 OK *").expect("a4 OK *").expect_nothing();
        imap.send("a5 IDLE\r\n").expect("+ idling").expect_nothing();
        imap.send("DO").expect_nothing().send("NE\n").expect("a5 OK *").expect_nothing();
        imap.send("a6 IDLE\r\n").expect("+ idling").send(std::string(1000, 'D') + "\r\n");
        imap.expect("a6 BAD *").expect_nothing();
    }

    TEST(ImapIdle, MayBeCalledWithoutAMailbox)
    {
        Transcript imap;
        imap.login().play(R"(
            C: a1 IDLE
            S: + idling
            C: DONE
            S: a1 OK *
        )");
    }

    TEST(ImapIdle, TellsWhatCameBeforeItBegan)
    {
        Transcript imap { mailbox("INBOX") };
        imap.login().select("INBOX");
        imap.deliver("INBOX", unseen("one"));
        imap.play(R"(
            C: a1 IDLE
            S: + idling
            S: * 1 EXISTS
            S: * 1 RECENT
            C: DONE
            S: a1 OK *
        )");
    }

    TEST(ImapIdle, ReachesAllSessions)
    {
        Transcript imap { mailbox("INBOX", { seen("one") }), mailbox("other") };
        auto second = imap.another();
        auto third = imap.another();
        for (auto* session : { &imap, &second })
            session->login()
                .select("INBOX")
                .send("a1 IDLE\r\n")
                .expect("+ idling")
                .expect_nothing();
        third.login().select("other").send("a1 IDLE\r\n").expect("+ idling").expect_nothing();
        for (int i = 2; i < 30; ++i) {
            imap.deliver("INBOX", unseen("more"));
            for (auto* session : { &imap, &second }) {
                session->expect("* " + std::to_string(i) + " EXISTS").expect("* * RECENT");
                session->expect_nothing();
            }
        }
        third.expect_nothing();
    }

} // namespace
} // namespace mail::test
