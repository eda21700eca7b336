// NOTIFY (RFC 5465): news at any time, of all mailboxes, as far as the client wants them.
#include "storage/acl.h"
#include "tests/support/transcript.h"

namespace mail::imap {
namespace {

    using namespace mail::test;
    using storage::Right;

    /// Two sessions of alice on INBOX, Work, Work/Old and Play.
    class ImapNotify : public testing::Test {
    protected:
        ImapNotify()
            : world(Transcript::make_world({ mailbox("INBOX", { seen("one"), unseen("two") }),
                mailbox("Work"), mailbox("Work/Old", { unseen("old") }), mailbox("Play") }))
            , imap(world, {})
            , other(world, {})
        {
            imap.login();
            other.login();
        }

        void notify(std::string const& what)
        {
            imap.send("n NOTIFY " + what + "\r\n").expect("n OK *").expect_nothing();
        }
        /// The other client does something, whatever it is told.
        void change(std::string const& command)
        {
            other.send("o " + command + "\r\n");
            std::string line;
            do
                line = other.read_line();
            while (line.starts_with("* "));
            EXPECT_TRUE(line.starts_with("o OK")) << command << ": " << line;
        }

        std::shared_ptr<TestServices> world;
        Transcript imap;
        Transcript other;
    };

    constexpr auto both = "(MessageNew MessageExpunge)";

    TEST_F(ImapNotify, RefusesWhatIsNoRequest)
    {
        Transcript stranger(world, {});
        stranger.play(R"(
            C: a1 NOTIFY NONE
            S: a1 BAD Log in first
        )");
        for (auto const* request :
            { "", " ", " NONE x", " SET", " SET STATUS", " SET ()", " SET (personal)",
                " SET (personal ())", " SET (folders (MessageNew))", " SET (subtree (MailboxName))",
                " SET (mailboxes () (MailboxName))", " SET (personal (MailboxName)",
                " SET (personal (MailboxName)) x", " SET STATUS STATUS (personal (MailboxName))",
                // MessageNew and MessageExpunge go together, and with FlagChange.
                " SET (personal (MessageNew))", " SET (personal (MessageExpunge))",
                " SET (personal (FlagChange))", " SET (selected (AnnotationChange))",
                " SET (subtree Lists MessageNew)",
                // Only events of messages, once, and only here with data.
                " SET (selected (MailboxName))",
                " SET (selected (MessageNew MessageExpunge SubscriptionChange))",
                " SET (selected (MessageNew MessageExpunge)) (selected-delayed NONE)",
                " SET (personal (MessageNew (UID) MessageExpunge))",
                " SET (selected (MessageNew () MessageExpunge))",
                " SET (selected (MessageNew (COLOUR) MessageExpunge))" }) {
            imap.send("a2 NOTIFY" + std::string(request) + "\r\n").expect("a2 BAD *");
            imap.send("a3 NOOP\r\n").expect("a3 OK *");
        }
        imap.expect_nothing();
    }

    TEST_F(ImapNotify, NamesTheEventsThatItKnows)
    {
        imap.play(R"(
            C: a1 NOTIFY SET (personal (MailboxName ColourChange))
            S: a1 NO [BADEVENT (MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange*)] *
            C: a2 NOTIFY SET (selected (MessageNew MessageExpunge AnnotationChange))
            S: a2 NO [BADEVENT (*)] *
        )");
    }

    TEST_F(ImapNotify, BoundsWhatIsNamed)
    {
        std::string groups;
        for (int i = 0; i < 101; ++i)
            groups += " (personal (MailboxName))";
        imap.send("a1 NOTIFY SET" + groups + "\r\n").expect("a1 NO [NOTIFICATIONOVERFLOW] *");
        std::string names;
        for (int i = 0; i < 1001; ++i)
            names += " m" + std::to_string(i);
        imap.send("a2 NOTIFY SET (mailboxes (" + names.substr(1) + ") (MailboxName))\r\n");
        imap.expect("a2 NO [NOTIFICATIONOVERFLOW] *").expect_nothing();
    }

    TEST_F(ImapNotify, CanBeSwitchedOff)
    {
        world->settings.imap.capabilities_off = { "NOTIFY" };
        Transcript without(world, {});
        without.login().play(R"(
            C: a1 NOTIFY NONE
            S: a1 BAD Unknown command*
        )");
    }

