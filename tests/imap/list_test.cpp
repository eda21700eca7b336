// LIST with all that extends it (RFC 5258, 5819, 6154, 8440, 9590), in all namespaces; LSUB, XLIST.
#include "tests/support/sharing.h"
#include "tests/support/transcript.h"

namespace mail::imap {
namespace {

    using namespace mail::test;

    /// The hierarchy of the examples of RFC 5258 §5.
    Transcript fruit()
    {
        Transcript imap { mailbox("Fruit/Apple"), mailbox("Fruit/Banana"), mailbox("Fruit/Peach"),
            mailbox("Tofu"), mailbox("Vegetable/Broccoli"), mailbox("Vegetable/Corn") };
        imap.login().play(R"(
            C: s1 SUBSCRIBE Fruit/Banana
            S: s1 OK *
            C: s2 SUBSCRIBE Fruit/Peach
            S: s2 OK *
            C: s3 SUBSCRIBE Vegetable
            S: s3 OK *
            C: s4 SUBSCRIBE Vegetable/Broccoli
            S: s4 OK *
            C: s5 DELETE Fruit/Peach
            S: s5 OK *
        )");
        return imap;
    }

    TEST(ImapListExtended, SelectsSubscribedNamesThatExistOrNot)
    {
        auto imap = fruit();
        imap.play(R"(
            C: a1 LIST (SUBSCRIBED) "" *
            S: * LIST (\HasNoChildren \Subscribed) "/" INBOX
            S: * LIST (\HasNoChildren \Subscribed) "/" Fruit/Banana
            S: * LIST (\HasNoChildren \NonExistent \Noselect \Subscribed) "/" Fruit/Peach
            S: * LIST (\HasChildren \Subscribed) "/" Vegetable
            S: * LIST (\HasNoChildren \Subscribed) "/" Vegetable/Broccoli
            S: a1 OK *
            C: a2 LIST (REMOTE SUBSCRIBED SUBSCRIBED) "" %
            S: * LIST (\HasNoChildren \Subscribed) "/" INBOX
            S: * LIST (\HasChildren \Subscribed) "/" Vegetable
            S: a2 OK *
            C: a3 LIST (REMOTE) "" % RETURN (SUBSCRIBED)
            S: * LIST (\HasNoChildren \Subscribed) "/" INBOX
            S: * LIST (\HasChildren) "/" Fruit
            S: * LIST (\HasNoChildren) "/" Tofu
            S: * LIST (\HasChildren \Subscribed) "/" Vegetable
            S: a3 OK *
            C: a4 LIST "" Fruit/Peach RETURN (SUBSCRIBED)
            S: a4 OK *
        )");
    }

    TEST(ImapListExtended, TakesSeveralPatternsAndTellsEachNameOnce)
    {
        auto imap = fruit();
        imap.play(R"(
            C: a1 LIST "" ("INBOX" "Tofu" "Fruit/%" "" "T%")
            S: * LIST (\HasNoChildren) "/" INBOX
            S: * LIST (\HasNoChildren) "/" Fruit/Apple
            S: * LIST (\HasNoChildren) "/" Fruit/Banana
            S: * LIST (\HasNoChildren) "/" Tofu
            S: a1 OK *
            C: a2 LIST "Fruit/" (A% B%)
            S: * LIST (\HasNoChildren) "/" Fruit/Apple
            S: * LIST (\HasNoChildren) "/" Fruit/Banana
            S: a2 OK *
            C: a3 LIST () "" ""
            S: a3 OK *
            C: a4 LIST "" ("")
            S: a4 OK *
            C: a5 LIST "" "" RETURN ()
            S: a5 OK *
            C: a6 LIST "" ""
            S: * LIST (\Noselect) "/" ""
            S: a6 OK *
        )");
        std::string many = "b1 LIST \"\" (x";
        for (int i = 0; i < 50; ++i)
            many += " x";
        imap.send(many + ")\r\n").expect("b1 NO [LIMIT] *").expect_nothing();
    }

