// UNAUTHENTICATE (RFC 8437): nothing of one user is left for the next.
#include "tests/support/deflate_client.h"
#include "tests/support/transcript.h"

namespace mail::imap {
namespace {

    using namespace mail::test;

    TEST(ImapUnauthenticate, IsValidAfterTheLoginOnly)
    {
        Transcript imap { mailbox("INBOX") };
        imap.play(R"(
            C: a1 UNAUTHENTICATE
            S: a1 BAD Log in first
        )");
        imap.login().play(R"(
            C: a2 UNAUTHENTICATE now
            S: a2 BAD *
            C: a3 UNAUTHENTICATE
            S: a3 OK [CAPABILITY IMAP4rev1 * AUTH=PLAIN AUTH=LOGIN] *
            C: a4 UNAUTHENTICATE
            S: a4 BAD Log in first
            C: a5 SELECT INBOX
            S: a5 BAD Log in first
        )");
    }

    TEST(ImapUnauthenticate, ForgetsTheMailboxAndWhatWasEnabled)
    {
        auto world = Transcript::make_world(
            { mailbox("INBOX", { seen("one"), deleted("two") }), mailbox("Köln") });
        world->account("bob");
        Transcript imap(world, {});
        imap.login().select("INBOX").play(R"(
            C: a1 ENABLE IMAP4rev2 QRESYNC UTF8=ACCEPT
            S: * OK [HIGHESTMODSEQ *
            S: * ENABLED IMAP4rev2 QRESYNC UTF8=ACCEPT
            S: a1 OK *
        )");
        imap.deliver("INBOX", unseen("three"));
        imap.play(R"(
            C: a2 UNAUTHENTICATE
            S: a2 OK [CAPABILITY *] *
        )");
        imap.login("bob").play(R"(
            C: a3 FETCH 1 FLAGS
            S: a3 BAD Select a mailbox first
            C: a4 SELECT INBOX (QRESYNC (1 1))
            S: a4 BAD QRESYNC needs ENABLE QRESYNC first
            C: a5 LIST "" *
            S: * LIST (*) "/" INBOX
            S: a5 OK *
            C: a6 STATUS INBOX (MESSAGES RECENT)
            S: * STATUS INBOX (MESSAGES 0 RECENT 0)
            S: a6 OK *
            C: a7 UNAUTHENTICATE
            S: a7 OK *
        )");
        imap.login().play(R"(
            C: a8 LIST "" K*
            S: * LIST (*) "/" K&APY-ln
            S: a8 OK *
        )");
    }

    TEST(ImapUnauthenticate, TheAccountsSwitchesGoAndItsPlaceIsGivenBack)
    {
        auto world = Transcript::make_world({ mailbox("INBOX") });
        auto const place = std::make_shared<int>(1);
        auto& alice = world->authenticator.users["alice"];
        alice.capabilities_off = { "IDLE" };
        alice.place = place;
        world->account("bob");
        Transcript imap(world, {});
        auto const free = place.use_count();
        imap.login().play(R"(
            C: a1 IDLE
            S: a1 BAD Unknown command*
        )");
        EXPECT_EQ(place.use_count(), free + 1);
        imap.send("a2 UNAUTHENTICATE\r\n").expect("a2 OK *").expect_nothing();
        EXPECT_EQ(place.use_count(), free);
        imap.login("bob").play(R"(
            C: a3 IDLE
            S: + idling
            C: DONE
            S: a3 OK *
        )");
    }

    TEST(ImapUnauthenticate, MayBePipelinedWithTheNextLogin)
    {
        auto world = Transcript::make_world({ mailbox("INBOX") });
        world->account("bob");
        Transcript imap(world, {});
        imap.login();
        imap.send("a1 UNAUTHENTICATE\r\na2 AUTHENTICATE PLAIN AGJvYgBzZWNyZXQ=\r\n");
        imap.expect("a1 OK *").expect("a2 OK *").expect_nothing();
        EXPECT_EQ(imap.session().account().name, "bob");
    }

    TEST(ImapUnauthenticate, LimitsTheTimeUntilTheNextLoginAnew)
    {
        Transcript imap { mailbox("INBOX") };
        auto const& limits = imap.services().settings.limits;
        imap.login().expect_nothing();
        EXPECT_EQ(imap.stream().time_limit(), limits.idle_time);
        imap.send("a1 UNAUTHENTICATE\r\n").expect("a1 OK *").expect_nothing();
        EXPECT_LE(imap.stream().time_limit(), limits.login_time);
        EXPECT_GT(imap.stream().time_limit(), limits.login_time / 2);
        imap.login().expect_nothing();
        EXPECT_EQ(imap.stream().time_limit(), limits.idle_time);
    }

    TEST(ImapUnauthenticate, GivesNoMoreGuessesAtPasswords)
    {
        auto world = Transcript::make_world({ mailbox("INBOX") });
        world->account("bob");
        Transcript imap(world, {});
        imap.play(R"(
            C: a1 LOGIN bob wrong
            S: a1 NO *
            C: a2 LOGIN bob wrong
            S: a2 NO *
        )");
        imap.login().play(R"(
            C: a3 UNAUTHENTICATE
            S: a3 OK *
            C: a4 LOGIN bob wrong
            S: a4 NO *
            S: * BYE Too many failed logins*
        )");
        imap.expect_closed();
    }

    TEST(ImapUnauthenticate, EndsTheCompression)
    {
        for (int const flush : { Z_SYNC_FLUSH, Z_FINISH }) {
            auto world = Transcript::make_world({ mailbox("INBOX") });
            world->account("bob");
            Transcript imap(world, {});
            imap.login().send("a1 COMPRESS DEFLATE\r\n").expect("a1 OK *");
            DeflateClient client;
            imap.through({}, [&](std::string_view octets) { return client.expand(octets); });
            imap.stream().push(
                client.compress("a2 UNAUTHENTICATE\r\n", flush) + "a3 LOGIN bob secret\r\n");
            imap.expect("a2 OK *").expect("a3 OK *");
            EXPECT_TRUE(client.has_ended);
            imap.through({}, {});
            imap.send("a4 COMPRESS DEFLATE\r\n").expect("a4 OK *");
            DeflateClient next;
            imap.through([&](std::string_view octets) { return next.compress(octets); },
                [&](std::string_view octets) { return next.expand(octets); });
            imap.play(R"(
                C: a5 STATUS INBOX (MESSAGES)
                S: * STATUS INBOX (MESSAGES 0)
                S: a5 OK *
            )");
        }
    }

    TEST(ImapUnauthenticate, CanBeSwitchedOff)
    {
        auto world = Transcript::make_world({});
        world->settings.imap.capabilities_off = { "UNAUTHENTICATE" };
        Transcript imap(world, {});
        imap.login().play(R"(
            C: a1 UNAUTHENTICATE
            S: a1 BAD Unknown command*
        )");
    }

} // namespace
} // namespace mail::imap
