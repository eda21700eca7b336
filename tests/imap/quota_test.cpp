// GETQUOTA, GETQUOTAROOT, SETQUOTA (RFC 9208), what a bound refuses, and warnings.
#include "storage/accounts.h"
#include "storage/verify.h"
#include "tests/support/sharing.h"
#include "tests/support/transcript.h"

#include <random>

namespace mail::imap {
namespace {

    using namespace mail::test;

    std::shared_ptr<TestServices> world_with(
        storage::Quota const& quota, std::initializer_list<TestMailbox> mailboxes)
    {
        auto world = Transcript::make_world(mailboxes);
        world->account("alice");
        world->authenticator.users["alice"].quota = quota;
        return world;
    }

    storage::Usage usage_of(TestServices& world, std::string const& user)
    {
        auto const account = world.account(user);
        auto const txn = world.store().volume_of(account).read();
        EXPECT_EQ(storage::verify_account(txn, account.id), std::vector<std::string> {});
        return *storage::account_usage(txn, account.id);
    }

    TEST(ImapQuota, RefusesWhatItCannotRead)
    {
        Transcript imap;
        imap.play(R"(
            C: a0 GETQUOTAROOT INBOX
            S: a0 BAD Log in first
        )");
        imap.login().play(R"(
            C: a1 GETQUOTA
            S: a1 BAD *
            C: a2 GETQUOTAROOT
            S: a2 BAD *
            C: a3 SETQUOTA alice
            S: a3 BAD *
            C: a4 SETQUOTA alice STORAGE
            S: a4 BAD *
            C: a5 SETQUOTA alice (STORAGE)
            S: a5 BAD *
            C: a6 SETQUOTA alice (STORAGE -1)
            S: a6 BAD *
            C: a7 SETQUOTA alice (STORAGE 9223372036854775808)
            S: a7 BAD *
            C: a8 GETQUOTA nobody
            S: a8 NO [NONEXISTENT] *
            C: a9 SETQUOTA alice (STORAGE 10)
            S: a9 NO [NOPERM] *
        )");
    }

    TEST(ImapQuota, TellsBoundedResourcesOnly)
    {
        Transcript imap(
            world_with({ .octets = 10 * 1024, .messages = 5 },
                { mailbox("INBOX", { TestMessage { std::string(1500, 'x') } }), mailbox("Box") }),
            {});
        imap.login().play(R"(
            C: a1 GETQUOTAROOT INBOX
            S: * QUOTAROOT INBOX alice
            S: * QUOTA alice (STORAGE 2 10 MESSAGE 1 5)
            S: a1 OK *
            C: a2 GETQUOTA alice
            S: * QUOTA alice (STORAGE 2 10 MESSAGE 1 5)
            S: a2 OK *
            C: a3 GETQUOTAROOT "Not/yet there"
            S: * QUOTAROOT "Not/yet there" alice
            S: * QUOTA alice (STORAGE 2 10 MESSAGE 1 5)
            S: a3 OK *
        )");
        auto bob = imap.another();
        bob.login("bob").play(R"(
            C: b1 GETQUOTAROOT INBOX
            S: * QUOTAROOT INBOX bob
            S: * QUOTA bob ()
            S: b1 OK *
            C: b2 GETQUOTA alice
            S: b2 NO [NONEXISTENT] *
        )");
    }

    TEST(ImapQuota, RoundsUpTheSameWayOnBothSides)
    {
        Transcript imap(world_with({ .octets = 1500, .mailboxes = 1 },
                            { mailbox("INBOX", { TestMessage { std::string(1500, 'x') } }) }),
            {});
        imap.login().play(R"(
            C: a1 GETQUOTA alice
            S: * QUOTA alice (STORAGE 2 2 MAILBOX 1 1)
            S: a1 OK *
        )");
    }

