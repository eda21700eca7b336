// GENURLAUTH, URLFETCH and RESETKEY (RFC 4467), extended URLFETCH (RFC 5524).
#include "tests/imap/nested_message.h"
#include "tests/support/sharing.h"
#include "tests/support/transcript.h"

namespace mail::test {
namespace {

    using namespace std::string_literals;

    std::string const whole_inbox = "imap://alice@mail.example.org/INBOX/;UID=1";

    /// Has the session authorize a URL; empty when it refuses.
    std::string authorize(Transcript& imap, std::string const& url)
    {
        imap.send("g GENURLAUTH \"" + url + "\" INTERNAL\r\n");
        auto const line = imap.read_line();
        if (!line.starts_with("* GENURLAUTH \""))
            return {};
        imap.expect("g OK *");
        return line.substr(14, line.size() - 15);
    }

    /// What URLFETCH answers behind the URL; a literal without its length.
    std::string redeem(Transcript& imap, std::string const& url)
    {
        imap.send("u URLFETCH \"" + url + "\"\r\n");
        auto line = imap.read_line();
        auto const begin = "* URLFETCH \"" + url + "\" ";
        EXPECT_TRUE(line.starts_with(begin)) << line;
        line.erase(0, std::min(begin.size(), line.size()));
        if (line.starts_with('{')) {
            line = imap.read_octets(std::stoul(line.substr(1)));
            imap.expect("");
        }
        imap.expect("u OK URLFETCH completed");
        return line;
    }

    std::shared_ptr<TestServices> make_world()
    {
        auto world = Transcript::make_world({ mailbox("INBOX", { { nested_message().octets } }),
            mailbox("Plans", { { "secret" } }) });
        world->authenticator.users["carol"].applications = { "submit", "stream" };
        return world;
    }

    TEST(ImapUrlAuth, AUrlGivesOthersWhatItNames)
    {
        auto const world = make_world();
        auto const nested = nested_message();
        Transcript alice(world, {});
        alice.login();
        Transcript bob(world, {});
        bob.login("bob");
        auto const whole = authorize(alice, whole_inbox + ";URLAUTH=anonymous");
        EXPECT_TRUE(matches_line(whole_inbox + ";URLAUTH=anonymous:internal:01*", whole)) << whole;
        EXPECT_EQ(redeem(bob, whole), nested.octets);
        EXPECT_EQ(redeem(alice, whole), nested.octets);
        for (auto const* section : { "1", "2", "4.2.1", "3.HEADER", "4.2.MIME", "TEXT", "6" })
            EXPECT_EQ(
                redeem(bob,
                    authorize(alice, whole_inbox + "/;SECTION=" + section + ";urlauth=authuser")),
                nested.sections.at(section))
                << section;
        EXPECT_EQ(redeem(bob,
                      authorize(alice, whole_inbox + "/;SECTION=1/;PARTIAL=5.2;URLAUTH=user+bob")),
            "of");
        EXPECT_EQ(redeem(bob,
                      authorize(alice,
                          whole_inbox + "/;SECTION=HEADER.FIELDS%20(Subject);URLAUTH=authuser")),
            "Subject: nested\r\n\r\n");
        EXPECT_EQ(stored_record(*world, "alice", "INBOX", 1).flags.system, 0)
            << "\\Seen is nobody's business here";
    }

    TEST(ImapUrlAuth, WhatIsChangedInAUrlMakesItWorthless)
    {
        auto const world = make_world();
        Transcript alice(world, {});
        alice.login();
        auto const url = authorize(alice, whole_inbox + "/;SECTION=1;URLAUTH=authuser");
        auto const changed = [&](std::string const& from, std::string const& to) {
            auto text = url;
            text.replace(text.find(from), from.size(), to);
            return redeem(alice, text);
        };
        EXPECT_EQ(redeem(alice, url), "Text of 1\r\n");
        EXPECT_EQ(changed("/;SECTION=1", ""), "NIL");
        EXPECT_EQ(changed("SECTION=1", "SECTION=2"), "NIL");
        EXPECT_EQ(changed("SECTION", "section"), "NIL") << "not even case may change";
        EXPECT_EQ(changed("mail.example.org", "MAIL.example.org"), "NIL");
        EXPECT_EQ(changed("authuser", "anonymous"), "NIL");
        EXPECT_EQ(changed("INBOX", "Plans"), "NIL");
        EXPECT_EQ(changed("alice@", "bob@"), "NIL");
        EXPECT_EQ(changed("alice@", ""), "NIL");
        EXPECT_EQ(changed("/;SECTION=1;", "/;SECTION=1/;PARTIAL=0.1;"), "NIL");
        EXPECT_EQ(changed(":internal:01", ":internal:02"), "NIL");
        EXPECT_EQ(changed(":internal:", ":xsample:"), "NIL");
        EXPECT_EQ(changed(":internal:", ":INTERNAL:"), "Text of 1\r\n")
            << "the mechanism's name is not signed";
        EXPECT_EQ(redeem(alice, url.substr(0, url.find(":internal"))), "NIL");
        EXPECT_EQ(redeem(alice, whole_inbox), "NIL");
        for (auto const* text :
            { "imap://alice@mail.example.org/", "imap://alice@mail.example.org/INBOX",
                "imap://alice@mail.example.org/INBOX?ALL", "nonsense", "" })
            EXPECT_EQ(redeem(alice, text), "NIL") << text;
    }

