// What each right lets others do with a mailbox (RFC 4314 §4), and \Seen of each reader.
#include "storage/accounts.h"
#include "storage/verify.h"
#include "tests/support/sharing.h"
#include "tests/support/transcript.h"

namespace mail::imap {
namespace {

    using namespace mail::test;

    constexpr std::string_view all_letters = "lrswipkxtea";
    constexpr std::string_view box = "\"Other Users/alice/Box\"";

    std::string without(std::string_view letters, std::string_view taken)
    {
        std::string rest;
        for (char const c : letters)
            if (taken.find(c) == std::string_view::npos)
                rest.push_back(c);
        return rest;
    }

    /// A command on alice's Box, and the right without which it is refused.
    struct Rule {
        std::string command;
        std::string right;
        std::string unknown = "NONEXISTENT"; ///< the code for those who may not know of the mailbox
    };

    /// Bob's answer to the command when he has these rights.
    std::string answer(std::string const& command, std::string_view letters)
    {
        Transcript alice { mailbox("Box", { seen("one") }), mailbox("Box/Child") };
        share(alice.services(), "alice", "Box", "bob", letters);
        auto bob = alice.another();
        bob.login("bob");
        bob.deliver("INBOX", seen("mine"), "bob");
        bob.select("INBOX");
        auto text = command;
        for (auto at = text.find("BOX"); at != std::string::npos; at = text.find("BOX"))
            text.replace(at, 3, "Other Users/alice/Box");
        bob.send("x " + text + "\r\n");
        std::string line;
        do
            line = bob.read_line();
        while (line.starts_with("* "));
        if (line.starts_with("+ ")) { // the message of APPEND
            bob.send("Subject: x\r\n\r\n\r\n\r\n");
            line = bob.read_line();
        }
        return line;
    }

    class ImapRights : public ::testing::TestWithParam<Rule> { };

    TEST_P(ImapRights, AreNeededAndEnough)
    {
        auto const& rule = GetParam();
        EXPECT_TRUE(answer(rule.command, rule.right).starts_with("x OK"))
            << answer(rule.command, rule.right);
        auto const visible = "l" + without(all_letters, "l" + rule.right);
        if (rule.right.find('l') == std::string::npos) {
            EXPECT_TRUE(answer(rule.command, visible).starts_with("x NO [NOPERM]"))
                << answer(rule.command, visible);
        }
        auto const hidden = without(all_letters, "l" + rule.right);
        EXPECT_TRUE(answer(rule.command, hidden).starts_with("x NO [" + rule.unknown + "]"))
            << answer(rule.command, hidden);
        EXPECT_EQ(answer(rule.command, ""), answer(rule.command, hidden))
            << "who may not look it up learns that it is there";
    }

    INSTANTIATE_TEST_SUITE_P(Table, ImapRights,
        ::testing::Values(Rule { "SELECT \"BOX\"", "r" }, Rule { "EXAMINE \"BOX\"", "r" },
            Rule { "STATUS \"BOX\" (MESSAGES UNSEEN)", "r" }, Rule { "SUBSCRIBE \"BOX\"", "l" },
            Rule { "CREATE \"BOX/New\"", "k", "NOPERM" }, Rule { "DELETE \"BOX\"", "x" },
            Rule { "GETACL \"BOX\"", "a" }, Rule { "LISTRIGHTS \"BOX\" carol", "a" },
            Rule { "SETACL \"BOX\" carol lr", "a" }, Rule { "DELETEACL \"BOX\" carol", "a" },
            Rule { "APPEND \"BOX\" {16}", "i", "TRYCREATE" },
            Rule { "COPY 1 \"BOX\"", "i", "TRYCREATE" },
            Rule { "MOVE 1 \"BOX\"", "i", "TRYCREATE" }));

    TEST(ImapSharing, MyRightsNeedsOneOfSix)
    {
        for (char const letter : all_letters) {
            auto const line = answer("MYRIGHTS \"BOX\"", std::string(1, letter));
            auto const is_enough = std::string_view("lrikxa").find(letter) != std::string::npos;
            EXPECT_TRUE(line.starts_with(is_enough ? "x OK" : "x NO [NONEXISTENT]"))
                << letter << ": " << line;
        }
    }

