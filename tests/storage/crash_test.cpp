// A process that is killed while it writes: what was acknowledged is there, once and whole.
#include "storage/staged_body.h"
#include "tests/storage/fixture.h"

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <map>
#include <thread>

namespace mail::storage {
namespace {

    /// What the child says when an append is durable.
    struct Acknowledged {
        std::uint64_t mailbox;
        std::uint32_t uid;
        unsigned seed;
    };

    /// Every message's text follows from its seed; some are large enough to be spilled.
    std::string text_of(unsigned seed)
    {
        return noise(seed % 50 == 0 ? 2'500'000 : seed % 7000, seed);
    }

    class CrashTest : public StoreTest {
    protected:
        /// In the child: appends until it is killed.
        [[noreturn]] void write_until_killed(int pipe, unsigned round)
        {
            try {
                store_ = Store::open(options());
                std::vector<std::thread> threads;
                auto const sent = mailbox("Sent").id;
                for (unsigned t = 0; t < 4; ++t)
                    threads.emplace_back([&, t] {
                        append_forever(
                            t % 2 == 0 ? inbox_ : sent, pipe, 1 + round * 1'000'000 + t * 100'000);
                    });
                for (auto& thread : threads)
                    thread.join();
            } catch (...) {
            }
            ::_exit(1); // not reached when all is well
        }

        void append_forever(MailboxId to, int pipe, unsigned seed)
        {
            for (;; ++seed) {
                BodyWriter writer(volume());
                writer.append(text_of(seed));
                if (writer.wants_spill()
                    && !write([&](WriteTxn& txn) { return writer.spill(txn); }))
                    return;
                NewMessage const message { .body = writer.finish(),
                    .envelope = std::to_string(seed) };
                auto const appended = write(
                    [&](WriteTxn& txn) { return append_message(txn, account_, to, message); });
                if (!appended)
                    return;
                Acknowledged const note { to.value, appended->uid.value, seed };
                if (::write(pipe, &note, sizeof note)
                    != sizeof note) // atomic: shorter than PIPE_BUF
                    return;
                if (seed % 9 == 0 && !write([&](WriteTxn& txn) {
                        return store_flags(txn, account_, to, every_uid, { .system = Flags::seen });
                    }))
                    return;
            }
        }

        /// Starts the child, kills it after `time`, and returns what it had acknowledged.
        std::vector<Acknowledged> run_and_kill(unsigned round, std::chrono::milliseconds time)
        {
            int ends[2];
            if (::pipe(ends) != 0)
                throw std::runtime_error("no pipe");
            store_.reset();
            auto const child = ::fork();
            if (child == 0) {
                ::close(ends[0]);
                write_until_killed(ends[1], round);
            }
            ::close(ends[1]);
            std::thread killer([&] {
                std::this_thread::sleep_for(time);
                ::kill(child, SIGKILL);
            });
            std::vector<Acknowledged> notes;
            for (Acknowledged note {}; ::read(ends[0], &note, sizeof note) == sizeof note;)
                notes.push_back(note);
            killer.join();
            ::close(ends[0]);
            int status = 0;
            ::waitpid(child, &status, 0);
            EXPECT_TRUE(WIFSIGNALED(status)) << "the child ended by itself";
            return notes;
        }
    };

    TEST_F(CrashTest, AcknowledgedIsThereOnceAndWhole)
    {
        std::map<std::pair<std::uint64_t, std::uint32_t>, unsigned> expected;
        for (unsigned round = 0; round < 5; ++round) {
            auto const notes = run_and_kill(round, std::chrono::milliseconds(400 + 77 * round));
            EXPECT_FALSE(notes.empty());
            for (auto const& note : notes)
                EXPECT_TRUE(expected.emplace(std::pair(note.mailbox, note.uid), note.seed).second)
                    << "a UID was given out twice";
            reopen();
            auto const txn = read();
            EXPECT_TRUE(list_staged(txn).empty());
            std::map<std::string, int> seen; // seeds, in the envelopes
            for (auto const& box : list_mailboxes(txn, account_))
                scan_with_cold(txn, account_, box.id, { Uid { 1 }, Uid { UINT32_MAX } },
                    [&](HotRecord const& hot, ColdRecord const& cold) {
                        EXPECT_EQ(++seen[std::string(cold.envelope)], 1);
                        auto const acknowledged = expected.find({ box.id.value, hot.uid.value });
                        auto const seed
                            = static_cast<unsigned>(std::stoul(std::string(cold.envelope)));
                        EXPECT_TRUE(acknowledged == expected.end() || acknowledged->second == seed);
                        EXPECT_TRUE(read_all(txn, hot.body) == text_of(seed));
                        return true;
                    });
            for (auto const& [key, seed] : expected)
                EXPECT_EQ(seen[std::to_string(seed)], 1) << "lost";
            expect_sound();
        }
    }

} // namespace
} // namespace mail::storage
