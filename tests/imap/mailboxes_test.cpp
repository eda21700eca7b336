// CREATE, DELETE, RENAME, SUBSCRIBE, LIST, LSUB, NAMESPACE and STATUS, by one session and by
// several.
#include "tests/support/transcript.h"

namespace mail::test {
namespace {

    TEST(ImapCreate, RefusesWhatIsNoName)
    {
        Transcript imap;
        imap.login().play(R"(
            C: a1 CREATE
            S: a1 BAD *
            C: a2 CREATE ""
            S: a2 NO [CANNOT] *
            C: a3 CREATE a//b
            S: a3 NO [CANNOT] *
            C: a4 CREATE /a
            S: a4 NO [CANNOT] *
            C: a5 CREATE R&D
            S: a5 NO [CANNOT] *
            C: a6 CREATE "a%b"
            S: a6 NO [CANNOT] *
            C: a7 CREATE inbox
            S: a7 NO [ALREADYEXISTS] *
            C: a8 CREATE x (USE (\Foo))
            S: a8 NO [USEATTR] *
            C: a9 CREATE x (USE (\All))
            S: a9 NO [USEATTR] *
            C: b1 CREATE x (USE \Sent)
            S: b1 BAD *
            C: b2 CREATE x (COLOUR red)
            S: b2 BAD *
            C: b3 LIST "" *
            S: * LIST (\HasNoChildren) "/" INBOX
            S: b3 OK *
        )");
        imap.send("c1 CREATE " + std::string(1001, 'x') + "\r\n").expect("c1 NO [*] *");
        imap.expect_nothing();
    }

    TEST(ImapCreate, MakesParentsAndSpecialUses)
    {
        Transcript imap;
        imap.login().play(R"(
            C: a1 CREATE a/b/c/
            S: a1 OK [MAILBOXID (F*)] CREATE completed
            C: a2 CREATE a/b
            S: a2 NO [ALREADYEXISTS] *
            C: a3 CREATE Gesendet (USE (\sent))
            S: a3 OK *
            C: a4 CREATE Sent (USE (\Sent))
            S: a4 NO [USEATTR] *
            C: a5 CREATE "Entw&APw-rfe" (USE (\Drafts))
            S: a5 OK *
            C: a6 LIST "" *
            S: * LIST (\HasNoChildren) "/" INBOX
            S: * LIST (\HasNoChildren \Drafts) "/" Entw&APw-rfe
            S: * LIST (\HasNoChildren \Sent) "/" Gesendet
            S: * LIST (\HasChildren) "/" a
            S: * LIST (\HasChildren) "/" a/b
            S: * LIST (\HasNoChildren) "/" a/b/c
            S: a6 OK LIST completed
            C: a7 CREATE {12+}
            C: Lettre été
            S: a7 OK *
            C: a8 CREATE "Été"
            S: a8 OK *
            C: a9 LIST "" &AMk-*
            S: * LIST (\HasNoChildren) "/" &AMk-t&AOk-
            S: a9 OK *
            C: b1 LIST "" Le%
            S: * LIST (\HasNoChildren) "/" "Lettre &AOk-t&AOk-"
            S: b1 OK *
        )");
    }

    TEST(ImapDelete, KeepsChildrenAndInbox)
    {
        Transcript imap { mailbox("a/b", { seen("one") }), mailbox("c") };
        imap.login().play(R"(
            C: a1 DELETE
            S: a1 BAD *
            C: a2 DELETE nowhere
            S: a2 NO [NONEXISTENT] *
            C: a3 DELETE Inbox
            S: a3 NO [CANNOT] *
            C: a4 DELETE a
            S: a4 OK DELETE completed
            C: a5 LIST "" %
            S: * LIST (\HasNoChildren) "/" INBOX
            S: * LIST (\HasChildren \NonExistent \Noselect) "/" a
            S: * LIST (\HasNoChildren) "/" c
            S: a5 OK *
            C: a6 SELECT a
            S: a6 NO [NONEXISTENT] *
            C: a7 DELETE a
            S: a7 NO [NONEXISTENT] *
            C: a8 DELETE a/b
            S: a8 OK *
            C: a9 LIST "" *
            S: * LIST (\HasNoChildren) "/" INBOX
            S: * LIST (\HasNoChildren) "/" c
            S: a9 OK *
        )");
    }

