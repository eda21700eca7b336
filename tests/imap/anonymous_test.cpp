// Sessions that may only read (RFC 4505): each command, and what the store has afterwards.
#include "tests/support/sharing.h"
#include "tests/support/transcript.h"

namespace mail::test {
namespace {

    std::shared_ptr<TestServices> anonymous_world()
    {
        auto world = Transcript::make_world(
            { mailbox("INBOX", { unseen("one"), deleted("two") }), mailbox("Plans") });
        world->authenticator.anonymous = "alice";
        world->authenticator.users["alice"].is_administrator = true;
        share(*world, "bob", "Shared", "alice", "lrswipkxtea");
        return world;
    }

    Transcript enter(std::shared_ptr<TestServices> const& world)
    {
        Transcript imap(world, {});
        imap.send("in AUTHENTICATE ANONYMOUS c2lyaGM=\r\n").expect("in OK *");
        return imap;
    }

    /// The highest MODSEQ of each account: nothing changes without a new one.
    std::vector<std::uint64_t> changes(TestServices& world)
    {
        std::vector<std::uint64_t> all;
        for (auto const* name : { "alice", "bob" }) {
            auto const account = world.account(name);
            all.push_back(
                storage::highest_mod_seq(world.store().volume_of(account).read(), account.id)
                    .value);
        }
        return all;
    }

    TEST(ImapAnonymous, ReadsMail)
    {
        auto const world = anonymous_world();
        auto imap = enter(world);
        EXPECT_EQ(world->journal.lines.back(), "login imap alice ANONYMOUS trace sirhc");
        imap.play(R"(
            C: a1 LIST "" *
            S: * LIST (*) "/" INBOX
            S: * LIST (*) "/" "Other Users/bob/Shared"
            S: * LIST (*) "/" Plans
            S: a1 OK *
            C: a2 MYRIGHTS INBOX
            S: * MYRIGHTS INBOX lr
            S: a2 OK *
            C: a3 MYRIGHTS "Other Users/bob/Shared"
            S: * MYRIGHTS "Other Users/bob/Shared" lr
            S: a3 OK *
            C: a4 STATUS INBOX (MESSAGES UNSEEN)
            S: * STATUS INBOX (MESSAGES 2 UNSEEN 2)
            S: a4 OK *
        )");
        imap.send("a5 SELECT INBOX\r\n");
        auto line = imap.read_line();
        for (int i = 0; i < 20 && !line.starts_with("a5 "); ++i) {
            if (line.find("PERMANENTFLAGS") != line.npos) {
                EXPECT_NE(line.find("PERMANENTFLAGS ()"), line.npos) << line;
            }
            line = imap.read_line();
        }
        EXPECT_TRUE(line.starts_with("a5 OK [READ-ONLY]")) << line;
        imap.play(R"(
            C: a6 SEARCH SUBJECT one
            S: * SEARCH 1
            S: a6 OK *
            C: a7 FETCH 1 (FLAGS BODY[HEADER.FIELDS (X-None)])
            S: * 1 FETCH (FLAGS (*) BODY[HEADER.FIELDS (X-None)] {2}
            S: 
            S: )
            S: a7 OK *
        )");
        EXPECT_EQ(stored_record(*world, "alice", "INBOX", 1).flags.system, 0) << "no \\Seen";
    }

