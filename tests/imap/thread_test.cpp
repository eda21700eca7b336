// THREAD and UID THREAD: the examples of the RFCs and what goes wrong in real mail.
#include "protocol/imap/thread_links.h"
#include "tests/support/transcript.h"

#include <chrono>

namespace mail::test {
namespace {

    /// A message with ids "<n@x>", sent on a day of January.
    TestMessage reply(std::string const& id, std::string const& references, int day,
        std::string const& subject = {}, std::string const& more = {})
    {
        std::string header;
        if (!id.empty())
            header += "Message-ID: <" + id + "@x>\r\n";
        if (!references.empty()) {
            header += "References:";
            for (std::size_t at = 0; at < references.size();) {
                auto const end = std::min(references.find(' ', at), references.size());
                header += " <" + references.substr(at, end - at) + "@x>";
                at = end + 1;
            }
            header += "\r\n";
        }
        if (day > 0)
            header += "Date: " + std::to_string(day) + " Jan 2020 10:00:00 +0000\r\n";
        if (!subject.empty())
            header += "Subject: " + subject + "\r\n";
        return { header + more + "\r\nx\r\n" };
    }

    void expect_threads(std::vector<TestMessage> messages, std::string const& algorithm,
        std::string const& threads, std::string const& keys = "ALL")
    {
        Transcript imap { mailbox("INBOX", std::move(messages)) };
        imap.login().select("INBOX");
        imap.send("t THREAD " + algorithm + " UTF-8 " + keys + "\r\n");
        imap.expect("* THREAD" + (threads.empty() ? "" : " " + threads));
        imap.expect("t OK THREAD completed");
    }