    TEST(ImapDelete, ClosesTheSelectedMailbox)
    {
        Transcript imap { mailbox("a", { seen("one") }) };
        auto other = imap.another();
        auto idler = imap.another();
        imap.login().select("a");
        other.login().select("a");
        idler.login().select("a").send("a1 IDLE\r\n").expect("+ idling").expect_nothing();
        imap.play(R"(
            C: a1 DELETE a
            S: * OK [CLOSED] *
            S: a1 OK *
            C: a2 CHECK
            S: a2 BAD Select a mailbox first
        )");
        // RFC 2180 §3.3: those who had it selected are sent away.
        idler.expect("* BYE *deleted*").expect_closed();
        other.send("a1 NOOP\r\n").expect("* BYE *deleted*").expect("a1 OK *").expect_closed();
    }

    TEST(ImapRename, MovesTheWholeTree)
    {
        Transcript imap { mailbox("a/b", { seen("one") }), mailbox("c") };
        imap.login().play(R"(
            C: a1 RENAME a
            S: a1 BAD *
            C: a2 RENAME nowhere x
            S: a2 NO [NONEXISTENT] *
            C: a3 RENAME a c
            S: a3 NO [ALREADYEXISTS] *
            C: a4 RENAME a a/b/c
            S: a4 NO [*] *
            C: a5 RENAME a d/e
            S: a5 OK RENAME completed
            C: a6 LIST "" *
            S: * LIST (\HasNoChildren) "/" INBOX
            S: * LIST (\HasNoChildren) "/" c
            S: * LIST (\HasChildren) "/" d
            S: * LIST (\HasChildren) "/" d/e
            S: * LIST (\HasNoChildren) "/" d/e/b
            S: a6 OK *
            C: a7 STATUS d/e/b (MESSAGES UIDNEXT)
            S: * STATUS d/e/b (MESSAGES 1 UIDNEXT 2)
            S: a7 OK *
        )");
    }

    TEST(ImapRename, LeavesTheViewsOfOtherSessionsAlone)
    {
        Transcript imap { mailbox("a", { seen("one") }) };
        auto other = imap.another();
        other.login().select("a");
        imap.login().play(R"(
            C: a1 RENAME a b
            S: a1 OK *
        )");
        imap.deliver("b", seen("two"));
        other.play(R"(
            C: a1 NOOP
            S: * 2 EXISTS
            S: * 2 RECENT
            S: a1 OK *
        )");
    }

    TEST(ImapRename, EmptiesInbox)
    {
        Transcript imap { mailbox("INBOX", { seen("one"), unseen("two") }) };
        auto other = imap.another();
        other.login().select("INBOX", "EXAMINE");
        imap.login().play(R"(
            C: a1 RENAME INBOX old
            S: a1 OK *
            C: a2 STATUS old (MESSAGES)
            S: * STATUS old (MESSAGES 2)
            S: a2 OK *
            C: a3 STATUS INBOX (MESSAGES)
            S: * STATUS INBOX (MESSAGES 0)
            S: a3 OK *
        )");
        other.play(R"(
            C: a1 NOOP
            S: * 1 EXPUNGE
            S: * 1 EXPUNGE
            S: a1 OK *
        )");
    }

    TEST(ImapSubscribe, KeepsNamesForLsub)
    {
        Transcript imap { mailbox("a/b"), mailbox("c", {}, storage::SpecialUse::sent) };
        imap.login().play(R"(
            C: a1 SUBSCRIBE
            S: a1 BAD *
            C: a2 SUBSCRIBE nowhere
            S: a2 NO [NONEXISTENT] *
            C: a3 LSUB "" *
            S: * LSUB (\HasNoChildren) "/" INBOX
            S: a3 OK *
            C: a3 UNSUBSCRIBE INBOX
            S: a3 OK *
            C: a4 SUBSCRIBE a/b
            S: a4 OK *
            C: a5 SUBSCRIBE c
            S: a5 OK *
            C: a6 SUBSCRIBE c
            S: a6 OK *
            C: a7 LSUB "" *
            S: * LSUB (\HasNoChildren) "/" a/b
            S: * LSUB (\HasNoChildren \Sent) "/" c
            S: a7 OK *
            C: a8 LSUB "" %
            S: * LSUB (\HasChildren \Noselect) "/" a
            S: * LSUB (\HasNoChildren \Sent) "/" c
            S: a8 OK *
            C: a9 LSUB "" ""
            S: * LSUB (\Noselect) "/" ""
            S: a9 OK *
            C: b1 UNSUBSCRIBE c
            S: b1 OK *
            C: b2 UNSUBSCRIBE nowhere
            S: b2 OK *
            C: b3 DELETE a/b
            S: b3 OK *
            C: b4 LSUB "" *
            S: * LSUB (\HasNoChildren \Noselect) "/" a/b
            S: b4 OK *
            C: b5 LSUB a/ %
            S: * LSUB (\HasNoChildren \Noselect) "/" a/b
            S: b5 OK *
        )");
    }