    TEST(ImapSharing, UnsubscribeAndListAskForNothing)
    {
        EXPECT_TRUE(answer("UNSUBSCRIBE \"BOX\"", "").starts_with("x OK"));
        EXPECT_TRUE(answer("LIST \"\" \"BOX\"", "").starts_with("x OK"));
        EXPECT_TRUE(answer("LSUB \"\" \"BOX\"", "").starts_with("x OK"));
    }

    TEST(ImapSharing, RenameNeedsRightsAtBothEnds)
    {
        Transcript alice { mailbox("From"), mailbox("From/Child"), mailbox("To"),
            mailbox("To/Taken") };
        auto& world = alice.services();
        share(world, "alice", "From", "bob", "lx");
        share(world, "alice", "To", "bob", "l");
        auto bob = alice.another();
        bob.login("bob").play(R"(
            C: a1 RENAME "Other Users/alice/From" "Other Users/alice/To/From"
            S: a1 NO [NOPERM] *
            C: a2 RENAME "Other Users/alice/From" "Other Users/alice/Top"
            S: a2 NO [NOPERM] *
            C: a3 RENAME "Other Users/alice/From" "Other Users/carol/From"
            S: a3 NO [NOPERM] *
            C: a4 RENAME "Other Users/alice/From" Mine
            S: a4 NO [CANNOT] *
            C: a5 RENAME INBOX "Other Users/alice/To/Inbox"
            S: a5 NO [CANNOT] *
            C: a6 RENAME "Other Users/alice/Hidden" "Other Users/alice/To/x"
            S: a6 NO [NONEXISTENT] *
        )");
        share(world, "alice", "To", "bob", "lk");
        share(world, "alice", "From", "bob", "l");
        bob.play(R"(
            C: b1 RENAME "Other Users/alice/From" "Other Users/alice/To/From"
            S: b1 NO [NOPERM] *
        )");
        share(world, "alice", "From", "bob", "lx");
        bob.play(R"(
            C: c1 RENAME "Other Users/alice/From" "Other Users/alice/To/From"
            S: c1 OK *
            C: c2 LIST "" "Other Users/*"
            S: * LIST (\HasChildren \Noselect) "/" "Other Users/alice/To"
            S: * LIST (\HasNoChildren \Noselect) "/" "Other Users/alice/To/From"
            S: c2 OK *
        )");
        alice.login().play(R"(
            C: d1 LIST "" To*
            S: * LIST (\HasChildren) "/" To
            S: * LIST (\HasChildren) "/" To/From
            S: * LIST (\HasNoChildren) "/" To/From/Child
            S: * LIST (\HasNoChildren) "/" To/Taken
            S: d1 OK *
            C: d2 GETACL To/From
            S: * ACL To/From alice lrswipkxteacd bob lxc
            S: d2 OK *
        )");
    }

    TEST(ImapSharing, SomebodyElsesInboxStaysWhereItIs)
    {
        Transcript alice { mailbox("INBOX", { seen("one") }) };
        share(alice.services(), "alice", "INBOX", "bob", all_letters);
        auto bob = alice.another();
        bob.login("bob").play(R"(
            C: a1 RENAME "Other Users/alice/INBOX" "Other Users/alice/INBOX/Old"
            S: a1 NO [NOPERM] *
            C: a2 DELETE "Other Users/alice/inbox"
            S: a2 NO [CANNOT] *
            C: a3 STATUS "Other Users/alice/inbox" (MESSAGES)
            S: * STATUS "Other Users/alice/inbox" (MESSAGES 1)
            S: a3 OK *
        )");
    }