    TEST(ImapUrlAuth, AccessIdentifiersSayWhoMay)
    {
        auto const world = make_world();
        Transcript alice(world, {});
        alice.login();
        Transcript bob(world, {});
        bob.login("bob");
        Transcript carol(world, {}); // a submission server
        carol.login("carol");
        auto const text = "Text of 1\r\n"s;
        struct Case {
            char const* access;
            std::string alice, bob, carol;
        };
        for (auto const& [access, of_alice, of_bob, of_carol] :
            { Case { "anonymous", text, text, text }, Case { "authuser", text, text, text },
                Case { "user+bob", "NIL", text, "NIL" },
                Case { "user+nobody", "NIL", "NIL", "NIL" },
                Case { "submit+bob", "NIL", "NIL", text },
                Case { "submit+nobody", "NIL", "NIL", text }, Case { "stream", "NIL", "NIL", text },
                Case { "other", "NIL", "NIL", "NIL" } }) {
            auto const url
                = authorize(alice, whole_inbox + "/;SECTION=1;URLAUTH=" + std::string(access));
            EXPECT_EQ(redeem(alice, url), of_alice) << access;
            EXPECT_EQ(redeem(bob, url), of_bob) << access;
            EXPECT_EQ(redeem(carol, url), of_carol) << access;
        }
    }

    TEST(ImapUrlAuth, UrlsExpire)
    {
        auto const world = make_world();
        Transcript alice(world, {});
        alice.login();
        auto const made = [&](std::string const& when) {
            return redeem(alice,
                authorize(alice, whole_inbox + "/;SECTION=1;EXPIRE=" + when + ";URLAUTH=authuser"));
        };
        EXPECT_EQ(made("2100-01-01T00:00:00Z"), "Text of 1\r\n");
        EXPECT_EQ(made("2001-01-01T00:00:00Z"), "NIL");
    }

