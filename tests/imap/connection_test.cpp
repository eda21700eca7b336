// From the greeting to BYE: states, login, TLS, limits, and the commands that are valid everywhere.
#include "tests/support/transcript.h"

#include <boost/asio/error.hpp>

namespace mail::test {
namespace {

    constexpr Transcript::Options plain { .encrypted = false };
    constexpr Transcript::Options starttls { .encrypted = false, .offers_starttls = true };
    constexpr Transcript::Options unread { .reads_greeting = false };

    TEST(ImapGreeting, AnnouncesWhatMayBeUsed)
    {
        auto const world = Transcript::make_world({});
        Transcript imap(world, unread);
        imap.play(R"(
            S: * OK [CAPABILITY IMAP4rev1 *LITERAL+ SASL-IR ID ENABLE IDLE NAMESPACE * AUTH=PLAIN AUTH=LOGIN] Mailroom *
            C: a1 CAPABILITY
            S: * CAPABILITY IMAP4rev1 * AUTH=PLAIN AUTH=LOGIN
            S: a1 OK CAPABILITY completed
        )");
        Transcript without_tls(world, plain);
        without_tls.play(R"(
            C: a1 CAPABILITY
            S: * CAPABILITY IMAP4rev1 * ENABLE LOGINDISABLED IDLE *
            S: a1 OK *
        )");
        Transcript may_start_tls(world, starttls);
        may_start_tls.play(R"(
            C: a1 CAPABILITY
            S: * CAPABILITY IMAP4rev1 * ENABLE STARTTLS LOGINDISABLED IDLE *
            S: a1 OK *
        )");
        Transcript local(world, { .encrypted = false, .allows_plain_text = true });
        local.play(R"(
            C: a1 CAPABILITY
            S: * CAPABILITY IMAP4rev1 * AUTH=PLAIN AUTH=LOGIN
            S: a1 OK *
        )");
    }