    TEST(ImapListExtended, RefusesWhatIsNoOption)
    {
        Transcript imap;
        imap.login().play(R"(
            C: a1 LIST (RECURSIVEMATCH) "" *
            S: a1 BAD *
            C: a2 LIST (REMOTE RECURSIVEMATCH) "" *
            S: a2 BAD *
            C: a3 LIST (COLOUR) "" *
            S: a3 BAD *
            C: a4 LIST "" * RETURN SUBSCRIBED
            S: a4 BAD *
            C: a5 LIST "" * RETURN (STATUS)
            S: a5 BAD *
            C: a6 LIST "" * RETURN (STATUS ())
            S: a6 BAD *
            C: a7 LIST "" * RETURN (STATUS (COLOUR))
            S: a7 BAD *
            C: a8 LIST "" * RETURN (METADATA)
            S: a8 BAD *
            C: a9 LIST "" * RETURN (METADATA ())
            S: a9 BAD *
            C: b1 LIST "" * RETURN (METADATA (/comment))
            S: b1 BAD *
            C: b2 LIST "" * RETURN (METADATA ("/shared/a%b"))
            S: b2 BAD *
            C: b3 LIST "" * RETURN (RECURSIVEMATCH)
            S: b3 BAD *
            C: b4 LSUB () "" *
            S: b4 BAD *
            C: b5 XLIST "" * RETURN ()
            S: b5 BAD *
            C: b6 XLIST ""
            S: b6 BAD *
        )");
    }

    TEST(ImapListExtended, RecursiveMatchTellsOfParents)
    {
        Transcript imap { mailbox("baz2/bar2"), mailbox("baz2/bar22"), mailbox("eps2/mamba"),
            mailbox("foo2/bar1"), mailbox("foo2/bar2"), mailbox("qux2/bar2"), mailbox("moo") };
        imap.login().play("C: d DELETE qux2\nS: d OK *\nC: i UNSUBSCRIBE INBOX\nS: i OK *");
        for (auto const* name : { "baz2/bar2", "baz2/bar22", "eps2", "eps2/mamba", "foo2/bar1",
                 "foo2/bar2", "qux2/bar2" })
            imap.send("s SUBSCRIBE " + std::string(name) + "\r\n").expect("s OK *");
        // Example 9: what the children that are told say themselves is left out.
        imap.play(R"(
            C: a1 LIST (RECURSIVEMATCH SUBSCRIBED) "" *2
            S: * LIST (\HasNoChildren \Subscribed) "/" baz2/bar2
            S: * LIST (\HasNoChildren \Subscribed) "/" baz2/bar22
            S: * LIST (\HasChildren \Subscribed) "/" eps2 ("CHILDINFO" ("SUBSCRIBED"))
            S: * LIST (\HasChildren) "/" foo2 ("CHILDINFO" ("SUBSCRIBED"))
            S: * LIST (\HasNoChildren \Subscribed) "/" foo2/bar2
            S: * LIST (\HasNoChildren \Subscribed) "/" qux2/bar2
            S: a1 OK *
            C: a2 LIST (SUBSCRIBED RECURSIVEMATCH) "" %
            S: * LIST (\HasChildren) "/" baz2 ("CHILDINFO" ("SUBSCRIBED"))
            S: * LIST (\HasChildren \Subscribed) "/" eps2 ("CHILDINFO" ("SUBSCRIBED"))
            S: * LIST (\HasChildren) "/" foo2 ("CHILDINFO" ("SUBSCRIBED"))
            S: * LIST (\HasChildren \NonExistent \Noselect) "/" qux2 ("CHILDINFO" ("SUBSCRIBED"))
            S: a2 OK *
            C: a3 LIST (SUBSCRIBED) "" %
            S: * LIST (\HasChildren \Subscribed) "/" eps2
            S: a3 OK *
        )");
        // Example 10: CHILDINFO without \HasChildren.
        imap.play(R"(
            C: b1 CREATE moo/gone
            S: b1 OK *
            C: b2 SUBSCRIBE moo/gone
            S: b2 OK *
            C: b3 DELETE moo/gone
            S: b3 OK *
            C: b4 LIST (SUBSCRIBED RECURSIVEMATCH) "" moo RETURN (CHILDREN)
            S: * LIST (\HasNoChildren) "/" moo ("CHILDINFO" ("SUBSCRIBED"))
            S: b4 OK *
        )");
    }

