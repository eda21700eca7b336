// AUTHENTICATE by certificate and by token, and what an IMAP client hears when that fails.
#include "tests/support/scram_client.h"
#include "tests/support/transcript.h"

namespace mail::test {
namespace {

    using namespace std::string_literals;

    std::shared_ptr<TestServices> world_of_logins()
    {
        auto world = Transcript::make_world({ mailbox("INBOX") });
        world->authenticator.takes_tokens = true;
        return world;
    }

    TEST(ImapOtherLogins, ByCertificate)
    {
        auto const world = world_of_logins();
        Transcript imap(world, {});
        imap.stream().certified = { "alice" };
        imap.send("a1 AUTHENTICATE EXTERNAL " + encoded("bob") + "\r\n");
        imap.expect("a1 NO [CONTACTADMIN] *");
        imap.send("a2 AUTHENTICATE EXTERNAL /w==\r\n").expect("a2 BAD *");
        imap.send("a3 AUTHENTICATE EXTERNAL\r\n").expect("+ ").send("*\r\n").expect("a3 BAD *");
        imap.send("a4 AUTHENTICATE EXTERNAL\r\n").expect("+ ").send("\r\n").expect("a4 OK *");
        Transcript early(world, {});
        early.stream().certified = { "alice" };
        early.send("a1 AUTHENTICATE EXTERNAL =\r\n").expect("a1 OK *");
        EXPECT_EQ(world->journal.lines.back(), "login imap alice EXTERNAL");
    }

    TEST(ImapOtherLogins, ByToken)
    {
        auto const world = world_of_logins();
        auto const bearer = encoded(
            "n,a=alice,\1host=mail.example.org\1port=993\1auth=Bearer token-of-alice\1\1");
        auto const google = encoded("user=alice\1auth=Bearer token-of-alice\1\1");
        Transcript(world, {})
            .send("a AUTHENTICATE OAUTHBEARER " + bearer + "\r\n")
            .expect("a OK *");
        Transcript(world, {}).send("a AUTHENTICATE XOAUTH2 " + google + "\r\n").expect("a OK *");
        Transcript imap(world, {});
        imap.send("a AUTHENTICATE xoauth2\r\n").expect("+ ").send(google + "\r\n").expect("a OK *");
    }

    TEST(ImapOtherLogins, ARefusedTokenIsExplained)
    {
        auto const world = world_of_logins();
        Transcript imap(world, {});
        imap.send(
            "a1 AUTHENTICATE OAUTHBEARER " + encoded("n,a=alice,\1auth=Bearer old\1\1") + "\r\n");
        auto line = imap.read_line();
        ASSERT_TRUE(line.starts_with("+ ")) << line;
        EXPECT_TRUE(decoded(line.substr(2)).starts_with("{\"status\":\"invalid_token\","));
        imap.send("AQ==\r\n").expect("a1 NO [AUTHENTICATIONFAILED] *").expect_nothing();
        imap.send("a2 AUTHENTICATE XOAUTH2 " + encoded("user=alice\1auth=Bearer old\1\1") + "\r\n");
        EXPECT_TRUE(imap.read_line().starts_with("+ "));
        imap.send("\r\n").expect("a2 NO [AUTHENTICATIONFAILED] *").expect_nothing();

        Transcript later(world, {});
        world->authenticator.is_down = true;
        later.send("a1 AUTHENTICATE OAUTHBEARER " + encoded("n,,\1auth=Bearer old\1\1") + "\r\n");
        EXPECT_TRUE(later.read_line().starts_with("+ "));
        later.send("*\r\n").expect("a1 NO [UNAVAILABLE] *"); // RFC 7628 §4.3: NO, not BAD
    }

    TEST(ImapOtherLogins, WhatIsNotOfferedIsNoWrongPassword)
    {
        auto const world = Transcript::make_world({});
        Transcript imap(world, {});
        for (auto const* name : { "EXTERNAL", "ANONYMOUS", "OAUTHBEARER", "XOAUTH2" })
            imap.send("a AUTHENTICATE "s + name + " =\r\n").expect("a NO [CANNOT] *");
        imap.send("b LOGIN alice secret\r\n").expect("b OK *");
        EXPECT_EQ(world->journal.lines.size(), 1U);
        world->authenticator.takes_tokens = true;
        Transcript open(world, { .encrypted = false, .allows_plain_text = true });
        open.send("a AUTHENTICATE XOAUTH2\r\n").expect("a NO [PRIVACYREQUIRED] *");
    }

    TEST(ImapOtherLogins, LoginPreparesNameAndPassword)
    {
        auto const world = world_of_logins();
        world->authenticator.passwords["alice"] = "gr\xc3\xbcn";
        Transcript imap(world, {});
        imap.send("a LOGIN {5+}\r\nalice {6+}\r\ngru\xcc\x88n\r\n").expect("a OK *");
    }

} // namespace
} // namespace mail::test
