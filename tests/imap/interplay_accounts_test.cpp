// Extensions beside each other where several users, a quota, an administrator's switches or a
// compressed connection have a part in it.
#include "tests/support/deflate_client.h"
#include "tests/support/sharing.h"
#include "tests/support/transcript.h"

namespace mail::imap {
namespace {

    using namespace mail::test;

    /// alice shares Team (four messages) with bob.
    class ImapSharedInterplay : public testing::Test {
    protected:
        ImapSharedInterplay()
            : world(Transcript::make_world({ mailbox("Team",
                { unseen("delta"), unseen("charlie"), deleted("bravo"), unseen("alpha") }) }))
            , alice(world, {})
            , bob(world, {})
        {
            share(*world, "alice", "Team", "bob", "lrswite");
            alice.login().select("Team");
            bob.login("bob").select(team);
        }

        static constexpr auto team = "Other Users/alice/Team";
        std::shared_ptr<TestServices> world;
        Transcript alice;
        Transcript bob;
    };

    TEST_F(ImapSharedInterplay, SortAndThreadSeeTheUsersOwnSeen)
    {
        alice.play(R"(
            C: a1 STORE 1:2 +FLAGS.SILENT (\Seen)
            S: a1 OK *
            C: a2 SORT (SUBJECT) UTF-8 UNSEEN
            S: * SORT 4 3
            S: a2 OK *
        )");
        bob.play(R"(
            C: b1 STORE 4 +FLAGS.SILENT (\Seen)
            S: * 1 FETCH (FLAGS ())
            S: * 2 FETCH (FLAGS ())
            S: b1 OK *
            C: b2 UID SORT RETURN (ALL COUNT) (SUBJECT) UTF-8 UNSEEN
            S: * ESEARCH (TAG "b2") UID COUNT 3 ALL 3,2,1
            S: b2 OK *
            C: b3 UID SORT RETURN (SAVE PARTIAL -1:-1) (SUBJECT) UTF-8 UNSEEN
            S: * ESEARCH (TAG "b3") UID PARTIAL (-1:-1 1)
            S: b3 OK *
            C: b4 UID FETCH $ FLAGS
            S: * 1 FETCH (UID 1 FLAGS ())
            S: b4 OK *
            C: b5 THREAD ORDEREDSUBJECT UTF-8 SEEN
            S: * THREAD (4)
            S: b5 OK *
            C: b6 SEARCH RETURN (MIN MAX COUNT) FUZZY SUBJECT alpha UNSEEN
            S: * ESEARCH (TAG "b6") COUNT 0
            S: b6 OK *
        )");
    }

    TEST_F(ImapSharedInterplay, StatusAndListStatusCountTheUsersOwnUnseen)
    {
        alice.play(R"(
            C: a1 STORE 1:3 +FLAGS.SILENT (\Seen)
            S: a1 OK *
            C: a2 STATUS Team (MESSAGES UNSEEN DELETED SIZE)
            S: * STATUS Team (MESSAGES 4 UNSEEN 1 DELETED 1 SIZE *)
            S: a2 OK *
        )");
        bob.play(R"(
            C: b0 NOOP
            S: * 1 FETCH (FLAGS ())
            S: * 2 FETCH (FLAGS ())
            S: * 3 FETCH (FLAGS (\Deleted))
            S: b0 OK *
            C: b1 STORE 2 +FLAGS.SILENT (\Seen)
            S: b1 OK *
            C: b2 STATUS "Other Users/alice/Team" (MESSAGES UNSEEN DELETED RECENT APPENDLIMIT)
            S: * STATUS "Other Users/alice/Team" (MESSAGES 4 UNSEEN 3 DELETED 1 RECENT 0 APPENDLIMIT *)
            S: b2 OK *
            C: b3 LIST "" "Other Users/*" RETURN (STATUS (UNSEEN) MYRIGHTS METADATA (/shared/comment))
            S: * LIST (\HasNoChildren) "/" "Other Users/alice/Team"
            S: * STATUS "Other Users/alice/Team" (UNSEEN 3)
            S: * MYRIGHTS "Other Users/alice/Team" lrswited
            S: * METADATA "Other Users/alice/Team" (/shared/comment NIL)
            S: b3 OK *
            C: b4 NOTIFY SET STATUS (subtree "Other Users" (MessageNew MessageExpunge FlagChange))
            S: b4 OK *
            C: b5 UNSELECT
            S: b5 OK *
            C: b6 NOTIFY SET STATUS (subtree "Other Users" (MessageNew MessageExpunge FlagChange))
            S: * STATUS "Other Users/alice/Team" (MESSAGES 4 UIDNEXT 5 * UNSEEN 3 *)
            S: b6 OK *
        )");
    }

