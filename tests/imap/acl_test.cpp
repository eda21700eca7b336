// SETACL, DELETEACL, GETACL, LISTRIGHTS, MYRIGHTS (RFC 4314).
#include "tests/support/sharing.h"
#include "tests/support/transcript.h"

namespace mail::imap {
namespace {

    using namespace mail::test;

    TEST(ImapAcl, IsAnnouncedWithItsRights)
    {
        Transcript imap;
        imap.send("c CAPABILITY\r\n").expect("* CAPABILITY * ACL RIGHTS=texk *").expect("c OK *");
    }

    TEST(ImapAcl, RefusesWhatItCannotRead)
    {
        Transcript imap { mailbox("Box") };
        imap.play(R"(
            C: a0 GETACL INBOX
            S: a0 BAD Log in first
        )");
        imap.login().play(R"(
            C: a1 SETACL Box
            S: a1 BAD *
            C: a2 SETACL Box bob
            S: a2 BAD *
            C: a3 SETACL Box bob lr x
            S: a3 BAD *
            C: a4 SETACL Box bob lQ
            S: a4 BAD *
            C: a5 SETACL Box bob +q
            S: a5 BAD *
            C: a6 SETACL Box "" lr
            S: a6 BAD *
            C: a7 SETACL Box - lr
            S: a7 BAD *
            C: a8 SETACL Box $ lr
            S: a8 BAD *
            C: a9 SETACL Box {2+}
            C: -$ lr
            S: a9 BAD *
            C: b1 GETACL
            S: b1 BAD *
            C: b2 LISTRIGHTS Box
            S: b2 BAD *
            C: b3 MYRIGHTS
            S: b3 BAD *
            C: b4 DELETEACL Box
            S: b4 BAD *
            C: b5 GETACL Nowhere
            S: b5 NO [NONEXISTENT] *
            C: b6 MYRIGHTS "Other Users/bob/INBOX"
            S: b6 NO [NONEXISTENT] *
            C: b7 GETACL Box
            S: * ACL Box alice lrswipkxteacd
            S: b7 OK *
        )");
        imap.send("c1 SETACL Box \"a\xc2\x85\" lr\r\n").expect("c1 BAD *");
        imap.send("c2 SETACL Box \"\xff\" lr\r\n").expect("c2 BAD *");
        imap.send("c3 SETACL Box $" + std::string(300, 'g') + " lr\r\n").expect("c3 NO [LIMIT] *");
        imap.send("c4 SETACL Box $" + std::string(5000, 'g') + " lr\r\n").expect("c4 *");
        imap.expect_nothing();
    }

    TEST(ImapAcl, GivesTakesAndReplacesRights)
    {
        Transcript imap { mailbox("INBOX/Drafts") };
        imap.login().play(R"(
            C: a1 SeTacl INBOX/Drafts bob lrswida
            S: a1 OK *
            C: a2 getacl INBOX/Drafts
            S: * ACL INBOX/Drafts alice lrswipkxteacd bob lrswitead
            S: a2 OK *
            C: a3 SETACL INBOX/Drafts bob -sd
            S: a3 OK *
            C: a4 SETACL INBOX/Drafts bob +c
            S: a4 OK *
            C: a5 SETACL INBOX/Drafts -bob w
            S: a5 OK *
            C: a6 SETACL INBOX/Drafts $staff lr
            S: a6 OK *
            C: a7 GETACL INBOX/Drafts
            S: * ACL INBOX/Drafts alice lrswipkxteacd bob lrwikxac -bob w $staff lr
            S: a7 OK *
            C: a8 DELETEACL INBOX/Drafts bob
            S: a8 OK *
            C: a9 GETACL INBOX/Drafts
            S: * ACL INBOX/Drafts alice lrswipkxteacd -bob w $staff lr
            S: a9 OK *
            C: b1 SETACL INBOX/Drafts $staff ""
            S: b1 OK *
            C: b2 SETACL INBOX/Drafts -bob -w
            S: b2 OK *
            C: b3 DELETEACL INBOX/Drafts carol
            S: b3 OK *
            C: b4 GETACL INBOX/Drafts
            S: * ACL INBOX/Drafts alice lrswipkxteacd
            S: b4 OK *
        )");
    }

