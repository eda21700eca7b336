// ESEARCH (RFC 7377): any mailboxes, in one command.
#include "storage/acl.h"
#include "storage/mailboxes.h"
#include "tests/support/transcript.h"

namespace mail::imap {
namespace {

    using namespace mail::test;
    using storage::Right;

    /// alice's mailboxes; each has a message "all" and one named as the mailbox.
    class ImapEsearch : public testing::Test {
    protected:
        ImapEsearch()
            : world(Transcript::make_world({ mailbox("INBOX", { seen("all"), unseen("inbox") }),
                mailbox("Work", { seen("all"), unseen("work") }), mailbox("Work/Old"),
                mailbox("Work/Old/Older", { seen("all") }), mailbox("Work/New", { unseen("all") }),
                mailbox("Workshop", { seen("all") }) }))
            , imap(world, {})
        {
            imap.login();
        }

        /// What the search of "all" finds, by name.
        std::string found_in(std::string const& sources)
        {
            imap.send("f ESEARCH IN (" + sources + ") SUBJECT all\r\n");
            std::string names;
            std::string line;
            while ((line = imap.read_line()).starts_with("* ")) {
                EXPECT_TRUE(
                    matches_line("* ESEARCH (TAG \"f\" MAILBOX * UIDVALIDITY *) UID ALL 1", line))
                    << line;
                auto const begin = line.find("MAILBOX ") + 8;
                names += (names.empty() ? "" : " ")
                    + line.substr(begin, line.find(" UIDVALIDITY") - begin);
            }
            EXPECT_TRUE(line.starts_with("f OK")) << line;
            return names;
        }

        std::shared_ptr<TestServices> world;
        Transcript imap;
    };

    TEST_F(ImapEsearch, RefusesWhatIsNoRequest)
    {
        Transcript stranger(world, {});
        stranger.play(R"(
            C: a1 ESEARCH IN (personal) ALL
            S: a1 BAD Log in first
        )");
        for (auto const* arguments :
            { "", " ", " IN (personal)", " IN () ALL", " IN (nonsense) ALL", " IN personal ALL",
                " IN (mailboxes) ALL", " IN (mailboxes ()) ALL", " IN (subtree) ALL",
                " IN (selected-delayed) ALL", " IN (personal (depth 3)) ALL",
                " IN (personal) RETURN (COLOUR) ALL", " IN (personal) COLOUR",
                " IN (personal) RETURN (COUNT)", " IN (personal) RETURN (RELEVANCY) ALL",
                // A mailbox must be selected.
                " ALL", " IN (selected) ALL", " IN (personal selected) ALL", " RETURN (SAVE) ALL",
                " IN (personal) RETURN (UPDATE) ALL",
                // Only the selected one can be saved or followed.
                " IN (personal) RETURN (SAVE) ALL" }) {
            imap.send("a2 ESEARCH" + std::string(arguments) + "\r\n").expect("a2 BAD *");
            imap.send("a3 NOOP\r\n").expect("a3 OK *");
        }
        imap.expect_nothing();
        imap.select("INBOX").play(R"(
            C: b1 ESEARCH IN (selected personal) RETURN (SAVE) ALL
            S: b1 BAD *
            C: b2 ESEARCH IN (mailboxes INBOX) RETURN (SAVE) ALL
            S: b2 BAD *
            C: b3 ESEARCH IN (mailboxes Work) RETURN (UPDATE) ALL
            S: b3 BAD *
            C: b4 ESEARCH CHARSET klingon ALL
            S: b4 NO [BADCHARSET *] *
        )");
    }

    TEST_F(ImapEsearch, TellsMailboxTagAndUidValidity)
    {
        imap.play(R"(
            C: a1 ESEARCH IN (mailboxes (INBOX Work)) UNSEEN
            S: * ESEARCH (TAG "a1" MAILBOX INBOX UIDVALIDITY *) UID ALL 2
            S: * ESEARCH (TAG "a1" MAILBOX Work UIDVALIDITY *) UID ALL 2
            S: a1 OK *
            C: a2 ESEARCH IN (personal) RETURN (MIN MAX COUNT) SUBJECT inbox
            S: * ESEARCH (TAG "a2" MAILBOX INBOX UIDVALIDITY *) UID MIN 2 MAX 2 COUNT 1
            S: a2 OK *
            C: a3 ESEARCH IN (personal) RETURN (COUNT) SUBJECT nothing
            S: a3 OK *
            C: a4 ESEARCH IN (mailboxes (INBOX Work)) RETURN (PARTIAL 2:5 COUNT) CHARSET UTF-8 ALL
            S: * ESEARCH (TAG "a4" MAILBOX INBOX UIDVALIDITY *) UID COUNT 2 PARTIAL (2:5 2)
            S: * ESEARCH (TAG "a4" MAILBOX Work UIDVALIDITY *) UID COUNT 2 PARTIAL (2:5 2)
            S: a4 OK *
            C: a5 ESEARCH IN (mailboxes INBOX) RETURN (CONTEXT) ALL
            S: * ESEARCH (TAG "a5" MAILBOX INBOX UIDVALIDITY *) UID
            S: a5 OK *
        )");
    }