    TEST_F(ImapNotify, TellsOfOtherMailboxesByStatusWithoutACommand)
    {
        notify("SET (personal " + std::string(both) + ")");
        imap.deliver("Work", unseen("three"));
        imap.expect("* STATUS Work (MESSAGES 1 UIDNEXT 2)").expect_nothing();
        imap.deliver("INBOX", unseen("four"));
        imap.expect("* STATUS INBOX (MESSAGES 3 UIDNEXT 4)").expect_nothing();
        change("SELECT INBOX");
        change("STORE 1 +FLAGS (\\Deleted)"); // no FlagChange was asked for
        imap.expect_nothing();
        change("EXPUNGE");
        imap.expect("* STATUS INBOX (MESSAGES 2 UIDNEXT 4)").expect_nothing();
        change("MOVE 1:2 Play");
        imap.expect("* STATUS Play (MESSAGES 2 UIDNEXT 3)")
            .expect("* STATUS INBOX (MESSAGES 0 UIDNEXT 4)")
            .expect_nothing();
    }

    TEST_F(ImapNotify, TellsWhatHoldsAtTheBeginningWhenAsked)
    {
        imap.play(R"(
            C: a1 NOTIFY SET STATUS (mailboxes (INBOX Nowhere) (MessageNew MessageExpunge)) (subtree Work (MessageNew MessageExpunge FlagChange))
            S: * STATUS INBOX (MESSAGES 2 UIDNEXT 3 UIDVALIDITY *)
            S: * STATUS Work (MESSAGES 0 UIDNEXT 1 UIDVALIDITY * UNSEEN 0 HIGHESTMODSEQ *)
            S: * STATUS Work/Old (MESSAGES 1 UIDNEXT 2 UIDVALIDITY * UNSEEN 1 HIGHESTMODSEQ *)
            S: a1 OK *
        )");
        imap.select("INBOX").play(R"(
            C: a2 NOTIFY SET STATUS (mailboxes INBOX (MessageNew MessageExpunge)) (personal (MailboxName))
            S: a2 OK *
            C: a3 NOTIFY SET STATUS (mailboxes Work NONE)
            S: a3 OK *
        )");
    }

    TEST_F(ImapNotify, TellsFlagsOfOtherMailboxesByUnseen)
    {
        notify("SET (personal (MessageNew MessageExpunge FlagChange))");
        change("SELECT INBOX");
        change("STORE 2 +FLAGS (\\Seen)");
        imap.expect("* STATUS INBOX (UIDVALIDITY * UNSEEN 0)").expect_nothing();
        imap.deliver("INBOX", unseen("three"));
        imap.expect("* STATUS INBOX (MESSAGES 3 UIDNEXT 4 UNSEEN 1)");
        imap.send("a1 ENABLE CONDSTORE\r\n").expect("* ENABLED CONDSTORE").expect("a1 OK *");
        change("STORE 2 -FLAGS (\\Seen)");
        imap.expect("* STATUS INBOX (UIDVALIDITY * UNSEEN 2 HIGHESTMODSEQ *)");
        // The name stands for another mailbox now.
        change("DELETE Play");
        imap.expect_nothing();
        change("CREATE Play");
        imap.expect("* STATUS Play (MESSAGES 0 UIDNEXT 1 UIDVALIDITY * UNSEEN 0 HIGHESTMODSEQ *)")
            .expect_nothing();
    }

    TEST_F(ImapNotify, TellsOfTheSelectedMailboxAtOnceAndWithData)
    {
        imap.select("INBOX");
        notify("SET (selected (MessageNew (UID FLAGS BODY.PEEK[HEADER.FIELDS (Subject)]) "
               "MessageExpunge FlagChange)) (personal "
            + std::string(both) + ")");
        imap.deliver("INBOX", unseen("three"));
        imap.expect("* 3 EXISTS")
            .expect("* 3 RECENT")
            .expect("* 3 FETCH (UID 3 FLAGS (\\Recent) BODY[HEADER.FIELDS (Subject)] {18}")
            .expect("Subject: three")
            .expect("")
            .expect(")")
            .expect_nothing();
        change("SELECT INBOX");
        change("STORE 2 +FLAGS (\\Deleted $Done)");
        imap.expect("* FLAGS (* $Done)")
            .expect("* OK [PERMANENTFLAGS *")
            .expect("* 2 FETCH (UID 2 FLAGS (\\Deleted \\Recent $Done))");
        change("EXPUNGE");
        imap.expect("* 2 EXPUNGE").expect_nothing();
        // What it does itself it knows.
        imap.send("a1 APPEND INBOX {5+}\r\nhello\r\n")
            .expect("* 3 EXISTS")
            .expect("* 3 RECENT")
            .expect("a1 OK *");
        imap.play(R"(
            C: a2 STORE 3 +FLAGS (\Deleted)
            S: * 3 FETCH (FLAGS (\Deleted \Recent))
            S: a2 OK *
            C: a3 EXPUNGE
            S: * 3 EXPUNGE
            S: a3 OK *
            C: a4 COPY 1 Play
            S: a4 OK *
        )");
    }