    TEST(ImapAcl, TheOwnerKeepsAllRights)
    {
        Transcript imap { mailbox("Box") };
        imap.login().play(R"(
            C: a1 SETACL Box alice lr
            S: a1 NO [CANNOT] *always has all rights*
            C: a2 SETACL Box alice -a
            S: a2 NO [CANNOT] *
            C: a3 SETACL Box Alice lrswipkxtea
            S: a3 OK *
            C: a4 SETACL Box alice +lr
            S: a4 OK *
            C: a5 DELETEACL Box alice
            S: a5 NO [CANNOT] *
            C: a6 SETACL Box -alice w
            S: a6 NO [CANNOT] *
            C: a7 DELETEACL Box -alice
            S: a7 OK *
            C: a8 GETACL Box
            S: * ACL Box alice lrswipkxteacd
            S: a8 OK *
            C: a9 MYRIGHTS Box
            S: * MYRIGHTS Box lrswipkxteacd
            S: a9 OK *
        )");
        // Whoever administers it for the owner cannot take it either.
        share(imap.services(), "alice", "Box", "bob", "la");
        auto bob = imap.another();
        bob.login("bob").play(R"(
            C: a1 SETACL "Other Users/alice/Box" alice l
            S: a1 NO [CANNOT] *
            C: a2 GETACL "Other Users/alice/Box"
            S: * ACL "Other Users/alice/Box" alice lrswipkxteacd bob la
            S: a2 OK *
            C: a3 SETACL "Other Users/alice/Box" carol lr
            S: a3 OK *
            C: a4 SETACL "Other Users/alice/Box" bob -a
            S: a4 OK *
            C: a5 GETACL "Other Users/alice/Box"
            S: a5 NO [NOPERM] *
        )");
        auto carol = imap.another();
        carol.login("carol").play(R"(
            C: a1 MYRIGHTS "Other Users/alice/Box"
            S: * MYRIGHTS "Other Users/alice/Box" lr
            S: a1 OK *
            C: a2 LIST "" "Other Users/alice/%"
            S: * LIST (\HasNoChildren) "/" "Other Users/alice/Box"
            S: a2 OK *
        )");
    }

    TEST(ImapAcl, UnknownUsersGetNothingAndCanBeRemoved)
    {
        Transcript imap { mailbox("Box") };
        imap.login().play(R"(
            C: a1 SETACL Box nobody lr
            S: a1 NO [CANNOT] There is no user of this name*
            C: a2 SETACL Box -nobody lr
            S: a2 NO [CANNOT] *
            C: a3 SETACL Box nobody -lr
            S: a3 OK *
            C: a4 LISTRIGHTS Box nobody
            S: a4 NO [CANNOT] *
            C: a5 SETACL Box bob@example.org lr
            S: a5 OK *
            C: a6 GETACL Box
            S: * ACL Box alice lrswipkxteacd bob lr
            S: a6 OK *
        )");
        imap.services().authenticator.passwords.erase("bob"); // the user is gone, the entry is not
        imap.play(R"(
            C: b1 SETACL Box bob +w
            S: b1 NO [CANNOT] *
            C: b2 SETACL Box BOB -r
            S: b2 OK *
            C: b3 GETACL Box
            S: * ACL Box alice lrswipkxteacd bob l
            S: b3 OK *
            C: b4 DELETEACL Box bob
            S: b4 OK *
            C: b5 GETACL Box
            S: * ACL Box alice lrswipkxteacd
            S: b5 OK *
        )");
        imap.services().authenticator.is_down = true;
        imap.play(R"(
            C: c1 SETACL Box carol lr
            S: c1 NO [UNAVAILABLE] *
        )");
    }