    TEST_F(ImapEsearch, SearchesEachMailboxOnce)
    {
        EXPECT_EQ("INBOX", found_in("inboxes"));
        EXPECT_EQ("INBOX Work Work/New Work/Old/Older Workshop", found_in("personal"));
        EXPECT_EQ("Work Work/New Work/Old/Older", found_in("subtree Work"));
        EXPECT_EQ("Work Work/New", found_in("subtree-one Work"));
        EXPECT_EQ("Work/Old/Older", found_in("SUBTREE-ONE (\"Work/Old/\" Nowhere)"));
        EXPECT_EQ("", found_in("mailboxes Work*"));
        EXPECT_EQ("Workshop", found_in("mailboxes (Nowhere Workshop Workshop)"));
        EXPECT_EQ("Workshop INBOX Work Work/New",
            found_in("mailboxes Workshop inboxes subtree-one Work"));
        EXPECT_EQ("INBOX", found_in("subscribed"));
        imap.play(R"(
            C: a1 SUBSCRIBE Work/New
            S: a1 OK *
        )");
        EXPECT_EQ("INBOX Work/New", found_in("subscribed"));
        EXPECT_EQ("INBOX Work Work/New Work/Old/Older Workshop", found_in("subtree \"\""));
        EXPECT_EQ("INBOX Work Workshop", found_in("subtree-one \"\""));
    }

    TEST_F(ImapEsearch, SearchesTheSelectedMailboxAsTheClientKnowsIt)
    {
        imap.select("Work");
        imap.deliver("Work", seen("all"));
        imap.play(R"(
            C: a0 ESEARCH SUBJECT all
            S: * ESEARCH (TAG "a0" MAILBOX Work UIDVALIDITY *) UID ALL 1
            S: * 3 EXISTS
            S: * * RECENT
            S: a0 OK *
        )");
        EXPECT_EQ("INBOX", found_in("mailboxes INBOX")) << "and stays selected";
        imap.play(R"(
            C: a1 ESEARCH RETURN (SAVE COUNT) SUBJECT all
            S: * ESEARCH (TAG "a1" MAILBOX Work UIDVALIDITY *) UID COUNT 2
            S: a1 OK *
            C: a2 SEARCH $
            S: * SEARCH 1 3
            S: a2 OK *
            C: a3 ESEARCH IN (selected) RETURN (SAVE) SUBJECT nothing
            S: a3 OK *
            C: a4 SEARCH $
            S: * SEARCH
            S: a4 OK *
            C: a5 ESEARCH 2:9
            S: * ESEARCH (TAG "a5" MAILBOX Work UIDVALIDITY *) UID ALL 2:3
            S: a5 OK *
            C: a6 ESEARCH IN (mailboxes (INBOX Workshop)) 2:9
            S: * ESEARCH (TAG "a6" MAILBOX INBOX UIDVALIDITY *) UID ALL 2
            S: a6 OK *
        )");
    }

    TEST_F(ImapEsearch, UpdateFollowsTheSelectedMailbox)
    {
        imap.select("Work").play(R"(
            C: a1 ESEARCH IN (personal) RETURN (UPDATE ALL) UNSEEN
            S: * ESEARCH (TAG "a1" MAILBOX INBOX UIDVALIDITY *) UID ALL 2
            S: * ESEARCH (TAG "a1" MAILBOX Work UIDVALIDITY *) UID ALL 2
            S: * ESEARCH (TAG "a1" MAILBOX Work/New UIDVALIDITY *) UID ALL 1
            S: a1 OK *
            C: a2 STORE 1 -FLAGS.SILENT (\Seen)
            S: * ESEARCH (TAG "a1" MAILBOX Work UIDVALIDITY *) UID ADDTO (0 1)
            S: a2 OK *
        )");
        imap.deliver("INBOX", unseen("more"));
        imap.play(R"(
            C: a3 NOOP
            S: a3 OK *
            C: a4 STORE 2 +FLAGS.SILENT (\Seen)
            S: * ESEARCH (TAG "a1" MAILBOX Work UIDVALIDITY *) UID REMOVEFROM (0 2)
            S: a4 OK *
            C: a5 CANCELUPDATE "a1"
            S: a5 OK *
        )");
    }