    TEST_F(ImapNotify, DelaysExpungesUntilACommandAllowsThem)
    {
        imap.select("INBOX");
        notify("SET (selected-delayed (MessageNew MessageExpunge))");
        change("SELECT INBOX");
        change("STORE 1 +FLAGS (\\Deleted)");
        change("EXPUNGE");
        imap.expect_nothing();
        imap.deliver("INBOX", unseen("three"));
        imap.expect("* 3 EXISTS").expect("* 3 RECENT").expect_nothing();
        imap.play(R"(
            C: a1 FETCH 2:3 UID
            S: * 2 FETCH (UID 2)
            S: * 3 FETCH (UID 3)
            S: a1 OK *
            C: a2 NOOP
            S: * 1 EXPUNGE
            S: a2 OK *
            C: a3 IDLE
            S: + idling
        )");
        change("STORE 1 +FLAGS (\\Deleted)");
        change("EXPUNGE");
        imap.expect("* 1 EXPUNGE").play(R"(
            C: DONE
            S: a3 OK *
        )");
    }

    std::uint64_t number_behind(std::string const& line, std::string const& word)
    {
        auto const place = line.find(word);
        EXPECT_NE(place, std::string::npos) << line;
        return place == std::string::npos ? 0 : std::stoull(line.substr(place + word.size()));
    }

    TEST_F(ImapNotify, SaysHowFarAClientWithQresyncWasToldAll)
    {
        imap.send("a1 ENABLE QRESYNC\r\n").expect("* ENABLED *").expect("a1 OK *");
        imap.select("INBOX");
        notify("SET (selected-delayed (MessageNew MessageExpunge FlagChange))");
        change("SELECT INBOX");
        change("STORE 1 +FLAGS (\\Deleted)");
        imap.expect("* 1 FETCH *").expect_nothing();
        change("EXPUNGE"); // the client is not told of it yet
        change("STORE 1 +FLAGS (\\Flagged)");
        // The flags are later than the expunge. The next tagged answer may be that of CLOSE, so it
        // is said now from where to ask (RFC 7162 §6, §3.2.8).
        auto const shown = number_behind(imap.read_line(), "MODSEQ (");
        auto const safe = number_behind(imap.read_line(), "[HIGHESTMODSEQ ");
        EXPECT_LT(safe, shown);
        imap.send("a2 CLOSE\r\n").expect("a2 OK CLOSE *");
        imap.send("a3 STATUS INBOX (UIDVALIDITY)\r\n");
        auto const validity = number_behind(imap.read_line(), "UIDVALIDITY ");
        imap.expect("a3 OK *");
        imap.send("a4 SELECT INBOX (QRESYNC (" + std::to_string(validity) + " "
            + std::to_string(safe) + "))\r\n");
        std::string line;
        bool is_told = false;
        do {
            line = imap.read_line();
            is_told = is_told || line == "* VANISHED (EARLIER) 1";
        } while (line.starts_with("* "));
        EXPECT_TRUE(is_told);
    }

    TEST_F(ImapNotify, TellsCountsByTheNameThatAMailboxHas)
    {
        notify("SET (mailboxes Work (MessageNew MessageExpunge FlagChange))");
        change("RENAME Work Job"); // Job is nothing that the client asked for
        imap.expect_nothing();
        imap.deliver("Job", unseen("three"));
        imap.expect_nothing();
        change("RENAME Job Work");
        imap.expect("* STATUS Work (MESSAGES 1 UIDNEXT 2 UIDVALIDITY * UNSEEN 1)").expect_nothing();
    }

    TEST_F(ImapNotify, NoneIsASnapshot)
    {
        imap.select("INBOX");
        notify("NONE");
        imap.deliver("INBOX", unseen("three"));
        change("SELECT INBOX");
        change("STORE 1 +FLAGS (\\Deleted \\Flagged)");
        change("EXPUNGE");
        change("STORE 1 +FLAGS (\\Answered)");
        imap.play(R"(
            C: a1 NOOP
            S: a1 OK *
            C: a2 IDLE
            S: + idling
            C: DONE
            S: a2 OK *
            C: a3 FETCH 1:* UID
            S: * 1 FETCH (UID 1)
            S: * 2 FETCH (UID 2)
            S: a3 OK *
            C: a4 STORE 2 +FLAGS (\Deleted)
            S: * 2 FETCH (FLAGS (\Answered \Deleted \Recent))
            S: a4 OK *
            C: a5 EXPUNGE
            S: * 2 EXPUNGE
            S: a5 OK *
        )");
        // An implicit NOOP, and then what was asked for.
        imap.play(R"(
            C: a6 NOTIFY SET (selected (MessageNew MessageExpunge))
            S: * 1 EXPUNGE
            S: * 1 EXISTS
            S: * 0 RECENT
            S: a6 OK *
        )");
        change("NOOP");
        change("STORE 1 +FLAGS (\\Flagged)");
        imap.play(R"(
            C: a7 NOOP
            S: a7 OK *
            C: a8 NOTIFY SET (selected (MessageNew MessageExpunge FlagChange))
            S: * 1 FETCH (UID 3 FLAGS (\Flagged))
            S: a8 OK *
        )");
    }