    TEST(ImapThread, RefusesWhatItCannotRead)
    {
        Transcript imap { mailbox("INBOX", { seen("one") }) };
        imap.login().play(R"(
            C: a0 THREAD REFERENCES UTF-8 ALL
            S: a0 BAD *
        )");
        imap.select("INBOX").play(R"(
            C: a1 THREAD
            S: a1 BAD *
            C: a2 THREAD NONSENSE UTF-8 ALL
            S: a2 BAD *
            C: a3 THREAD REFERENCES ALL
            S: a3 NO [BADCHARSET *
            C: a4 THREAD REFERENCES UTF-8
            S: a4 BAD *
            C: a5 THREAD REFERENCES X-NONE ALL
            S: a5 NO [BADCHARSET *
            C: a6 THREAD RETURN () REFERENCES UTF-8 ALL
            S: a6 BAD *
            C: a7 THREAD REFERENCES UTF-8 TEXT "not in mailbox"
            S: * THREAD
            S: a7 OK *
            C: a8 uid thread references us-ascii all
            S: * THREAD (1)
            S: a8 OK UID THREAD completed
            C: a9 THREAD REFERENCES UTF-8 MODSEQ 1
            S: * OK [HIGHESTMODSEQ *] *
            S: * THREAD (1)
            S: a9 OK *
        )");
    }

    TEST(ImapThread, OrderedSubjectHasNoGrandchildren)
    {
        expect_threads({ reply("1", "", 3, "b"), reply("2", "", 1, "A"), reply("3", "", 2, "Re: a"),
                           reply("4", "", 4, "Fwd: B"), reply("5", "", 5, "a (fwd)"),
                           reply("6", "", 6), reply("7", "", 2) },
            "ORDEREDSUBJECT", "(2 (3)(5))(7 6)(1 4)");
        expect_threads({}, "ORDEREDSUBJECT", "");
    }

    TEST(ImapThread, RepliesHangBelowWhatTheyAnswer)
    {
        expect_threads({ reply("1", "", 1, "a"), reply("2", "1", 2, "b"), reply("3", "1 2", 3, "c"),
                           reply("4", "1", 4, "d"), reply("5", "", 5, "e") },
            "REFERENCES", "(1 (2 3)(4))(5)");
        // In-Reply-To where there are no references; its first id only.
        expect_threads(
            { reply("1", "", 1, "a"), reply("2", "", 2, "b", "In-Reply-To: <1@x> <9@x>\r\n"),
                reply("3", "", 3, "c", "In-Reply-To: none\r\nReferences: nothing\r\n") },
            "REFERENCES", "(1 2)(3)");
        // The same id, quoted.
        expect_threads(
            { reply("\"1\"", "", 1, "a"), reply("2", "1", 2, "b") }, "REFERENCES", "(1 2)");
    }

    TEST(ImapThread, ParentsThatAreNotThereJoinTheirChildren)
    {
        expect_threads(
            { reply("2", "1", 2, "b"), reply("3", "1", 3, "c") }, "REFERENCES", "((1)(2))");
        expect_threads({ reply("3", "1 2", 3, "c") }, "REFERENCES", "(1)"); // an only child
        // A missing one in the middle; siblings by sent date.
        expect_threads({ reply("1", "", 1, "a"), reply("3", "1 2", 9, "c"),
                           reply("4", "1 2", 5, "d"), reply("5", "1", 7, "e") },
            "REFERENCES", "(1 (3)(4)(2))");
        // What the search leaves out is not there, either.
        expect_threads({ reply("1", "", 1, "a"), reply("2", "1", 2, "b"), reply("3", "1", 3, "c") },
            "REFERENCES", "((2)(3))", "2:3");
    }

    TEST(ImapThread, LoopsAndTruncatedReferencesAreUndone)
    {
        expect_threads({ reply("1", "1", 1, "a") }, "REFERENCES", "(1)");
        expect_threads({ reply("1", "2", 1, "a"), reply("2", "1", 2, "b") }, "REFERENCES", "(2 1)");
        expect_threads(
            { reply("1", "3", 1, "a"), reply("2", "1", 2, "b"), reply("3", "2", 3, "c") },
            "REFERENCES", "(3 1 2)");
        // A message's own last reference counts more than what others say of it.
        expect_threads({ reply("4", "1 3", 4, "d"), reply("1", "", 1, "a"), reply("2", "1", 2, "b"),
                           reply("3", "1 2", 3, "c") },
            "REFERENCES", "(2 3 4 1)");
        // None at all: it was somebody else's child, and is no more.
        expect_threads(
            { reply("3", "1 2", 3, "c"), reply("2", "", 2, "b"), reply("1", "", 1, "a") },
            "REFERENCES", "(3)(2 1)");
    }

    TEST(ImapThread, OfEqualIdsTheFirstCounts)
    {
        expect_threads({ reply("1", "", 1, "a"), reply("1", "", 2, "b"), reply("2", "1", 3, "c"),
                           reply("", "1", 4, "d"), reply("", "", 5, "e") },
            "REFERENCES", "(1 (3)(4))(2)(5)");
    }

    TEST(ImapThread, SubjectsGatherThreads)
    {
        // The reply goes below what it replies to, wherever it stands.
        expect_threads(
            { reply("1", "", 2, "Re: a"), reply("2", "", 3, "A"), reply("3", "", 1, "b") },
            "REFERENCES", "(3)(2 1)");
        // Neither is a reply: both below a parent that is not there.
        expect_threads({ reply("1", "", 1, "a"), reply("2", "", 2, "a"), reply("3", "", 3, "a") },
            "REFERENCES", "((1)(2)(3))");
        // Two replies without an original.
        expect_threads(
            { reply("1", "", 1, "Re: a"), reply("2", "", 2, "re: A") }, "REFERENCES", "((1)(2))");
        // Missing parents of one subject become one.
        expect_threads({ reply("2", "1", 1, "Re: a"), reply("3", "1", 2, "Re: a"),
                           reply("12", "11", 3, "Re: a"), reply("13", "11", 4, "Re: a"),
                           reply("5", "", 5, "a"), reply("6", "", 0) },
            "REFERENCES", "(6)((1)(2)(3)(4)(5))"); // and one that arrived in 2001
        // An empty subject gathers nothing.
        expect_threads({ reply("1", "", 1), reply("2", "", 2, "Re:"), reply("3", "", 3, "fwd: ") },
            "REFERENCES", "(1)(2)(3)");
        // The subject of a reply deeper down counts for nothing.
        expect_threads({ reply("1", "", 1, "a"), reply("2", "1", 2, "b"), reply("3", "", 3, "b") },
            "REFERENCES", "(1 2)(3)");
    }

    TEST(ImapThread, ThreadsAreInTheOrderOfTheirDates)
    {
        // Without a Date the date of arrival counts, which is 2001 here.
        expect_threads({ reply("1", "", 9, "a"), reply("2", "", 3, "b"), reply("3", "", 0, "c"),
                           reply("4", "2", 1, "d") },
            "REFERENCES", "(3)(2 4)(1)");
    }

    TEST(ImapThread, RefsKnowsNoSubjectsAndPutsTheNewestLast)
    {
        std::vector<TestMessage> const messages { reply("1", "", 1, "a"), reply("2", "", 9, "a"),
            reply("3", "", 5, "b"), reply("4", "1", 2, "c"), reply("6", "5", 7, "d"),
            reply("7", "5", 6, "d") };
        expect_threads(messages, "REFS", "(1 4)(3)((6)(5))(2)");
        Transcript imap { mailbox("INBOX", messages) };
        imap.login().select("INBOX").play(R"(
            C: a1 STORE 1:6 +FLAGS.SILENT ()
            S: a1 OK *
            C: a2 UID THREAD REFS UTF-8 UID 2:*
            S: * THREAD *
            S: a2 OK *
        )");
    }

    TEST(ImapThread, UidsOnlyAndSwitches)
    {
        auto world = Transcript::make_world({ mailbox("INBOX", { seen("one"), seen("two") }) });
        world->settings.imap.capabilities_off = { "THREAD=REFS" };
        Transcript imap(world, {});
        imap.login().select("INBOX").play(R"(
            C: a1 THREAD REFS UTF-8 ALL
            S: a1 BAD *
            C: a2 ENABLE UIDONLY
            S: * ENABLED UIDONLY
            S: a2 OK *
            C: a3 THREAD REFERENCES UTF-8 ALL
            S: a3 BAD [UIDREQUIRED] *
            C: a4 UID THREAD REFERENCES UTF-8 ALL
            S: * THREAD (1)(2)
            S: a4 OK *
            C: a5 UID THREAD REFERENCES UTF-8 1
            S: a5 BAD [UIDREQUIRED] *
        )");
        auto off = Transcript::make_world({ mailbox("INBOX", { seen("one") }) });
        off->settings.imap.capabilities_off
            = { "THREAD=REFS", "THREAD=REFERENCES", "THREAD=ORDEREDSUBJECT" };
        Transcript none(off, {});
        none.login().select("INBOX").play(R"(
            C: a1 THREAD REFERENCES UTF-8 ALL
            S: a1 BAD Unknown command*
        )");
    }

    TEST(ImapThread, DeepConversationsNeedNoDepthOfOurs)
    {
        using imap::ThreadLinks;
        constexpr std::uint32_t count = 200'000;
        std::vector<std::uint32_t> order;
        std::vector<std::uint32_t> numbers;
        for (std::uint32_t i = 0; i < count; ++i) {
            order.push_back(i);
            numbers.push_back(i + 1);
        }
        auto const begin = std::chrono::steady_clock::now();
        for (bool const backwards : { false, true }) {
            ThreadLinks links(count);
            for (std::uint64_t i = 1; i <= count; ++i) {
                std::uint64_t const id = backwards ? count + 1 - i : i;
                std::uint64_t const parent = id - 1;
                ASSERT_TRUE(links.add(
                    id, parent == 0 ? std::span<std::uint64_t const> {} : std::span(&parent, 1)));
            }
            auto forest = links.prune();
            forest.arrange(order);
            auto const text = forest.to_text(numbers);
            EXPECT_EQ(1, std::ranges::count(text, '('));
        }
        EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
    }

    TEST(ImapThread, EntangledReferencesCostABoundedTime)
    {
        using imap::ThreadLinks;
        constexpr std::uint64_t depth = 20'000;
        ThreadLinks links(4 * depth);
        for (std::uint64_t id = 2; id <= depth; ++id)
            ASSERT_TRUE(links.add(0, std::vector<std::uint64_t> { id - 1, id }));
        auto const begin = std::chrono::steady_clock::now();
        // Each of these has a child, so that it could be an ancestor of the deepest: that is looked
        // for along the whole chain.
        bool is_patient = true;
        for (std::uint64_t i = 0; i < depth && is_patient; ++i) {
            auto const root = 1'000'000 + 2 * i;
            is_patient = links.add(0, std::vector<std::uint64_t> { root, root + 1 })
                && links.add(0, std::vector<std::uint64_t> { depth, root });
        }
        EXPECT_FALSE(is_patient);
        EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
    }

} // namespace
} // namespace mail::test