    TEST_F(ImapEsearch, SpeaksAsTheClientDoes)
    {
        imap.play(R"(
            C: a1 CREATE K&APY-ln
            S: a1 OK *
            C: a2 APPEND K&APY-ln {17+}
            C: Subject: all
            C: 
            C: x
            S: a2 OK *
            C: a3 ESEARCH IN (mailboxes K&APY-ln) RETURN (COUNT) ALL
            S: * ESEARCH (TAG "a3" MAILBOX K&APY-ln UIDVALIDITY *) UID COUNT 1
            S: a3 OK *
            C: a4 ENABLE IMAP4rev2 UIDONLY
            S: * ENABLED IMAP4rev2 UIDONLY
            S: a4 OK *
            C: a5 ESEARCH IN (mailboxes "Köln") RETURN (COUNT) ALL
            S: * ESEARCH (TAG "a5" MAILBOX "Köln" UIDVALIDITY *) UID COUNT 1
            S: a5 OK *
            C: a6 ESEARCH IN (personal) 1
            S: a6 BAD [UIDREQUIRED] *
        )");
    }

    TEST_F(ImapEsearch, ModSeqEnablesCondstore)
    {
        imap.play(R"(
            C: a1 ESEARCH IN (mailboxes INBOX) MODSEQ 1 SUBJECT inbox
            S: * ESEARCH (TAG "a1" MAILBOX INBOX UIDVALIDITY *) UID ALL 2 MODSEQ *
            S: a1 OK *
        )");
        imap.select("INBOX").play(R"(
            C: a2 STORE 1 +FLAGS (\Flagged)
            S: * 1 FETCH (UID 1 MODSEQ (*) FLAGS (*))
            S: a2 OK *
        )");
    }

    TEST_F(ImapEsearch, BoundsWhatIsSearched)
    {
        std::string names;
        for (int i = 0; i < 1001; ++i)
            names += " m" + std::to_string(i);
        imap.send("a1 ESEARCH IN (mailboxes (" + names.substr(1) + ")) ALL\r\n")
            .expect("a1 NO [LIMIT] *");
        std::string filters;
        for (int i = 0; i < 1001; ++i)
            filters += " personal";
        imap.send("a2 ESEARCH IN (" + filters.substr(1) + ") ALL\r\n").expect("a2 NO [LIMIT] *");
        auto const account = world->account("alice");
        auto const made = world->store().volume_of(account).write(
            [&](storage::WriteTxn& txn) -> storage::Result<void> {
                for (int i = 0; i < 5000; ++i) {
                    storage::NewMailbox next;
                    next.name = "Many/m" + std::to_string(i);
                    if (auto const one = storage::create_mailbox(txn, account.id, next); !one)
                        return one.error();
                }
                return {};
            });
        ASSERT_TRUE(made);
        imap.send("a3 ESEARCH IN (personal) ALL\r\n").expect("a3 NO [LIMIT] *");
        imap.send("a4 ESEARCH IN (subtree Work subtree-one \"\") RETURN (COUNT) SUBJECT work\r\n")
            .expect("* ESEARCH (TAG \"a4\" MAILBOX Work UIDVALIDITY *) UID COUNT 1")
            .expect("a4 OK *");
    }

    TEST_F(ImapEsearch, CanBeSwitchedOff)
    {
        world->settings.imap.capabilities_off = { "MULTISEARCH" };
        Transcript without(world, {});
        without.login().play(R"(
            C: a1 ESEARCH IN (personal) ALL
            S: a1 BAD Unknown command*
        )");
    }

    TEST_F(ImapEsearch, TellsHowFarItIsAndEndsWhenTheClientIsGone)
    {
        std::string body;
        while (body.size() < 1'500'000)
            body += "the quick brown fox jumps over the lazy dog\r\n";
        for (int i = 0; i < 6; ++i)
            for (auto const* name : { "INBOX", "Work" })
                imap.deliver(name, { "Subject: long\r\n\r\n" + body });
        world->settings.imap.progress_interval = std::chrono::milliseconds(1);
        auto const search
            = "a1 ESEARCH IN (personal) FUZZY TEXT \"aaaa bbbb cccc dddd eeee ffff gggg "
              "hhhh iiii jjjj kkkk llll mmmm nnnn pppp qqqq\"\r\n";
        imap.send(search).expect("* OK [INPROGRESS (\"a1\" * NIL)] *");
        std::string line;
        do
            line = imap.read_line();
        while (line.starts_with("* OK [INPROGRESS (\"a1\" "));
        EXPECT_TRUE(line.starts_with("a1 OK")) << line;
        imap.send(search).expect("* OK [INPROGRESS (\"a1\" * NIL)] *");
        imap.stream().hang_up();
        imap.services().run_until([&] { return imap.has_ended(); });
        EXPECT_TRUE(imap.has_ended());
        EXPECT_EQ(std::string::npos, imap.stream().take_output().find("a1 OK"));
    }

