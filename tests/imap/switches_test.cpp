// Extensions that are switched off: for everybody, for networks, for accounts.
#include "tests/support/transcript.h"

namespace mail::imap {
namespace {

    using namespace mail::test;

    std::string capabilities(Transcript& imap)
    {
        imap.send("c CAPABILITY\r\n");
        auto line = imap.read_line() + " ";
        imap.expect("c OK *");
        return line;
    }

    bool offers(Transcript& imap, std::string const& name)
    {
        return capabilities(imap).find(" " + name + " ") != std::string::npos;
    }

    TEST(ImapSwitches, WhatIsOffIsNeitherAnnouncedNorParsed)
    {
        Transcript imap(Transcript::make_world_without({ "move", "CONDSTORE" }), {});
        imap.login().select("INBOX");
        EXPECT_FALSE(offers(imap, "MOVE"));
        EXPECT_FALSE(offers(imap, "CONDSTORE"));
        EXPECT_TRUE(offers(imap, "UIDPLUS"));
        imap.play(R"(
            C: a1 MOVE 1 Trash
            S: a1 BAD Unknown command*
            C: a2 ENABLE CONDSTORE
            S: * ENABLED
            S: a2 OK *
            C: a3 FETCH 1 (MODSEQ)
            S: a3 BAD *
            C: a4 FETCH 1 (FLAGS) (CHANGEDSINCE 1)
            S: a4 BAD *
            C: a5 STORE 1 (UNCHANGEDSINCE 1) FLAGS (x)
            S: a5 BAD *
            C: b5 STORE 1 FLAGS (x) (UNCHANGEDSINCE 1)
            S: b5 BAD *
            C: a6 SEARCH MODSEQ 1
            S: a6 BAD *
            C: a7 SELECT INBOX (CONDSTORE)
            S: a7 BAD *
            C: a8 STATUS INBOX (HIGHESTMODSEQ)
            S: a8 BAD *
        )");
    }

    TEST(ImapSwitches, ClientsOfANetworkMayBeOfferedLess)
    {
        auto world = Transcript::make_world_without({});
        world->settings.imap.networks = { { { *Network::parse("127.0.0.0/8") }, { "IDLE" } },
            { { *Network::parse("192.0.2.0/24") }, { "ID" } } };
        Transcript imap(world, {});
        EXPECT_FALSE(offers(imap, "IDLE"));
        EXPECT_TRUE(offers(imap, "ID"));
    }

    TEST(ImapSwitches, AnAccountMayBeOfferedLess)
    {
        auto world = Transcript::make_world_without({});
        world->authenticator.users["alice"].capabilities_off = { "UIDPLUS" };
        Transcript alice(world, {});
        EXPECT_TRUE(offers(alice, "UIDPLUS")) << "before the login nobody knows who it is";
        alice.login().select("INBOX");
        EXPECT_FALSE(offers(alice, "UIDPLUS"));
        alice.play(R"(
            C: a1 UID EXPUNGE 1
            S: a1 BAD Unknown command*
        )");
        auto bob = alice.another();
        bob.login("bob");
        EXPECT_TRUE(offers(bob, "UIDPLUS"));
    }

    TEST(ImapSwitches, LiteralMinusTakesThePlaceOfLiteralPlus)
    {
        Transcript imap(Transcript::make_world_without({ "LITERAL+" }), {});
        imap.login();
        EXPECT_TRUE(offers(imap, "LITERAL-"));
        EXPECT_FALSE(offers(imap, "LITERAL+"));
        imap.send("a1 CREATE {5+}\r\nSmall\r\n").expect("a1 OK *");
        imap.send("a2 CREATE {4097+}\r\n" + std::string(4097, 'x') + "\r\n")
            .expect("a2 BAD [TOOBIG] *");
        imap.send("a3 APPEND INBOX {4097+}\r\n" + std::string(4097, 'x') + "\r\n")
            .expect("a3 BAD [TOOBIG] *");
        imap.send("a4 NOOP\r\n").expect("a4 OK *");

        Transcript plus(Transcript::make_world_without({}), {});
        EXPECT_FALSE(offers(plus, "LITERAL-"));
        Transcript none(Transcript::make_world_without({ "LITERAL+", "LITERAL-" }), {});
        none.login();
        none.send("a1 CREATE {5+}\r\nSmall\r\n").expect("a1 BAD [TOOBIG] *");
        none.send("a2 CREATE {5}\r\n").expect("+ *").send("Small\r\n").expect("a2 OK *");
    }