    TEST(ImapUrlAuth, GenurlauthRefusesWhatItMayNotSign)
    {
        auto const world = make_world();
        Transcript before(world, {});
        before.play(R"(
            C: a1 GENURLAUTH "imap://alice@h/INBOX/;UID=1;URLAUTH=anonymous" INTERNAL
            S: a1 BAD *
            C: a2 URLFETCH "imap://alice@h/INBOX/;UID=1;URLAUTH=anonymous"
            S: a2 BAD *
            C: a3 RESETKEY
            S: a3 BAD *
        )");
        Transcript imap(world, {});
        imap.login().play(R"(
            C: a1 GENURLAUTH
            S: a1 BAD *
            C: a2 GENURLAUTH "imap://alice@h/INBOX/;UID=1;URLAUTH=anonymous"
            S: a2 BAD *
            C: a3 GENURLAUTH "imap://alice@h/INBOX/;UID=1/;SECTION=1.2" INTERNAL
            S: a3 BAD *
            C: a4 GENURLAUTH "imap://h/INBOX/;UID=1;URLAUTH=submit+fred" INTERNAL
            S: a4 BAD *
            C: a5 GENURLAUTH "imap://bob@h/INBOX/;UID=1;URLAUTH=anonymous" INTERNAL
            S: a5 BAD *
            C: a6 GENURLAUTH "imap://nobody@h/INBOX/;UID=1;URLAUTH=anonymous" INTERNAL
            S: a6 BAD *
            C: a7 GENURLAUTH "imap://alice@h/nowhere/;UID=1;URLAUTH=anonymous" INTERNAL
            S: a7 BAD *
            C: a8 GENURLAUTH "imap://alice@h/INBOX;UIDVALIDITY=1/;UID=1;URLAUTH=anonymous" INTERNAL
            S: a8 BAD *
            C: a9 GENURLAUTH "imap://alice@h/INBOX;URLAUTH=anonymous" INTERNAL
            S: a9 BAD *
            C: b1 GENURLAUTH "/INBOX/;UID=1;URLAUTH=anonymous" INTERNAL
            S: b1 BAD *
            C: b2 GENURLAUTH "imap://alice@h/INBOX/;UID=1;URLAUTH=user+" INTERNAL
            S: b2 BAD *
            C: b3 GENURLAUTH "imap://alice@h/INBOX/;UID=1;URLAUTH=anonymous" XSAMPLE
            S: b3 NO *
            C: b4 GENURLAUTH "imap://alice@h/INBOX/;UID=1;URLAUTH=anonymous" INTERNAL x
            S: b4 BAD *
            C: b5 GENURLAUTH "imap://alice@h/INBOX/;UID=1;URLAUTH=anonymous" INTERNAL "imap://alice@h/INBOX/;UID=2;URLAUTH=anonymous" internal
            S: * GENURLAUTH "imap://alice@h/INBOX/;UID=1;URLAUTH=anonymous:internal:*" "imap://alice@h/INBOX/;UID=2;URLAUTH=anonymous:internal:*"
            S: b5 OK GENURLAUTH completed
            C: b6 URLFETCH
            S: b6 BAD *
            C: b7 RESETKEY INBOX XSAMPLE
            S: b7 NO *
            C: b8 RESETKEY nowhere
            S: b8 NO [NONEXISTENT] *
        )");
    }

    TEST(ImapUrlAuth, ResetkeyRevokes)
    {
        auto const world = make_world();
        Transcript alice(world, {});
        alice.login();
        auto const inbox = authorize(alice, whole_inbox + "/;SECTION=1;URLAUTH=authuser");
        auto const plans = authorize(alice, "imap://alice@h/Plans/;UID=1;URLAUTH=authuser");
        alice.play(R"(
            C: a1 RESETKEY INBOX
            S: * OK [URLMECH INTERNAL] *
            S: a1 OK *
        )");
        EXPECT_EQ(redeem(alice, inbox), "NIL");
        EXPECT_EQ(redeem(alice, plans), "secret");
        auto const fresh = authorize(alice, whole_inbox + "/;SECTION=1;URLAUTH=authuser");
        EXPECT_NE(fresh, inbox);
        EXPECT_EQ(redeem(alice, fresh), "Text of 1\r\n");
        alice.play(R"(
            C: a2 RESETKEY Plans INTERNAL
            S: * OK [URLMECH INTERNAL] *
            S: a2 OK *
            C: a3 RESETKEY
            S: a3 OK *
        )");
        EXPECT_EQ(redeem(alice, fresh), "NIL");
    }

    TEST(ImapUrlAuth, SessionsOfTheUserLearnOfAResetKey)
    {
        auto const world = make_world();
        share(*world, "alice", "INBOX", "bob", "lr");
        Transcript alice(world, {});
        alice.login().select("INBOX");
        Transcript other(world, {});
        other.login().select("INBOX").send("i IDLE\r\n").expect("+ idling").expect_nothing();
        Transcript elsewhere(world, {});
        elsewhere.login().select("Plans");
        Transcript bob(world, {});
        bob.login("bob").select("Other Users/alice/INBOX");
        alice.play(R"(
            C: a1 RESETKEY INBOX
            S: * OK [URLMECH INTERNAL] *
            S: a1 OK *
        )");
        other.expect("* OK [URLMECH INTERNAL] *").expect_nothing();
        elsewhere.play(R"(
            C: a1 NOOP
            S: a1 OK *
        )");
        bob.play(R"(
            C: a1 NOOP
            S: a1 OK *
        )");
    }

    TEST(ImapUrlAuth, MechanismsAreToldWhereNobodyListens)
    {
        auto const world = make_world();
        Transcript open(world, { .encrypted = false, .allows_plain_text = true });
        open.login().send("a1 SELECT Plans\r\n");
        for (auto line = open.read_line(); !line.starts_with("a1 "); line = open.read_line())
            EXPECT_EQ(line.find("URLMECH"), std::string::npos) << line;
        open.play(R"(
            C: a2 RESETKEY INBOX
            S: a2 OK *
        )");
    }

