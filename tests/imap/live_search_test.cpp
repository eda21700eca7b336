// Results that the client is kept informed of (RFC 5267): UPDATE, ADDTO, REMOVEFROM, CANCELUPDATE.
#include "tests/support/transcript.h"

#include <map>
#include <random>
#include <sstream>

namespace mail::imap {
namespace {

    using namespace mail::test;

    TestMessage with_subject(std::string const& subject, std::uint8_t flags = 0)
    {
        return { "From: " + subject + " <" + subject + "@example.org>\r\nSubject: " + subject
                + "\r\nDate: Mon, 7 Feb 1994 21:52:25 -0800\r\n\r\n" + subject + "\r\n",
            flags };
    }

    /// Two sessions of alice on an INBOX of d, b, f (flagged), with UIDs 1 to 3.
    class ImapLiveSearch : public testing::Test {
    protected:
        ImapLiveSearch()
            : world(Transcript::make_world({ mailbox("INBOX",
                { with_subject("d"), with_subject("b"),
                    with_subject("f", storage::Flags::flagged) }) }))
            , imap(world, {})
            , other(world, {})
        {
            imap.login().select("INBOX");
            other.login().select("INBOX");
        }

        /// The other client does something, whatever it is told.
        void change(std::string const& command)
        {
            other.send("o " + command + "\r\n");
            std::string line;
            do
                line = other.read_line();
            while (line.starts_with("* "));
            EXPECT_TRUE(line.starts_with("o OK")) << command << ": " << line;
        }

        std::shared_ptr<TestServices> world;
        Transcript imap;
        Transcript other;
    };

    TEST_F(ImapLiveSearch, TellsWhatFlagsAndNewMailChange)
    {
        imap.play(R"(
            C: a1 UID SEARCH RETURN (UPDATE COUNT) FLAGGED
            S: * ESEARCH (TAG "a1") UID COUNT 1
            S: a1 OK *
            C: a2 SEARCH RETURN (UPDATE) UNFLAGGED
            S: a2 OK *
        )");
        change("STORE 1:2 +FLAGS (\\Flagged)");
        change("STORE 3 -FLAGS (\\Flagged)");
        imap.play(R"(
            C: a3 NOOP
            S: * 1 FETCH (FLAGS (\Flagged \Recent))
            S: * 2 FETCH (FLAGS (\Flagged \Recent))
            S: * 3 FETCH (FLAGS (\Recent))
            S: * ESEARCH (TAG "a1") UID REMOVEFROM (0 3)
            S: * ESEARCH (TAG "a1") UID ADDTO (0 1:2)
            S: * ESEARCH (TAG "a2") REMOVEFROM (0 1:2)
            S: * ESEARCH (TAG "a2") ADDTO (0 3)
            S: a3 OK *
            C: a4 NOOP
            S: a4 OK *
            C: a5 STORE 3 +FLAGS.SILENT (\Flagged)
            S: * ESEARCH (TAG "a1") UID ADDTO (0 3)
            S: * ESEARCH (TAG "a2") REMOVEFROM (0 3)
            S: a5 OK *
            C: a6 STORE 3 +FLAGS.SILENT (\Answered)
            S: a6 OK *
        )");
        imap.deliver("INBOX", with_subject("x", storage::Flags::flagged));
        imap.deliver("INBOX", with_subject("y"));
        imap.play(R"(
            C: a7 NOOP
            S: * 5 EXISTS
            S: * * RECENT
            S: * ESEARCH (TAG "a1") UID ADDTO (0 4)
            S: * ESEARCH (TAG "a2") ADDTO (0 5)
            S: a7 OK *
        )");
    }