    TEST_F(ImapSharedInterplay, NoUidsAreToldOfAMailboxThatMayNotBeRead)
    {
        share(*world, "alice", "Drop", "bob", "lip");
        bob.play(R"(
            C: b1 COPY 1 "Other Users/alice/Drop"
            S: b1 OK COPY completed
            C: b2 UID MOVE 1 "Other Users/alice/Drop"
            S: * 1 EXPUNGE
            S: b2 OK UID MOVE completed
            C: b3 APPEND "Other Users/alice/Drop" {3+}
            C: abc
            S: b3 OK APPEND completed
            C: b4 UID REPLACE 2 "Other Users/alice/Drop" {3+}
            C: abc
            S: * 1 EXPUNGE
            S: b4 OK UID REPLACE completed
            C: b5 UID COPY 4 "Other Users/alice/Team"
            S: * 3 EXISTS
            S: * 0 RECENT
            S: b5 OK [COPYUID * 4 5] *
        )");
    }

    TEST_F(ImapSharedInterplay, QresyncAndUidOnlyInSomebodyElsesMailbox)
    {
        bob.play(R"(
            C: b0 UNSELECT
            S: b0 OK *
            C: b1 ENABLE QRESYNC UIDONLY IMAP4rev2
            S: * ENABLED QRESYNC UIDONLY IMAP4rev2
            S: b1 OK *
        )");
        bob.select(team);
        alice.play(R"(
            C: a1 EXPUNGE
            S: * 3 EXPUNGE
            S: a1 OK *
            C: a2 STORE 1 +FLAGS.SILENT (\Flagged)
            S: a2 OK *
        )");
        bob.play(R"(
            C: b2 UID STORE 1 (UNCHANGEDSINCE 1) +FLAGS.SILENT (\Seen)
            S: * 1 UIDFETCH (MODSEQ (*) FLAGS (\Flagged))
            S: * VANISHED 3
            S: * 1 UIDFETCH (FLAGS (\Flagged) MODSEQ (*))
            S: b2 OK [MODIFIED 1] *
            C: b3 UID STORE 1 +FLAGS (\Seen)
            S: * 1 UIDFETCH (MODSEQ (*) FLAGS (\Flagged \Seen))
            S: b3 OK *
            C: b4 UID SEARCH UNSEEN
            S: * ESEARCH (TAG "b4") UID ALL 2,4
            S: b4 OK *
            C: b5 UID MOVE 2 INBOX
            S: * OK [COPYUID * 2 1] *
            S: * VANISHED 2
            S: b5 OK [HIGHESTMODSEQ *] *
        )");
        alice.play(R"(
            C: a3 SEARCH UNSEEN
            S: * SEARCH 1 3
            S: * 1 FETCH (FLAGS (\Flagged \Recent))
            S: a3 OK *
            C: a4 NOOP
            S: * 2 EXPUNGE
            S: a4 OK *
        )");
    }