    TEST(ImapQuota, AdministratorsSetIt)
    {
        Transcript admin(world_with({ .octets = 10 * 1024, .messages = 5 },
                             { mailbox("INBOX", { seen("one") }) }),
            {});
        auto& users = admin.services().authenticator.users;
        users["bob"].is_administrator = true;
        admin.login("bob").play(R"(
            C: a1 GETQUOTA alice
            S: * QUOTA alice (STORAGE 1 10 MESSAGE 1 5)
            S: a1 OK *
            C: a2 SETQUOTA alice (storage 510)
            S: * QUOTA alice (STORAGE 1 510)
            S: a2 OK *
            C: a3 GETQUOTA ALICE
            S: * QUOTA alice (STORAGE 1 510)
            S: a3 OK *
            C: a4 SETQUOTA alice ()
            S: * QUOTA alice ()
            S: a4 OK *
            C: a5 SETQUOTA alice (MESSAGE 1 MAILBOX 1)
            S: * QUOTA alice (MESSAGE 1 1 MAILBOX 1 1)
            S: a5 OK *
            C: a6 SETQUOTA alice (ANNOTATION-STORAGE 10)
            S: a6 NO [CANNOT] *
            C: a7 SETQUOTA alice (STORAGE 9223372036854775807)
            S: a7 NO [LIMIT] *
            C: a8 SETQUOTA nobody (STORAGE 10)
            S: a8 NO [NONEXISTENT] *
            C: a9 SETQUOTA carol (MESSAGE 7)
            S: * QUOTA carol (MESSAGE 0 7)
            S: a9 OK *
        )");
        auto alice = admin.another();
        alice.login().play(R"(
            C: b1 GETQUOTAROOT INBOX
            S: * QUOTAROOT INBOX alice
            S: * QUOTA alice (MESSAGE 1 1 MAILBOX 1 1)
            S: b1 OK *
            C: b2 APPEND INBOX {3}
            S: b2 NO [OVERQUOTA] *
            C: b3 CREATE Box
            S: b3 NO [OVERQUOTA] *
            C: b4 SETQUOTA alice ()
            S: b4 NO [NOPERM] *
        )");
    }

    TEST(ImapQuota, OfOthersMailboxesByTheirRights)
    {
        Transcript alice(world_with({ .octets = 10 * 1024, .mailboxes = 9 },
                             { mailbox("Box", { seen("one") }) }),
            {});
        auto& world = alice.services();
        auto bob = alice.another();
        bob.login("bob").play(R"(
            C: a1 GETQUOTAROOT "Other Users/alice/Box"
            S: a1 NO [NONEXISTENT] *
            C: a2 GETQUOTAROOT "Other Users/alice/Nothing"
            S: a2 NO [NONEXISTENT] *
            C: a3 GETQUOTAROOT "Other Users/nobody/Nothing"
            S: a3 NO [NONEXISTENT] *
        )");
        share(world, "alice", "Box", "bob", "l");
        bob.play(R"(
            C: b1 GETQUOTAROOT "Other Users/alice/Box"
            S: * QUOTAROOT "Other Users/alice/Box" alice
            S: * QUOTA alice (MAILBOX 2 9)
            S: b1 OK *
            C: b2 GETQUOTA alice
            S: b2 NO [NONEXISTENT] *
        )");
        share(world, "alice", "Box", "bob", "lr");
        bob.play(R"(
            C: c1 GETQUOTAROOT "Other Users/alice/Box"
            S: * QUOTAROOT "Other Users/alice/Box" alice
            S: * QUOTA alice (STORAGE 1 10 MAILBOX 2 9)
            S: c1 OK *
            C: c2 GETQUOTA alice
            S: * QUOTA alice (STORAGE 1 10 MAILBOX 2 9)
            S: c2 OK *
            C: c3 GETQUOTAROOT "Other Users/alice/Box/New/Deep"
            S: * QUOTAROOT "Other Users/alice/Box/New/Deep" alice
            S: * QUOTA alice (STORAGE 1 10 MAILBOX 2 9)
            S: c3 OK *
        )");
        alice.login().play("C: x DELETE Box\nS: x OK *");
        bob.play("C: x GETQUOTA alice\nS: x NO [NONEXISTENT] *");
        share(world, "alice", "Box", "bob", "lr");
        // Whether a mailbox is there that bob may not look up makes no difference.
        share(world, "alice", "Box/Secret", "carol", "lr");
        share(world, "alice", "Box/Secret", "bob", "");
        bob.play(R"(
            C: d1 GETQUOTAROOT "Other Users/alice/Box/Secret"
            S: * QUOTAROOT "Other Users/alice/Box/Secret" alice
            S: * QUOTA alice (STORAGE 0 10 MAILBOX 3 9)
            S: d1 OK *
        )");
    }