    TEST_F(ImapNotify, ASelectedMailboxWithoutSelectedIsSilent)
    {
        imap.select("INBOX");
        notify("SET (personal (MessageNew MessageExpunge FlagChange))");
        imap.deliver("INBOX", unseen("three"));
        imap.deliver("Work", unseen("four"));
        imap.expect("* STATUS Work (MESSAGES 1 UIDNEXT 2 UNSEEN 1)").expect_nothing();
        imap.play(R"(
            C: a1 NOOP
            S: a1 OK *
            C: a2 UNSELECT
            S: a2 OK *
        )");
        imap.deliver("INBOX", unseen("five"));
        imap.expect("* STATUS INBOX (MESSAGES 4 UIDNEXT 5 UNSEEN 3)").expect_nothing();
    }

    TEST_F(ImapNotify, HoldsForTheMailboxThatIsSelectedLater)
    {
        notify("SET (selected (MessageNew MessageExpunge)) (mailboxes INBOX " + std::string(both)
            + ")");
        imap.deliver("INBOX", unseen("three"));
        imap.expect("* STATUS INBOX *");
        imap.select("INBOX");
        imap.deliver("INBOX", unseen("four"));
        imap.expect("* 4 EXISTS").expect("* 4 RECENT").expect_nothing();
        imap.select("Play");
        imap.deliver("INBOX", unseen("five"));
        imap.expect("* STATUS INBOX (MESSAGES 5 UIDNEXT 6)").expect_nothing();
    }

    TEST_F(ImapNotify, IdleTellsExactlyTheSame)
    {
        imap.select("INBOX");
        notify("SET (selected (MessageNew MessageExpunge)) (mailboxes Work (MailboxName))");
        imap.send("a1 IDLE\r\n").expect("+ idling");
        change("SELECT INBOX");
        change("STORE 1 +FLAGS (\\Flagged)");
        change("RENAME Work Job");
        imap.expect("* LIST (\\HasChildren) \"/\" Job (\"OLDNAME\" (Work))");
        imap.deliver("INBOX", unseen("three"));
        imap.expect("* 3 EXISTS").expect("* 3 RECENT").expect_nothing();
        imap.send("DONE\r\n").expect("a1 OK *").expect_nothing();
    }

    TEST_F(ImapNotify, SaysThatItIsStillHereAfterSomeSilence)
    {
        world->settings.imap.keep_alive = std::chrono::milliseconds(50);
        imap.send("a1 IDLE\r\n").expect("+ idling");
        imap.expect("* OK Still here").expect("* OK Still here");
        world->settings.imap.keep_alive = {};
        imap.send("DONE\r\n").expect("a1 OK *").expect_nothing();
        world->settings.imap.keep_alive = std::chrono::milliseconds(50);
        imap.send("a2 NOOP\r\n").expect("a2 OK *").expect_nothing(); // it asked for nothing
        auto const end = std::chrono::steady_clock::now() + std::chrono::milliseconds(120);
        world->run_until([&] { return std::chrono::steady_clock::now() > end; });
        imap.expect_nothing();
        notify("SET (personal (MailboxName))"); // it asked for news
        imap.expect("* OK Still here");
        world->settings.imap.keep_alive = {};
    }

    TEST_F(ImapNotify, SaysNothingWithinACommand)
    {
        notify("SET (personal " + std::string(both) + ")");
        imap.send("a1 CREATE ");
        imap.expect_nothing();
        imap.deliver("Work", unseen("three"));
        imap.expect_nothing();
        imap.send("{3}\r\n").expect("+ OK").expect_nothing();
        imap.deliver("Play", unseen("four"));
        imap.expect_nothing();
        imap.send("New\r\n")
            .expect("* STATUS Work *")
            .expect("* STATUS Play *")
            .expect("a1 OK *")
            .expect_nothing();
    }