    TEST(ImapAcl, AnyoneIsForTheAdministratorToAllow)
    {
        Transcript imap { mailbox("Box") };
        imap.login().play(R"(
            C: a1 SETACL Box anyone lr
            S: a1 NO [CANNOT] *anyone*
            C: a2 LISTRIGHTS Box anyone
            S: a2 NO [CANNOT] *
        )");
        imap.services().settings.sharing.allow_anyone = true;
        imap.play(R"(
            C: b1 SETACL Box Anyone lr
            S: b1 OK *
            C: b2 SETACL Box -carol r
            S: b2 OK *
            C: b3 GETACL Box
            S: * ACL Box alice lrswipkxteacd anyone lr -carol r
            S: b3 OK *
        )");
        auto bob = imap.another();
        bob.login("bob").play(R"(
            C: a1 MYRIGHTS "Other Users/alice/Box"
            S: * MYRIGHTS "Other Users/alice/Box" lr
            S: a1 OK *
        )");
        auto carol = imap.another();
        carol.login("carol").play(R"(
            C: a1 MYRIGHTS "Other Users/alice/Box"
            S: * MYRIGHTS "Other Users/alice/Box" l
            S: a1 OK *
        )");
        // Switched off again, an old entry gives nothing any more, and can be removed.
        imap.services().settings.sharing.allow_anyone = false;
        auto later = imap.another();
        later.login("bob").play(R"(
            C: a1 MYRIGHTS "Other Users/alice/Box"
            S: a1 NO [NONEXISTENT] *
        )");
        imap.play(R"(
            C: c1 DELETEACL Box anyone
            S: c1 OK *
            C: c2 GETACL Box
            S: * ACL Box alice lrswipkxteacd -carol r
            S: c2 OK *
        )");
    }

    TEST(ImapAcl, ListRightsTiesNothing)
    {
        Transcript imap { mailbox("Box") };
        imap.login().play(R"(
            C: a1 LISTRIGHTS Box bob
            S: * LISTRIGHTS Box bob "" l r s w i p k x t e a c d
            S: a1 OK *
            C: a2 LISTRIGHTS Box alice
            S: * LISTRIGHTS Box alice lrswipkxteacd
            S: a2 OK *
            C: a3 LISTRIGHTS Box -alice
            S: * LISTRIGHTS Box -alice ""
            S: a3 OK *
            C: a4 LISTRIGHTS Box "$any one"
            S: * LISTRIGHTS Box "$any one" "" l r s w i p k x t e a c d
            S: a4 OK *
            C: a5 LISTRIGHTS Box ROB@example.org
            S: a5 NO [CANNOT] *
            C: a6 LISTRIGHTS Box bob@example.org
            S: * LISTRIGHTS Box bob@example.org "" l r s w i p k x t e a c d
            S: a6 OK *
        )");
    }

    TEST(ImapAcl, GroupsAndNegativeRightsAddUp)
    {
        Transcript imap { mailbox("Box", { seen("one") }) };
        auto& users = imap.services().authenticator.users;
        users["bob"].groups = { "staff", "sales" };
        users["carol"].groups = { "staff" };
        imap.login().play(R"(
            C: a1 SETACL Box $staff lrs
            S: a1 OK *
            C: a2 SETACL Box $sales wi
            S: a2 OK *
            C: a3 SETACL Box bob e
            S: a3 OK *
            C: a4 SETACL Box -$staff s
            S: a4 OK *
            C: a5 SETACL Box -carol r
            S: a5 OK *
        )");
        auto bob = imap.another();
        bob.login("bob").play(R"(
            C: a1 MYRIGHTS "Other Users/alice/Box"
            S: * MYRIGHTS "Other Users/alice/Box" lrwied
            S: a1 OK *
        )");
        auto carol = imap.another();
        carol.login("carol").play(R"(
            C: a1 MYRIGHTS "Other Users/alice/Box"
            S: * MYRIGHTS "Other Users/alice/Box" l
            S: a1 OK *
            C: a2 SELECT "Other Users/alice/Box"
            S: a2 NO [NOPERM] *
        )");
    }

    TEST(ImapAcl, NewMailboxesInheritAndDeletedOnesForget)
    {
        Transcript imap { mailbox("Top") };
        imap.login().play(R"(
            C: a1 SETACL Top bob lrk
            S: a1 OK *
            C: a2 CREATE Top/Middle/Low
            S: a2 OK *
            C: a3 GETACL Top/Middle/Low
            S: * ACL Top/Middle/Low alice lrswipkxteacd bob lrkc
            S: a3 OK *
            C: a4 RENAME Top/Middle Private
            S: a4 OK *
            C: a5 GETACL Private/Low
            S: * ACL Private/Low alice lrswipkxteacd bob lrkc
            S: a5 OK *
            C: a6 DELETE Private/Low
            S: a6 OK *
            C: a7 CREATE Private/Low
            S: a7 OK *
            C: a8 SETACL Private bob ""
            S: a8 OK *
            C: a9 CREATE Private/New
            S: a9 OK *
            C: b1 GETACL Private/New
            S: * ACL Private/New alice lrswipkxteacd
            S: b1 OK *
        )");
        // By somebody else, too.
        auto bob = imap.another();
        bob.login("bob").play(R"(
            C: a1 CREATE "Other Users/alice/Top/Bobs"
            S: a1 OK *
            C: a2 MYRIGHTS "Other Users/alice/Top/Bobs"
            S: * MYRIGHTS "Other Users/alice/Top/Bobs" lrkc
            S: a2 OK *
            C: a3 GETACL "Other Users/alice/Top/Bobs"
            S: a3 NO [NOPERM] *
        )");
    }