    TEST(ImapAnonymous, ChangesNothing)
    {
        auto const world = anonymous_world();
        auto imap = enter(world);
        imap.select("INBOX");
        auto const before = changes(*world);
        std::size_t commits = 0;
        world->store().on_commit([&](std::span<storage::Committed const> commit) {
            commits += commit.size();
            world->hub.committed(commit);
        });
        // clang-format off
        for (std::string const command : {
                "CREATE New", "CREATE Plans/New", "CREATE \"Other Users/bob/Shared/New\"",
                "DELETE Plans", "DELETE \"Other Users/bob/Shared\"", "RENAME Plans Other", "RENAME INBOX Other",
                "SUBSCRIBE Plans", "UNSUBSCRIBE Plans",
                "APPEND INBOX {1+}\r\nx", "APPEND INBOX CATENATE (URL \"/INBOX/;UID=1\")",
                "APPEND INBOX {1+}\r\nx {1+}\r\ny", "APPEND \"Other Users/bob/Shared\" {1+}\r\nx",
                "STORE 1 +FLAGS (\\Seen)", "UID STORE 1 FLAGS (word)", "STORE 1 FLAGS.SILENT ()",
                "COPY 1 Plans", "UID COPY 1 Plans", "COPY 1 \"Other Users/bob/Shared\"",
                "MOVE 1 Plans", "UID MOVE 1 Plans", "EXPUNGE", "UID EXPUNGE 2",
                "REPLACE 1 INBOX {1+}\r\nx", "UID REPLACE 1 INBOX {1+}\r\nx",
                "SETACL INBOX bob lr", "DELETEACL INBOX bob", "GETACL INBOX", "LISTRIGHTS INBOX bob",
                "SETACL \"Other Users/bob/Shared\" carol lr",
                "SETMETADATA INBOX (/private/comment \"x\")", "SETMETADATA INBOX (/shared/comment \"x\")",
                "SETMETADATA \"\" (/private/comment \"x\")", "SETMETADATA Plans (/private/specialuse \"\\\\Junk\")",
                "SETQUOTA alice (STORAGE 1)", "SETQUOTA bob (STORAGE 1)",
                "GENURLAUTH \"imap://alice@host/INBOX/;UID=1;URLAUTH=anonymous\" INTERNAL",
                "RESETKEY", "RESETKEY INBOX", "RESETKEY INBOX INTERNAL" }) {
            // clang-format on
            imap.send("x " + command + "\r\n").expect("x NO [*").expect_nothing();
        }
        imap.send("y UID FETCH 1 BODY[TEXT]\r\n").expect("* 1 FETCH (UID 1 BODY[TEXT] {*");
        for (auto line = imap.read_line(); !line.starts_with("y "); line = imap.read_line())
            EXPECT_EQ(line.find("FLAGS"), line.npos) << line;
        imap.send("z CLOSE\r\n").expect("z OK *");
        EXPECT_EQ(changes(*world), before);
        EXPECT_EQ(commits, 0U);
        // The same account, logged in.
        Transcript alice(world, {});
        alice.login().select("INBOX").send("a STORE 1 +FLAGS (\\Seen)\r\n");
        alice.expect("* 1 FETCH (FLAGS (*\\Seen*))").expect("a OK *");
        EXPECT_NE(changes(*world), before);
    }

    TEST(ImapAnonymous, IsOverWithUnauthenticate)
    {
        auto const world = anonymous_world();
        auto imap = enter(world);
        imap.send("a1 UNAUTHENTICATE\r\n").expect("a1 OK *");
        imap.send("a2 LOGIN alice secret\r\n").expect("a2 OK *");
        imap.send("a3 CREATE New\r\n").expect("a3 OK *");
    }

    TEST(ImapAnonymous, RedeemsUrlsOfAnybodyOnly)
    {
        auto const world = anonymous_world();
        Transcript alice(world, {});
        alice.login();
        auto const authorize = [&](std::string const& access) {
            alice.send("g GENURLAUTH \"imap://alice@host/INBOX/;UID=1/;SECTION=TEXT;URLAUTH="
                + access + "\" INTERNAL\r\n");
            auto const line = alice.read_line();
            alice.expect("g OK *");
            return line.substr(line.find('"'));
        };
        auto const of_anybody = authorize("anonymous");
        auto const of_users = authorize("authuser");
        auto const of_alice = authorize("user+alice");
        auto imap = enter(world);
        imap.send("u URLFETCH " + of_users + "\r\n").expect("* URLFETCH * NIL").expect("u OK *");
        imap.send("u URLFETCH " + of_alice + "\r\n").expect("* URLFETCH * NIL").expect("u OK *");
        imap.send("u URLFETCH " + of_anybody + "\r\n").expect("* URLFETCH * {*");
        alice.send("u URLFETCH " + of_users + "\r\n").expect("* URLFETCH * {*");
    }

} // namespace
} // namespace mail::test