    /// Of bob, who shares some.
    class ImapEsearchShared : public ImapEsearch {
    protected:
        ImapEsearchShared()
            : bob(world->account("bob"))
        {
            for (auto const* name : { "Plans", "Plans/Secret", "Plans/Listed", "Hidden" })
                make(name);
            grant("Plans", Right::lookup | Right::read);
            grant("Plans/Listed", Right::lookup); // not to be read
            grant("Hidden", Right::read); // not to be seen
        }

        void make(std::string const& name)
        {
            auto const made = world->store().volume_of(bob).write(
                [&](storage::WriteTxn& txn) -> storage::Result<void> {
                    storage::NewMailbox next;
                    next.name = name;
                    if (auto const one = storage::create_mailbox(txn, bob.id, next); !one)
                        return one.error();
                    return {};
                });
            ASSERT_TRUE(made) << name;
            imap.deliver(name, seen("all"), "bob");
        }

        void grant(std::string const& name, storage::Rights rights)
        {
            ASSERT_TRUE(world->store().note_sharing(bob, "alice"));
            ASSERT_TRUE(world->store().volume_of(bob).write([&](storage::WriteTxn& txn) {
                auto const found = storage::find_mailbox(txn, bob.id, name);
                return storage::write_acl(txn, { bob.id, found->id }, { { "alice", rights } });
            }));
        }

        storage::Account bob;
    };

    TEST_F(ImapEsearchShared, RightsDecideWhatIsSearched)
    {
        EXPECT_EQ("\"Other Users/bob/Plans\"", found_in("subtree \"Other Users\""));
        EXPECT_EQ("\"Other Users/bob/Plans\"", found_in("subtree-one \"Other Users/bob\""));
        EXPECT_EQ("INBOX Work Work/New Work/Old/Older Workshop", found_in("personal"));
        EXPECT_EQ("\"Other Users/bob/Plans\"", found_in("mailboxes \"Other Users/bob/Plans\""));
        // What may not be read, what is not there and whose account is not there look the same.
        EXPECT_EQ("", found_in("mailboxes \"Other Users/bob/Plans/Listed\""));
        EXPECT_EQ("", found_in("mailboxes \"Other Users/bob/Plans/Secret\""));
        EXPECT_EQ("", found_in("mailboxes \"Other Users/bob/Plans/Nowhere\""));
        EXPECT_EQ("", found_in("mailboxes \"Other Users/carol/Plans\""));
        // To a name that the client knows the right to look up is not needed.
        EXPECT_EQ("\"Other Users/bob/Hidden\"", found_in("mailboxes \"Other Users/bob/Hidden\""));
        EXPECT_EQ("", found_in("subtree \"Other Users/bob/Hidden\""));
        grant("Plans", {});
        EXPECT_EQ("", found_in("subtree \"Other Users\" mailboxes \"Other Users/bob/Plans\""));
    }

    TEST_F(ImapEsearchShared, UpdateFollowsAMailboxOfSomebodyElse)
    {
        grant("Plans", Right::lookup | Right::read | Right::keep_seen);
        imap.select("Other Users/bob/Plans").play(R"(
            C: a1 ESEARCH RETURN (UPDATE ALL) UNSEEN
            S: * ESEARCH (TAG "a1" MAILBOX "Other Users/bob/Plans" UIDVALIDITY *) UID ALL 1
            S: a1 OK *
            C: a2 STORE 1 +FLAGS.SILENT (\Seen)
            S: * ESEARCH (TAG "a1" MAILBOX "Other Users/bob/Plans" UIDVALIDITY *) UID REMOVEFROM (0 1)
            S: a2 OK *
        )");
        imap.deliver("Plans", seen("new"), "bob"); // seen by bob
        imap.play(R"(
            C: a3 NOOP
            S: * 2 EXISTS
            S: * * RECENT
            S: * ESEARCH (TAG "a1" MAILBOX "Other Users/bob/Plans" UIDVALIDITY *) UID ADDTO (0 2)
            S: a3 OK *
        )");
        grant("Plans", Right::lookup);
        imap.send("a4 NOOP\r\n").expect("* BYE *");
    }

    TEST_F(ImapEsearchShared, SeenIsEachUsersOwn)
    {
        imap.play(R"(
            C: a1 ESEARCH IN (mailboxes "Other Users/bob/Plans") UNSEEN
            S: * ESEARCH (TAG "a1" MAILBOX "Other Users/bob/Plans" UIDVALIDITY *) UID ALL 1
            S: a1 OK *
            C: a2 ESEARCH IN (mailboxes "Other Users/bob/Plans") SEEN
            S: a2 OK *
        )");
    }

} // namespace
} // namespace mail::imap
