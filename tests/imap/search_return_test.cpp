// What SEARCH returns and saves: RETURN options, "$", IMAP4rev2's ESEARCH, pages, relevancy.
#include "storage/mailboxes.h"
#include "storage/metadata.h"
#include "tests/support/transcript.h"

namespace mail::test {
namespace {

    Transcript ten()
    {
        std::vector<TestMessage> messages;
        for (int i = 1; i <= 10; ++i)
            messages.push_back(message("m" + std::to_string(i),
                static_cast<std::uint8_t>(i % 2 == 0 ? storage::Flags::flagged : 0)));
        return Transcript { mailbox("INBOX", std::move(messages)), mailbox("other") };
    }

    TEST(ImapSearchReturn, UnderRev2EsearchAlwaysAnswers)
    {
        auto imap = ten();
        imap.login().select("INBOX").play(R"(
            C: a0 SEARCH FLAGGED
            S: * SEARCH 2 4 6 8 10
            S: a0 OK *
            C: a1 ENABLE IMAP4rev2
            S: * ENABLED IMAP4rev2
            S: a1 OK *
            C: a2 SEARCH FLAGGED
            S: * ESEARCH (TAG "a2") ALL 2,4,6,8,10
            S: a2 OK *
            C: a3 UID SEARCH 1:3
            S: * ESEARCH (TAG "a3") UID ALL 1:3
            S: a3 OK *
            C: a4 SEARCH DELETED
            S: * ESEARCH (TAG "a4")
            S: a4 OK *
            C: a5 SEARCH RETURN (MIN COUNT) FLAGGED
            S: * ESEARCH (TAG "a5") MIN 2 COUNT 5
            S: a5 OK *
        )");
    }

    TEST(ImapSearchReturn, Rev2NeedsNoCapabilityOfItsOwn)
    {
        auto world = Transcript::make_world({ mailbox("INBOX", { seen("one") }) });
        world->settings.imap.capabilities_off = { "ESEARCH", "SEARCHRES" };
        Transcript imap(world, {});
        imap.login().select("INBOX").play(R"(
            C: a1 SEARCH RETURN (COUNT) ALL
            S: a1 BAD *
            C: a2 SEARCH $
            S: a2 BAD *
            C: a3 FETCH $ FLAGS
            S: a3 BAD *
            C: a4 ENABLE IMAP4rev2
            S: * ENABLED IMAP4rev2
            S: a4 OK *
            C: a5 SEARCH RETURN (SAVE COUNT) ALL
            S: * ESEARCH (TAG "a5") COUNT 1
            S: a5 OK *
            C: a6 FETCH $ FLAGS
            S: * 1 FETCH (FLAGS (\Seen))
            S: a6 OK *
        )");
    }

    TEST(ImapSearchReturn, RefusesOptionsThatDoNotGoTogether)
    {
        auto imap = ten();
        imap.login().select("INBOX").play(R"(
            C: a1 SEARCH RETURN (PARTIAL 1:2 ALL) ALL
            S: a1 BAD *
            C: a2 SEARCH RETURN (ALL PARTIAL 1:2) ALL
            S: a2 BAD *
            C: a3 SEARCH RETURN (PARTIAL 1:2 PARTIAL 3:4) ALL
            S: a3 BAD *
            C: a4 SEARCH RETURN (PARTIAL) ALL
            S: a4 BAD *
            C: a5 SEARCH RETURN (PARTIAL 1:*) ALL
            S: a5 BAD *
            C: a6 SEARCH RETURN (PARTIAL 0:1) ALL
            S: a6 BAD *
            C: a7 SEARCH RETURN (PARTIAL -1:5) ALL
            S: a7 BAD *
            C: a8 SEARCH RETURN (RELEVANCY) ALL
            S: a8 BAD *
            C: a9 SEARCH RETURN (COUNT)
            S: a9 BAD *
            C: b1 SEARCH RETURN COUNT ALL
            S: b1 BAD *
            C: b2 SEARCH RETURN (THREAD=REFS) ALL
            S: b2 BAD *
        )");
    }