    TEST(ImapDispatcher, RefusesWhatItDoesNotKnow)
    {
        Transcript imap;
        imap.play(R"(
            C: a1 FROBNICATE
            S: a1 BAD Unknown command*
            C: a2 UID
            S: a2 BAD *
            C: a3 UID NOOP
            S: a3 BAD Unknown command*
            C: a4
            S: a4 BAD *
            C: (
            S: * BAD *
            C: + NOOP
            S: * BAD *
            C: a5 NOOP x
            S: a5 BAD Syntax error at octet 8: expected the end of the command
            C: a6 AVERYLONGCOMMANDNAMETHATISNONE
            S: a6 BAD *
            C: a7 STARTTLS
            S: a7 BAD Unknown command*
            C: 
            C: a8 noop
            S: a8 OK NOOP completed
        )");
    }

    TEST(ImapDispatcher, KeepsToStates)
    {
        Transcript imap;
        for (auto const* command :
            { "SELECT x", "EXAMINE x", "CREATE x", "DELETE x", "RENAME x y", "SUBSCRIBE x",
                "UNSUBSCRIBE x", "LIST \"\" *", "LSUB \"\" *", "NAMESPACE", "STATUS x (MESSAGES)",
                "IDLE", "ENABLE CONDSTORE", "CHECK", "CLOSE", "UNSELECT" }) {
            imap.send("a1 " + std::string(command) + "\r\n");
            imap.expect("a1 BAD Log in first");
        }
        imap.login();
        for (auto const* command : { "CHECK", "CLOSE", "UNSELECT" }) {
            imap.send("a1 " + std::string(command) + "\r\n");
            imap.expect("a1 BAD Select a mailbox first");
        }
        for (auto const* command : { "LOGIN alice secret", "AUTHENTICATE PLAIN" }) {
            imap.send("a1 " + std::string(command) + "\r\n");
            imap.expect("a1 BAD This connection is logged in already");
        }
        imap.expect_nothing();
    }

    TEST(ImapDispatcher, TakesTagsOfAnyFormAndBareLineFeeds)
    {
        Transcript imap;
        imap.send("00000001 NOOP\n").expect("00000001 OK *");
        imap.send("IAGI1 nOoP \r\n").expect("IAGI1 OK *");
        imap.send("a.b-c]x NOOP\r\n").expect("a.b-c]x OK *");
        imap.send("a1 NOOP\r\na2 NOOP\r\na3 NOOP\r\n");
        imap.expect("a1 OK *").expect("a2 OK *").expect("a3 OK *").expect_nothing();
    }

    TEST(ImapDispatcher, ReadsInputHoweverItIsCut)
    {
        Transcript imap;
        imap.stream().largest_read = 1;
        imap.play(R"(
            C: a1 LOGIN {5+}
            C: alice {6}
            S: + OK
            C: secret
            S: a1 OK [CAPABILITY *] Logged in
        )");
    }

    TEST(ImapDispatcher, ClosesAfterTooManyBadCommandsInARow)
    {
        auto const world = Transcript::make_world({});
        world->settings.limits.bad_commands = 3;
        Transcript imap(world, {});
        imap.play(R"(
            C: a1 X
            S: a1 BAD *
            C: a2 X
            S: a2 BAD *
            C: a3 NOOP
            S: a3 OK *
            C: a4 X
            S: a4 BAD *
            C: a5 X
            S: a5 BAD *
            C: a6 X
            S: a6 BAD *
            S: * BYE Too many *
        )");
        imap.expect_closed();
    }

    TEST(ImapDispatcher, RefusesLongLinesAndLiteralsAndGoesOn)
    {
        Transcript imap;
        imap.login();
        imap.send("a1 STATUS " + std::string(70'000, 'x') + " (MESSAGES)\r\n");
        imap.expect("a1 BAD [LIMIT] *");
        imap.send("a2 STATUS " + std::string(60'000, 'x') + " (MESSAGES)\r\n");
        imap.expect("a2 NO *");
        imap.send("a3 STATUS {262145}\r\n").expect("a3 BAD [TOOBIG] *");
        imap.send("a4 STATUS {262145+}\r\n" + std::string(262145, '\n') + " (MESSAGES)\r\n");
        imap.expect("a4 BAD [TOOBIG] *");
        imap.send("a5 STATUS {99999999999999999999999}\r\n").expect("a5 BAD [TOOBIG] *");
        // All literals of a command count together.
        imap.send("a6 STATUS {200000+}\r\n" + std::string(200'000, 'x') + " {100000}\r\n");
        imap.expect("a6 BAD [TOOBIG] *");
        // What is refused whatever the literal says is refused before it.
        imap.send("b1 LOGIN {5}\r\n").expect("b1 BAD This connection is logged in already");
        imap.send("b2 FROBNICATE {5}\r\n").expect("b2 BAD Unknown command*");
        imap.send("a7 NOOP\r\n").expect("a7 OK *").expect_nothing();
        // Before the login there is no need for large ones.
        auto other = imap.another();
        other.send("a1 LOGIN {5000}\r\n").expect("a1 BAD [TOOBIG] *");
    }

    TEST(ImapLogin, ChecksNameAndPassword)
    {
        Transcript imap;
        imap.play(R"(
            C: a1 LOGIN
            S: a1 BAD *
            C: a2 LOGIN alice
            S: a2 BAD *
            C: a3 LOGIN alice secret more
            S: a3 BAD *
            C: a4 LOGIN alice wrong
            S: a4 NO [AUTHENTICATIONFAILED] *
            C: a5 LOGIN nobody secret
            S: a5 NO [AUTHENTICATIONFAILED] *
            C: a6 LOGIN "alice" "secret"
            S: a6 OK [CAPABILITY IMAP4rev1 *LITERAL+ SASL-IR ID ENABLE IDLE *] Logged in
        )");
    }

    TEST(ImapLogin, NeverLooksLikeAWrongPasswordWhenItIsNone)
    {
        auto const world = Transcript::make_world({});
        Transcript without_tls(world, plain);
        without_tls.play(R"(
            C: a1 LOGIN alice secret
            S: a1 NO [PRIVACYREQUIRED] *
            C: a2 AUTHENTICATE PLAIN
            S: a2 NO [PRIVACYREQUIRED] *
            C: a3 AUTHENTICATE LOGIN YWxpY2U=
            S: a3 NO [PRIVACYREQUIRED] *
        )");
        Transcript imap(world, {});
        world->authenticator.is_down = true;
        imap.play(R"(
            C: a1 LOGIN alice secret
            S: a1 NO [UNAVAILABLE] *
            C: a2 LOGIN alice secret
            S: a2 NO [UNAVAILABLE] *
            C: a3 LOGIN alice secret
            S: a3 NO [UNAVAILABLE] *
            C: a4 LOGIN alice secret
            S: a4 NO [UNAVAILABLE] *
        )");
    }

    TEST(ImapLogin, ClosesAfterTooManyFailures)
    {
        Transcript imap;
        imap.play(R"(
            C: a1 LOGIN alice wrong
            S: a1 NO *
            C: a2 AUTHENTICATE PLAIN AGFsaWNlAHdyb25n
            S: a2 NO [AUTHENTICATIONFAILED] *
            C: a3 LOGIN alice wrong
            S: a3 NO *
            S: * BYE Too many failed logins*
        )");
        imap.expect_closed();
    }

    TEST(ImapAuthenticate, SpeaksPlainAndLogin)
    {
        auto const world = Transcript::make_world({});
        Transcript(world, {}).play(R"(
            C: a1 AUTHENTICATE
            S: a1 BAD *
            C: a2 AUTHENTICATE CRAM-MD5
            S: a2 NO [CANNOT] *
            C: a3 AUTHENTICATE PLAIN
            S: + 
            C: *
            S: a3 BAD *
            C: a4 AUTHENTICATE PLAIN
            S: + 
            C: no base64!
            S: a4 BAD *
            C: a5 AUTHENTICATE PLAIN !
            S: a5 BAD *
            C: a6 AUTHENTICATE plain
            S: + 
            C: AGFsaWNlAHNlY3JldA==
            S: a6 OK [CAPABILITY *] Logged in
        )");
        Transcript(world, {}).play(R"(
            C: a1 AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==
            S: a1 OK [CAPABILITY *] Logged in
        )");
        Transcript(world, {}).play(R"(
            C: a1 AUTHENTICATE LOGIN
            S: + VXNlcm5hbWU6
            C: YWxpY2U=
            S: + UGFzc3dvcmQ6
            C: c2VjcmV0
            S: a1 OK [CAPABILITY *] Logged in
        )");
        // Outlook sends the name along although LOGIN has no initial response.
        Transcript(world, {}).play(R"(
            C: a1 AUTHENTICATE LOGIN YWxpY2U=
            S: + UGFzc3dvcmQ6
            C: c2VjcmV0
            S: a1 OK [CAPABILITY *] Logged in
        )");
        EXPECT_EQ(world->journal.lines.back(), "login imap alice LOGIN");
    }

    TEST(ImapAuthenticate, BoundsTheResponse)
    {
        Transcript imap;
        imap.send("a1 AUTHENTICATE PLAIN\r\n").expect("+ ");
        imap.send(std::string(100'000, 'A') + "\r\n").expect("a1 BAD *");
        imap.send("a2 NOOP\r\n").expect("a2 OK *").expect_nothing();
    }

    TEST(ImapStarttls, DiscardsWhatWasSentTooEarly)
    {
        auto const world = Transcript::make_world({});
        Transcript imap(world, starttls);
        imap.send("a1 STARTTLS\r\na2 LOGIN alice secret\r\n");
        imap.expect("a1 OK Begin TLS now").expect_nothing();
        EXPECT_TRUE(imap.stream().is_encrypted());
        imap.play(R"(
            C: a3 CAPABILITY
            S: * CAPABILITY IMAP4rev1 * ENABLE IDLE * AUTH=PLAIN AUTH=LOGIN
            S: a3 OK *
            C: a4 STARTTLS
            S: a4 BAD *
            C: a5 LOGIN alice secret
            S: a5 OK *
        )");
    }

    TEST(ImapLogout, SaysByeInEveryState)
    {
        Transcript imap { mailbox("INBOX") };
        imap.play(R"(
            C: a1 LOGOUT x
            S: a1 BAD *
            C: a2 LOGOUT
            S: * BYE *
            S: a2 OK LOGOUT completed
        )");
        imap.expect_closed();
        auto selected = imap.another();
        selected.login().select("INBOX").play(R"(
            C: a1 logout
            S: * BYE *
            S: a1 OK *
        )");
        selected.expect_closed();
        EXPECT_FALSE(selected.failure());
    }

    TEST(ImapId, TakesAllThatClientsTell)
    {
        Transcript imap;
        imap.play(R"(
            C: a1 ID
            S: a1 BAD *
            C: a2 ID NIL
            S: * ID ("name" "Mailroom")
            S: a2 OK *
            C: a3 ID ()
            S: * ID *
            S: a3 OK *
            C: a4 ID ("name" "Samsung \"Mail\"" "x" NIL "os" {7+}
            C: Android)
            S: * ID *
            S: a4 OK *
            C: a5 ID ("name")
            S: a5 BAD *
        )");
        imap.login();
        imap.send("a6 ID (\"name\" \"x\")\r\n").expect("* ID *").expect("a6 OK *");
    }

    TEST(ImapEnable, TellsWhatIsNew)
    {
        Transcript imap { mailbox("INBOX") };
        imap.login().play(R"(
            C: a1 ENABLE
            S: a1 BAD *
            C: a2 ENABLE UTF8=ACCEPT X-UNKNOWN
            S: * ENABLED UTF8=ACCEPT
            S: a2 OK *
            C: a3 ENABLE condstore X-QRESYNC CONDSTORE
            S: * ENABLED CONDSTORE
            S: a3 OK *
            C: a4 ENABLE CONDSTORE
            S: * ENABLED
            S: a4 OK *
        )");
        auto other = imap.another();
        other.login().select("INBOX").play(R"(
            C: a1 ENABLE CONDSTORE
            S: * OK [HIGHESTMODSEQ *] *
            S: * ENABLED CONDSTORE
            S: a1 OK *
        )");
    }

    TEST(ImapConversation, LimitsTheLoginAsAWholeAndCommandsEach)
    {
        Transcript imap;
        imap.expect_nothing();
        EXPECT_LE(imap.stream().time_limit(), imap.services().settings.limits.login_time);
        EXPECT_GT(imap.stream().time_limit(), std::chrono::seconds(0));
        imap.login().expect_nothing();
        EXPECT_EQ(imap.stream().time_limit(), imap.services().settings.limits.idle_time);
        imap.stream().run_out_of_time();
        imap.expect_closed();
        EXPECT_TRUE(imap.failure());
    }

    TEST(ImapConversation, LeavesTheLastWordToTheServer)
    {
        Transcript imap { mailbox("INBOX") };
        imap.login().select("INBOX").play(R"(
            C: a1 IDLE
            S: + idling
        )");
        imap.stream().end_by_server();
        imap.expect_nothing();
        imap.expect_closed();
        EXPECT_TRUE(imap.failure());
    }

    TEST(ImapConversation, EndsQuietlyWhenTheClientIsGone)
    {
        Transcript imap;
        imap.login().send("a1 STATUS INB");
        imap.stream().hang_up();
        imap.expect_closed();
        auto other = imap.another();
        other.login().send("a1 IDLE\r\n").expect("+ idling");
        other.stream().hang_up();
        other.expect_closed();
    }

} // namespace
} // namespace mail::test