    TEST_F(ImapNotify, TellsNamesThatChange)
    {
        notify("SET (personal (MailboxName))");
        change("CREATE Neu&AOQ-");
        imap.expect("* LIST (\\HasNoChildren) \"/\" Neu&AOQ-").expect_nothing();
        change("CREATE Play/Chess"); // the name above has a child now
        imap.expect("* LIST (\\HasNoChildren) \"/\" Play/Chess")
            .expect("* LIST (\\HasChildren) \"/\" Play")
            .expect_nothing();
        change("DELETE Play/Chess");
        imap.expect("* LIST (\\HasNoChildren \\NonExistent \\Noselect) \"/\" Play/Chess")
            .expect("* LIST (\\HasNoChildren) \"/\" Play")
            .expect_nothing();
        change("RENAME Work Job"); // the children go without saying
        imap.expect("* LIST (\\HasChildren) \"/\" Job (\"OLDNAME\" (Work))").expect_nothing();
        change("RENAME INBOX Saved"); // INBOX stays
        imap.expect("* LIST (\\HasNoChildren) \"/\" Saved (\"OLDNAME\" (INBOX))").expect_nothing();
        imap.play(R"(
            C: a1 CREATE Mine
            S: a1 OK *
            C: a2 RENAME Mine Ours
            S: a2 OK *
            C: a3 DELETE Ours
            S: a3 OK *
        )");
        notify("SET (mailboxes Job/Old (MailboxName))");
        change("RENAME Job Work");
        imap.expect("* LIST (\\HasNoChildren) \"/\" Work/Old (\"OLDNAME\" (Job/Old))")
            .expect_nothing();
    }

    TEST_F(ImapNotify, ManyChangesOfANameAreOne)
    {
        notify("SET (subtree \"\" (MailboxName))");
        imap.send("a1 ID "); // nothing is told meanwhile
        imap.expect_nothing();
        change("CREATE A");
        change("RENAME A B");
        change("CREATE Gone");
        change("DELETE Gone");
        change("RENAME Play Fun");
        change("RENAME Fun Games");
        change("DELETE Work/Old");
        change("CREATE Work/Old");
        imap.send("NIL\r\n").expect("* ID *");
        imap.expect("* LIST (\\HasNoChildren) \"/\" B")
            .expect("* LIST (\\HasNoChildren) \"/\" Games (\"OLDNAME\" (Play))")
            .expect("* LIST (\\HasNoChildren) \"/\" Work/Old")
            .expect("* LIST (\\HasChildren) \"/\" Work")
            .expect("a1 OK *")
            .expect_nothing();
    }

    TEST_F(ImapNotify, TellsSubscriptions)
    {
        notify("SET (personal (SubscriptionChange))");
        change("SUBSCRIBE Work");
        imap.expect("* LIST (\\HasChildren \\Subscribed) \"/\" Work").expect_nothing();
        change("UNSUBSCRIBE Work");
        imap.expect("* LIST (\\HasChildren) \"/\" Work").expect_nothing();
        imap.send("a1 SUBSCRIBE Play\r\n").expect("a1 OK *").expect_nothing();
        notify("SET (mailboxes Play (SubscriptionChange)) (subscribed (MailboxName))");
        change("SUBSCRIBE INBOX");
        imap.expect_nothing();
        change("DELETE Play");
        imap.expect("* LIST (\\HasNoChildren \\NonExistent \\Noselect \\Subscribed) \"/\" Play");
        change("UNSUBSCRIBE Play");
        imap.expect("* LIST (\\HasNoChildren \\NonExistent \\Noselect) \"/\" Play")
            .expect_nothing();
    }

    TEST_F(ImapNotify, FiltersTakeWhatTheyName)
    {
        auto const events = " " + std::string(both) + ")";
        notify("SET (inboxes" + events);
        imap.deliver("Work", unseen("a"));
        imap.deliver("INBOX", unseen("b"));
        imap.expect("* STATUS INBOX *").expect_nothing();
        notify("SET (subtree (Work Nowhere)" + events);
        imap.deliver("Play", unseen("c"));
        imap.deliver("Work/Old", unseen("d"));
        imap.expect("* STATUS Work/Old *");
        imap.deliver("Work", unseen("e"));
        imap.expect("* STATUS Work *").expect_nothing();
        notify("SET (mailboxes (Work \"P*\" Nowhere/)" + events);
        imap.deliver("Play", unseen("f"));
        imap.deliver("Work/Old", unseen("g"));
        imap.deliver("Work", unseen("h"));
        imap.expect("* STATUS Work *").expect_nothing();
        notify("SET (subscribed" + events); // looked up anew for each event
        imap.deliver("Work", unseen("i"));
        imap.expect_nothing();
        change("SUBSCRIBE Work");
        imap.deliver("Work", unseen("j"));
        imap.expect("* STATUS Work *").expect_nothing();
        notify("SET (personal NONE) (mailboxes Work" + events + " (personal (MailboxName))");
        imap.deliver("Work", unseen("k"));
        imap.expect("* STATUS Work *");
        change("CREATE More");
        imap.expect("* LIST (*) \"/\" More").expect_nothing();
        world->settings.deliver_to_detail = true; // then any mailbox may get mail
        notify("SET (inboxes" + events);
        imap.deliver("Play", unseen("l"));
        imap.expect("* STATUS Play *").expect_nothing();
    }