    TEST(ImapSearchReturn, PagesCountFromEitherEnd)
    {
        auto imap = ten();
        imap.login().select("INBOX").play(R"(
            C: a1 UID SEARCH RETURN (PARTIAL 1:2) FLAGGED
            S: * ESEARCH (TAG "a1") UID PARTIAL (1:2 2,4)
            S: a1 OK *
            C: a2 SEARCH RETURN (PARTIAL 4:9) FLAGGED
            S: * ESEARCH (TAG "a2") PARTIAL (4:9 8,10)
            S: a2 OK *
            C: a3 SEARCH RETURN (PARTIAL 6:9) FLAGGED
            S: * ESEARCH (TAG "a3") PARTIAL (6:9 NIL)
            S: a3 OK *
            C: a4 UID SEARCH RETURN (PARTIAL -1:-2) FLAGGED
            S: * ESEARCH (TAG "a4") UID PARTIAL (-1:-2 8,10)
            S: a4 OK *
            C: a5 SEARCH RETURN (PARTIAL -4:-9 COUNT) FLAGGED
            S: * ESEARCH (TAG "a5") COUNT 5 PARTIAL (-4:-9 2,4)
            S: a5 OK *
            C: a6 SEARCH RETURN (PARTIAL -6:-9) FLAGGED
            S: * ESEARCH (TAG "a6") PARTIAL (-6:-9 NIL)
            S: a6 OK *
            C: a7 SEARCH RETURN (PARTIAL 3:2 MIN MAX) ALL
            S: * ESEARCH (TAG "a7") MIN 1 MAX 10 PARTIAL (3:2 2:3)
            S: a7 OK *
            C: a8 SEARCH RETURN (PARTIAL 1:4294967295) 9:10
            S: * ESEARCH (TAG "a8") PARTIAL (1:4294967295 9:10)
            S: a8 OK *
            C: a9 SEARCH RETURN (MAX) FLAGGED 1:9
            S: * ESEARCH (TAG "a9") MAX 8
            S: a9 OK *
        )");
    }

    TEST(ImapSearchReturn, SavesWhatRfc9394Says)
    {
        auto imap = ten();
        auto const saves = [&](std::string const& options, std::string const& expected) {
            imap.send("s SEARCH RETURN (SAVE" + options + ") FLAGGED\r\n");
            if (!options.empty())
                imap.expect("* ESEARCH (TAG \"s\") *");
            imap.expect("s OK *");
            imap.send("t UID SEARCH $\r\n").expect("* SEARCH" + expected).expect("t OK *");
        };
        imap.login().select("INBOX");
        saves("", " 2 4 6 8 10");
        saves(" MIN", " 2");
        saves(" MAX", " 10");
        saves(" MIN MAX", " 2 10");
        saves(" MIN MAX COUNT", " 2 4 6 8 10");
        saves(" ALL MIN", " 2 4 6 8 10");
        saves(" PARTIAL 2:3", " 4 6");
        saves(" PARTIAL -1:-2", " 8 10");
        saves(" PARTIAL 2:3 MIN", " 2 4 6");
        saves(" PARTIAL 2:3 MAX", " 4 6 10");
        saves(" PARTIAL 2:3 MIN MAX", " 2 4 6 10");
        saves(" PARTIAL 2:3 COUNT MIN", " 2 4 6 8 10");
        saves(" PARTIAL 9:9", "");
    }

    TEST(ImapSearchReturn, TheSavedResultStandsInEveryCommandThatTakesASet)
    {
        auto imap = ten();
        imap.login().select("INBOX").play(R"(
            C: a0 FETCH $ FLAGS
            S: a0 OK *
            C: a1 UID SEARCH RETURN (SAVE) UID 3,5
            S: a1 OK UID SEARCH completed
            C: a2 FETCH $ UID
            S: * 3 FETCH (UID 3)
            S: * 5 FETCH (UID 5)
            S: a2 OK *
            C: a3 UID FETCH $ FLAGS
            S: * 3 FETCH (UID 3 FLAGS (\Recent))
            S: * 5 FETCH (UID 5 FLAGS (\Recent))
            S: a3 OK *
            C: a4 STORE $ +FLAGS.SILENT (\Deleted)
            S: a4 OK *
            C: a5 UID STORE $,1 FLAGS (\Answered)
            S: * 1 FETCH (UID 1 FLAGS (\Answered \Recent))
            S: * 3 FETCH (UID 3 FLAGS (\Answered \Recent))
            S: * 5 FETCH (UID 5 FLAGS (\Answered \Recent))
            S: a5 OK *
            C: a6 COPY $ other
            S: a6 OK [COPYUID * 3,5 1:2] *
            C: a7 SEARCH OR $ 9:10 UNFLAGGED
            S: * SEARCH 3 5 9
            S: a7 OK *
            C: a8 SEARCH NOT $ 1:5
            S: * SEARCH 1 2 4
            S: a8 OK *
            C: a9 SEARCH RETURN (SAVE) $ 1:4
            S: a9 OK *
            C: b1 UID MOVE $ other
            S: * OK [COPYUID * 3 3] *
            S: * 3 EXPUNGE
            S: b1 OK *
            C: b2 FETCH $ FLAGS
            S: b2 OK *
            C: b3 SEARCH $
            S: * SEARCH
            S: b3 OK *
            C: b4 UID EXPUNGE $
            S: b4 OK *
            C: b5 COPY $ other
            S: b5 OK *
        )");
    }