    TEST(ImapSharing, SelectSaysWhatMayBeChanged)
    {
        struct Case {
            std::string rights;
            std::string flags;
            std::string code;
        };
        for (auto const& each : { Case { "lr", "", "READ-ONLY" },
                 Case { "lrs", "\\Seen", "READ-ONLY" }, // each reader's own: RFC 4314 §5.2
                 Case { "lri", "", "READ-WRITE" }, Case { "lre", "", "READ-WRITE" },
                 Case { "lrt", "\\Deleted", "READ-WRITE" },
                 Case { "lrw", "\\Answered \\Flagged \\Draft \\*", "READ-WRITE" },
                 Case { "lrswit", "\\Answered \\Flagged \\Deleted \\Seen \\Draft \\*",
                     "READ-WRITE" } }) {
            Transcript alice { mailbox("Box", { seen("one") }) };
            share(alice.services(), "alice", "Box", "bob", each.rights);
            auto bob = alice.another();
            bob.login("bob").send("s SELECT " + std::string(box) + "\r\n");
            bob.expect("* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)");
            bob.expect("* OK [PERMANENTFLAGS (" + each.flags + ")] *");
            bob.expect("* 1 EXISTS").expect("* 0 RECENT").expect("* OK [UNSEEN 1] *");
            bob.expect("* OK [UIDVALIDITY *").expect("* OK [UIDNEXT *");
            bob.expect("* OK [HIGHESTMODSEQ *").expect("* OK [MAILBOXID *");
            bob.expect("* OK [URLMECH *");
            bob.expect("s OK [" + each.code + "] *");
        }
    }

    TEST(ImapSharing, StoreChangesWhatTheRightsAllow)
    {
        Transcript alice { mailbox("Box", { seen("one") }) };
        auto& world = alice.services();
        auto const as_bob = [&](std::string const& rights, std::string_view script) {
            share(world, "alice", "Box", "bob", rights);
            auto bob = alice.another();
            bob.login("bob").select("Other Users/alice/Box").play(script);
        };
        as_bob("lrt", R"(
            C: a1 STORE 1 +FLAGS (\Deleted \Flagged $Work)
            S: * 1 FETCH (FLAGS (\Deleted))
            S: a1 OK *
            C: a2 STORE 1 +FLAGS (\Flagged)
            S: a2 NO [NOPERM] *
            C: a3 STORE 1 +FLAGS ($Work)
            S: a3 NO [NOPERM] *
            C: a4 STORE 1 FLAGS ()
            S: * 1 FETCH (FLAGS ())
            S: a4 OK *
            C: a5 EXPUNGE
            S: a5 NO [NOPERM] *
        )");
        as_bob("lrw", R"(
            C: a1 STORE 1 FLAGS (\Deleted \Seen \Flagged $Work)
            S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft $Work)
            S: * OK [PERMANENTFLAGS (\Answered \Flagged \Draft $Work \*)] *
            S: * 1 FETCH (FLAGS (\Flagged $Work))
            S: a1 OK *
        )");
        as_bob("lrs", R"(
            C: a1 STORE 1 FLAGS (\Seen)
            S: * 1 FETCH (FLAGS (\Flagged \Seen $Work))
            S: a1 OK *
            C: a2 STORE 1 -FLAGS (\Flagged)
            S: a2 NO [NOPERM] *
        )");
        as_bob("lr", R"(
            C: a1 STORE 1 -FLAGS (\Seen)
            S: a1 NO [READ-ONLY] *
            C: a2 CLOSE
            S: a2 OK *
        )");
        as_bob("lre", R"(
            C: a1 STORE 1 -FLAGS (\Seen)
            S: a1 NO [NOPERM] *
            C: a2 EXPUNGE
            S: a2 OK *
        )");
    }