    TEST(ImapList, RefusesWhatItCannotRead)
    {
        Transcript imap;
        imap.login().play(R"(
            C: a1 LIST
            S: a1 BAD *
            C: a2 LIST ""
            S: a2 BAD *
            C: a3 LIST "" * x
            S: a3 BAD *
            C: a4 LIST "" * RETURN (COLOUR)
            S: a4 BAD *
            C: a5 LIST (COLOUR) "" *
            S: a5 BAD *
            C: a6 LIST (RECURSIVEMATCH) "" *
            S: a6 BAD *
            C: a7 LIST "" &
            S: a7 NO [CANNOT] *
            C: a8 LIST "" ()
            S: a8 BAD *
        )");
    }

    TEST(ImapList, MatchesPatterns)
    {
        Transcript imap { mailbox("a/b/c"), mailbox("ab") };
        imap.login().play(R"(
            C: a1 LIST "" ""
            S: * LIST (\Noselect) "/" ""
            S: a1 OK *
            C: a2 LIST "" inbox
            S: * LIST (\HasNoChildren) "/" INBOX
            S: a2 OK *
            C: a3 LIST "" a%
            S: * LIST (\HasChildren) "/" a
            S: * LIST (\HasNoChildren) "/" ab
            S: a3 OK *
            C: a4 LIST a/ %
            S: * LIST (\HasChildren) "/" a/b
            S: a4 OK *
            C: a5 LIST "a/" "*"
            S: * LIST (\HasChildren) "/" a/b
            S: * LIST (\HasNoChildren) "/" a/b/c
            S: a5 OK *
            C: a6 LIST "" %/%
            S: * LIST (\HasChildren) "/" a/b
            S: a6 OK *
            C: a7 LIST "" *c
            S: * LIST (\HasNoChildren) "/" a/b/c
            S: a7 OK *
            C: a8 list "" {1+}
            C: *
            S: * LIST (\HasNoChildren) "/" INBOX
            S: * LIST (\HasChildren) "/" a
            S: * LIST (\HasChildren) "/" a/b
            S: * LIST (\HasNoChildren) "/" a/b/c
            S: * LIST (\HasNoChildren) "/" ab
            S: a8 OK *
            C: a9 LIST "" nothing
            S: a9 OK *
        )");
    }

    TEST(ImapList, TakesTheOptionsThatClientsSend)
    {
        Transcript imap { mailbox("a/b"), mailbox("s", {}, storage::SpecialUse::sent) };
        imap.login().play(R"(
            C: a1 SUBSCRIBE a/b
            S: a1 OK *
            C: a1 UNSUBSCRIBE INBOX
            S: a1 OK *
            C: a2 LIST "" "*" RETURN (SPECIAL-USE CHILDREN SUBSCRIBED)
            S: * LIST (\HasNoChildren) "/" INBOX
            S: * LIST (\HasChildren) "/" a
            S: * LIST (\HasNoChildren \Subscribed) "/" a/b
            S: * LIST (\HasNoChildren \Sent) "/" s
            S: a2 OK *
            C: a3 list (subscribed) "" "*" return (special-use)
            S: * LIST (\HasNoChildren \Subscribed) "/" a/b
            S: a3 OK *
            C: a4 LIST (SPECIAL-USE) "" "*" RETURN (SUBSCRIBED)
            S: * LIST (\HasNoChildren \Sent) "/" s
            S: a4 OK *
            C: a5 LIST (SUBSCRIBED RECURSIVEMATCH) "" "%"
            S: * LIST (\HasChildren) "/" a ("CHILDINFO" ("SUBSCRIBED"))
            S: a5 OK *
            C: a6 LIST () "" (INBOX s) RETURN ()
            S: * LIST (\HasNoChildren) "/" INBOX
            S: * LIST (\HasNoChildren \Sent) "/" s
            S: a6 OK *
        )");
    }