    TEST(ImapSearchReturn, TheSavedResultIsKeptRight)
    {
        auto imap = ten();
        auto other = imap.another();
        imap.login().select("INBOX").play(R"(
            C: a1 SEARCH RETURN (SAVE) FLAGGED
            S: a1 OK *
            C: a2 SEARCH RETURN (COUNT) 1:2
            S: * ESEARCH (TAG "a2") COUNT 2
            S: a2 OK *
            C: a3 SEARCH NONSENSE
            S: a3 BAD *
            C: a4 SEARCH RETURN (SAVE) NONSENSE
            S: a4 BAD *
            C: a5 SEARCH CHARSET X-NONE SUBJECT x
            S: a5 NO [BADCHARSET *
        )");
        other.login().select("INBOX").play(R"(
            C: b1 STORE 1:4 +FLAGS.SILENT (\Deleted)
            S: b1 OK *
            C: b2 EXPUNGE
            S: * 1 EXPUNGE
            S: * 1 EXPUNGE
            S: * 1 EXPUNGE
            S: * 1 EXPUNGE
            S: b2 OK *
        )");
        imap.play(R"(
            C: c1 SEARCH $
            S: * SEARCH 6 8 10
            S: c1 OK *
            C: c2 NOOP
            S: * 1 EXPUNGE
            S: * 1 EXPUNGE
            S: * 1 EXPUNGE
            S: * 1 EXPUNGE
            S: c2 OK *
            C: c3 SEARCH $
            S: * SEARCH 2 4 6
            S: c3 OK *
            C: c4 SEARCH RETURN (SAVE) CHARSET X-NONE SUBJECT x
            S: c4 NO [BADCHARSET *
            C: c5 SEARCH $
            S: * SEARCH
            S: c5 OK *
            C: c6 SEARCH RETURN (SAVE) ALL
            S: c6 OK *
        )");
        imap.select("INBOX").play(R"(
            C: d1 SEARCH $
            S: * SEARCH
            S: d1 OK *
        )");
    }

    TEST(ImapSearchReturn, UidsOnlyLeavesNoNumbers)
    {
        auto imap = ten();
        imap.login().play(R"(
            C: a1 ENABLE UIDONLY
            S: * ENABLED UIDONLY
            S: a1 OK *
        )");
        imap.select("INBOX").play(R"(
            C: a2 UID SEARCH 1:100 FLAGGED
            S: a2 BAD [UIDREQUIRED] *
            C: a3 UID SEARCH RETURN (SAVE PARTIAL -1:-1) UID 1:5
            S: * ESEARCH (TAG "a3") UID PARTIAL (-1:-1 5)
            S: a3 OK *
            C: a4 UID SEARCH $
            S: * SEARCH 5
            S: a4 OK *
            C: a5 UID FETCH $ FLAGS
            S: * 5 UIDFETCH (FLAGS (\Recent))
            S: a5 OK *
        )");
    }

    TEST(ImapSearchReturn, ExpungesWaitWhenTheProgramHasNumbers)
    {
        auto imap = ten();
        auto other = imap.another();
        imap.login().select("INBOX");
        other.login().select("INBOX").play(R"(
            C: b1 STORE 1 +FLAGS.SILENT (\Deleted)
            S: b1 OK *
            C: b2 EXPUNGE
            S: * 1 EXPUNGE
            S: b2 OK *
        )");
        imap.play(R"(
            C: a1 UID SEARCH 2:3
            S: * SEARCH 2 3
            S: a1 OK *
            C: a2 UID SEARCH UID 2:3
            S: * SEARCH 2 3
            S: * 1 EXPUNGE
            S: a2 OK *
        )");
    }

    TEST(ImapSearchReturn, RelevancyGoesWithTheMessages)
    {
        Transcript imap { mailbox("INBOX",
            { message("nothing"), message("broken imap"), message("imap break"),
                message("imap braek") }) };
        imap.login().select("INBOX").play(R"(
            C: a1 SEARCH FUZZY SUBJECT "imap break"
            S: * SEARCH 2 3 4
            S: a1 OK *
            C: a2 SEARCH RETURN (RELEVANCY ALL) FUZZY SUBJECT "imap break"
            S: * ESEARCH (TAG "a2") ALL 2:4 RELEVANCY (47 100 47)
            S: a2 OK *
            C: a3 UID SEARCH RETURN (PARTIAL 2:2 RELEVANCY) FUZZY SUBJECT "imap break"
            S: * ESEARCH (TAG "a3") UID PARTIAL (2:2 3) RELEVANCY (100)
            S: a3 OK *
            C: a4 SEARCH RETURN (RELEVANCY ALL) FUZZY BODY brake
            S: * ESEARCH (TAG "a4") *
            S: a4 OK *
            C: a5 SEARCH RETURN (RELEVANCY ALL) FUZZY SUBJECT xylophone
            S: * ESEARCH (TAG "a5")
            S: a5 OK *
        )");
    }

    void store_filter(
        Transcript& imap, std::string const& name, std::string const& value, bool is_private = true)
    {
        auto const account = imap.services().account("alice");
        auto const stored
            = imap.services().store().volume_of(account).write([&](storage::WriteTxn& txn) {
                  return storage::change_metadata(txn,
                      { { account.id, {} }, is_private ? account.id : storage::AccountId {} },
                      { { (is_private ? "/private" : "/shared") + ("/filters/values/" + name),
                          value } });
              });
        ASSERT_TRUE(stored);
    }

    TEST(ImapSearchReturn, FiltersAreFoundByName)
    {
        auto imap = ten();
        store_filter(imap, "mine", "FLAGGED UID 1:4");
        store_filter(imap, "both", "UID 1");
        store_filter(imap, "both", "UID 2", false);
        store_filter(imap, "theirs", "FILTER mine UID 4", false);
        imap.login().select("INBOX").play(R"(
            C: a1 SEARCH FILTER mine
            S: * SEARCH 2 4
            S: a1 OK *
            C: a2 SEARCH FILTER BOTH
            S: * SEARCH 1
            S: a2 OK *
            C: a3 SEARCH FILTER theirs
            S: * SEARCH 4
            S: a3 OK *
            C: a4 SEARCH FILTER none
            S: a4 NO [UNDEFINED-FILTER none] *
            C: a5 SEARCH RETURN (SAVE) ALL
            S: a5 OK *
            C: a6 SEARCH RETURN (SAVE) FILTER none
            S: a6 NO [UNDEFINED-FILTER none] *
            C: a7 SEARCH $
            S: * SEARCH
            S: a7 OK *
            C: a8 SEARCH CHARSET ISO-8859-1 FILTER mine
            S: a8 BAD [BADCHARSET (UTF-8 US-ASCII)] *
        )");
    }

    TEST(ImapSearchReturn, WhatIsSwitchedOffIsNoGrammar)
    {
        auto world = Transcript::make_world({ mailbox("INBOX", { seen("one") }) });
        world->settings.imap.capabilities_off
            = { "SEARCHRES", "PARTIAL", "WITHIN", "SEARCH=FUZZY", "FILTERS", "INPROGRESS" };
        Transcript imap(world, {});
        imap.login().select("INBOX").play(R"(
            C: a1 SEARCH RETURN (SAVE) ALL
            S: a1 BAD *
            C: a2 FETCH $ FLAGS
            S: a2 BAD *
            C: a3 SEARCH RETURN (PARTIAL -1:-2) ALL
            S: a3 BAD *
            C: a4 SEARCH OLDER 5
            S: a4 BAD *
            C: a5 SEARCH FUZZY ALL
            S: a5 BAD *
            C: a6 SEARCH RETURN (RELEVANCY) ALL
            S: a6 BAD *
            C: a7 SEARCH FILTER x
            S: a7 BAD *
            C: a8 SEARCH UIDAFTER 1
            S: a8 BAD *
        )");
    }

    TEST(ImapSearchReturn, CharsetIsSettledByUtf8Accept)
    {
        auto imap = ten();
        imap.login().select("INBOX").play(R"(
            C: a1 SEARCH CHARSET UTF-8 SUBJECT m1
            S: * SEARCH 1 10
            S: a1 OK *
            C: a2 ENABLE UTF8=ACCEPT
            S: * ENABLED UTF8=ACCEPT
            S: a2 OK *
            C: a3 SEARCH CHARSET UTF-8 SUBJECT m1
            S: a3 BAD *
            C: a4 SEARCH SUBJECT m1
            S: * SEARCH 1 10
            S: a4 OK *
        )");
    }

    /// A mailbox that takes its time when all texts are searched.
    Transcript slow()
    {
        std::string body;
        while (body.size() < 1'500'000)
            body += "the quick brown fox jumps over the lazy dog\r\n";
        std::vector<TestMessage> messages;
        for (int i = 0; i < 12; ++i)
            messages.push_back({ "Subject: long\r\n\r\n" + body });
        return Transcript { mailbox("INBOX", std::move(messages)) };
    }
    constexpr auto slow_search = "a1 SEARCH FUZZY TEXT \"aaaa bbbb cccc dddd eeee ffff gggg hhhh "
                                 "iiii jjjj kkkk llll mmmm nnnn pppp qqqq\"\r\n";

    TEST(ImapSearchLong, TellsHowFarItIs)
    {
        auto imap = slow();
        imap.services().settings.imap.progress_interval = std::chrono::milliseconds(1);
        imap.login().select("INBOX");
        imap.send(slow_search);
        imap.expect("* OK [INPROGRESS (\"a1\" 0 12)] *");
        std::string line;
        do
            line = imap.read_line();
        while (line.starts_with("* OK [INPROGRESS (\"a1\" "));
        EXPECT_EQ("* SEARCH", line);
        imap.expect("a1 OK *");
    }

    TEST(ImapSearchLong, SaysNothingWhereThatIsOff)
    {
        auto imap = slow();
        imap.services().settings.imap.progress_interval = std::chrono::milliseconds(1);
        imap.services().settings.imap.capabilities_off = { "INPROGRESS" };
        imap.login().select("INBOX");
        imap.send(slow_search).expect("* SEARCH").expect("a1 OK *").expect_nothing();
    }

    TEST(ImapSearchLong, SortsAndThreadsOfUidsTellItToo)
    {
        auto imap = slow();
        imap.services().settings.imap.progress_interval = std::chrono::milliseconds(1);
        imap.login().select("INBOX").play(R"(
            C: a0 ENABLE UIDONLY
            S: * ENABLED UIDONLY
            S: a0 OK *
        )");
        auto const keys = std::string(slow_search).substr(std::string("a1 SEARCH ").size());
        for (auto const& [command, answer] : {
                 std::pair {
                     "SORT RETURN (COUNT) (ARRIVAL) UTF-8 ", "* ESEARCH (TAG \"a1\") UID COUNT 0" },
                 std::pair { "THREAD REFS UTF-8 ", "* THREAD" },
             }) {
            imap.send("a1 UID " + std::string(command) + keys);
            imap.expect("* OK [INPROGRESS (\"a1\" 0 12)] *");
            std::string line;
            do
                line = imap.read_line();
            while (line.starts_with("* OK [INPROGRESS (\"a1\" "));
            EXPECT_EQ(line, answer);
            imap.expect("a1 OK *");
        }
    }

    TEST(ImapSearchLong, EndsWhenTheClientIsGone)
    {
        auto imap = slow();
        imap.services().settings.imap.progress_interval = std::chrono::milliseconds(1);
        imap.login().select("INBOX");
        imap.send(slow_search);
        imap.expect("* OK [INPROGRESS (\"a1\" 0 12)] *");
        imap.stream().hang_up();
        imap.services().run_until([&] { return imap.has_ended(); });
        EXPECT_TRUE(imap.has_ended());
        EXPECT_EQ(std::string::npos, imap.stream().take_output().find("* SEARCH"))
            << "it searched to the end for nobody";
    }

} // namespace
} // namespace mail::test