    TEST(ImapSwitches, InitialResponsesMayBeSwitchedOff)
    {
        // IMAP4rev2 has them without the name.
        Transcript(Transcript::make_world_without({ "SASL-IR" }), {}).play(R"(
            C: a1 AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==
            S: a1 OK *
        )");
        Transcript(Transcript::make_world_without({ "SASL-IR", "IMAP4rev2" }), {}).play(R"(
            C: a1 AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==
            S: a1 BAD *
            C: a2 AUTHENTICATE PLAIN
            S: + 
            C: AGFsaWNlAHNlY3JldA==
            S: a2 OK *
        )");
    }

    TEST(ImapSwitches, WhatIsOffIsNotToldEither)
    {
        auto world = Transcript::make_world({ mailbox("INBOX", { unseen("one") }),
            mailbox("Sent", {}, storage::SpecialUse::sent), mailbox("Work/Old") });
        world->settings.imap.capabilities_off
            = { "CHILDREN", "SPECIAL-USE", "CONDSTORE", "OBJECTID", "UIDPLUS", "URLAUTH" };
        Transcript imap(world, {});
        imap.login().play(R"(
            C: a1 LIST "" *
            S: * LIST () "/" INBOX
            S: * LIST () "/" Sent
            S: * LIST () "/" Work
            S: * LIST () "/" Work/Old
            S: a1 OK *
            C: a2 LIST "" Work RETURN (CHILDREN)
            S: * LIST (\HasChildren) "/" Work
            S: a2 OK *
            C: a3 SELECT INBOX
            S: * FLAGS *
            S: * OK [PERMANENTFLAGS *
            S: * 1 EXISTS
            S: * 1 RECENT
            S: * OK [UNSEEN 1] *
            S: * OK [UIDVALIDITY *
            S: * OK [UIDNEXT 2] *
            S: a3 OK [READ-WRITE] *
            C: a4 STORE 1 +FLAGS (\Seen)
            S: * 1 FETCH (FLAGS (\Seen \Recent))
            S: a4 OK *
            C: a5 COPY 1 Sent
            S: a5 OK COPY completed
            C: a6 MOVE 1 Sent
            S: * 1 EXPUNGE
            S: a6 OK *
            C: a7 CREATE Box
            S: a7 OK CREATE completed
        )");
    }

    TEST(ImapSwitches, WhatNeedsAnotherFallsWithIt)
    {
        Transcript imap(
            Transcript::make_world_without({ "SORT", "ACL", "QUOTA", "CONDSTORE", "URLAUTH" }), {});
        imap.login().select("INBOX");
        auto const told = capabilities(imap);
        for (auto const* name :
            { "SORT", "ESORT", "SORT=DISPLAY", "ACL", "RIGHTS=texk", "LIST-MYRIGHTS", "QUOTA",
                "QUOTA=RES-STORAGE", "QUOTA=RES-MESSAGE", "QUOTA=RES-MAILBOX", "QUOTASET",
                "CONDSTORE", "QRESYNC", "URLAUTH", "URLAUTH=BINARY", "URL-PARTIAL" })
            EXPECT_EQ(told.find(" " + std::string(name) + " "), std::string::npos) << name;
        imap.play(R"(
            C: a1 SORT (DISPLAYFROM) UTF-8 ALL
            S: a1 BAD *
            C: a2 LIST "" * RETURN (MYRIGHTS)
            S: a2 BAD *
            C: a3 SETQUOTA alice ()
            S: a3 BAD *
            C: a4 STATUS INBOX (DELETED-STORAGE)
            S: a4 BAD *
            C: a5 ENABLE QRESYNC
            S: * ENABLED
            S: a5 OK *
        )");
    }

    TEST(ImapSwitches, EachNameThatIsAnnouncedCanBeSwitchedOff)
    {
        Transcript imap(Transcript::make_world_without({}), {});
        imap.login();
        auto names = capabilities(imap);
        names.erase(0, std::string_view("* CAPABILITY ").size());
        int count = 0;
        while (!names.empty()) {
            auto const name = names.substr(0, names.find(' '));
            names.erase(0, name.size() + 1);
            if (name == "IMAP4rev1")
                continue;
            ++count;
            Transcript without(Transcript::make_world_without({ name }), {});
            without.login();
            EXPECT_FALSE(offers(without, name)) << name;
        }
        EXPECT_GT(count, 10);
    }

} // namespace
} // namespace mail::imap