    TEST(ImapUrlAuth, ItIsTheOwnersAccessThatCounts)
    {
        auto const world = make_world();
        share(*world, "alice", "Plans", "bob", "lr");
        Transcript bob(world, {});
        bob.login("bob");
        Transcript carol(world, {});
        carol.login("carol");
        auto const url
            = authorize(bob, "imap://bob@h/Other%20Users/alice/Plans/;UID=1;URLAUTH=authuser");
        ASSERT_FALSE(url.empty());
        EXPECT_EQ(redeem(carol, url), "secret");
        share(*world, "alice", "Plans", "bob", "l");
        EXPECT_EQ(redeem(carol, url), "NIL");
        EXPECT_EQ(
            authorize(bob, "imap://bob@h/Other%20Users/alice/Plans/;UID=1;URLAUTH=authuser"), "");
        bob.expect_nothing();
        share(*world, "alice", "Plans", "bob", "lr");
        EXPECT_EQ(redeem(carol, url), "secret");
        // Keys are a user's own: alice's reset is none of bob's business, and his takes only his.
        Transcript alice(world, {});
        alice.login();
        auto const own = authorize(alice, "imap://alice@h/Plans/;UID=1;URLAUTH=authuser");
        alice.send("r RESETKEY Plans\r\n").expect("* OK [URLMECH *").expect("r OK *");
        EXPECT_EQ(redeem(carol, own), "NIL");
        EXPECT_EQ(redeem(carol, url), "secret");
        own.size();
        auto const again = authorize(alice, "imap://alice@h/Plans/;UID=1;URLAUTH=authuser");
        bob.send("r RESETKEY\r\n").expect("r OK *");
        EXPECT_EQ(redeem(carol, url), "NIL");
        EXPECT_EQ(redeem(carol, again), "secret");
        // Whoever may not log in any more gives nothing away.
        world->authenticator.users["alice"].is_disabled = true;
        EXPECT_EQ(redeem(carol, again), "NIL");
    }

    TEST(ImapUrlAuth, UrlsOfMessagesThatAreGoneGiveNothing)
    {
        auto const world = make_world();
        Transcript alice(world, {});
        alice.login();
        auto const url = authorize(alice, "imap://alice@h/Plans/;UID=1;URLAUTH=authuser");
        auto const none = authorize(alice, "imap://alice@h/Plans/;UID=2;URLAUTH=authuser");
        auto const part
            = authorize(alice, "imap://alice@h/Plans/;UID=1/;SECTION=7;URLAUTH=authuser");
        EXPECT_EQ(redeem(alice, none), "NIL");
        EXPECT_EQ(redeem(alice, part), "NIL");
        alice.select("Plans").play(R"(
            C: a1 STORE 1 +FLAGS.SILENT (\Deleted)
            S: a1 OK *
            C: a2 EXPUNGE
            S: * 1 EXPUNGE
            S: a2 OK *
        )");
        EXPECT_EQ(redeem(alice, url), "NIL");
    }

    TEST(ImapUrlAuth, SeveralUrlsAreAnsweredOneByOne)
    {
        auto const world = make_world();
        Transcript alice(world, {});
        alice.login();
        auto const url = authorize(alice, whole_inbox + "/;SECTION=1;URLAUTH=authuser");
        alice.send("u URLFETCH \"" + url + "\" nonsense {" + std::to_string(url.size()) + "+}\r\n"
            + url + "\r\n");
        alice.expect("* URLFETCH \"" + url + "\" {11}").expect("Text of 1").expect("");
        alice.expect("* URLFETCH \"nonsense\" NIL");
        alice.expect("* URLFETCH \"" + url + "\" {11}").expect("Text of 1").expect("");
        alice.expect("u OK *").expect_nothing();
    }

    TEST(ImapUrlAuth, IsNoCommandWhenItIsOff)
    {
        auto const world = make_world();
        world->settings.imap.capabilities_off = { "URLAUTH" };
        Transcript imap(world, {});
        imap.login().play(R"(
            C: a1 GENURLAUTH "imap://alice@h/INBOX/;UID=1;URLAUTH=anonymous" INTERNAL
            S: a1 BAD Unknown command*
            C: a2 URLFETCH "imap://alice@h/INBOX/;UID=1;URLAUTH=anonymous"
            S: a2 BAD Unknown command*
            C: a3 RESETKEY
            S: a3 BAD Unknown command*
            C: a4 CAPABILITY
            S: * CAPABILITY *
            S: a4 OK *
        )");
        imap.send("s SELECT INBOX\r\n");
        for (auto line = imap.read_line(); !line.starts_with("s "); line = imap.read_line())
            EXPECT_EQ(line.find("URLMECH"), std::string::npos) << line;
        world->settings.imap.capabilities_off = { "URLAUTH=BINARY" };
        Transcript plain(world, {});
        plain.login().play(R"(
            C: a1 URLFETCH ("imap://alice@h/INBOX/;UID=1;URLAUTH=anonymous")
            S: a1 BAD *
        )");
    }