    TEST(ImapListExtended, RecursiveMatchGoesWithSpecialUseToo)
    {
        Transcript imap { mailbox("Mail/Gone out", {}, storage::SpecialUse::sent), mailbox("x") };
        imap.login().play(R"(
            C: a1 LIST (SPECIAL-USE RECURSIVEMATCH) "" %
            S: * LIST (\HasChildren) "/" Mail ("CHILDINFO" ("SPECIAL-USE"))
            S: a1 OK *
            C: a2 SUBSCRIBE "Mail/Gone out"
            S: a2 OK *
            C: a3 LIST (SPECIAL-USE SUBSCRIBED RECURSIVEMATCH) "" %
            S: * LIST (\HasChildren) "/" Mail ("CHILDINFO" ("SUBSCRIBED" "SPECIAL-USE"))
            S: a3 OK *
            C: a4 LIST (SPECIAL-USE SUBSCRIBED) "" *
            S: * LIST (\HasNoChildren \Subscribed \Sent) "/" "Mail/Gone out"
            S: a4 OK *
        )");
    }

    TEST(ImapListExtended, LevelsWithoutMailboxAreToldWherePercentStops)
    {
        Transcript imap { mailbox("music/rock") };
        imap.login().play(R"(
            C: a0 DELETE music
            S: a0 OK *
            C: a1 LIST "" *
            S: * LIST (\HasNoChildren) "/" INBOX
            S: * LIST (\HasNoChildren) "/" music/rock
            S: a1 OK *
            C: a2 LIST "" %
            S: * LIST (\HasNoChildren) "/" INBOX
            S: * LIST (\HasChildren \NonExistent \Noselect) "/" music
            S: a2 OK *
            C: a3 LIST "" music
            S: a3 OK *
            C: a4 LIST "" (% music/rock)
            S: * LIST (\HasNoChildren) "/" INBOX
            S: * LIST (\HasChildren \NonExistent \Noselect) "/" music
            S: * LIST (\HasNoChildren) "/" music/rock
            S: a4 OK *
            C: a5 LIST "" % RETURN (STATUS (MESSAGES) MYRIGHTS METADATA (/shared/comment))
            S: * LIST (\HasNoChildren) "/" INBOX
            S: * STATUS INBOX (MESSAGES 0)
            S: * MYRIGHTS INBOX lrswipkxteacd
            S: * METADATA INBOX (/shared/comment NIL)
            S: * LIST (\HasChildren \NonExistent \Noselect) "/" music
            S: a5 OK *
        )");
    }

    TEST(ImapListExtended, TheDeepestMailboxHasNoInferiors)
    {
        Transcript imap;
        std::string name = "x";
        for (std::size_t level = 1; level < storage::max_mailbox_levels; ++level)
            name += "/x";
        imap.login().send("a1 CREATE " + name + "\r\n").expect("a1 OK *");
        imap.send("a2 LIST \"\" " + name + "\r\n")
            .expect("* LIST (\\Noinferiors) \"/\" " + name)
            .expect("a2 OK *");
        imap.send("a3 CREATE " + name + "/y\r\n").expect("a3 NO [LIMIT] *");
        imap.send("a4 LIST \"\" " + name.substr(2) + "\r\n")
            .expect("* LIST (\\HasChildren) \"/\" " + name.substr(2))
            .expect("a4 OK *");
    }