    TEST_F(ImapLiveSearch, TellsWhatIsOutBeforeItIsExpunged)
    {
        imap.play(R"(
            C: a1 SEARCH RETURN (UPDATE) ALL
            S: a1 OK *
            C: a2 UID SEARCH RETURN (UPDATE) SUBJECT b
            S: a2 OK *
        )");
        change("STORE 1:2 +FLAGS (\\Deleted)");
        change("EXPUNGE");
        // RFC 5267, A.3: at once, though the numbers must stay.
        imap.play(R"(
            C: a3 FETCH 3 UID
            S: * 3 FETCH (UID 3)
            S: * ESEARCH (TAG "a1") REMOVEFROM (0 1:2)
            S: * ESEARCH (TAG "a2") UID REMOVEFROM (0 2)
            S: a3 OK *
            C: a4 NOOP
            S: * 1 EXPUNGE
            S: * 1 EXPUNGE
            S: a4 OK *
            C: a5 STORE 1 +FLAGS.SILENT (\Deleted)
            S: a5 OK *
            C: a6 EXPUNGE
            S: * ESEARCH (TAG "a1") REMOVEFROM (0 1)
            S: * 1 EXPUNGE
            S: a6 OK *
        )");
    }

    TEST_F(ImapLiveSearch, TellsPlacesInASortedResult)
    {
        imap.play(R"(
            C: a1 UID SORT RETURN (UPDATE ALL) (SUBJECT) UTF-8 UNDELETED
            S: * ESEARCH (TAG "a1") UID ALL 2,1,3
            S: a1 OK *
            C: a2 SORT RETURN (UPDATE) (REVERSE SUBJECT) UTF-8 ALL
            S: a2 OK *
        )");
        for (auto const* subject : { "c", "a", "g", "e", "b" })
            imap.deliver("INBOX", with_subject(subject));
        // a1: b2 d1 f3, and c4 a5 g6 e7 b8 come; a2: f d b.
        imap.play(R"(
            C: a3 NOOP
            S: * 8 EXISTS
            S: * * RECENT
            S: * ESEARCH (TAG "a1") UID ADDTO (1 5 3 8,4 6 7 8 6)
            S: * ESEARCH (TAG "a2") ADDTO (1 6 3 7 5 4 7 8,5)
            S: a3 OK *
            C: a4 UID SORT RETURN () (SUBJECT) UTF-8 UNDELETED
            S: * ESEARCH (TAG "a4") UID ALL 5,2,8,4,1,7,3,6
            S: a4 OK *
            C: a5 SORT (REVERSE SUBJECT) UTF-8 ALL
            S: * SORT 6 3 7 1 4 2 8 5
            S: a5 OK *
            C: a6 STORE 2,4,8,3 +FLAGS.SILENT (\Deleted)
            S: * ESEARCH (TAG "a1") UID REMOVEFROM (2 2,8,4 4 3)
            S: a6 OK *
            C: a7 STORE 8,2 -FLAGS.SILENT (\Deleted)
            S: * ESEARCH (TAG "a1") UID ADDTO (2 2,8)
            S: a7 OK *
            C: a8 EXPUNGE
            S: * ESEARCH (TAG "a2") REMOVEFROM (2 3 4 4)
            S: * 3 EXPUNGE
            S: * 3 EXPUNGE
            S: a8 OK *
        )");
    }

    TEST_F(ImapLiveSearch, KeepsTheComparatorItBeganWith)
    {
        imap.play(R"(
            C: a1 COMPARATOR i;octet
            S: * COMPARATOR i;octet
            S: a1 OK *
            C: a2 UID SORT RETURN (UPDATE ALL) (SUBJECT SIZE) UTF-8 SUBJECT d
            S: * ESEARCH (TAG "a2") UID ALL 1
            S: a2 OK *
            C: a3 UID SORT RETURN (UPDATE ALL) (DISPLAYFROM) UTF-8 ALL
            S: * ESEARCH (TAG "a3") UID ALL 2,1,3
            S: a3 OK *
            C: a4 COMPARATOR default
            S: * COMPARATOR i;unicode-casemap
            S: a4 OK *
        )");
        imap.deliver("INBOX", with_subject("D"));
        imap.deliver("INBOX", with_subject("ad"));
        imap.play(R"(
            C: a5 NOOP
            S: * 5 EXISTS
            S: * * RECENT
            S: * ESEARCH (TAG "a2") UID ADDTO (1 5)
            S: * ESEARCH (TAG "a3") UID ADDTO (1 4:5)
            S: a5 OK *
        )");
    }