    TEST(ImapSharing, ExpungeCloseAndMoveNeedTheirRights)
    {
        auto const left = [](std::string const& rights, std::string const& command) {
            Transcript alice { mailbox("Box", { deleted("one"), seen("two") }) };
            share(alice.services(), "alice", "Box", "bob", rights);
            auto bob = alice.another();
            bob.login("bob").select("Other Users/alice/Box");
            bob.send("x " + command + "\r\n");
            std::string line;
            do
                line = bob.read_line();
            while (line.starts_with("* "));
            auto const account = alice.services().account("alice");
            auto const txn = alice.services().store().volume_of(account).read();
            auto const count = storage::find_mailbox(txn, account.id, "Box")->messages;
            return line.substr(0, 4) + " " + std::to_string(count);
        };
        EXPECT_EQ(left("lrwt", "EXPUNGE"), "x NO 2");
        EXPECT_EQ(left("lre", "EXPUNGE"), "x OK 1");
        EXPECT_EQ(left("lrwt", "UID EXPUNGE 1"), "x NO 2");
        EXPECT_EQ(left("lre", "UID EXPUNGE 1"), "x OK 1");
        EXPECT_EQ(left("lrwt", "CLOSE"), "x OK 2") << "RFC 4314 §4: closes all the same";
        EXPECT_EQ(left("lre", "CLOSE"), "x OK 1");
        EXPECT_EQ(left("lre", "UNSELECT"), "x OK 2");
        EXPECT_EQ(left("lre", "MOVE 2 INBOX"), "x NO 2");
        EXPECT_EQ(left("lrt", "MOVE 2 INBOX"), "x NO 2");
        EXPECT_EQ(left("lret", "MOVE 2 INBOX"), "x OK 1");
        EXPECT_EQ(left("lr", "COPY 2 INBOX"), "x OK 2");
    }