    TEST(ImapListStatus, TellsStatusBehindEachName)
    {
        Transcript imap { mailbox("INBOX", { seen("one"), unseen("two") }),
            mailbox("Sent", { deleted("three") }, storage::SpecialUse::sent) };
        auto const size = std::to_string(message("three").octets.size());
        imap.login().play(R"(
            C: a1 LIST "" * RETURN (STATUS (MESSAGES UNSEEN UIDNEXT) SPECIAL-USE CHILDREN SUBSCRIBED)
            S: * LIST (\HasNoChildren \Subscribed) "/" INBOX
            S: * STATUS INBOX (MESSAGES 2 UNSEEN 1 UIDNEXT 3)
            S: * LIST (\HasNoChildren \Sent) "/" Sent
            S: * STATUS Sent (MESSAGES 1 UNSEEN 1 UIDNEXT 2)
            S: a1 OK *
            C: a2 LIST "" Sent RETURN (STATUS (RECENT DELETED DELETED-STORAGE SIZE MESSAGES MESSAGES))
            S: * LIST (\HasNoChildren \Sent) "/" Sent
            S: * STATUS Sent (RECENT 1 DELETED 1 DELETED-STORAGE )"
            + size + " SIZE " + size + R"( MESSAGES 1)
            S: a2 OK *
        )");
        imap.select("INBOX").play(R"(
            C: b1 LIST "" INBOX RETURN (STATUS (HIGHESTMODSEQ UIDVALIDITY))
            S: * OK [HIGHESTMODSEQ *] *
            S: * LIST (\HasNoChildren) "/" INBOX
            S: * STATUS INBOX (HIGHESTMODSEQ * UIDVALIDITY *)
            S: b1 OK *
            C: b2 LIST (SUBSCRIBED RECURSIVEMATCH) "" % RETURN (STATUS (MESSAGES))
            S: * LIST (\HasNoChildren \Subscribed) "/" INBOX
            S: * STATUS INBOX (MESSAGES 2)
            S: b2 OK *
        )");
    }

    TEST(ImapListStatus, ParentsThatOnlyStandForChildrenHaveNone)
    {
        Transcript imap { mailbox("foo/bar") };
        imap.login().play(R"(
            C: a0 UNSUBSCRIBE INBOX
            S: a0 OK *
            C: a1 SUBSCRIBE foo/bar
            S: a1 OK *
            C: a2 LIST (SUBSCRIBED RECURSIVEMATCH) "" % RETURN (STATUS (MESSAGES) MYRIGHTS METADATA (/shared/x))
            S: * LIST (\HasChildren) "/" foo ("CHILDINFO" ("SUBSCRIBED"))
            S: a2 OK *
        )");
    }

