// What extensions add to FETCH: PREVIEW (RFC 8970), SAVEDATE (RFC 8514), EMAILID, THREADID and
// MAILBOXID (RFC 8474), message/global (RFC 9755), pages of messages (RFC 9394).
#include "protocol/imap/object_id.h"
#include "protocol/imap/parser.h"
#include "protocol/imap/partial_range.h"
#include "tests/support/sharing.h"
#include "tests/support/transcript.h"

namespace mail::imap {
namespace {

    using namespace mail::test;

    TEST(ImapPreview, ShowsTheFirstWords)
    {
        Transcript imap { mailbox("INBOX",
            { unseen("Hello world"), { "Content-Type: image/png\r\n\r\nxyz" },
                { "Content-Type: text/plain; charset=utf-8\r\n\r\nGr\xc3\xbc\xc3\x9f"
                  "e\r\n" } }) };
        imap.login().select("INBOX").play(R"(
            C: a1 FETCH 1 PREVIEW
            S: * 1 FETCH (PREVIEW "Hello world")
            S: a1 OK *
            C: a2 FETCH 1:2 (RFC822.SIZE preview (lazy) UID)
            S: * 1 FETCH (UID 1 RFC822.SIZE * PREVIEW "Hello world")
            S: * 2 FETCH (UID 2 RFC822.SIZE * PREVIEW "")
            S: a2 OK *
            C: a3 FETCH 1 PREVIEW (LAZY)
            S: * 1 FETCH (PREVIEW "Hello world")
            S: a3 OK *
            C: a4 UID FETCH 1 PREVIEW (CHANGEDSINCE 1)
            S: * OK [HIGHESTMODSEQ *
            S: * 1 FETCH (UID 1 PREVIEW "Hello world" MODSEQ (*))
            S: a4 OK *
            C: a5 UID FETCH 1 PREVIEW (LAZY) (CHANGEDSINCE 1)
            S: * 1 FETCH (UID 1 PREVIEW "Hello world" MODSEQ (*))
            S: a5 OK *
            C: a6 FETCH 1 PREVIEW (EAGER)
            S: a6 BAD *
            C: a7 FETCH 1 (PREVIEW (LAZY EAGER))
            S: a7 BAD *
            C: a8 FETCH 1 (PREVIEW ())
            S: a8 BAD *
            C: a9 FETCH 1 FLAGS
            S: * 1 FETCH (FLAGS (\Recent))
            S: a9 OK *
        )");
        imap.send("b1 FETCH 3 PREVIEW\r\n").expect("* 3 FETCH (PREVIEW {7}");
        imap.expect("Gr\xc3\xbc\xc3\x9f"
                    "e)")
            .expect("b1 OK *");
    }

    TEST(ImapPreview, IsNoItemWhenItIsOff)
    {
        Transcript imap(Transcript::make_world_without({ "PREVIEW", "SAVEDATE", "OBJECTID" }), {});
        imap.login().select("INBOX").play(R"(
            C: a1 FETCH 1 PREVIEW
            S: a1 BAD *
            C: a2 FETCH 1 SAVEDATE
            S: a2 BAD *
            C: a3 FETCH 1 EMAILID
            S: a3 BAD *
            C: a4 FETCH 1 THREADID
            S: a4 BAD *
            C: a5 STATUS INBOX (MAILBOXID)
            S: a5 BAD *
            C: a6 CREATE Plain
            S: a6 OK CREATE completed
        )");
        imap.send("s SELECT INBOX\r\n");
        for (auto line = imap.read_line(); !line.starts_with("s "); line = imap.read_line())
            EXPECT_EQ(line.find("MAILBOXID"), std::string::npos) << line;
    }

    TEST(ImapSaveDate, IsTheTimeOfArrivalInTheMailbox)
    {
        Transcript imap { mailbox("INBOX"), mailbox("Archive") };
        auto const now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
        imap.login().select("INBOX").play(R"(
            C: a1 APPEND INBOX "17-Jul-1996 02:44:25 -0700" {3+}
            C: abc
            S: * 1 EXISTS
            S: * 1 RECENT
            S: a1 OK *
            C: a2 FETCH 1 (SAVEDATE INTERNALDATE)
            S: * 1 FETCH (SAVEDATE "* +0000" INTERNALDATE "17-Jul-1996 02:44:25 -0700")
            S: a2 OK *
        )");
        EXPECT_NEAR(
            static_cast<double>(stored_record(imap.services(), "alice", "INBOX", 1).save_date),
            static_cast<double>(now), 60);
    }

    std::string ids_of(Transcript& imap, std::string const& number, std::string const& item)
    {
        imap.send("i FETCH " + number + " " + item + "\r\n");
        auto const line = imap.read_line();
        imap.expect("i OK *");
        auto const begin = line.rfind('(') + 1;
        EXPECT_TRUE(line.starts_with("* " + number + " FETCH (" + item + " (")) << line;
        return line.substr(begin, line.find(')') - begin);
    }

    TestMessage reply_to(std::string const& text)
    {
        return { "Subject: Re: " + text + "\r\nMessage-Id: <re-" + text
            + "@example.org>\r\nReferences: <" + text + "@example.org>\r\n\r\nreply\r\n" };
    }

    TEST(ImapObjectId, MessagesKeepTheirIdsWhereverTheyGo)
    {
        auto const world = Transcript::make_world(
            { mailbox("INBOX", { unseen("one"), unseen("two"), reply_to("one") }),
                mailbox("Archive") });
        share(*world, "alice", "INBOX", "bob", "lrwite");
        Transcript imap(world, {});
        imap.login().select("INBOX");
        auto const email = ids_of(imap, "1", "EMAILID");
        auto const thread = ids_of(imap, "1", "THREADID");
        EXPECT_TRUE(matches_line("M*", email) && matches_line("T*", thread));
        EXPECT_NE(email, ids_of(imap, "2", "EMAILID"));
        EXPECT_NE(email, ids_of(imap, "3", "EMAILID"));
        EXPECT_NE(thread, ids_of(imap, "2", "THREADID"));
        EXPECT_EQ(thread, ids_of(imap, "3", "THREADID"));
        imap.send("c COPY 1 Archive\r\n").expect("c OK *").send("m MOVE 3 Archive\r\n");
        imap.expect("* OK [COPYUID *").expect("* 3 EXPUNGE").expect("m OK *");
        imap.select("Archive");
        EXPECT_EQ(email, ids_of(imap, "1", "EMAILID"));
        EXPECT_EQ(thread, ids_of(imap, "2", "THREADID"));

        // Into another account, too, where the conversation goes on.
        Transcript bob(world, {});
        bob.login("bob").select("Other Users/alice/INBOX");
        EXPECT_EQ(email, ids_of(bob, "1", "EMAILID"));
        bob.send("c COPY 1 INBOX\r\n").expect("c OK *");
        bob.deliver("INBOX", reply_to("one"), "bob");
        bob.deliver("INBOX", unseen("other"), "bob");
        bob.select("INBOX");
        EXPECT_EQ(email, ids_of(bob, "1", "EMAILID"));
        EXPECT_EQ(thread, ids_of(bob, "1", "THREADID"));
        EXPECT_EQ(thread, ids_of(bob, "2", "THREADID"));
        EXPECT_NE(email, ids_of(bob, "2", "EMAILID"));
        EXPECT_NE(thread, ids_of(bob, "3", "THREADID"));
        auto const alice_id = ids_of(imap, "1", "EMAILID");
        EXPECT_NE(ids_of(bob, "3", "EMAILID"), alice_id);
    }

    TEST(ImapObjectId, MailboxesKeepTheirIdsThroughRename)
    {
        auto const world = Transcript::make_world_without({});
        Transcript imap(world, {});
        imap.login();
        imap.send("a1 CREATE foo\r\n");
        auto const created = imap.read_line();
        EXPECT_TRUE(matches_line("a1 OK [MAILBOXID (F*)] CREATE completed", created)) << created;
        auto const id
            = created.substr(created.find('('), created.find(')') - created.find('(') + 1);
        imap.play("C: a2 STATUS foo (MAILBOXID MESSAGES)\nS: * STATUS foo (MAILBOXID " + id
            + " MESSAGES 0)\nS: a2 OK *\nC: a3 RENAME foo bar\nS: a3 OK *\n"
              "C: a4 STATUS bar (mailboxid)\nS: * STATUS bar (MAILBOXID "
            + id + ")\nS: a4 OK *\n");
        imap.send("a5 EXAMINE bar\r\n");
        bool told = false;
        for (auto line = imap.read_line(); !line.starts_with("a5 "); line = imap.read_line())
            told |= matches_line("* OK [MAILBOXID " + id + "] *", line);
        EXPECT_TRUE(told);
        // Another account's first mailbox is another mailbox.
        share(*world, "alice", "bar", "bob", "lr");
        Transcript bob(world, {});
        bob.login("bob").play("C: b1 STATUS \"Other Users/alice/bar\" (MAILBOXID)\n"
                              "S: * STATUS \"Other Users/alice/bar\" (MAILBOXID "
            + id + ")\nS: b1 OK *\n");
        bob.send("b2 STATUS INBOX (MAILBOXID)\r\n");
        auto const line = bob.read_line();
        EXPECT_EQ(line.find(id), std::string::npos) << line;
        imap.send("a6 STATUS INBOX (MAILBOXID)\r\n");
        EXPECT_NE(imap.read_line(), line);
    }

    TEST(ImapObjectId, TextIsReadBackOneWayOnly)
    {
        storage::EmailId const email { 0x1000000002 };
        EXPECT_EQ(object_id(email), "M1000000002");
        EXPECT_EQ(parse_email_id("M1000000002"), email);
        EXPECT_EQ(thread_object_id(255), "Tff");
        EXPECT_EQ(parse_thread_id("Tff"), 255U);
        EXPECT_EQ(object_id(storage::Place { { 10 }, { 31 } }), "Fa-1f");
        for (auto const* text : { "", "M", "m1", "T1", "M01", "MFF", "M-1", "M+1", "M1 ", "Mx",
                 "M10000000000000000", "M0x1" })
            EXPECT_FALSE(parse_email_id(text)) << text;
        EXPECT_FALSE(parse_thread_id("M1"));
    }

    TEST(ImapGlobal, IsAMessageForThoseWhoSpeakUtf8)
    {
        std::string const octets
            = "Content-Type: message/global\r\n\r\nSubject: inner\r\n\r\ntext\r\n";
        auto const world = Transcript::make_world({ mailbox("INBOX", { { octets } }) });
        Transcript imap(world, {});
        imap.login().select("INBOX").play(R"(
            C: a1 FETCH 1 (BODYSTRUCTURE BODY)
            S: * 1 FETCH (BODYSTRUCTURE ("message" "global" NIL NIL NIL "7bit" 24 NIL NIL NIL NIL) BODY ("message" "global" NIL NIL NIL "7bit" 24))
            S: a1 OK *
            C: a2 ENABLE UTF8=ACCEPT
            S: * ENABLED UTF8=ACCEPT
            S: a2 OK *
            C: a3 FETCH 1 BODY
            S: * 1 FETCH (BODY ("message" "global" NIL NIL NIL "7bit" 24 (NIL "inner" *) ("text" "plain" *) 3))
            S: a3 OK *
            C: a4 FETCH 1 BODY.PEEK[1.HEADER]
            S: * 1 FETCH (BODY[1.HEADER] {18}
            S: Subject: inner
            S: 
            S: )
            S: a4 OK *
        )");
        Transcript rev2(world, {});
        rev2.login().select("INBOX").play(R"(
            C: a1 ENABLE IMAP4rev2
            S: * ENABLED IMAP4rev2
            S: a1 OK *
            C: a2 FETCH 1 BODY
            S: * 1 FETCH (BODY ("message" "global" NIL NIL NIL "7bit" 24 (NIL "inner" *) ("text" "plain" *) 3))
            S: a2 OK *
        )");
    }

    PartialRange range_of(std::string_view text)
    {
        Parser in(text);
        auto const range = parse_partial_range(in);
        in.end();
        EXPECT_FALSE(in.failed()) << text;
        return range;
    }

    std::string page(storage::UidSet const& uids, std::string_view range)
    {
        auto const of = page_of(uids, range_of(range));
        std::string text;
        for (auto const& [first, last] : of.ranges())
            text += (text.empty() ? "" : ",") + std::to_string(first.value)
                + (last == first ? "" : ":" + std::to_string(last.value));
        return text;
    }

    TEST(ImapPartialRange, CountsFromEitherEnd)
    {
        storage::UidSet uids(storage::UidRange { { 10 }, { 14 } });
        uids.add(storage::Uid { 20 });
        uids.add(storage::UidRange { { 30 }, { 33 } }); // ten in all
        EXPECT_EQ(page(uids, "1:5"), "10:14");
        EXPECT_EQ(page(uids, "5:1"), "10:14");
        EXPECT_EQ(page(uids, "4:7"), "13:14,20,30");
        EXPECT_EQ(page(uids, "10:10"), "33");
        EXPECT_EQ(page(uids, "9:4294967295"), "32:33");
        EXPECT_EQ(page(uids, "11:12"), "");
        EXPECT_EQ(page(uids, "-1:-3"), "31:33");
        EXPECT_EQ(page(uids, "-3:-1"), "31:33");
        EXPECT_EQ(page(uids, "-5:-6"), "14,20");
        EXPECT_EQ(page(uids, "-9:-4294967295"), "10:11");
        EXPECT_EQ(page(uids, "-11:-12"), "");
        EXPECT_EQ(page({}, "1:5"), "");
        EXPECT_EQ(page({}, "-1:-5"), "");
        storage::UidSet const all(storage::UidRange { { 1 }, { 4294967294 } });
        EXPECT_EQ(page(all, "4294967294:4294967295"), "4294967294");
        EXPECT_EQ(page(all, "-1:-1"), "4294967294");
        for (auto const* text : { "", "1", "1:", "0:1", "1:0", "-1:2", "1:-2", "-0:-1", "*:1",
                 "-:1", "4294967296:1", "1:2:3" }) {
            Parser in(text);
            parse_partial_range(in);
            in.end();
            EXPECT_TRUE(in.failed()) << text;
        }
        EXPECT_EQ(range_of("-500:-400").size(), 101U);
        EXPECT_EQ(range_of("1:4294967295").size(), 4294967295U);
    }

    Transcript six()
    {
        return Transcript { mailbox("INBOX",
            { deleted("one"), seen("two"), unseen("three"), unseen("four"), seen("five"),
                unseen("six") }) };
    }

    TEST(ImapPartialFetch, ShowsAPageOfTheSet)
    {
        auto imap = six();
        imap.login().select("INBOX").play(R"(
            C: a1 UID FETCH 2:6 (UID) (PARTIAL -1:-2)
            S: * 5 FETCH (UID 5)
            S: * 6 FETCH (UID 6)
            S: a1 OK *
            C: a2 UID FETCH 1,3:9 UID (PARTIAL 3:2)
            S: * 3 FETCH (UID 3)
            S: * 4 FETCH (UID 4)
            S: a2 OK *
            C: a3 UID FETCH 1:* UID (partial 7:9)
            S: a3 OK *
            C: a4 UID FETCH 1:* UID (PARTIAL 6:500)
            S: * 6 FETCH (UID 6)
            S: a4 OK *
            C: a5 FETCH 1:* UID (PARTIAL 1:5)
            S: a5 BAD *
            C: a6 UID FETCH 1:* UID (PARTIAL 0:5)
            S: a6 BAD *
            C: a7 UID FETCH 1:* UID (PARTIAL 1:-5)
            S: a7 BAD *
            C: a8 UID FETCH 1:* UID (PARTIAL 1:5 PARTIAL 1:5)
            S: a8 BAD *
            C: a9 UID FETCH 1:* UID (PARTIAL)
            S: a9 BAD *
            C: b1 UID FETCH 1:* BODY[TEXT] (PARTIAL 3:3)
            S: * 3 FETCH (UID 3 BODY[TEXT] {7}
            S: three
            S:  FLAGS (\Seen \Recent))
            S: b1 OK *
            C: b2 FETCH 4 FLAGS
            S: * 4 FETCH (FLAGS (\Recent))
            S: b2 OK *
        )");
    }

    TEST(ImapPartialFetch, CombinesWithChangedSinceAndVanished)
    {
        auto imap = six();
        imap.login().play(R"(
            C: a0 ENABLE QRESYNC
            S: * ENABLED QRESYNC
            S: a0 OK *
        )");
        imap.select("INBOX");
        imap.send("a1 STATUS INBOX (HIGHESTMODSEQ)\r\n");
        auto const line = imap.read_line();
        imap.expect("a1 OK *");
        auto const begin = line.rfind(' ') + 1;
        auto const before = line.substr(begin, line.size() - begin - 1);
        imap.play(R"(
            C: a2 UID STORE 2:3,6 +FLAGS.SILENT (\Flagged)
            S: * 2 FETCH (UID 2 MODSEQ (*))
            S: * 3 FETCH (UID 3 MODSEQ (*))
            S: * 6 FETCH (UID 6 MODSEQ (*))
            S: a2 OK *
            C: a3 EXPUNGE
            S: * VANISHED 1
            S: a3 OK *
        )");
        // First the page, then what changed in it.
        imap.play("C: b1 UID FETCH 1:* (FLAGS) (PARTIAL -1:-3 CHANGEDSINCE " + before
            + ")\nS: * 5 FETCH (UID 6 FLAGS (\\Flagged \\Recent) MODSEQ (*))\nS: b1 OK *\n"
              "C: b2 UID FETCH 1:* (FLAGS) (VANISHED CHANGEDSINCE "
            + before
            + " PARTIAL 1:1)\nS: * VANISHED (EARLIER) 1\nS: * 1 FETCH (UID 2 FLAGS (*) MODSEQ "
              "(*))\n"
              "S: b2 OK *\n");
    }

    TEST(ImapPartialFetch, WorksByUidAloneAndWithinTheLimitOfACommand)
    {
        auto const world
            = Transcript::make_world({ mailbox("INBOX", { seen("one"), seen("two") }) });
        world->settings.imap.message_limit = 2;
        Transcript imap(world, {});
        imap.login().play(R"(
            C: a0 ENABLE UIDONLY
            S: * ENABLED UIDONLY
            S: a0 OK *
        )");
        imap.select("INBOX").play(R"(
            C: a1 UID FETCH 1:* FLAGS (PARTIAL -1:-1)
            S: * 2 UIDFETCH (FLAGS (\Seen \Recent))
            S: a1 OK *
            C: a2 UID FETCH 1:* FLAGS (PARTIAL -1:-3)
            S: a2 NO [MESSAGELIMIT 2] *
        )");
        world->settings.imap.capabilities_off = { "PARTIAL" };
        Transcript without(world, {});
        without.login().select("INBOX").play(R"(
            C: a1 UID FETCH 1:* FLAGS (PARTIAL 1:1)
            S: a1 BAD *
        )");
    }

} // namespace
} // namespace mail::imap