    TEST_F(ImapLiveSearch, NumbersAndSavedResultsStayWhatTheyWere)
    {
        imap.play(R"(
            C: a1 SEARCH RETURN (SAVE) 2
            S: a1 OK *
            C: a2 UID SEARCH RETURN (UPDATE ALL) $ UNFLAGGED
            S: * ESEARCH (TAG "a2") UID ALL 2
            S: a2 OK *
            C: a3 UID SEARCH RETURN (UPDATE ALL) 3:* UNSEEN
            S: * ESEARCH (TAG "a3") UID ALL 3
            S: a3 OK *
            C: a4 UID SEARCH RETURN (UPDATE ALL) UID *
            S: * ESEARCH (TAG "a4") UID ALL 3
            S: a4 OK *
            C: a5 SEARCH RETURN (SAVE) 1
            S: a5 OK *
            C: a6 UID STORE 1 +FLAGS.SILENT (\Deleted)
            S: a6 OK *
            C: a7 EXPUNGE
            S: * 1 EXPUNGE
            S: a7 OK *
        )");
        imap.deliver("INBOX", with_subject("x"));
        // The numbers 3:* were those of one message; "*" among UIDs is the last one at all times.
        imap.play(R"(
            C: b1 NOOP
            S: * 3 EXISTS
            S: * * RECENT
            S: * ESEARCH (TAG "a4") UID REMOVEFROM (0 3)
            S: * ESEARCH (TAG "a4") UID ADDTO (0 4)
            S: b1 OK *
            C: b2 UID STORE 2:4 +FLAGS.SILENT (\Flagged)
            S: * ESEARCH (TAG "a2") UID REMOVEFROM (0 2)
            S: b2 OK *
            C: b3 UID STORE 4 +FLAGS.SILENT (\Deleted)
            S: b3 OK *
            C: b4 EXPUNGE
            S: * ESEARCH (TAG "a4") UID REMOVEFROM (0 4)
            S: * 3 EXPUNGE
            S: * ESEARCH (TAG "a4") UID ADDTO (0 3)
            S: b4 OK *
        )");
    }

    TEST_F(ImapLiveSearch, ATagStandsForOneSearch)
    {
        imap.play(R"(
            C: a1 SEARCH RETURN (UPDATE COUNT) ALL
            S: * ESEARCH (TAG "a1") COUNT 3
            S: a1 OK *
            C: a1 SORT RETURN (UPDATE) (SIZE) UTF-8 FLAGGED
            S: a1 BAD *
            C: a1 SEARCH RETURN (COUNT) FLAGGED
            S: * ESEARCH (TAG "a1") COUNT 1
            S: a1 OK *
            C: a1 ESEARCH RETURN (UPDATE COUNT) ALL
            S: a1 BAD *
            C: a2 CANCELUPDATE "a1"
            S: a2 OK *
            C: a1 UID SORT RETURN (UPDATE) (SIZE) UTF-8 FLAGGED
            S: a1 OK *
            C: a3 STORE 1 +FLAGS.SILENT (\Flagged)
            S: * ESEARCH (TAG "a1") UID ADDTO (1 1)
            S: a3 OK *
        )");
    }