    TEST_F(ImapNotify, SpeaksAsTheClientAgreedOn)
    {
        imap.send("e ENABLE QRESYNC UIDONLY IMAP4rev2\r\n")
            .expect("* ENABLED QRESYNC UIDONLY IMAP4rev2")
            .expect("e OK *");
        imap.select("INBOX");
        notify("SET (selected (MessageNew (FLAGS) MessageExpunge FlagChange)) (personal "
               "(MailboxName MessageNew MessageExpunge))");
        imap.deliver("INBOX", unseen("three"));
        imap.expect("* 3 EXISTS").expect("* 3 UIDFETCH (FLAGS () MODSEQ (*))").expect_nothing();
        change("SELECT INBOX");
        change("STORE 1 +FLAGS (\\Deleted)");
        imap.expect("* 1 UIDFETCH (FLAGS (\\Deleted \\Seen) MODSEQ (*))");
        change("EXPUNGE");
        imap.expect("* VANISHED 1").expect_nothing();
        imap.deliver("Work", unseen("four"));
        imap.expect("* STATUS Work (MESSAGES 1 UIDNEXT 2 HIGHESTMODSEQ *)");
        change("RENAME Play K&APY-ln");
        imap.expect("* LIST (*) \"/\" \"Köln\" (\"OLDNAME\" (Play))").expect_nothing();
    }

    TEST_F(ImapNotify, WithCondstoreDataOfNewMessagesNameUidAndModSeq)
    {
        imap.send("e ENABLE CONDSTORE\r\n").expect("* ENABLED *").expect("e OK *");
        imap.select("INBOX");
        notify("SET (selected (MessageNew (RFC822.SIZE) MessageExpunge))");
        imap.deliver("INBOX", unseen("three"));
        imap.expect("* 3 EXISTS").expect("* 3 RECENT");
        imap.expect("* 3 FETCH (UID 3 RFC822.SIZE * MODSEQ (*))").expect_nothing();
    }

    TEST_F(ImapNotify, BeingToldIsNotReading)
    {
        imap.select("INBOX");
        notify("SET (selected (MessageNew (BODY[TEXT]) MessageExpunge FlagChange))");
        imap.deliver("INBOX", unseen("three"));
        imap.expect("* 3 EXISTS").expect("* 3 RECENT").expect("* 3 FETCH (BODY[TEXT] {7}");
        imap.expect("three").expect(")").play(R"(
            C: a1 FETCH 3 FLAGS
            S: * 3 FETCH (FLAGS (\Recent))
            S: a1 OK *
        )");
    }

    TEST_F(ImapNotify, UnauthenticateEndsIt)
    {
        notify("SET (personal (MailboxName))");
        imap.send("a1 UNAUTHENTICATE\r\n").expect("a1 OK *");
        imap.login();
        change("CREATE New");
        imap.expect_nothing();
    }

    TEST_F(ImapNotify, SaysWhenItLostTheThread)
    {
        imap.select("INBOX");
        notify("SET (selected (MessageNew MessageExpunge)) (personal (MailboxName))");
        auto const account = world->account("alice");
        auto& volume = world->store().volume_of(account);
        for (auto const* name : { "A", "B" })
            ASSERT_TRUE(volume.write([&](storage::WriteTxn& txn) -> storage::Result<void> {
                auto const made = storage::create_mailbox(txn, account.id, { .name = name });
                if (!made)
                    return made.error();
                return {};
            }));
        world->store().sweep_expunged(
            std::chrono::system_clock::now() + std::chrono::hours(24 * 15));
        imap.expect("* OK [NOTIFICATIONOVERFLOW] *").expect_nothing();
        imap.deliver("INBOX", unseen("three"));
        change("CREATE New");
        imap.play(R"(
            C: a1 NOOP
            S: a1 OK *
            C: a2 NOTIFY SET (personal (MailboxName))
            S: * 3 EXISTS
            S: * 3 RECENT
            S: a2 OK *
        )");
        change("DELETE New");
        imap.expect("* LIST (*) \"/\" New").expect_nothing();
    }