    TEST(ImapListNamespaces, OthersAreShownAsFarAsTheyMayBeLookedUp)
    {
        Transcript alice { mailbox("Plans", { seen("one"), unseen("two") }),
            mailbox("Plans/Secret"), mailbox("Deep/Down/There"),
            mailbox("Drop", {}, storage::SpecialUse::junk) };
        auto& world = alice.services();
        share(world, "alice", "Plans", "bob", "lr");
        share(world, "alice", "Deep/Down/There", "bob", "lr");
        share(world, "alice", "Drop", "bob", "li");
        auto bob = alice.another();
        bob.login("bob").play(R"(
            C: a1 LIST "" *
            S: * LIST (\HasNoChildren) "/" INBOX
            S: * LIST (\HasNoChildren) "/" "Other Users/alice/Deep/Down/There"
            S: * LIST (\HasNoChildren \Noselect) "/" "Other Users/alice/Drop"
            S: * LIST (\HasNoChildren) "/" "Other Users/alice/Plans"
            S: a1 OK *
            C: a2 LIST "" %
            S: * LIST (\HasNoChildren) "/" INBOX
            S: * LIST (\HasChildren \NonExistent \Noselect) "/" "Other Users"
            S: a2 OK *
            C: a3 LIST "Other Users/" %
            S: * LIST (\HasChildren \NonExistent \Noselect) "/" "Other Users/alice"
            S: a3 OK *
            C: a4 LIST "" "Other Users/alice/%"
            S: * LIST (\HasChildren \NonExistent \Noselect) "/" "Other Users/alice/Deep"
            S: * LIST (\HasNoChildren \Noselect) "/" "Other Users/alice/Drop"
            S: * LIST (\HasNoChildren) "/" "Other Users/alice/Plans"
            S: a4 OK *
            C: a5 LIST "" "Other Users/alice/Plans/%"
            S: a5 OK *
            C: a6 LIST "" "Other Users/alice/INBOX"
            S: a6 OK *
            C: a7 LIST "Other Users/alice/x" ""
            S: * LIST (\Noselect) "/" "Other Users/"
            S: a7 OK *
            C: a8 LIST (SPECIAL-USE) "" *
            S: a8 OK *
            C: a9 LIST "" "Other Users/*" RETURN (STATUS (MESSAGES UNSEEN) MYRIGHTS)
            S: * LIST (\HasNoChildren) "/" "Other Users/alice/Deep/Down/There"
            S: * STATUS "Other Users/alice/Deep/Down/There" (MESSAGES 0 UNSEEN 0)
            S: * MYRIGHTS "Other Users/alice/Deep/Down/There" lr
            S: * LIST (\HasNoChildren \Noselect) "/" "Other Users/alice/Drop"
            S: * MYRIGHTS "Other Users/alice/Drop" li
            S: * LIST (\HasNoChildren) "/" "Other Users/alice/Plans"
            S: * STATUS "Other Users/alice/Plans" (MESSAGES 2 UNSEEN 2)
            S: * MYRIGHTS "Other Users/alice/Plans" lr
            S: a9 OK *
        )");
        auto carol = alice.another();
        carol.login("carol").play(R"(
            C: a1 LIST "" %
            S: * LIST (\HasNoChildren) "/" INBOX
            S: a1 OK *
            C: a2 LIST "" "Other Users/%"
            S: a2 OK *
        )");
    }

    TEST(ImapListNamespaces, TheSharedAccountHasItsOwn)
    {
        Transcript alice;
        auto& world = alice.services();
        world.settings.sharing.shared_account = "carol";
        share(world, "carol", "Team/Plans", "$staff", "lr");
        world.authenticator.users["bob"].groups = { "staff" };
        auto bob = alice.another();
        bob.login("bob").play(R"(
            C: a1 LIST "" (* %)
            S: * LIST (\HasNoChildren) "/" INBOX
            S: * LIST (\HasChildren \NonExistent \Noselect) "/" Shared
            S: * LIST (\HasNoChildren) "/" Shared/Team/Plans
            S: a1 OK *
            C: a2 SELECT Shared/Team
            S: a2 NO [NONEXISTENT] *
            C: a3 LIST Shared/ ""
            S: * LIST (\Noselect) "/" Shared/
            S: a3 OK *
        )");
        // Who is not of the group sees nothing; the account itself sees its mailboxes as its own.
        alice.login().play("C: a1 LIST \"\" Shared*\nS: a1 OK *");
        auto carol = alice.another();
        carol.login("carol").play(R"(
            C: a1 LIST "" T*
            S: * LIST (\HasChildren) "/" Team
            S: * LIST (\HasNoChildren) "/" Team/Plans
            S: a1 OK *
        )");
    }

