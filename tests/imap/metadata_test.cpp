// GETMETADATA and SETMETADATA (RFC 5464): entries of mailboxes and of the server, and those that
// stand for special uses (RFC 6154 §4).
#include "protocol/imap/annotations.h"
#include "tests/support/sharing.h"
#include "tests/support/transcript.h"

namespace mail::imap {
namespace {

    using namespace mail::test;

    TEST(ImapMetadata, RefusesWhatItCannotRead)
    {
        Transcript imap { mailbox("Box") };
        imap.login().play(R"(
            C: a1 GETMETADATA
            S: a1 BAD *
            C: a2 GETMETADATA Box
            S: a2 BAD *
            C: a3 GETMETADATA Box ()
            S: a3 BAD *
            C: a4 GETMETADATA Box comment
            S: a4 BAD *
            C: a5 GETMETADATA Box /comment
            S: a5 BAD *
            C: a6 GETMETADATA Box /shared/
            S: a6 BAD *
            C: a7 GETMETADATA Box /shared//x
            S: a7 BAD *
            C: a8 GETMETADATA Box "/shared/a*"
            S: a8 BAD *
            C: a9 GETMETADATA Box "/shared/a%b"
            S: a9 BAD *
            C: b1 GETMETADATA (DEPTH 2) Box /shared/x
            S: b1 BAD *
            C: b2 GETMETADATA (MAXSIZE -1) Box /shared/x
            S: b2 BAD *
            C: b3 GETMETADATA (COLOUR 1) Box /shared/x
            S: b3 BAD *
            C: b4 GETMETADATA Box (/shared/x
            S: b4 BAD *
            C: c1 SETMETADATA Box
            S: c1 BAD *
            C: c2 SETMETADATA Box /shared/x y
            S: c2 BAD *
            C: c3 SETMETADATA Box (/shared/x)
            S: c3 BAD *
            C: c4 SETMETADATA Box (/shared/x atom)
            S: c4 BAD *
            C: c5 SETMETADATA Box (/shared "x")
            S: c5 BAD *
            C: c6 SETMETADATA Box (/shared/vendor/token "x")
            S: c6 BAD *
            C: c7 NOOP
            S: c7 OK *
        )");
        imap.play(R"(
            C: d1 SETMETADATA Box (/private/vendor "x")
            S: d1 BAD *
            C: d2 GETMETADATA Nowhere /shared/x
            S: d2 NO [NONEXISTENT] *
            C: d3 SETMETADATA Nowhere (/shared/x "1")
            S: d3 NO [NONEXISTENT] *
            C: d4 SETMETADATA Box (/sharedx/x "1")
            S: d4 BAD *
        )");
        imap.send("e1 GETMETADATA Box \"/shared/\xc3\xbc\"\r\n").expect("e1 BAD *");
        imap.send("e2 GETMETADATA Box /shared/" + std::string(500, 'x') + "\r\n")
            .expect("e2 NO [LIMIT] *");
        imap.send("e3 GETMETADATA Box \"/shared/a\tb\"\r\n").expect("e3 BAD *").expect_nothing();
    }

    TEST(ImapMetadata, SetsReadsAndRemovesEntries)
    {
        Transcript imap { mailbox("Box") };
        imap.login().play(R"(
            C: a1 SETMETADATA INBOX (/private/comment {35}
            S: + OK
            C: My new comment across
            C: two lines.
            C: )
            S: a1 OK *
            C: a2 GETMETADATA INBOX /private/comment
            S: * METADATA INBOX (/private/comment {35}
            S: My new comment across
            S: two lines.
            S: )
            S: a2 OK *
            C: a3 SETMETADATA INBOX (/Private/Comment "My new comment" /shared/comment "This one is for you!")
            S: a3 OK *
            C: a4 GETMETADATA "INBOX" (/SHARED/comment /private/comment)
            S: * METADATA INBOX (/private/comment "My new comment" /shared/comment "This one is for you!")
            S: a4 OK *
            C: a5 GETMETADATA INBOX /private/comment /shared/comment
            S: * METADATA INBOX (/private/comment "My new comment" /shared/comment "This one is for you!")
            S: a5 OK *
            C: a6 SETMETADATA INBOX (/private/comment NIL /private/empty "")
            S: a6 OK *
            C: a7 GETMETADATA INBOX (/private/comment /private/empty)
            S: * METADATA INBOX (/private/comment NIL /private/empty "")
            S: a7 OK *
            C: a8 GETMETADATA Box /shared/comment
            S: * METADATA Box (/shared/comment NIL)
            S: a8 OK *
        )");
    }

    TEST(ImapMetadata, ValuesMayBeBinary)
    {
        Transcript imap;
        imap.login();
        std::string const value("a\0b", 3);
        imap.send("a1 SETMETADATA INBOX (/private/x ~{3+}\r\n" + value + ")\r\n");
        imap.expect("a1 OK *");
        imap.send("a2 GETMETADATA INBOX /private/x\r\n");
        imap.expect("* METADATA INBOX (/private/x ~{3}");
        EXPECT_EQ(imap.read_octets(3), value);
        imap.expect(")").expect("a2 OK *");
        imap.send("a3 SETMETADATA INBOX (/private/x \"gr\xc3\xbc\xc3\x9f\")\r\n").expect("a3 OK *");
        imap.send("a4 GETMETADATA INBOX /private/x\r\n");
        imap.expect("* METADATA INBOX (/private/x {6}").expect("gr\xc3\xbc\xc3\x9f)");
        imap.expect("a4 OK *").expect_nothing();
    }

    TEST(ImapMetadata, DepthReachesBelow)
    {
        Transcript imap;
        imap.login().play(R"(
            C: a1 SETMETADATA INBOX (/private/filters/values/small "SMALLER 5000" /private/filters/values/boss "FROM \"boss\"")
            S: a1 OK *
            C: a2 SETMETADATA INBOX (/private/filters/valuesx "no" /private/filters/values/boss/deep "1")
            S: a2 OK *
            C: a3 GETMETADATA (DEPTH 1) INBOX (/private/filters/values)
            S: * METADATA INBOX (/private/filters/values/boss "FROM \"boss\"" /private/filters/values/small "SMALLER 5000")
            S: a3 OK *
            C: a4 GETMETADATA INBOX (DEPTH infinity) (/private/filters/values)
            S: * METADATA INBOX (/private/filters/values/boss "FROM \"boss\"" /private/filters/values/boss/deep "1" /private/filters/values/small "SMALLER 5000")
            S: a4 OK *
            C: a5 GETMETADATA (DEPTH 0) INBOX /private/filters/values
            S: * METADATA INBOX (/private/filters/values NIL)
            S: a5 OK *
            C: a6 GETMETADATA (DEPTH infinity MAXSIZE 3) INBOX (/private /shared)
            S: * METADATA INBOX (/private/filters/values/boss/deep "1" /private/filters/valuesx "no" /shared NIL)
            S: a6 OK [METADATA LONGENTRIES 12] *
            C: a7 GETMETADATA (DEPTH 1) INBOX /private/nothing
            S: * METADATA INBOX (/private/nothing NIL)
            S: a7 OK *
        )");
    }

    TEST(ImapMetadata, MaxSizeLeavesLongEntriesOut)
    {
        Transcript imap;
        imap.login().send("a1 SETMETADATA INBOX (/shared/comment {2199+}\r\n"
            + std::string(2199, 'x') + " /private/comment \"My own comment\")\r\n");
        imap.expect("a1 OK *").play(R"(
            C: a2 GETMETADATA INBOX (MAXSIZE 1024) (/shared/comment /private/comment)
            S: * METADATA INBOX (/private/comment "My own comment")
            S: a2 OK [METADATA LONGENTRIES 2199] *
            C: a3 GETMETADATA (MAXSIZE 14) INBOX (/shared/comment)
            S: a3 OK [METADATA LONGENTRIES 2199] *
        )");
        imap.send("a4 GETMETADATA (MAXSIZE 2199) INBOX (/shared/comment)\r\n");
        imap.expect("* METADATA INBOX (/shared/comment {2199}")
            .expect("xxx*xxx)")
            .expect("a4 OK *");
    }

    TEST(ImapMetadata, IsBounded)
    {
        Transcript imap { mailbox("Box") };
        imap.login();
        auto const value = [](std::size_t octets) {
            return "{" + std::to_string(octets) + "+}\r\n" + std::string(octets, 'x');
        };
        imap.send("a1 SETMETADATA Box (/private/big " + value(max_annotation) + ")\r\n");
        imap.expect("a1 OK *");
        imap.send("a2 SETMETADATA Box (/private/small \"1\" /private/big "
            + value(max_annotation + 1) + ")\r\n");
        imap.expect("a2 NO [METADATA MAXSIZE 65536] *");
        imap.play(R"(
            C: a3 GETMETADATA Box /private/small
            S: * METADATA Box (/private/small NIL)
            S: a3 OK *
        )");
        std::string many = "b1 SETMETADATA Box (/shared/0 \"x\"";
        for (std::size_t i = 1; i < storage::max_metadata_entries; ++i)
            many += " /shared/" + std::to_string(i) + " \"x\"";
        imap.send(many + ")\r\n").expect("b1 OK *");
        imap.play(R"(
            C: b2 SETMETADATA Box (/private/other "1" /shared/one-more "x")
            S: b2 NO [METADATA TOOMANY] *
            C: b3 GETMETADATA Box (/private/other /shared/one-more)
            S: * METADATA Box (/private/other NIL /shared/one-more NIL)
            S: b3 OK *
            C: b4 SETMETADATA Box (/shared/1 NIL /shared/one-more "x")
            S: b4 OK *
        )");
        for (int i = 0; i < 14; ++i)
            imap.send("c SETMETADATA Box (/private/" + std::to_string(i) + " "
                    + value(max_annotation) + ")\r\n")
                .expect("c OK *");
        imap.send("d SETMETADATA Box (/private/last " + value(max_annotation) + ")\r\n")
            .expect("d NO [METADATA TOOMANY] *");
        // All of it can be read; it comes in several responses.
        imap.send("e GETMETADATA (DEPTH infinity) Box /private\r\n");
        std::size_t responses = 0;
        std::size_t octets = 0;
        for (auto line = imap.read_line(); !line.starts_with("e "); line = imap.read_line()) {
            responses += line.starts_with("* METADATA Box (");
            octets += line.size();
        }
        EXPECT_GT(responses, 1U);
        EXPECT_GT(octets, 15 * max_annotation);
    }

    TEST(ImapMetadata, PrivateEntriesAreEachUsersOwn)
    {
        Transcript alice { mailbox("Box") };
        auto& world = alice.services();
        share(world, "alice", "Box", "bob", "lrw");
        share(world, "alice", "Box", "carol", "lr");
        alice.login().play(R"(
            C: a1 SETMETADATA Box (/private/comment "alice's" /shared/comment "all see it")
            S: a1 OK *
        )");
        auto bob = alice.another();
        bob.login("bob").play(R"(
            C: b1 GETMETADATA "Other Users/alice/Box" (/private/comment /shared/comment)
            S: * METADATA "Other Users/alice/Box" (/private/comment NIL /shared/comment "all see it")
            S: b1 OK *
            C: b2 SETMETADATA "Other Users/alice/Box" (/private/comment "bob's" /shared/comment "changed")
            S: b2 OK *
        )");
        auto carol = alice.another();
        carol.login("carol").play(R"(
            C: c1 GETMETADATA "Other Users/alice/Box" (/private/comment /shared/comment)
            S: * METADATA "Other Users/alice/Box" (/private/comment NIL /shared/comment "changed")
            S: c1 OK *
            C: c2 SETMETADATA "Other Users/alice/Box" (/private/comment "carol's" /shared/comment "mine")
            S: c2 NO [NOPERM] *
            C: c3 SETMETADATA "Other Users/alice/Box" (/private/comment "carol's")
            S: c3 OK *
        )");
        alice.play(R"(
            C: a2 GETMETADATA Box (/private/comment /shared/comment)
            S: * METADATA Box (/private/comment "alice's" /shared/comment "changed")
            S: a2 OK *
        )");
        // RFC 5464 §3.3: "l", and a right to the messages.
        using Case = std::pair<char const*, char const*>;
        for (auto const& [rights, code] : { Case { "la", "NOPERM" }, Case { "lxkte", "NOPERM" },
                 Case { "rswip", "NONEXISTENT" }, Case { "", "NONEXISTENT" } }) {
            share(world, "alice", "Box", "bob", rights);
            bob.send("x GETMETADATA \"Other Users/alice/Box\" /shared/comment\r\n")
                .expect("x NO [" + std::string(code) + "] *");
            bob.send("x SETMETADATA \"Other Users/alice/Box\" (/private/comment \"\")\r\n")
                .expect("x NO [" + std::string(code) + "] *");
        }
        for (auto const* rights : { "lr", "ls", "lw", "li", "lp" }) {
            share(world, "alice", "Box", "bob", rights);
            bob.send("x GETMETADATA \"Other Users/alice/Box\" /private/comment\r\n")
                .expect("* METADATA * (/private/comment \"bob's\")")
                .expect("x OK *");
        }
    }

    TEST(ImapMetadata, FollowsTheMailbox)
    {
        Transcript imap { mailbox("Box") };
        imap.login().play(R"(
            C: a1 SETMETADATA Box (/shared/comment "it")
            S: a1 OK *
            C: a2 RENAME Box Other
            S: a2 OK *
            C: a3 GETMETADATA Other /shared/comment
            S: * METADATA Other (/shared/comment "it")
            S: a3 OK *
            C: a4 DELETE Other
            S: a4 OK *
            C: a5 CREATE Other
            S: a5 OK *
            C: a6 GETMETADATA Other /shared/comment
            S: * METADATA Other (/shared/comment NIL)
            S: a6 OK *
            C: a7 SETMETADATA INBOX (/private/devicetoken "abc")
            S: a7 OK *
            C: a8 RENAME INBOX Old
            S: a8 OK *
            C: a9 GETMETADATA INBOX /private/devicetoken
            S: * METADATA INBOX (/private/devicetoken "abc")
            S: a9 OK *
            C: b1 GETMETADATA Old /private/devicetoken
            S: * METADATA Old (/private/devicetoken "abc")
            S: b1 OK *
        )");
    }

    TEST(ImapMetadata, TheServerHasEntriesOfItsOwn)
    {
        Transcript alice;
        alice.services().settings.imap.server_metadata
            = { { "/shared/admin", "mailto:postmaster@example.org" },
                  { "/shared/vendor/deltachat/turn", "x" } };
        alice.login().play(R"(
            C: a1 GETMETADATA "" (/shared/admin /shared/comment)
            S: * METADATA "" (/shared/admin "mailto:postmaster@example.org" /shared/comment NIL)
            S: a1 OK *
            C: a2 SETMETADATA "" (/shared/admin "mailto:me")
            S: a2 NO [NOPERM] *
            C: a3 SETMETADATA "" (/private/vendor/x/y "1" /shared/comment "2")
            S: a3 NO [NOPERM] *
            C: a4 SETMETADATA "" (/private/vendor/x/y "1")
            S: a4 OK *
            C: a5 GETMETADATA (DEPTH infinity) "" (/private /shared/vendor)
            S: * METADATA "" (/private/vendor/x/y "1" /shared/vendor/deltachat/turn "x")
            S: a5 OK *
        )");
        auto const big = "{65537+}\r\n" + std::string(65537, 'x');
        alice.send("a6 SETMETADATA \"\" (/private/vendor/x/y " + big + ")\r\n")
            .expect("a6 NO [METADATA MAXSIZE 65536] *");
        auto bob = alice.another();
        bob.login("bob").play(R"(
            C: b1 GETMETADATA (DEPTH infinity) "" (/private /shared/admin)
            S: * METADATA "" (/private NIL /shared/admin "mailto:postmaster@example.org")
            S: b1 OK *
        )");
    }

    TEST(ImapMetadata, SpecialUsesAreEntries)
    {
        Transcript imap { mailbox("MyDrafts", {}, storage::SpecialUse::drafts), mailbox("Saved"),
            mailbox("SentMail", {}, storage::SpecialUse::sent) };
        imap.login().play(R"(
            C: a1 GETMETADATA MyDrafts (/private/specialuse /shared/specialuse)
            S: * METADATA MyDrafts (/private/specialuse "\\Drafts" /shared/specialuse "\\Drafts")
            S: a1 OK *
            C: a2 SETMETADATA Saved (/private/specialuse "\\Drafts" /private/comment "x")
            S: a2 NO [USEATTR] *
            C: a3 GETMETADATA Saved (/private/comment /private/specialuse)
            S: * METADATA Saved (/private/comment NIL /private/specialuse NIL)
            S: a3 OK *
            C: a4 SETMETADATA MyDrafts (/private/specialuse NIL)
            S: a4 OK *
            C: a5 SETMETADATA Saved (/private/specialuse "\\drafts \\Important" /private/comment "x")
            S: a5 OK *
            C: a6 SETMETADATA SentMail (/shared/specialuse "")
            S: a6 OK *
            C: a7 LIST "" % RETURN (SPECIAL-USE)
            S: * LIST (\HasNoChildren) "/" INBOX
            S: * LIST (\HasNoChildren) "/" MyDrafts
            S: * LIST (\HasNoChildren \Drafts \Important) "/" Saved
            S: * LIST (\HasNoChildren) "/" SentMail
            S: a7 OK *
            C: a8 SETMETADATA Saved (/private/specialuse "\\All")
            S: a8 NO [USEATTR] *
            C: a9 SETMETADATA Saved (/private/specialuse "Drafts")
            S: a9 NO [USEATTR] *
            C: b1 SETMETADATA Saved (/private/specialuse "\\Drafts")
            S: b1 OK *
            C: b2 GETMETADATA (DEPTH 1) Saved /private
            S: * METADATA Saved (/private/comment "x" /private/specialuse "\\Drafts")
            S: b2 OK *
        )");
        share(imap.services(), "alice", "Saved", "bob", "lrswi");
        auto bob = imap.another();
        bob.login("bob").play(R"(
            C: b1 GETMETADATA "Other Users/alice/Saved" (/private/specialuse /shared/specialuse)
            S: * METADATA "Other Users/alice/Saved" (/private/specialuse NIL /shared/specialuse "\\Drafts")
            S: b1 OK *
            C: b2 SETMETADATA "Other Users/alice/Saved" (/private/specialuse "\\Sent")
            S: b2 NO [USEATTR] *
        )");
    }

    TEST(ImapMetadata, SwitchesTakeMailboxesOrAll)
    {
        auto const world = Transcript::make_world({ mailbox("Box") });
        world->settings.imap.capabilities_off = { "METADATA" };
        Transcript server(world, {});
        server.login().play(R"(
            C: a1 SETMETADATA "" (/private/x "1")
            S: a1 OK *
            C: a2 GETMETADATA Box /private/x
            S: a2 BAD *
            C: a3 SETMETADATA Box (/private/x "1")
            S: a3 BAD *
            C: a4 LIST "" Box RETURN (METADATA (/private/x))
            S: a4 BAD *
        )");
        world->settings.imap.capabilities_off = { "METADATA-SERVER" };
        Transcript both(world, {});
        both.login().play(R"(
            C: a1 GETMETADATA "" /private/x
            S: * METADATA "" (/private/x "1")
            S: a1 OK *
            C: a2 SETMETADATA Box (/private/x "1")
            S: a2 OK *
        )");
        world->settings.imap.capabilities_off = { "METADATA", "METADATA-SERVER" };
        Transcript none(world, {});
        none.login().play(R"(
            C: a1 GETMETADATA "" /private/x
            S: a1 BAD Unknown command*
            C: a2 SETMETADATA "" (/private/x "1")
            S: a2 BAD Unknown command*
        )");
        world->settings.imap.capabilities_off = { "SPECIAL-USE" };
        Transcript useless(world, {});
        useless.login().play(R"(
            C: a1 SETMETADATA Box (/private/specialuse "\\Sent")
            S: a1 NO [CANNOT] *
        )");
    }

    TEST(ImapMetadata, ChangesAreToldByNameOnly)
    {
        TestServices services;
        MemoryStream stream(services.io, true);
        Output output(stream);
        Responses out(output);
        std::vector<std::string> const entries { "/private/comment", "/shared/a b" };
        tell_changed_annotations(out, "My box", entries);
        tell_changed_annotations(out, "", entries);
        tell_changed_annotations(out, "INBOX", {});
        EXPECT_EQ(out.buffer(),
            "* METADATA \"My box\" /private/comment \"/shared/a b\"\r\n"
            "* METADATA \"\" /private/comment \"/shared/a b\"\r\n");
    }

} // namespace
} // namespace mail::imap