    TEST_F(ImapNotify, TellsManyChangesInTurns)
    {
        notify("SET (personal (MailboxName))");
        auto const account = world->account("alice");
        ASSERT_TRUE(world->store().volume_of(account).write(
            [&](storage::WriteTxn& txn) -> storage::Result<void> {
                for (int i = 0; i < 3000; ++i) {
                    auto const made = storage::create_mailbox(
                        txn, account.id, { .name = "M" + std::to_string(10'000 + i) });
                    if (!made)
                        return made.error();
                }
                return {};
            }));
        for (int i = 0; i < 3000; ++i)
            imap.expect("* LIST (\\HasNoChildren) \"/\" M" + std::to_string(10'000 + i));
        imap.expect_nothing();
    }

    // ---- Mailboxes of others --------------------------------------------------------------------

    class ImapNotifyShared : public ImapNotify {
    protected:
        ImapNotifyShared()
            : bob(world->account("bob"))
        {
            make("Plans");
            make("Plans/Secret");
        }

        void make(std::string const& name)
        {
            ASSERT_TRUE(volume().write([&](storage::WriteTxn& txn) -> storage::Result<void> {
                auto const made = storage::create_mailbox(txn, bob.id, { .name = name });
                if (!made)
                    return made.error();
                return {};
            }));
        }
        /// Gives alice these rights, and no others, as SETACL would.
        void grant(std::string const& name, storage::Rights rights)
        {
            ASSERT_TRUE(world->store().note_sharing(bob, "alice"));
            ASSERT_TRUE(volume().write([&](storage::WriteTxn& txn) {
                auto const mailbox = storage::find_mailbox(txn, bob.id, name);
                storage::Acl acl;
                if (!rights.empty())
                    acl.push_back({ "alice", rights });
                return storage::write_acl(txn, { bob.id, mailbox->id }, acl);
            }));
        }
        storage::Volume& volume() { return world->store().volume_of(bob); }

        storage::Account bob;
        static constexpr auto reading = Right::lookup | Right::read;
    };

    TEST_F(ImapNotifyShared, RightsMakeMailboxesComeAndGo)
    {
        notify("SET (subtree \"Other Users\" (MailboxName MessageNew MessageExpunge))");
        grant("Plans", reading); // bob shares something for the first time
        imap.expect("* LIST (\\HasNoChildren) \"/\" \"Other Users/bob/Plans\"").expect_nothing();
        imap.deliver("Plans", unseen("a"), "bob");
        imap.expect("* STATUS \"Other Users/bob/Plans\" (MESSAGES 1 UIDNEXT 2)");
        imap.deliver("Plans/Secret", unseen("b"), "bob");
        imap.expect_nothing();
        grant("Plans/Secret", reading);
        imap.expect("* LIST (\\HasNoChildren) \"/\" \"Other Users/bob/Plans/Secret\"")
            .expect("* LIST (\\HasChildren) \"/\" \"Other Users/bob/Plans\"")
            .expect_nothing();
        grant("Plans/Secret", {});
        imap.expect("* LIST (\\HasNoChildren \\NonExistent \\Noselect) \"/\" \"Other "
                    "Users/bob/Plans/Secret\"")
            .expect("* LIST (\\HasNoChildren) \"/\" \"Other Users/bob/Plans\"")
            .expect_nothing();
        imap.deliver("Plans/Secret", unseen("c"), "bob");
        imap.expect_nothing();
        // What is made below takes the list of the one above.
        make("Plans/New");
        imap.expect("* LIST (\\HasNoChildren) \"/\" \"Other Users/bob/Plans/New\"")
            .expect("* LIST (\\HasChildren) \"/\" \"Other Users/bob/Plans\"")
            .expect_nothing();
        ASSERT_TRUE(volume().write([&](storage::WriteTxn& txn) {
            return storage::rename_mailbox(txn, bob.id, "Plans", "Schemes");
        }));
        imap.expect("* LIST (\\HasChildren) \"/\" \"Other Users/bob/Schemes\" (\"OLDNAME\" "
                    "(\"Other Users/bob/Plans\"))")
            .expect_nothing();
        ASSERT_TRUE(volume().write([&](storage::WriteTxn& txn) {
            return storage::delete_mailbox(txn, bob.id, "Schemes/New");
        }));
        imap.expect("* LIST (*\\NonExistent*) \"/\" \"Other Users/bob/Schemes/New\"")
            .expect("* LIST (\\HasNoChildren) \"/\" \"Other Users/bob/Schemes\"")
            .expect_nothing();
    }

    TEST_F(ImapNotifyShared, ANameMayBeWatchedBeforeThereIsSomethingToSee)
    {
        notify("SET (mailboxes (\"Other Users/bob/Plans\" \"Other Users/nobody/x\") (MailboxName "
               "MessageNew MessageExpunge))");
        imap.deliver("Plans", unseen("a"), "bob");
        imap.expect_nothing();
        grant("Plans", reading);
        imap.expect("* LIST (\\HasNoChildren) \"/\" \"Other Users/bob/Plans\"").expect_nothing();
    }

    TEST_F(ImapNotifyShared, WhoMayKnowTheNameOnlyIsToldSo)
    {
        grant("Plans", Right::lookup);
        imap.play(R"(
            C: a1 NOTIFY SET STATUS (subtree "Other Users" (MessageNew MessageExpunge))
            S: * LIST (\HasNoChildren \NoAccess) "/" "Other Users/bob/Plans"
            S: a1 OK *
        )");
        imap.deliver("Plans", unseen("a"), "bob");
        imap.expect_nothing();
        grant("Plans", reading);
        imap.expect("* LIST (\\HasNoChildren) \"/\" \"Other Users/bob/Plans\"").expect_nothing();
        imap.deliver("Plans", unseen("b"), "bob");
        imap.expect("* STATUS \"Other Users/bob/Plans\" (MESSAGES 2 UIDNEXT 3)");
        grant("Plans", Right::lookup);
        imap.expect("* LIST (\\HasNoChildren \\NoAccess) \"/\" \"Other Users/bob/Plans\"");
        grant("Plans", reading);
        imap.expect("* LIST (\\HasNoChildren) \"/\" \"Other Users/bob/Plans\"");
        grant("Plans", {});
        imap.expect("* LIST (\\HasNoChildren \\NoAccess) \"/\" \"Other Users/bob/Plans\"")
            .expect_nothing();
        grant("Plans", reading);
        imap.expect("* LIST (\\HasNoChildren) \"/\" \"Other Users/bob/Plans\"").expect_nothing();
    }

    TEST_F(ImapNotifyShared, UnseenIsTheUsersOwn)
    {
        grant("Plans", reading | Right::keep_seen);
        imap.deliver("Plans", seen("a"), "bob");
        imap.play(R"(
            C: a1 NOTIFY SET STATUS (subtree "Other Users/bob" (MessageNew MessageExpunge FlagChange))
            S: * STATUS "Other Users/bob/Plans" (MESSAGES 1 UIDNEXT 2 UIDVALIDITY * UNSEEN 1 HIGHESTMODSEQ *)
            S: a1 OK *
        )");
        change("SELECT \"Other Users/bob/Plans\"");
        change("STORE 1 +FLAGS (\\Seen)");
        imap.expect("* STATUS \"Other Users/bob/Plans\" (UIDVALIDITY * UNSEEN 0)").expect_nothing();
    }

    TEST_F(ImapNotifyShared, PersonalAndInboxesAreTheUsersOwn)
    {
        grant("Plans", reading);
        notify("SET (personal (MailboxName MessageNew MessageExpunge)) (inboxes (MessageNew "
               "MessageExpunge))");
        imap.deliver("Plans", unseen("a"), "bob");
        make("Plans/New");
        grant("Plans", {});
        imap.expect_nothing();
    }

    TEST_F(ImapNotifyShared, SubscribedTakesMailboxesOfOthers)
    {
        grant("Plans", reading);
        notify("SET (subscribed (MessageNew MessageExpunge SubscriptionChange))");
        imap.deliver("Plans", unseen("a"), "bob");
        imap.expect_nothing();
        change("SUBSCRIBE \"Other Users/bob/Plans\"");
        imap.expect("* LIST (\\HasNoChildren \\Subscribed) \"/\" \"Other Users/bob/Plans\"");
        imap.deliver("Plans", unseen("b"), "bob");
        imap.expect("* STATUS \"Other Users/bob/Plans\" (MESSAGES 2 UIDNEXT 3)").expect_nothing();
    }

    TEST_F(ImapNotifyShared, WithoutSharingThereIsNothingToWatch)
    {
        world->settings.sharing.enabled = false;
        grant("Plans", reading);
        notify("SET (subtree (\"\" \"Other Users\") (MailboxName MessageNew MessageExpunge))");
        imap.deliver("Plans", unseen("a"), "bob");
        imap.expect_nothing();
        imap.deliver("Work", unseen("b"));
        imap.expect("* STATUS Work *").expect_nothing();
    }

} // namespace
} // namespace mail::imap