    TEST(ImapQuota, ResourcesCanBeSwitchedOff)
    {
        auto const world = world_with({ .octets = 10 * 1024, .messages = 5, .mailboxes = 9 }, {});
        world->settings.imap.capabilities_off = { "QUOTA=RES-MESSAGE", "QUOTASET" };
        Transcript imap(world, {});
        imap.login().play(R"(
            C: a1 GETQUOTA alice
            S: * QUOTA alice (STORAGE 0 10 MAILBOX 1 9)
            S: a1 OK *
            C: a2 SETQUOTA alice ()
            S: a2 BAD Unknown command*
        )");
        world->settings.imap.capabilities_off = { "QUOTA" };
        Transcript off(world, {});
        off.login().play(R"(
            C: a1 GETQUOTA alice
            S: a1 BAD Unknown command*
            C: a2 GETQUOTAROOT INBOX
            S: a2 BAD Unknown command*
        )");
        off.send("c CAPABILITY\r\n");
        auto const line = off.read_line();
        EXPECT_EQ(line.find("QUOTA"), std::string::npos) << line;
    }

    TEST(ImapQuota, WhatDoesNotFitChangesNothing)
    {
        auto const world = world_with({ .octets = 100, .messages = 3, .mailboxes = 3 },
            { mailbox("INBOX", { TestMessage { std::string(60, 'x') } }), mailbox("Box") });
        Transcript imap(world, {});
        auto const before = usage_of(*world, "alice");
        imap.login().select("INBOX").play(R"(
            C: a1 APPEND INBOX {41}
            S: a1 NO [OVERQUOTA] *
            C: a2 COPY 1 Box
            S: a2 NO [OVERQUOTA] *
            C: a3 CREATE a/b
            S: a3 NO [OVERQUOTA] *
            C: a4 RENAME Box a/b/c
            S: a4 NO [OVERQUOTA] *
            C: a5 LIST "" *
            S: * LIST (\HasNoChildren) "/" INBOX
            S: * LIST (\HasNoChildren) "/" Box
            S: a5 OK *
            C: a6 STATUS Box (MESSAGES UIDNEXT)
            S: * STATUS Box (MESSAGES 0 UIDNEXT 1)
            S: a6 OK *
        )");
        imap.send("a7 APPEND INBOX {41+}\r\n" + std::string(41, 'y') + "\r\n")
            .expect("a7 NO [OVERQUOTA] *");
        EXPECT_EQ(usage_of(*world, "alice"), before);
        // What only changes its place adds nothing.
        imap.play(R"(
            C: b1 MOVE 1 Box
            S: * OK [COPYUID *] *
            S: * 1 EXPUNGE
            S: b1 OK *
            C: b2 RENAME Box Other
            S: b2 OK *
            C: b3 CREATE Third
            S: b3 OK *
        )");
        EXPECT_EQ(usage_of(*world, "alice"), (storage::Usage { 60, 1, 3 }));
    }