    TEST(ImapListNamespaces, AMailboxOfOnesOwnHidesANamespace)
    {
        Transcript alice { mailbox("Plans") };
        auto& world = alice.services();
        share(world, "alice", "Plans", "bob", "lr");
        share(world, "bob", "Other Users/alice", "nobody", "");
        auto bob = alice.another();
        bob.login("bob").play(R"(
            C: a1 LIST "" *
            S: * LIST (\HasNoChildren) "/" INBOX
            S: * LIST (\HasChildren) "/" "Other Users"
            S: * LIST (\HasNoChildren) "/" "Other Users/alice"
            S: a1 OK *
            C: a2 STATUS "Other Users/alice/Plans" (MESSAGES)
            S: a2 NO [NONEXISTENT] *
        )");
    }

    TEST(ImapSubscriptions, NameOthersMailboxesAsTheClientDoes)
    {
        Transcript alice { mailbox("Plans"), mailbox("Plans/Q1") };
        auto& world = alice.services();
        share(world, "alice", "Plans", "bob", "lr");
        share(world, "alice", "Plans/Q1", "bob", "lr");
        share(world, "alice", "INBOX", "bob", "lr");
        auto bob = alice.another();
        bob.login("bob").play(R"(
            C: a1 SUBSCRIBE "Other Users/ALICE/Plans/Q1"
            S: a1 OK *
            C: a2 SUBSCRIBE "Other Users/alice/inbox"
            S: a2 OK *
            C: a3 SUBSCRIBE "Other Users/alice/Secret"
            S: a3 NO [NONEXISTENT] *
            C: a4 SUBSCRIBE "Other Users/alice"
            S: a4 NO [NONEXISTENT] *
            C: a5 LSUB "" *
            S: * LSUB (\HasNoChildren) "/" INBOX
            S: * LSUB (\HasNoChildren) "/" "Other Users/alice/INBOX"
            S: * LSUB (\HasNoChildren) "/" "Other Users/alice/Plans/Q1"
            S: a5 OK *
            C: a6 LSUB "Other Users/alice/" %
            S: * LSUB (\HasNoChildren) "/" "Other Users/alice/INBOX"
            S: * LSUB (\HasChildren \Noselect) "/" "Other Users/alice/Plans"
            S: a6 OK *
        )");
        // Gone, or not visible any more: the subscription stays, and does not tell which it is.
        share(world, "alice", "Plans/Q1", "bob", "");
        alice.login().play("C: a1 DELETE Plans\nS: a1 OK *");
        bob.play(R"(
            C: b1 LIST (SUBSCRIBED) "" "Other Users/*"
            S: * LIST (\HasNoChildren \Subscribed) "/" "Other Users/alice/INBOX"
            S: * LIST (\HasNoChildren \NonExistent \Noselect \Subscribed) "/" "Other Users/alice/Plans/Q1"
            S: b1 OK *
            C: b2 LIST "" "Other Users/alice/%"
            S: * LIST (\HasNoChildren) "/" "Other Users/alice/INBOX"
            S: b2 OK *
            C: b3 UNSUBSCRIBE "Other Users/Alice/Plans/Q1"
            S: b3 OK *
            C: b4 UNSUBSCRIBE "Other Users/alice/InBoX"
            S: b4 OK *
            C: b5 LSUB "" *
            S: * LSUB (\HasNoChildren) "/" INBOX
            S: b5 OK *
        )");
    }

    TEST(ImapListMetadata, TellsAnnotationsBehindEachName)
    {
        Transcript imap { mailbox("foo", {}, storage::SpecialUse::drafts) };
        imap.login().play(R"(
            C: a1 SETMETADATA INBOX (/shared/comment "Main box")
            S: a1 OK *
            C: a2 LIST "" % RETURN (METADATA ("/shared/comment" /Private/SpecialUse))
            S: * LIST (\HasNoChildren) "/" INBOX
            S: * METADATA INBOX (/shared/comment "Main box" /private/specialuse NIL)
            S: * LIST (\HasNoChildren \Drafts) "/" foo
            S: * METADATA foo (/shared/comment NIL /private/specialuse "\\Drafts")
            S: a2 OK *
        )");
        share(imap.services(), "alice", "foo", "bob", "la");
        auto bob = imap.another();
        bob.login("bob").play(R"(
            C: a1 LIST "" "Other Users/*" RETURN (METADATA (/shared/comment))
            S: * LIST (\HasNoChildren \Noselect) "/" "Other Users/alice/foo"
            S: a1 OK *
        )");
    }