    TEST(ImapQuotaInterplay, WhatComesTogetherMustFitTogether)
    {
        auto world = Transcript::make_world({ mailbox("Box") });
        world->account("alice");
        world->authenticator.users["alice"].quota = { .octets = 100, .messages = 3 };
        world->settings.quota_warning = 0;
        Transcript imap(world, {});
        std::string const forty(40, 'x');
        imap.login().select("Box");
        imap.send("a1 APPEND Box {40+}\r\n" + forty + " {40+}\r\n" + forty + "\r\n");
        imap.expect("* 2 EXISTS").expect("* 2 RECENT").expect("a1 OK [APPENDUID * 1:2] *");
        // Each would fit, both do not: by octets, by messages, and put together from what is there.
        imap.send("a2 APPEND Box {10+}\r\n" + forty.substr(30) + " {11}\r\n");
        imap.expect("a2 NO [OVERQUOTA] *").expect_nothing();
        imap.send("a3 APPEND Box {1+}\r\nx {1}\r\n").expect("a3 NO [OVERQUOTA] *").expect_nothing();
        imap.play(R"(
            C: a4 APPEND Box CATENATE (URL "/Box/;UID=1")
            S: a4 NO [OVERQUOTA] *
            C: a5 COPY 1 Box
            S: a5 NO [OVERQUOTA] *
            C: a6 STATUS Box (MESSAGES UIDNEXT SIZE)
            S: * STATUS Box (MESSAGES 2 UIDNEXT 3 SIZE 80)
            S: a6 OK *
            C: a7 UID REPLACE 1 Box CATENATE (URL "/Box/;UID=2" TEXT {20+}
            C: 01234567890123456789)
            S: * OK [APPENDUID * 3] *
            S: * 1 EXPUNGE
            S: * 2 EXISTS
            S: * 2 RECENT
            S: a7 OK *
            C: a8 REPLACE 1 Box {41}
            S: a8 NO [OVERQUOTA] *
            C: a9 APPEND Box {10+}
            C: 0123456789
            S: a9 NO [OVERQUOTA] *
            C: b1 NOOP
            S: b1 OK *
        )");
    }

    TEST(ImapAppendLimit, HoldsForEachMessageHoweverItComes)
    {
        auto world = Transcript::make_world({ mailbox("Box", { TestMessage { "0123456789" } }) });
        world->settings.limits.message_octets = 15;
        Transcript imap(world, {});
        imap.login().select("Box").play(R"(
            C: a1 APPEND Box {3+}
            C: abc {16}
            S: a1 NO [TOOBIG] *
            C: a2 APPEND Box CATENATE (URL "/Box/;UID=1" URL "/Box/;UID=1")
            S: a2 NO [TOOBIG] *
            C: a3 REPLACE 1 Box {16}
            S: a3 NO [TOOBIG] *
            C: a4 LIST "" Box RETURN (STATUS (APPENDLIMIT MESSAGES))
            S: * LIST (*) "/" Box
            S: * STATUS Box (APPENDLIMIT 15 MESSAGES 1)
            S: a4 OK *
        )");
    }

    TEST(ImapUrlAuth, IsNotForCatenateAndSpeaksUtf8Names)
    {
        Transcript imap { mailbox("Öl", { message("one") }), mailbox("Out") };
        imap.login().send("en ENABLE UTF8=ACCEPT\r\n");
        imap.expect("* ENABLED UTF8=ACCEPT").expect("en OK *");
        auto const url = std::string("imap://alice@mail.example.org/%C3%96l/;uid=1");
        imap.send("a1 GENURLAUTH \"" + url + ";urlauth=user+alice\" INTERNAL\r\n");
        auto const line = imap.read_line();
        imap.expect("a1 OK *");
        ASSERT_TRUE(line.starts_with("* GENURLAUTH \"")) << line;
        auto const authorized = line.substr(13);
        imap.send("a2 URLFETCH " + authorized + "\r\n").expect("* URLFETCH " + authorized + " {*}");
        imap.read_octets(message("one").octets.size());
        imap.expect("").expect("a2 OK *");
        // Who is logged in needs no authorization, and CATENATE takes none.
        imap.send("a3 APPEND Out CATENATE (URL " + authorized + ")\r\n");
        imap.expect("a3 NO [BADURL \"*\"] *");
        imap.play(R"(
            C: a4 APPEND Out CATENATE (URL "/%C3%96l/;UID=1/;SECTION=HEADER" UTF8 (~{4+}
            C: ö!!))
            S: a4 OK [APPENDUID * 1] *
            C: a5 APPEND Out CATENATE (URL "/Öl/;UID=1")
            S: a5 NO [BADURL "/%C3%96l/;UID=1"] *
        )");
    }