    TEST(ImapQuota, WarnsOnceForEachDegree)
    {
        auto const world = world_with({ .octets = 10 * 1024 },
            { mailbox("INBOX", { TestMessage { std::string(9000, 'x') } }), mailbox("Box") });
        Transcript imap(world, {});
        imap.login().select("INBOX").play(R"(
            C: a1 STATUS INBOX (MESSAGES)
            S: * STATUS INBOX (MESSAGES 1)
            S: a1 OK *
        )");
        imap.send("a2 APPEND Box {300+}\r\n" + std::string(300, 'y') + "\r\n");
        imap.expect(
            "* NO [OVERQUOTA] The account is nearly full, 10 of 10 KiB of messages are in use "
            "(90%): delete messages and expunge them");
        imap.expect("a2 OK *").expect_nothing();
        imap.send("a3 APPEND Box {100+}\r\n" + std::string(100, 'y') + "\r\n").expect("a3 OK *");
        imap.expect_nothing();
        imap.send("a4 APPEND Box {840+}\r\n" + std::string(840, 'y') + "\r\n");
        imap.expect("* OK [ALERT] The account is full, 10 of 10 KiB *").expect("a4 OK *");
        imap.send("a5 APPEND Box {1}\r\n").expect("a5 NO [OVERQUOTA] *").expect_nothing();

        // At SELECT, too; and not where somebody else's mailbox is selected.
        auto late = imap.another();
        late.login().send("b1 EXAMINE INBOX\r\n");
        std::string line;
        std::string all;
        while (!(line = late.read_line()).starts_with("b1 "))
            all += line + "\n";
        EXPECT_NE(all.find("* OK [ALERT] The account is full"), std::string::npos) << all;
        share(*world, "bob", "INBOX", "alice", "lri");
        auto other = imap.another();
        other.login().send("c1 EXAMINE \"Other Users/bob/INBOX\"\r\n");
        while (!(line = other.read_line()).starts_with("c1 "))
            EXPECT_EQ(line.find("full"), std::string::npos) << line;
        world->settings.quota_warning = 0;
        auto never = imap.another();
        never.login().send("d1 EXAMINE INBOX\r\n");
        while (!(line = never.read_line()).starts_with("d1 "))
            EXPECT_EQ(line.find("full"), std::string::npos) << line;
    }

    TEST(ImapQuota, CountsExactlyOverRandomOperations)
    {
        storage::Quota const quota { .octets = 40'000, .messages = 60, .mailboxes = 6 };
        auto const world = world_with(quota, { mailbox("A"), mailbox("B") });
        world->settings.quota_warning = 0;
        Transcript imap(world, {});
        imap.login().select("A");
        std::mt19937 random(7);
        auto const number = [&](unsigned bound) { return static_cast<unsigned>(random() % bound); };
        std::size_t refused = 0;
        auto const run = [&](std::string const& command) {
            imap.send("x " + command + "\r\n");
            std::string line;
            do
                line = imap.read_line();
            while (line.starts_with("* "));
            refused += line.find("[OVERQUOTA]") != std::string::npos;
            EXPECT_EQ(line.find("x BAD"), std::string::npos) << command << ": " << line;
        };
        for (int step = 0; step < 400; ++step) {
            auto const box = std::string(1, static_cast<char>('A' + number(2)));
            auto const first = std::to_string(1 + number(80));
            auto const size = 1 + number(2000);
            switch (number(8)) {
            case 0:
            case 1:
            case 2:
                run("APPEND " + box + " {" + std::to_string(size) + "+}\r\n"
                    + std::string(size, 'x'));
                break;
            case 3:
                run("UID COPY " + first + ":* B");
                break;
            case 4:
                run("UID MOVE " + first + ":80 B");
                break;
            case 5:
                run("UID STORE " + first + " +FLAGS.SILENT (\\Deleted)");
                run("EXPUNGE");
                break;
            case 6:
                run("CREATE C" + std::to_string(number(4)));
                break;
            default:
                run("DELETE C" + std::to_string(number(4)));
                break;
            }
            auto const usage = usage_of(*world, "alice");
            ASSERT_LE(usage.octets, *quota.octets);
            ASSERT_LE(usage.messages, *quota.messages);
            ASSERT_LE(usage.mailboxes, *quota.mailboxes);
        }
        EXPECT_GT(refused, 10U);
    }

} // namespace
} // namespace mail::imap