    TEST(ImapAcl, IsOffWithSharing)
    {
        auto const world = Transcript::make_world({ mailbox("Box") });
        share(*world, "alice", "Box", "bob", "lr");
        world->settings.sharing.enabled = false;
        Transcript bob(world, {});
        bob.login("bob").play(R"(
            C: a1 LIST "" *
            S: * LIST (\HasNoChildren) "/" INBOX
            S: a1 OK *
            C: a2 SELECT "Other Users/alice/Box"
            S: a2 NO [NONEXISTENT] *
        )");
        Transcript owner(world, {});
        owner.login().play(R"(
            C: a1 SETACL Box bob +w
            S: a1 NO [CANNOT] *
            C: a2 SETACL Box bob -r
            S: a2 OK *
        )");
        world->settings.imap.capabilities_off = { "ACL" };
        Transcript alice(world, {});
        alice.login().play(R"(
            C: a1 GETACL Box
            S: a1 BAD Unknown command*
            C: a2 MYRIGHTS Box
            S: a2 BAD Unknown command*
            C: a3 LIST "" Box RETURN (MYRIGHTS)
            S: a3 BAD *
        )");
        alice.send("c CAPABILITY\r\n");
        auto const line = alice.read_line();
        EXPECT_EQ(line.find("ACL"), std::string::npos) << line;
        EXPECT_EQ(line.find("RIGHTS"), std::string::npos) << line;
    }

    TEST(ImapAcl, NamesBeyondAsciiHaveOneSpelling)
    {
        auto const decomposed = std::string("ju\xcc\x88rgen");
        auto const composed = std::string("j\xc3\xbcrgen");
        Transcript imap { mailbox("Box") };
        imap.services().authenticator.passwords[composed] = "secret";
        imap.login().send("a1 SETACL Box \"" + decomposed + "\" lr\r\n").expect("a1 OK *");
        imap.send("a2 GETACL Box\r\n");
        imap.expect("* ACL Box alice lrswipkxteacd {7}").expect(composed + " lr").expect("a2 OK *");
        // The answer has the spelling of the question (RFC 4314 §3.4).
        imap.send("a3 LISTRIGHTS Box \"" + decomposed + "\"\r\n");
        imap.expect("* LISTRIGHTS Box {8}").expect(decomposed + " \"\" l r *").expect("a3 OK *");
        imap.send("a4 DELETEACL Box \"" + decomposed + "\"\r\n").expect("a4 OK *");
        imap.play(R"(
            C: a5 GETACL Box
            S: * ACL Box alice lrswipkxteacd
            S: a5 OK *
        )");
    }

    TEST(ImapAcl, AListIsBounded)
    {
        Transcript imap { mailbox("Box") };
        auto const account = imap.services().account("alice");
        storage::Acl acl;
        for (std::size_t i = 0; i < storage::max_acl_entries; ++i)
            acl.push_back({ "$g" + std::to_string(i), storage::Right::lookup });
        auto& volume = imap.services().store().volume_of(account);
        auto const id = storage::find_mailbox(volume.read(), account.id, "Box")->id;
        ASSERT_TRUE(volume.write([&](storage::WriteTxn& txn) {
            return storage::write_acl(txn, { account.id, id }, acl);
        }));
        imap.login().play(R"(
            C: a1 SETACL Box bob lr
            S: a1 NO [LIMIT] *
            C: a2 SETACL Box $g7 ""
            S: a2 OK *
            C: a3 SETACL Box bob lr
            S: a3 OK *
        )");
    }

} // namespace
} // namespace mail::imap