    TEST(ImapListExtended, WhatIsOffIsNoGrammar)
    {
        auto const world = Transcript::make_world({ mailbox("a/b") });
        world->settings.imap.capabilities_off = { "LIST-EXTENDED" };
        Transcript imap(world, {});
        imap.login().play(R"(
            C: a1 LIST (SUBSCRIBED) "" *
            S: a1 BAD *
            C: a2 LIST "" (a b)
            S: a2 BAD *
            C: a3 LIST "" a RETURN (CHILDREN)
            S: a3 BAD *
            C: a4 LIST () "" a
            S: a4 BAD *
            C: a5 LIST "" a RETURN ()
            S: a5 BAD *
            C: a6 LIST "" a RETURN (STATUS (MESSAGES))
            S: a6 BAD *
            C: a7 LIST "" a RETURN (SPECIAL-USE)
            S: * LIST (\HasChildren) "/" a
            S: a7 OK *
            C: a8 LIST (SPECIAL-USE) "" *
            S: a8 OK *
            C: b1 ENABLE IMAP4rev2
            S: * ENABLED IMAP4rev2
            S: b1 OK *
            C: b2 LIST (SUBSCRIBED) "" * RETURN (STATUS (MESSAGES))
            S: * LIST (\HasNoChildren \Subscribed) "/" INBOX
            S: * STATUS INBOX (MESSAGES 0)
            S: b2 OK *
        )");
        world->settings.imap.capabilities_off = { "SPECIAL-USE", "LIST-STATUS", "LIST-MYRIGHTS",
            "LIST-METADATA", "CHILDREN", "XLIST", "QUOTA" };
        Transcript bare(world, {});
        bare.login().play(R"(
            C: a1 LIST (SPECIAL-USE) "" *
            S: a1 BAD *
            C: a2 LIST "" a RETURN (SPECIAL-USE)
            S: a2 BAD *
            C: a3 LIST "" a RETURN (STATUS (MESSAGES))
            S: a3 BAD *
            C: a4 LIST "" a RETURN (MYRIGHTS)
            S: a4 BAD *
            C: a5 LIST "" a RETURN (METADATA (/shared/comment))
            S: a5 BAD *
            C: a6 XLIST "" *
            S: a6 BAD Unknown command*
            C: a7 STATUS INBOX (DELETED-STORAGE)
            S: a7 BAD *
            C: a8 CREATE x (USE (\Sent))
            S: a8 BAD *
            C: a9 LIST "" a
            S: * LIST () "/" a
            S: a9 OK *
            C: b1 LIST "" a RETURN (CHILDREN)
            S: * LIST (\HasChildren) "/" a
            S: b1 OK *
        )");
    }

    TEST(ImapXlist, TellsUsesByTheirOlderNames)
    {
        Transcript imap { mailbox("Archive", {}, storage::SpecialUse::archive),
            mailbox("Everything", {}, storage::SpecialUse::all),
            mailbox("Junk", {}, storage::SpecialUse::junk),
            mailbox("Mail/Sent", {}, storage::SpecialUse::sent),
            mailbox("Stars", {}, storage::SpecialUse::flagged) };
        imap.login().play(R"(
            C: a0 DELETE Mail
            S: a0 OK *
            C: a1 XLIST "" *
            S: * XLIST (\HasNoChildren \Inbox) "/" INBOX
            S: * XLIST (\HasNoChildren \Archive) "/" Archive
            S: * XLIST (\HasNoChildren \AllMail) "/" Everything
            S: * XLIST (\HasNoChildren \Spam) "/" Junk
            S: * XLIST (\HasNoChildren \Sent) "/" Mail/Sent
            S: * XLIST (\HasNoChildren \Starred) "/" Stars
            S: a1 OK *
            C: a2 XLIST "" M%
            S: * XLIST (\HasChildren \Noselect) "/" Mail
            S: a2 OK *
            C: a3 XLIST "" ""
            S: * XLIST (\Noselect) "/" ""
            S: a3 OK *
        )");
    }