    TEST(ImapList, SendsLongListsInParts)
    {
        Transcript imap;
        auto const account = imap.services().account("alice");
        auto const made = imap.services().store().volume_of(account).write(
            [&](storage::WriteTxn& txn) -> storage::Result<void> {
                for (int i = 0; i < 2000; ++i) {
                    storage::NewMailbox wanted;
                    wanted.name = "box/" + std::string(50, 'x') + std::to_string(1000 + i);
                    if (auto const created = storage::create_mailbox(txn, account.id, wanted);
                        !created)
                        return created.error();
                }
                return {};
            });
        ASSERT_TRUE(made);
        imap.login().send("a1 LIST \"\" box/%\r\n");
        for (int i = 0; i < 2000; ++i)
            imap.expect("* LIST (\\HasNoChildren) \"/\" box/*" + std::to_string(1000 + i));
        imap.expect("a1 OK *").expect_nothing();
    }

    TEST(ImapNamespace, NamesThoseThatAreThere)
    {
        Transcript imap;
        imap.login().play(R"(
            C: a1 NAMESPACE
            S: * NAMESPACE (("" "/")) (("Other Users/" "/")) NIL
            S: a1 OK *
        )");
        imap.services().settings.sharing.shared_account = "carol";
        imap.play(R"(
            C: a2 NAMESPACE
            S: * NAMESPACE (("" "/")) (("Other Users/" "/")) ((Shared/ "/"))
            S: a2 OK *
        )");
        imap.services().settings.sharing.enabled = false;
        imap.play(R"(
            C: a3 NAMESPACE
            S: * NAMESPACE (("" "/")) NIL NIL
            S: a3 OK *
        )");
    }

    TEST(ImapStatus, RefusesWhatItCannotRead)
    {
        Transcript imap;
        imap.login().play(R"(
            C: a1 STATUS
            S: a1 BAD *
            C: a2 STATUS INBOX
            S: a2 BAD *
            C: a3 STATUS INBOX ()
            S: a3 BAD *
            C: a4 STATUS INBOX (MESSAGES COLOUR)
            S: a4 BAD *
            C: a5 STATUS Nowhere (MESSAGES)
            S: a5 NO [NONEXISTENT] *
            C: a6 STATUS &AAE- (MESSAGES)
            S: a6 NO [CANNOT] *
        )");
    }

    TEST(ImapStatus, CountsWithoutSelecting)
    {
        Transcript imap(mailbox("INBOX", { seen("one"), unseen("two"), deleted("three") }));
        imap.login().play(R"(
            C: a1 STATUS inbox (MESSAGES UNSEEN UIDNEXT RECENT DELETED)
            S: * STATUS INBOX (MESSAGES 3 UNSEEN 2 UIDNEXT 4 RECENT 3 DELETED 1)
            S: a1 OK STATUS completed
            C: a2 STATUS "INBOX" (UIDVALIDITY SIZE HIGHESTMODSEQ)
            S: * STATUS INBOX (UIDVALIDITY * SIZE * HIGHESTMODSEQ *)
            S: a2 OK *
        )");
        auto other = imap.another();
        other.login().select("INBOX");
        imap.play(R"(
            C: a1 STATUS INBOX (RECENT)
            S: * STATUS INBOX (RECENT 0)
            S: a1 OK *
        )");
        other.play(R"(
            C: a1 STATUS INBOX (RECENT MESSAGES)
            S: * STATUS INBOX (RECENT 3 MESSAGES 3)
            S: a1 OK *
            C: a2 STATUS INBOX (HIGHESTMODSEQ)
            S: * OK [HIGHESTMODSEQ *] *
            S: * STATUS INBOX (HIGHESTMODSEQ *)
            S: a2 OK *
        )");
    }

} // namespace
} // namespace mail::test