    // --- RFC 5524

    std::string message_for_5524()
    {
        auto const whole = multipart("Subject: parts\r\n", "mixed", "b",
            { leaf("Content-Type: text/plain; charset=utf-8\r\n"
                   "Content-Transfer-Encoding: quoted-printable\r\n",
                  "Gr=C3=BC=\r\n\xc3\x9f"
                  "e\r\n"),
                leaf("Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n"
                     "Content-Disposition: attachment; filename=a.png\r\n",
                    "AAEC\r\n"),
                leaf("Content-Type: image/png\r\nContent-Transfer-Encoding: x-blurdybloop\r\n",
                    "?!"),
                embedded(leaf("Subject: inner\r\n", "inner text\r\n")) });
        return whole.header + whole.body;
    }

    TEST(ImapUrlAuthBinary, SendsDecodedPartsAndTheirStructure)
    {
        auto const world = Transcript::make_world({ mailbox("INBOX", { { message_for_5524() } }) });
        Transcript imap(world, {});
        imap.login();
        auto const url = [&](std::string const& rest) {
            return authorize(imap, whole_inbox + rest + ";URLAUTH=authuser");
        };
        auto const ask = [&](std::string const& text, std::string const& parameters) {
            imap.send("u URLFETCH (\"" + text + "\"" + parameters + ")\r\n");
        };
        auto const text = url("/;SECTION=1");
        auto const image = url("/;SECTION=2");
        auto const odd = url("/;SECTION=3");

        ask(text, "");
        imap.expect("* URLFETCH \"" + text + "\" {16}")
            .expect("Gr=C3=BC=")
            .expect("\xc3\x9f"
                    "e");
        imap.expect("").expect("u OK *");
        ask(text, " BODY");
        imap.expect("* URLFETCH \"" + text + "\" (BODY {16}")
            .expect("Gr=C3=BC=")
            .expect("\xc3\x9f"
                    "e");
        imap.expect(")").expect("u OK *");
        ask(text, " binary bodypartstructure");
        imap.expect("* URLFETCH \"" + text
            + "\" (BODYPARTSTRUCTURE (\"text\" \"plain\" (\"charset\" \"utf-8\") NIL NIL "
              "\"binary\" 9 1 "
              "NIL NIL NIL NIL)) (BINARY {9}");
        imap.expect("Gr\xc3\xbc\xc3\x9f"
                    "e")
            .expect(")")
            .expect("u OK *");
        ask(image, " BINARY");
        imap.expect("* URLFETCH \"" + image + "\" (BINARY ~{3}");
        EXPECT_EQ(imap.read_octets(3), "\x00\x01\x02"s);
        imap.expect(")").expect("u OK *");
        ask(image, " BODYPARTSTRUCTURE");
        imap.expect("* URLFETCH \"" + image
            + "\" (BODYPARTSTRUCTURE (\"image\" \"png\" NIL NIL NIL \"base64\" 6 NIL "
              "(\"attachment\" "
              "(\"filename\" \"a.png\")) NIL NIL))");
        imap.expect("u OK *");
        ask(odd, " BODYPARTSTRUCTURE BINARY");
        imap.expect("* URLFETCH \"" + odd
            + "\" (BODYPARTSTRUCTURE (\"image\" \"png\" NIL NIL NIL \"x-blurdybloop\" 2 NIL NIL "
              "NIL "
              "NIL)) (BINARY NIL)");
        imap.expect("u OK *");
        auto const ranged = url("/;SECTION=2/;PARTIAL=1.1");
        ask(ranged, " BINARY BODYPARTSTRUCTURE");
        imap.expect("* URLFETCH \"" + ranged
            + "\" (BODYPARTSTRUCTURE (\"image\" \"png\" NIL NIL NIL \"binary\" 3 *)) (BINARY {1}");
        imap.expect("\x01)").expect("u OK *");
        ask(url("/;SECTION=200"), " BODYPARTSTRUCTURE BODY");
        imap.expect("* URLFETCH \"*\" NIL").expect("u OK *").expect_nothing();
    }