    TEST(ImapSpecialUse, OnlyTheOwnerGivesThem)
    {
        Transcript alice { mailbox("Plans") };
        share(alice.services(), "alice", "Plans", "bob", "lrk");
        auto bob = alice.another();
        bob.login("bob").play(R"(
            C: a1 CREATE "Other Users/alice/Plans/x" (USE (\Sent))
            S: a1 NO [USEATTR] *
            C: a2 CREATE "Other Users/alice/Plans/x" (USE ())
            S: a2 OK *
            C: a3 CREATE "Mine" (USE (\Sent \Important))
            S: a3 OK *
            C: a4 LIST (SPECIAL-USE) "" *
            S: * LIST (\HasNoChildren \Important \Sent) "/" Mine
            S: a4 OK *
            C: a5 CREATE Other (USE (\Archive \Sent))
            S: a5 NO [USEATTR] *
            C: a6 LIST "" Other
            S: a6 OK *
        )");
    }

    TEST(ImapOldName, ToldToClientsOfRev2)
    {
        auto const decomposed = std::string("u\xcc\x88"
                                            "ber");
        auto const composed = std::string("\xc3\xbc"
                                          "ber");
        Transcript old;
        old.login().send("a1 CREATE \"" + decomposed + "\"\r\n").expect("a1 OK *").expect_nothing();
        old.send("a2 DELETE \"" + decomposed + "\"\r\n").expect("a2 OK *").expect_nothing();
        auto imap = old.another();
        imap.login().play(R"(
            C: a1 ENABLE IMAP4rev2
            S: * ENABLED IMAP4rev2
            S: a1 OK *
        )");
        auto const renamed = [](std::string const& to, std::string const& from,
                                 std::string const& attributes = "()") {
            return "* LIST " + attributes + " \"/\" \"" + to + "\" (\"OLDNAME\" (\"" + from
                + "\"))";
        };
        imap.send("b1 CREATE \"" + decomposed + "\" (USE (\\Sent))\r\n")
            .expect(renamed(composed, decomposed, "(\\Sent)"))
            .expect("b1 OK *");
        imap.send("b2 CREATE \"" + composed + "/x\"\r\n").expect("b2 OK *").expect_nothing();
        imap.send("b3 EXAMINE \"" + decomposed + "\"\r\n");
        imap.expect("* FLAGS *").expect("* OK [PERMANENTFLAGS *").expect("* 0 EXISTS");
        imap.expect(renamed(composed, decomposed, "(\\Sent)")).expect("* OK [UIDVALIDITY *");
        imap.expect("* OK [UIDNEXT *").expect("* OK [HIGHESTMODSEQ *");
        imap.expect("* OK [MAILBOXID *").expect("* OK [URLMECH *").expect("b3 OK *");
        imap.send("b4 RENAME \"" + decomposed + "\" plain\r\n")
            .expect("* LIST () \"/\" plain (\"OLDNAME\" (\"" + decomposed + "\"))")
            .expect("b4 OK *");
        imap.send("b5 RENAME plain \"" + decomposed + "\"\r\n")
            .expect("* LIST () \"/\" \"" + composed + "\" (\"OLDNAME\" (plain))")
            .expect("b5 OK *");
        imap.send("b6 DELETE \"" + decomposed + "\"\r\n")
            .expect("* OK [CLOSED] *")
            .expect(renamed(composed, decomposed, "(\\NonExistent)"))
            .expect("b6 OK *")
            .expect_nothing();
    }

} // namespace
} // namespace mail::imap