    TEST(ImapSharing, AppendAndCopyKeepTheFlagsOfTheRights)
    {
        Transcript alice { mailbox("Target") };
        auto& world = alice.services();
        share(world, "alice", "Target", "bob", "lrwis");
        auto bob = alice.another();
        bob.login("bob");
        bob.deliver(
            "INBOX", message("one", storage::Flags::draft | storage::Flags::deleted), "bob");
        bob.deliver("INBOX", message("two", storage::Flags::answered), "bob");
        auto forwarded = seen("three");
        forwarded.keywords = { "$Forwarded" };
        bob.deliver("INBOX", forwarded, "bob");
        // The example of RFC 4314 §4.
        bob.select("INBOX").play(R"(
            C: a1 COPY 1:3 "Other Users/alice/Target"
            S: a1 OK [COPYUID * 1:3 1:3] *
        )");
        share(world, "alice", "Target", "bob", "lrsti");
        bob.play(R"(
            C: a2 COPY 1:3 "Other Users/alice/Target"
            S: a2 OK [COPYUID * 1:3 4:6] *
            C: a3 APPEND "Other Users/alice/Target" (\Seen \Deleted \Flagged $Work) {3+}
            C: abc
            S: a3 OK [APPENDUID * 7] *
            C: a4 SELECT "Other Users/alice/Target"
            S: * OK [CLOSED] *
            S: * FLAGS (*)
            S: * OK [PERMANENTFLAGS (\Deleted \Seen)] *
            S: * 7 EXISTS
            S: * 0 RECENT
            S: * OK [UNSEEN 1] *
            S: * OK [UIDVALIDITY *
            S: * OK [UIDNEXT 8] *
            S: * OK [HIGHESTMODSEQ *
            S: * OK [MAILBOXID *
            S: * OK [URLMECH *
            S: a4 OK [READ-WRITE] *
            C: a5 FETCH 1:7 FLAGS
            S: * 1 FETCH (FLAGS (\Draft))
            S: * 2 FETCH (FLAGS (\Answered))
            S: * 3 FETCH (FLAGS (\Seen $Forwarded))
            S: * 4 FETCH (FLAGS (\Deleted))
            S: * 5 FETCH (FLAGS ())
            S: * 6 FETCH (FLAGS (\Seen))
            S: * 7 FETCH (FLAGS (\Deleted \Seen))
            S: a5 OK *
        )");
        // What bob has seen alice has not.
        alice.login().select("Target").play(R"(
            C: a1 SEARCH UNSEEN
            S: * SEARCH 1 2 3 4 5 6 7
            S: a1 OK *
        )");
    }

    TEST(ImapSharing, EachReaderHasAnOwnSeen)
    {
        Transcript alice { mailbox("Box", { seen("one"), unseen("two"), unseen("three") }) };
        auto& world = alice.services();
        share(world, "alice", "Box", "bob", "lrs");
        share(world, "alice", "Box", "carol", "lr");
        auto bob = alice.another();
        auto carol = alice.another();
        bob.login("bob").select("Other Users/alice/Box").play(R"(
            C: a1 SEARCH UNSEEN
            S: * SEARCH 1 2 3
            S: a1 OK *
            C: a2 STORE 2 +FLAGS (\Seen)
            S: * 2 FETCH (FLAGS (\Seen))
            S: a2 OK *
            C: a3 FETCH 3 BODY[TEXT]
            S: * 3 FETCH (BODY[TEXT] {7}
            S: three
            S:  FLAGS (\Seen))
            S: a3 OK *
            C: a4 SEARCH SEEN
            S: * SEARCH 2 3
            S: a4 OK *
            C: a5 STATUS "Other Users/alice/Box" (UNSEEN MESSAGES)
            S: * STATUS "Other Users/alice/Box" (UNSEEN 1 MESSAGES 3)
            S: a5 OK *
        )");
        // Without "s" nothing is kept, and nothing is said that is not so.
        carol.login("carol").select("Other Users/alice/Box").play(R"(
            C: a1 FETCH 1 BODY[TEXT]
            S: * 1 FETCH (BODY[TEXT] {5}
            S: one
            S: )
            S: a1 OK *
            C: a2 STATUS "Other Users/alice/Box" (UNSEEN)
            S: * STATUS "Other Users/alice/Box" (UNSEEN 3)
            S: a2 OK *
        )");
        alice.login().select("Box").play(R"(
            C: a1 SEARCH SEEN
            S: * SEARCH 1
            S: a1 OK *
            C: a2 STATUS Box (UNSEEN)
            S: * STATUS Box (UNSEEN 2)
            S: a2 OK *
            C: a3 STORE 1 -FLAGS.SILENT (\Seen)
            S: a3 OK *
            C: a4 FETCH 1:3 FLAGS
            S: * 1 FETCH (FLAGS (\Recent))
            S: * 2 FETCH (FLAGS (\Recent))
            S: * 3 FETCH (FLAGS (\Recent))
            S: a4 OK *
        )");
        bob.play(R"(
            C: b1 STORE 3 -FLAGS.SILENT (\Seen)
            S: * 1 FETCH (FLAGS ())
            S: b1 OK *
            C: b2 LIST "" "Other Users/*" RETURN (STATUS (UNSEEN))
            S: * LIST (\HasNoChildren) "/" "Other Users/alice/Box"
            S: * STATUS "Other Users/alice/Box" (UNSEEN 2)
            S: b2 OK *
        )");
    }

    TEST(ImapSharing, SeenGoesWithTheCopyToTheAccountItGoesTo)
    {
        Transcript alice { mailbox("Box", { seen("one"), unseen("two") }), mailbox("Box2") };
        auto& world = alice.services();
        share(world, "alice", "Box", "bob", "lrste");
        share(world, "alice", "Box2", "bob", "lrsi");
        auto bob = alice.another();
        bob.login("bob").select("Other Users/alice/Box").play(R"(
            C: a1 STORE 2 +FLAGS.SILENT (\Seen)
            S: a1 OK *
            C: a2 COPY 1:2 "Other Users/alice/Box2"
            S: a2 OK [COPYUID * 1:2 1:2] *
            C: a3 COPY 1:2 INBOX
            S: a3 OK [COPYUID * 1:2 1:2] *
            C: a4 STATUS INBOX (UNSEEN)
            S: * STATUS INBOX (UNSEEN 1)
            S: a4 OK *
            C: a5 STATUS "Other Users/alice/Box2" (UNSEEN)
            S: * STATUS "Other Users/alice/Box2" (UNSEEN 1)
            S: a5 OK *
            C: a6 MOVE 2 INBOX
            S: * OK [COPYUID * 2 3] *
            S: * 2 EXPUNGE
            S: a6 OK *
            C: a7 STATUS INBOX (UNSEEN MESSAGES)
            S: * STATUS INBOX (UNSEEN 1 MESSAGES 3)
            S: a7 OK *
        )");
        alice.login().play(R"(
            C: a1 STATUS Box2 (MESSAGES UNSEEN)
            S: * STATUS Box2 (MESSAGES 2 UNSEEN 1)
            S: a1 OK *
            C: a2 STATUS Box (MESSAGES)
            S: * STATUS Box (MESSAGES 1)
            S: a2 OK *
        )");
    }

    TEST(ImapSharing, AcrossAccountsQuotaIsTheTargets)
    {
        Transcript alice { mailbox("Box", { seen("one"), seen("two") }) };
        auto& world = alice.services();
        share(world, "alice", "Box", "bob", "lrsite");
        world.authenticator.users["bob"].quota = { .messages = 1 };
        auto bob = alice.another();
        bob.login("bob").select("Other Users/alice/Box").play(R"(
            C: a1 COPY 1:2 INBOX
            S: a1 NO [OVERQUOTA] *
            C: a2 MOVE 1:2 INBOX
            S: a2 NO [OVERQUOTA] *
            C: a3 STATUS INBOX (MESSAGES)
            S: * STATUS INBOX (MESSAGES 0)
            S: a3 OK *
            C: a4 MOVE 1 INBOX
            S: * OK [ALERT] *
            S: * OK [COPYUID * 1 1] *
            S: * 1 EXPUNGE
            S: a4 OK *
        )");
        // Alice's bound counts for what bob puts into her mailbox, and his does not.
        bob.select("INBOX").play(R"(
            C: b1 COPY 1 "Other Users/alice/Box"
            S: b1 OK [COPYUID *] *
        )");
        world.authenticator.users["alice"].quota = { .messages = 2 };
        bob.play(R"(
            C: c1 COPY 1 "Other Users/alice/Box"
            S: c1 NO [OVERQUOTA] *
            C: c2 APPEND "Other Users/alice/Box" {3}
            S: c2 NO [OVERQUOTA] *
            C: c3 NOOP
            S: c3 OK *
        )");
        for (auto const* name : { "alice", "bob" }) {
            auto const account = world.account(name);
            auto const txn = world.store().volume_of(account).read();
            EXPECT_EQ(storage::verify_account(txn, account.id), std::vector<std::string> {});
        }
    }

    TEST(ImapSharing, RightsThatAreTakenEndTheSelection)
    {
        Transcript alice { mailbox("Box", { seen("one") }) };
        auto& world = alice.services();
        share(world, "alice", "Box", "bob", "lrswite");
        auto bob = alice.another();
        auto idler = alice.another();
        auto away = alice.another();
        bob.login("bob").select("Other Users/alice/Box");
        idler.login("bob").select("Other Users/alice/Box");
        idler.send("i IDLE\r\n").expect("+ idling").expect_nothing();
        away.login("bob").select("Other Users/alice/Box");
        alice.login().play(R"(
            C: a1 SETACL Box bob lr
            S: a1 OK *
        )");
        // At the next command: what was allowed is not any more, and the client is told.
        bob.play(R"(
            C: b1 STORE 1 +FLAGS (\Deleted)
            S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
            S: * OK [PERMANENTFLAGS ()] *
            S: b1 NO [NOPERM] *
            C: b2 EXPUNGE
            S: b2 NO [NOPERM] *
        )");
        idler.expect("* FLAGS *").expect("* OK [PERMANENTFLAGS ()] *").expect_nothing();
        alice.play(R"(
            C: a2 DELETEACL Box bob
            S: a2 OK *
        )");
        idler.expect("* BYE *not yours to read any more*").expect_closed();
        away.send("b3 FETCH 1 BODY.PEEK[]\r\n");
        away.expect("* BYE *").expect("b3 NO [NOPERM] *").expect_closed();
        bob.select("INBOX"); // who leaves it need not be sent away
    }

    TEST(ImapSharing, RightsThatAreGivenCountAtOnce)
    {
        Transcript alice { mailbox("Box", { seen("one") }) };
        auto& world = alice.services();
        share(world, "alice", "Box", "bob", "lri");
        auto bob = alice.another();
        bob.login("bob").select("Other Users/alice/Box");
        alice.login().play("C: a1 SETACL Box bob +w\nS: a1 OK *");
        bob.play(R"(
            C: b1 STORE 1 +FLAGS.SILENT (\Flagged)
            S: * FLAGS *
            S: * OK [PERMANENTFLAGS (\Answered \Flagged \Draft \*)] *
            S: b1 OK *
        )");
        // The rights of another one are no news.
        alice.play("C: a2 SETACL Box carol lr\nS: a2 OK *");
        bob.play("C: b2 NOOP\nS: b2 OK *");
    }

    TEST(ImapSharing, WhatOthersDoWithAMailboxIsTold)
    {
        Transcript alice { mailbox("Box", { seen("one"), seen("two") }) };
        share(alice.services(), "alice", "Box", "bob", "lrswitex");
        auto bob = alice.another();
        alice.login().select("Box");
        bob.login("bob").select("Other Users/alice/Box").play(R"(
            C: b1 STORE 1 +FLAGS.SILENT (\Flagged)
            S: b1 OK *
            C: b2 APPEND "Other Users/alice/Box" {3+}
            C: abc
            S: * 3 EXISTS
            S: * 0 RECENT
            S: b2 OK [APPENDUID * 3] *
        )");
        alice.play(R"(
            C: a1 NOOP
            S: * 3 EXISTS
            S: * 3 RECENT
            S: * 1 FETCH (FLAGS (\Flagged \Seen \Recent))
            S: a1 OK *
        )");
        bob.play(R"(
            C: b3 DELETE "Other Users/alice/Box"
            S: * OK [CLOSED] *
            S: b3 OK *
        )");
        alice.send("a2 NOOP\r\n").expect("* BYE *deleted*").expect("a2 OK *").expect_closed();
    }

    TEST(ImapSharing, ReadersResynchroniseWithTheirOwnSeen)
    {
        Transcript alice { mailbox("Box", { seen("one"), unseen("two"), deleted("three") }) };
        share(alice.services(), "alice", "Box", "bob", "lrs");
        auto bob = alice.another();
        bob.login("bob").send("s STATUS " + std::string(box) + " (UIDVALIDITY HIGHESTMODSEQ)\r\n");
        auto const line = bob.read_line();
        bob.expect("s OK *");
        auto const value = [&](std::string const& name) {
            auto const begin = line.find(name + " ") + name.size() + 1;
            return line.substr(begin, line.find_first_of(" )", begin) - begin);
        };
        auto other = alice.another();
        other.login("bob").select("Other Users/alice/Box").play(R"(
            C: o1 STORE 2 +FLAGS.SILENT (\Seen)
            S: o1 OK *
        )");
        alice.login().select("Box").play(R"(
            C: a1 EXPUNGE
            S: * 3 EXPUNGE
            S: a1 OK *
        )");
        bob.play(R"(
            C: e ENABLE QRESYNC
            S: * ENABLED QRESYNC
            S: e OK *
        )");
        bob.send("b SELECT " + std::string(box) + " (QRESYNC (" + value("UIDVALIDITY") + " "
            + value("HIGHESTMODSEQ") + "))\r\n");
        bob.expect("* FLAGS *").expect("* OK [PERMANENTFLAGS (\\Seen)] *").expect("* 2 EXISTS");
        bob.expect("* 0 RECENT").expect("* OK [UNSEEN 1] *").expect("* OK [UIDVALIDITY *");
        bob.expect("* OK [UIDNEXT *").expect("* OK [HIGHESTMODSEQ *");
        bob.expect("* OK [MAILBOXID *").expect("* OK [URLMECH *");
        bob.expect("* VANISHED (EARLIER) 3");
        bob.expect("* 2 FETCH (UID 2 FLAGS (\\Seen) MODSEQ (*))");
        bob.expect("b OK [READ-ONLY] *").expect_nothing();
    }

    TEST(ImapSharing, NamesInUtf8AndUidsOnly)
    {
        Transcript alice { mailbox("Pl\xc3\xa4ne", { seen("one") }) };
        share(alice.services(), "alice", "Pl\xc3\xa4ne", "bob", "lrswa");
        auto bob = alice.another();
        auto const name = std::string("\"Other Users/alice/Pl\xc3\xa4ne\"");
        bob.login("bob").play(R"(
            C: a1 MYRIGHTS "Other Users/alice/Pl&AOQ-ne"
            S: * MYRIGHTS "Other Users/alice/Pl&AOQ-ne" lrswa
            S: a1 OK *
            C: a2 ENABLE IMAP4rev2 UIDONLY
            S: * ENABLED IMAP4rev2 UIDONLY
            S: a2 OK *
        )");
        bob.send("b1 GETACL " + name + "\r\n")
            .expect("* ACL " + name + " alice lrswipkxteacd bob lrswa")
            .expect("b1 OK *");
        bob.send(
               "b2 LIST \"\" \"Other*\" RETURN (STATUS (MESSAGES) METADATA (/shared/comment))\r\n")
            .expect("* LIST (\\HasNoChildren) \"/\" " + name)
            .expect("* STATUS " + name + " (MESSAGES 1)")
            .expect("* METADATA " + name + " (/shared/comment NIL)")
            .expect("b2 OK *");
        bob.send("b3 GETQUOTAROOT " + name + "\r\n")
            .expect("* QUOTAROOT " + name + " alice")
            .expect("* QUOTA alice ()")
            .expect("b3 OK *");
        bob.send("b4 SELECT " + name + "\r\n").expect("* FLAGS *");
        bob.expect("* OK [PERMANENTFLAGS *").expect("* 1 EXISTS");
        bob.expect("* LIST () \"/\" " + name).expect("* OK [UIDVALIDITY *");
        bob.expect("* OK [UIDNEXT *")
            .expect("* OK [HIGHESTMODSEQ *")
            .expect("* OK [MAILBOXID *")
            .expect("* OK [URLMECH *")
            .expect("b4 OK [READ-WRITE] *");
        bob.play(R"(
            C: b5 UID STORE 1 +FLAGS (\Seen \Flagged)
            S: * 1 UIDFETCH (FLAGS (\Flagged \Seen))
            S: b5 OK *
        )");
    }

    TEST(ImapSharing, ThreeUsersOfTheSharedAccount)
    {
        Transcript alice;
        auto& world = alice.services();
        world.settings.sharing.shared_account = "carol";
        world.authenticator.users["alice"].groups = { "staff" };
        world.authenticator.users["bob"].groups = { "staff" };
        share(world, "carol", "Team", "$staff", "lrswik");
        share(world, "carol", "Team", "-bob", "wik");
        auto bob = alice.another();
        alice.login().play(R"(
            C: a1 CREATE Shared/Team/Plans
            S: a1 OK *
            C: a2 APPEND Shared/Team/Plans (\Seen) {3+}
            C: abc
            S: a2 OK [APPENDUID *] *
            C: a3 CREATE Shared/Top
            S: a3 NO [NOPERM] *
            C: a4 CREATE Shared
            S: a4 NO [NOPERM] *
            C: a5 CREATE "Other Users/carol/Top"
            S: a5 NO [NOPERM] *
            C: a6 CREATE "Other Users/nobody/Top"
            S: a6 NO [NOPERM] *
        )");
        bob.login("bob").play(R"(
            C: b1 STATUS Shared/Team/Plans (MESSAGES UNSEEN)
            S: * STATUS Shared/Team/Plans (MESSAGES 1 UNSEEN 1)
            S: b1 OK *
            C: b2 APPEND Shared/Team/Plans {3}
            S: b2 NO [NOPERM] *
            C: b3 CREATE Shared/Team/Other
            S: b3 NO [NOPERM] *
        )");
        auto carol = alice.another();
        carol.login("carol").play(R"(
            C: c1 STATUS Team/Plans (MESSAGES UNSEEN)
            S: * STATUS Team/Plans (MESSAGES 1 UNSEEN 1)
            S: c1 OK *
            C: c2 GETACL Team/Plans
            S: * ACL Team/Plans carol lrswipkxteacd $staff lrswikc -bob wikc
            S: c2 OK *
        )");
    }

} // namespace
} // namespace mail::imap