    TEST_F(ImapLiveSearch, CancelUpdateEndsWhatItNames)
    {
        imap.play(R"(
            C: a1 SEARCH RETURN (UPDATE) FLAGGED
            S: a1 OK *
            C: a2 SEARCH RETURN (UPDATE) UNFLAGGED
            S: a2 OK *
            C: a3 SEARCH RETURN (UPDATE) ANSWERED
            S: a3 OK *
            C: b1 CANCELUPDATE
            S: b1 BAD *
            C: b2 CANCELUPDATE a1
            S: b2 BAD *
            C: b3 CANCELUPDATE "a1" "zz"
            S: b3 NO *
            C: b4 CANCELUPDATE "a1" "a3"
            S: b4 OK *
            C: b5 CANCELUPDATE "a1"
            S: b5 NO *
            C: b6 STORE 1 FLAGS.SILENT (\Flagged \Answered)
            S: * ESEARCH (TAG "a2") REMOVEFROM (0 1)
            S: b6 OK *
            C: b7 UNSELECT
            S: b7 OK *
            C: b8 CANCELUPDATE "a2"
            S: b8 BAD Select a mailbox first
        )");
    }

    TEST_F(ImapLiveSearch, EndsWithTheSelection)
    {
        auto const follow
            = [&] { imap.send("u UID SEARCH RETURN (UPDATE) UNFLAGGED\r\n").expect("u OK *"); };
        auto const is_over = [&] {
            imap.send("x STORE 1 +FLAGS.SILENT (\\Flagged)\r\n").expect("x OK *").expect_nothing();
            imap.send("y STORE 1 -FLAGS.SILENT (\\Flagged)\r\n").expect("y OK *").expect_nothing();
        };
        follow();
        imap.select("INBOX");
        is_over();
        follow();
        imap.send("a1 UNSELECT\r\n").expect("a1 OK *");
        imap.select("INBOX");
        is_over();
        follow();
        imap.send("a2 SELECT Nowhere\r\n").expect("* OK [CLOSED] *").expect("a2 NO *");
        imap.select("INBOX");
        is_over();
        follow();
        imap.send("a3 CLOSE\r\n").expect("a3 OK *");
        imap.select("INBOX");
        is_over();
        follow();
        imap.send("a4 UNAUTHENTICATE\r\n").expect("a4 OK *");
        imap.login().select("INBOX");
        is_over();
    }

    TEST_F(ImapLiveSearch, BoundsHowManyAreFollowed)
    {
        for (int i = 0; i < 16; ++i) {
            auto const tag = "t" + std::to_string(i);
            imap.send(tag + " SEARCH RETURN (UPDATE) FLAGGED\r\n").expect(tag + " OK *");
        }
        imap.play(R"(
            C: b1 UID SORT RETURN (UPDATE COUNT) (SIZE) UTF-8 FLAGGED
            S: * ESEARCH (TAG "b1") UID COUNT 1
            S: * NO [NOUPDATE "b1"] *
            S: b1 OK *
            C: b2 CANCELUPDATE "b1"
            S: b2 NO *
            C: b3 CANCELUPDATE "t0" "t1" "t2" "t3" "t4" "t5" "t6" "t7" "t8" "t9" "t10" "t11" "t12" "t13"
            S: b3 OK *
            C: b4 SEARCH RETURN (UPDATE) FLAGGED
            S: b4 OK *
            C: b5 UID SORT RETURN (UPDATE COUNT) (RELEVANCY) UTF-8 FUZZY SUBJECT b
            S: * ESEARCH (TAG "b5") UID COUNT 1
            S: * NO [NOUPDATE "b5"] *
            S: b5 OK *
        )");
    }

    TEST_F(ImapLiveSearch, BoundsTheirMemory)
    {
        std::string keys;
        for (int i = 0; i < 4900; ++i)
            keys += " SEEN";
        int refused = 0;
        for (int i = 0; i < 10; ++i) {
            auto const tag = "t" + std::to_string(i);
            imap.send(tag + " SEARCH RETURN (UPDATE) (OR UNSEEN SEEN)" + keys + "\r\n");
            auto line = imap.read_line();
            if (line.starts_with("* NO [NOUPDATE \"" + tag + "\"]")) {
                ++refused;
                line = imap.read_line();
            }
            EXPECT_TRUE(line.starts_with(tag + " OK")) << line;
            EXPECT_TRUE(i > 0 || refused == 0) << "one is followed in any case";
        }
        EXPECT_GT(refused, 0);
    }