    TEST(ImapUrlAuthBinary, DescribesMessagesAndHeaders)
    {
        auto const world = Transcript::make_world({ mailbox("INBOX", { { message_for_5524() } }) });
        Transcript imap(world, {});
        imap.login();
        auto const structure = [&](std::string const& rest) {
            auto const text = authorize(imap, whole_inbox + rest + ";URLAUTH=authuser");
            imap.send("u URLFETCH (\"" + text + "\" BODYPARTSTRUCTURE)\r\n");
            auto const line = imap.read_line();
            imap.expect("u OK *");
            auto const begin = "* URLFETCH \"" + text + "\" (BODYPARTSTRUCTURE ";
            EXPECT_TRUE(line.starts_with(begin)) << line;
            return line.substr(begin.size(), line.size() - begin.size() - 1);
        };
        EXPECT_TRUE(matches_line("(\"message\" \"rfc822\" NIL NIL NIL \"8bit\" "
                + std::to_string(message_for_5524().size())
                + " (NIL \"parts\" *) ((\"text\" \"plain\" *)*\"mixed\" *) * NIL NIL NIL NIL)",
            structure("")));
        EXPECT_TRUE(matches_line("(\"message\" \"rfc822\" NIL NIL \"forwarded\" \"7bit\" 30 (NIL "
                                 "\"inner\" *) (\"text\" \"plain\" *) 3 NIL NIL NIL NIL)",
            structure("/;SECTION=4")));
        EXPECT_EQ(structure("/;SECTION=4.1"),
            R"(("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 12 1 NIL NIL NIL NIL))");
        EXPECT_EQ(structure("/;SECTION=4.TEXT"), structure("/;SECTION=4.1"));
        EXPECT_EQ(structure("/;SECTION=4.HEADER"),
            R"(("text" "rfc822-headers" NIL NIL NIL "8bit" 18 2 NIL NIL NIL NIL))");
        EXPECT_EQ(structure("/;SECTION=HEADER.FIELDS%20(Subject)"),
            R"(("text" "rfc822-headers" NIL NIL NIL "8bit" 18 2 NIL NIL NIL NIL))");
        EXPECT_TRUE(matches_line("((\"text\" *)*\"mixed\" (\"boundary\" \"b\") NIL NIL NIL)",
            structure("/;SECTION=TEXT")));
    }

    TEST(ImapUrlAuthBinary, RefusesParametersThatContradict)
    {
        auto const world = make_world();
        Transcript imap(world, {});
        imap.login().play(R"(
            C: a1 URLFETCH ("x" BODY BINARY)
            S: a1 BAD *
            C: a2 URLFETCH ("x" BODY BODY)
            S: a2 BAD *
            C: a3 URLFETCH ("x" BODYPARTSTRUCTURE BODYPARTSTRUCTURE)
            S: a3 BAD *
            C: a4 URLFETCH ("x" COLOUR)
            S: a4 BAD *
            C: a5 URLFETCH ("x" BODY
            S: a5 BAD *
            C: a6 URLFETCH ()
            S: a6 BAD *
            C: a7 URLFETCH ("x" BODYPARTSTRUCTURE BODY) y ("z" BINARY)
            S: * URLFETCH "x" NIL
            S: * URLFETCH "y" NIL
            S: * URLFETCH "z" NIL
            S: a7 OK *
        )");
    }

    TEST(ImapUrlAuthBinary, StreamsALongPart)
    {
        std::string content;
        for (std::uint64_t i = 0; content.size() < 4'000'000; ++i)
            content += static_cast<char>((i * 2654435761U) >> 16);
        std::string octets = "Content-Transfer-Encoding: binary\r\nContent-Type: image/png\r\n\r\n";
        octets += content;
        Transcript imap { mailbox("INBOX", { { octets } }) };
        imap.login();
        auto const url = authorize(imap, whole_inbox + "/;SECTION=1;URLAUTH=authuser");
        imap.stream().largest_write = 0;
        imap.send("u URLFETCH (\"" + url + "\" BINARY)\r\n");
        imap.expect("* URLFETCH \"" + url + "\" (BINARY ~{4000000}");
        EXPECT_TRUE(imap.read_octets(content.size()) == content);
        imap.expect(")").expect("u OK *");
        EXPECT_LE(imap.stream().largest_write, 400'000U);
    }

} // namespace
} // namespace mail::test