    TEST(ImapUnauthenticate, NothingOfACompressedUserIsLeftForTheNext)
    {
        auto world = Transcript::make_world({ mailbox("INBOX", { unseen("one") }) });
        world->account("bob");
        world->authenticator.users["alice"].capabilities_off = { "IDLE" };
        Transcript imap(world, {});
        imap.login().select("INBOX").send("a1 COMPRESS DEFLATE\r\n").expect("a1 OK *");
        DeflateClient client;
        imap.through([&](std::string_view octets) { return client.compress(octets); },
            [&](std::string_view octets) { return client.expand(octets); });
        imap.play(R"(
            C: a2 ENABLE QRESYNC UIDONLY IMAP4rev2
            S: * OK [HIGHESTMODSEQ *] *
            S: * ENABLED QRESYNC UIDONLY IMAP4rev2
            S: a2 OK *
            C: a3 UID SEARCH RETURN (SAVE) ALL
            S: a3 OK *
            C: a4 LANGUAGE de
            S: * LANGUAGE (de)
            S: a4 OK *
            C: a5 NOTIFY SET (selected (MessageNew MessageExpunge)) (personal (MailboxName))
            S: a5 OK *
        )");
        imap.send("a6 UNAUTHENTICATE\r\n").expect("a6 OK [CAPABILITY * IDLE *] *");
        EXPECT_TRUE(client.has_ended);
        imap.through({}, {});
        imap.deliver("INBOX", unseen("two"));
        imap.expect_nothing();
        imap.login("bob").select("INBOX").play(R"(
            C: b1 SEARCH ALL
            S: * SEARCH
            S: b1 OK SEARCH completed
            C: b2 SEARCH $
            S: * SEARCH
            S: b2 OK *
            C: b3 IDLE
            S: + idling
            C: DONE
            S: b3 OK *
            C: b4 APPEND INBOX {3+}
            C: abc
            S: * 1 EXISTS
            S: * 1 RECENT
            S: b4 OK *
            C: b5 FETCH 1 FLAGS
            S: * 1 FETCH (FLAGS (\Recent))
            S: b5 OK *
            C: b6 COMPRESS DEFLATE
            S: b6 OK *
        )");
    }

    TEST(ImapLanguage, ChangesTextsOfNamespaceNotItsNames)
    {
        auto world = Transcript::make_world({ mailbox("INBOX") });
        share(*world, "bob", "Box", "alice", "lr");
        Transcript imap(world, {});
        imap.play(R"(
            C: a1 LANGUAGE fr
            S: * LANGUAGE (fr)
            S: a1 OK *
        )");
        imap.login().play(R"(
            C: a2 NAMESPACE
            S: * NAMESPACE (("" "/")) (("Other Users/" "/")) NIL
            S: a2 OK Commande NAMESPACE *
            C: a3 LANGUAGE tlh
            S: a3 NO *
            C: a4 LIST "" "Other Users/%/%"
            S: * LIST (\HasNoChildren) "/" "Other Users/bob/Box"
            S: a4 OK Commande LIST *
            C: a5 LANGUAGE default
            S: * LANGUAGE (i-default)
            S: a5 OK LANGUAGE completed
        )");
    }

} // namespace
} // namespace mail::imap