    TEST_F(ImapLiveSearch, IdleTellsAtOnce)
    {
        imap.play(R"(
            C: a1 SEARCH RETURN (UPDATE) UNSEEN
            S: a1 OK *
            C: a2 IDLE
            S: + idling
        )");
        imap.deliver("INBOX", with_subject("x"));
        imap.expect("* 4 EXISTS")
            .expect("* * RECENT")
            .expect("* ESEARCH (TAG \"a1\") ADDTO (0 4)")
            .expect_nothing();
        change("STORE 1 +FLAGS (\\Seen \\Deleted)");
        imap.expect("* 1 FETCH (FLAGS (\\Deleted \\Seen \\Recent))")
            .expect("* ESEARCH (TAG \"a1\") REMOVEFROM (0 1)")
            .expect_nothing();
        change("STORE 2 +FLAGS.SILENT (\\Deleted)");
        imap.expect("* 2 FETCH (FLAGS (\\Deleted \\Recent))");
        change("EXPUNGE");
        imap.expect("* ESEARCH (TAG \"a1\") REMOVEFROM (0 2)")
            .expect("* 1 EXPUNGE")
            .expect("* 1 EXPUNGE")
            .expect_nothing();
        imap.send("DONE\r\n").expect("a2 OK *").expect_nothing();
    }

    TEST_F(ImapLiveSearch, NotifyTellsAtAnyTime)
    {
        imap.play(R"(
            C: a1 UID SEARCH RETURN (UPDATE) ALL
            S: a1 OK *
            C: a2 NOTIFY SET (selected-delayed (MessageNew MessageExpunge FlagChange))
            S: a2 OK *
        )");
        change("STORE 1 +FLAGS (\\Deleted)");
        imap.expect("* 1 FETCH (UID 1 FLAGS (\\Deleted \\Recent))");
        change("EXPUNGE");
        imap.expect("* ESEARCH (TAG \"a1\") UID REMOVEFROM (0 1)").expect_nothing();
        imap.deliver("INBOX", with_subject("x"));
        imap.expect("* 4 EXISTS")
            .expect("* * RECENT")
            .expect("* ESEARCH (TAG \"a1\") UID ADDTO (0 4)")
            .expect_nothing();
        imap.play(R"(
            C: a3 NOOP
            S: * 1 EXPUNGE
            S: a3 OK *
        )");
    }

    TEST_F(ImapLiveSearch, TellsTheDataOfNewMessagesThatMatch)
    {
        imap.play(R"(
            C: a1 SEARCH RETURN (COUNT UPDATE (UID BODY.PEEK[HEADER.FIELDS (Subject)])) UNFLAGGED
            S: * ESEARCH (TAG "a1") COUNT 2
            S: a1 OK *
            C: a2 SEARCH RETURN (UPDATE ()) ALL
            S: a2 BAD *
            C: a3 SEARCH RETURN (UPDATE (COLOUR)) ALL
            S: a3 BAD *
        )");
        imap.deliver("INBOX", with_subject("x", storage::Flags::flagged));
        imap.deliver("INBOX", with_subject("y"));
        imap.send("b1 NOOP\r\n")
            .expect("* 5 EXISTS")
            .expect("* * RECENT")
            .expect("* 5 FETCH (UID 5 BODY[HEADER.FIELDS (Subject)] {14}")
            .expect("Subject: y")
            .expect("")
            .expect(")")
            .expect("* ESEARCH (TAG \"a1\") ADDTO (0 5)")
            .expect("b1 OK *");
        imap.play(R"(
            C: b2 STORE 4 -FLAGS.SILENT (\Flagged)
            S: * ESEARCH (TAG "a1") ADDTO (0 4)
            S: b2 OK *
        )");
        world->settings.imap.capabilities_off = { "NOTIFY" };
        Transcript without(world, {});
        without.login().select("INBOX").play(R"(
            C: a1 SEARCH RETURN (UPDATE (UID)) ALL
            S: a1 BAD *
            C: a2 SEARCH RETURN (UPDATE) ALL
            S: a2 OK *
        )");
    }

    TEST_F(ImapLiveSearch, NamesUidsWhereNothingElseMayBeNamed)
    {
        imap.play(R"(
            C: a1 SEARCH RETURN (UPDATE) UNFLAGGED
            S: a1 OK *
            C: a2 ENABLE UIDONLY
            S: * ENABLED UIDONLY
            S: a2 OK *
            C: a3 UID STORE 1 +FLAGS.SILENT (\Flagged \Deleted)
            S: * ESEARCH (TAG "a1") UID REMOVEFROM (0 1)
            S: a3 OK *
            C: a4 UID SORT RETURN (UPDATE) (SUBJECT) UTF-8 ALL
            S: a4 OK *
            C: a5 UID EXPUNGE 1
            S: * ESEARCH (TAG "a4") UID REMOVEFROM (2 1)
            S: * VANISHED 1
            S: a5 OK *
        )");
    }

    TEST_F(ImapLiveSearch, ModSeqIsAKeyLikeOthers)
    {
        imap.play(R"(
            C: a1 ENABLE IMAP4rev2 CONDSTORE
            S: * OK [HIGHESTMODSEQ *] *
            S: * ENABLED IMAP4rev2 CONDSTORE
            S: a1 OK *
            C: a2 SEARCH RETURN (UPDATE COUNT) MODSEQ 1000000 FLAGGED
            S: * ESEARCH (TAG "a2") COUNT 0
            S: a2 OK *
            C: a3 SEARCH RETURN (UPDATE COUNT) MODSEQ 1 KEYWORD $New
            S: * ESEARCH (TAG "a3") COUNT 0
            S: a3 OK *
            C: a4 STORE 2 +FLAGS.SILENT ($New)
            S: * FLAGS (* $New)
            S: * OK [PERMANENTFLAGS *
            S: * ESEARCH (TAG "a3") ADDTO (0 2)
            S: * 2 FETCH (UID 2 MODSEQ (*))
            S: a4 OK *
        )");
    }

    TEST_F(ImapLiveSearch, MayBeSwitchedOff)
    {
        auto const with_off = [&](std::vector<std::string> off) {
            world->settings.imap.capabilities_off = std::move(off);
            Transcript without(world, {});
            without.login().select("INBOX");
            return without;
        };
        with_off({ "CONTEXT=SEARCH" }).play(R"(
            C: a1 SEARCH RETURN (UPDATE) ALL
            S: a1 BAD *
            C: a2 SEARCH RETURN (CONTEXT COUNT) ALL
            S: a2 BAD *
            C: a3 ESEARCH RETURN (UPDATE) ALL
            S: a3 BAD *
            C: a4 SORT RETURN (UPDATE CONTEXT) (SIZE) UTF-8 ALL
            S: a4 OK *
            C: a5 CANCELUPDATE "a4"
            S: a5 OK *
        )");
        with_off({ "CONTEXT=SORT" }).play(R"(
            C: a1 SORT RETURN (UPDATE) (SIZE) UTF-8 ALL
            S: a1 BAD *
            C: a2 SORT RETURN (CONTEXT) (SIZE) UTF-8 ALL
            S: a2 BAD *
            C: a3 SEARCH RETURN (UPDATE CONTEXT) ALL
            S: a3 OK *
            C: a4 CANCELUPDATE "a3"
            S: a4 OK *
        )");
        with_off({ "ESEARCH", "ESORT" }).play(R"(
            C: a1 CAPABILITY
            S: * CAPABILITY *
            S: a1 OK *
            C: a2 SEARCH RETURN (UPDATE) ALL
            S: a2 BAD *
            C: a3 CANCELUPDATE "a1"
            S: a3 BAD Unknown command*
        )");
    }

    TEST_F(ImapLiveSearch, TellsWhatTimeAloneChanges)
    {
        world->settings.imap.time_keys_interval = std::chrono::seconds(1);
        auto const append = [&](int seconds_ago) {
            auto const then = std::chrono::system_clock::now() - std::chrono::seconds(seconds_ago);
            auto const stamp = std::chrono::system_clock::to_time_t(then);
            char date[64];
            std::strftime(date, sizeof date, "%d-%b-%Y %H:%M:%S +0000", std::gmtime(&stamp));
            imap.send("a APPEND INBOX \"" + std::string(date) + "\" {5+}\r\nhello\r\n")
                .expect("* * EXISTS")
                .expect("* * RECENT")
                .expect("a OK *");
        };
        append(58); // matters for another two seconds
        append(3000);
        imap.play(R"(
            C: a1 SEARCH RETURN (UPDATE ALL) YOUNGER 60
            S: * ESEARCH (TAG "a1") ALL 4
            S: a1 OK *
            C: a2 UID SORT RETURN (UPDATE ALL) (REVERSE ARRIVAL) UTF-8 OLDER 60
            S: * ESEARCH (TAG "a2") UID ALL 5,1:3
            S: a2 OK *
        )");
        auto const end = std::chrono::steady_clock::now() + std::chrono::milliseconds(3100);
        world->run_until([&] { return std::chrono::steady_clock::now() > end; });
        imap.play(R"(
            C: a3 NOOP
            S: * ESEARCH (TAG "a1") REMOVEFROM (0 4)
            S: * ESEARCH (TAG "a2") UID ADDTO (1 4)
            S: a3 OK *
            C: a4 NOOP
            S: a4 OK *
        )");
    }

    /// What a client makes of the responses.
    class Follower {
    public:
        Follower(std::string tag, std::vector<unsigned> found, bool by_uid)
            : results(std::move(found))
            , tag_(std::move(tag))
            , by_uid_(by_uid)
        {
        }

        void take(std::string const& line)
        {
            if (line.ends_with(" EXPUNGE") && !by_uid_) {
                auto const number = static_cast<unsigned>(std::stoul(line.substr(2)));
                for (auto& result : results) {
                    EXPECT_NE(result, number) << "expunged before REMOVEFROM";
                    result -= result > number;
                }
            }
            auto const begin = "* ESEARCH (TAG \"" + tag_ + "\") " + (by_uid_ ? "UID " : "");
            if (!line.starts_with(begin))
                return;
            ++lines;
            std::istringstream in(line.substr(begin.size()));
            std::string what, position, set;
            in >> what;
            for (in.ignore(2); in >> position >> set;)
                apply(what == "ADDTO", std::stoul(position), expand(set));
        }

        static std::vector<unsigned> expand(std::string set)
        {
            std::vector<unsigned> numbers;
            std::istringstream in(set.substr(0, set.find(')')));
            for (std::string part; std::getline(in, part, ',');) {
                auto const colon = part.find(':');
                auto const first = std::stoul(part);
                auto const last
                    = colon == std::string::npos ? first : std::stoul(part.substr(colon + 1));
                for (auto n = first; n <= last; ++n)
                    numbers.push_back(static_cast<unsigned>(n));
            }
            return numbers;
        }

        std::vector<unsigned> results;
        int lines = 0;

    private:
        void apply(bool adds, std::size_t position, std::vector<unsigned> const& set)
        {
            if (position == 0) {
                for (auto const number : set) {
                    auto const at = std::ranges::lower_bound(results, number);
                    bool const has = at != results.end() && *at == number;
                    EXPECT_EQ(!adds, has) << number;
                    if (adds)
                        results.insert(at, number);
                    else if (has)
                        results.erase(at);
                }
                return;
            }
            auto const at = results.begin() + static_cast<std::ptrdiff_t>(position - 1);
            ASSERT_LE(position - 1 + (adds ? 0 : set.size()), results.size());
            if (adds) {
                results.insert(at, set.begin(), set.end());
                return;
            }
            auto const end = at + static_cast<std::ptrdiff_t>(set.size());
            EXPECT_TRUE(std::equal(set.begin(), set.end(), at));
            results.erase(at, end);
        }

        std::string tag_;
        bool by_uid_;
    };

    /// A client that follows eight searches while another changes the mailbox knows at each moment
    /// what a new search would find.
    TEST_F(ImapLiveSearch, WhoFollowsKnowsWhatANewSearchFinds)
    {
        std::map<std::string, std::string> const programs {
            { "s1", "SEARCH%FLAGGED" },
            { "s2", "UID SEARCH%OR (SEEN UNFLAGGED) (SUBJECT a)" },
            { "s3", "SORT%(SUBJECT) UTF-8 UNFLAGGED" },
            { "s4", "UID SORT%(REVERSE FROM SIZE) UTF-8 NOT SEEN" },
            { "s5", "UID SORT%(SIZE REVERSE SUBJECT) UTF-8 OR FLAGGED SEEN" },
            { "s6", "UID SEARCH%NOT UID 5:*" },
            { "s7", "UID SORT%(REVERSE ARRIVAL SUBJECT) UTF-8 TEXT b" },
            { "s8", "SORT%(CC) UTF-8 ALL" },
        };
        std::map<std::string, Follower> followers;
        std::mt19937 random(20260714);
        auto const below = [&](unsigned bound) { return static_cast<unsigned>(random() % bound); };
        auto const ask = [&](std::string const& tag, std::string command, std::string options) {
            command.replace(
                command.find('%'), 1, options.empty() ? "" : " RETURN (" + options + ") ");
            imap.send(tag + " " + command + "\r\n");
            std::string answer;
            std::string line;
            while (!(line = imap.read_line()).starts_with(tag + " OK")) {
                for (auto& [_, follower] : followers)
                    follower.take(line);
                if (line.find(" ALL ") != std::string::npos)
                    answer = line.substr(line.find(" ALL ") + 5);
                if (line.empty())
                    break;
            }
            return Follower::expand(answer);
        };
        for (auto const& [tag, program] : programs)
            followers.emplace(
                tag, Follower(tag, ask(tag, program, "UPDATE ALL"), program.starts_with("UID")));
        std::array<char const*, 3> const flags { "\\Seen", "\\Flagged", "\\Deleted" };
        for (int step = 0; step < 150; ++step) {
            switch (below(7)) {
            case 0:
            case 1: {
                std::string subject;
                for (auto n = 1 + below(3); n > 0; --n)
                    subject += static_cast<char>('a' + below(5));
                imap.deliver("INBOX", with_subject(subject, static_cast<std::uint8_t>(below(8))));
                break;
            }
            case 2:
                change("EXPUNGE");
                break;
            case 3: // by the session that follows
                ask("x",
                    "UID STORE " + std::to_string(1 + below(30)) + ":"
                        + std::to_string(1 + below(60)) + (below(2) != 0 ? " +" : " -")
                        + "FLAGS.SILENT (" + flags[below(2)] + ")%",
                    "");
                break;
            default:
                change("UID STORE " + std::to_string(1 + below(60)) + ":"
                    + std::to_string(1 + below(60)) + (below(2) != 0 ? " +" : " -") + "FLAGS ("
                    + flags[below(3)] + ")");
            }
            if (below(2) == 0)
                continue;
            ask("n", below(2) == 0 ? "FETCH 1:* UID%" : "NOOP%", "");
            for (auto const& [tag, program] : programs)
                ASSERT_EQ(ask("t", program, "ALL"), followers.at(tag).results)
                    << tag << " " << step;
        }
        for (auto const& [tag, follower] : followers)
            EXPECT_GT(follower.lines, tag == "s6" ? 1 : 20) << tag;
    }

} // namespace
} // namespace mail::imap
