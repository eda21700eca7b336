// The writer: many submitters, readers beside it, a full store, closing.
#include "storage/lmdb/volume.h"
#include "tests/storage/fixture.h"

#include <sys/resource.h>

#include <atomic>
#include <csignal>
#include <thread>

namespace mail::storage {
namespace {

    using WriterTest = StoreTest;

    TEST_F(WriterTest, ManySubmittersLoseNothing)
    {
        constexpr int threads = 8;
        constexpr int each = 100;
        std::vector<std::thread> submitters;
        std::atomic<int> failures = 0;
        for (int t = 0; t < threads; ++t)
            submitters.emplace_back([&, t] {
                for (int i = 0; i < each; ++i) {
                    NewMessage const message { .body
                        = stage(
                            volume(), std::string(static_cast<std::size_t>(t * each + i), 'x')) };
                    bool const fails = i % 10 == 9;
                    auto const written = volume().write([&](WriteTxn& txn) -> Result<void> {
                        auto const appended = append_message(txn, account_, inbox_, message);
                        if (!appended)
                            return appended.error();
                        return fails ? Result<void>(Errc::not_permitted) : Result<void>();
                    });
                    failures += written.has_value() ? 0 : 1;
                }
            });
        for (auto& thread : submitters)
            thread.join();
        EXPECT_EQ(failures, threads * each / 10);
        EXPECT_EQ(mailbox("INBOX").messages, static_cast<std::uint32_t>(threads * each * 9 / 10));
        EXPECT_EQ(list(inbox_), UidSet(UidRange { Uid { 1 }, Uid { threads * each * 9 / 10 } }));
        expect_sound();
    }

    TEST_F(WriterTest, ReadersSeeWholeTransactionsOnly)
    {
        std::atomic<bool> stop = false;
        std::atomic<int> reads = 0;
        std::vector<std::thread> readers;
        for (int t = 0; t < 4; ++t)
            readers.emplace_back([&] {
                while (!stop) {
                    auto const txn = read();
                    auto const box = get_mailbox(txn, account_, inbox_);
                    std::uint32_t count = 0;
                    std::uint64_t octets = 0;
                    scan_messages(txn, account_, inbox_, { Uid { 1 }, Uid { UINT32_MAX } },
                        Columns::all, [&](HotRecord const& hot) {
                            ++count;
                            octets += hot.size;
                            return true;
                        });
                    EXPECT_EQ(box->messages, count);
                    EXPECT_EQ(box->octets, octets);
                    EXPECT_EQ(count % 2, 0U); // two to a job
                    ++reads;
                }
            });
        for (std::size_t i = 0; i < 200 || reads < 50; ++i) {
            NewMessage const message { .body = stage(volume(), std::string(i % 5000, 'x')) };
            ASSERT_TRUE(write([&](WriteTxn& txn) -> Result<Appended> {
                auto const first = append_message(txn, account_, inbox_, message);
                return first ? append_message(txn, account_, inbox_, message) : first;
            }));
        }
        stop = true;
        for (auto& thread : readers)
            thread.join();
        expect_sound();
    }

    TEST_F(WriterTest, TellsOfCommitsBeforeTheyAreDone)
    {
        std::mutex mutex;
        std::vector<Committed> told;
        store_.reset();
        store_ = Store::open(options());
        store_->on_commit([&](std::span<Committed const> committed) {
            std::lock_guard const lock(mutex);
            told.insert(told.end(), committed.begin(), committed.end());
        });
        auto const appended = append(inbox_, "one");
        ASSERT_TRUE(appended);
        {
            std::lock_guard const lock(mutex);
            ASSERT_EQ(told.size(), 1U);
            EXPECT_EQ(told[0].account, account_);
            EXPECT_EQ(told[0].mailbox, inbox_);
            EXPECT_EQ(told[0].mod_seq, appended->mod_seq);
            told.clear();
        }
        auto const refused = write([&](WriteTxn& txn) -> Result<void> {
            EXPECT_TRUE(subscribe(txn, account_, "x"));
            return Errc::not_permitted;
        });
        EXPECT_FALSE(refused);
        std::lock_guard const lock(mutex);
        EXPECT_TRUE(told.empty());
    }

    TEST_F(WriterTest, FailuresOfAJobReachItsSubmitter)
    {
        EXPECT_THROW((void)volume().write(
                         [](WriteTxn&) -> Result<void> { throw std::logic_error("a bug"); }),
            std::logic_error);
        EXPECT_TRUE(append(inbox_, "still works"));
    }

    /// A job that notes how it ended.
    struct NotedJob final : WriteJob {
        Result<void> run(WriteTxn&) override { return {}; }
        void done(Result<void> what, std::exception_ptr) noexcept override
        {
            result = what;
            is_done = true;
        }
        Result<void> result;
        std::atomic<bool> is_done = false;
    };

    TEST(Volume, ClosingFinishesTheQueueAndRefusesTheRest)
    {
        TemporaryDirectory const directory;
        LmdbVolume::CommitCallback const nothing;
        LmdbVolume volume(directory.path(), 1 << 26, nothing);
        std::vector<NotedJob> queued(100);
        for (auto& job : queued)
            volume.submit(job);
        volume.stop();
        for (auto const& job : queued)
            EXPECT_TRUE(job.is_done && job.result);
        NotedJob late;
        volume.submit(late);
        EXPECT_TRUE(late.is_done);
        EXPECT_EQ(late.result.error(), Errc::shutting_down);
    }

    TEST(Volume, ReopensBesideReaders)
    {
        TemporaryDirectory const directory;
        LmdbVolume::CommitCallback const nothing;
        LmdbVolume volume(directory.path(), 1 << 26, nothing);
        ASSERT_TRUE(volume.write([](WriteTxn& txn) -> Result<void> {
            txn.put(Table::index, "key", "value");
            return {};
        }));
        std::atomic<bool> stop = false;
        std::atomic<int> reads = 0;
        std::vector<std::thread> readers;
        for (int t = 0; t < 3; ++t)
            readers.emplace_back([&] {
                while (!stop) {
                    auto const txn = volume.read();
                    EXPECT_EQ(*txn.get(Table::index, "key"), "value");
                    ++reads;
                }
            });
        for (int round = 0; round < 20 || reads < 1000; ++round)
            volume.reopen(); // as the writer does, which is idle
        stop = true;
        for (auto& thread : readers)
            thread.join();
        EXPECT_TRUE(volume.write([](WriteTxn& txn) -> Result<void> {
            txn.put(Table::index, "key", "other");
            return {};
        }));
        EXPECT_EQ(*volume.read().get(Table::index, "key"), "other");
    }

    class FullStoreTest : public StoreTest {
    protected:
        FullStoreTest()
        {
            map_size_ = 4 << 20;
            store_.reset();
            std::filesystem::remove_all(directory_.path());
            reopen();
        }
    };

    TEST_F(FullStoreTest, RefusesAndGoesOnWhenThereIsRoom)
    {
        std::uint32_t stored = 0;
        Result<Appended> last = Errc::not_found;
        while ((last = append(inbox_, noise(100'000, stored))) && stored < 1000)
            ++stored;
        EXPECT_EQ(last.error(), Errc::no_space);
        ASSERT_GT(stored, 10U);
        for (int again = 0; again < 20; ++again)
            EXPECT_EQ(append(inbox_, noise(200'000)).error(), Errc::no_space);
        EXPECT_EQ(mailbox("INBOX").messages, stored);
        expect_sound();
        ASSERT_TRUE(write([&](WriteTxn& txn) {
            return expunge(txn, account_, inbox_, uids({ 1, 2, 3, 4, 5, 6, 7, 8 }));
        }));
        EXPECT_EQ(sweep_after_window(), 8U);
        EXPECT_TRUE(append(inbox_, "a small one")); // the freed pages come a commit later
        EXPECT_TRUE(append(inbox_, noise(100'000)));
        expect_sound();
        reopen();
        expect_sound();
    }

    TEST_F(FullStoreTest, SmallJobsGoThroughBesideTooLargeOnes)
    {
        std::vector<std::thread> submitters;
        std::atomic<int> small_failed = 0;
        std::atomic<int> large_failed = 0;
        for (int t = 0; t < 6; ++t)
            submitters.emplace_back([&, t] {
                for (int i = 0; i < 15; ++i) {
                    bool const large = t % 2 == 0;
                    NewMessage const message { .body
                        = stage(volume(), noise(large ? 6'000'000 : 1000)) };
                    auto const written = volume().write([&](WriteTxn& txn) -> Result<void> {
                        auto const appended = append_message(txn, account_, inbox_, message);
                        return appended ? Result<void>() : Result<void>(appended.error());
                    });
                    if (!written) {
                        EXPECT_EQ(written.error(), Errc::no_space);
                        ++(large ? large_failed : small_failed);
                    }
                }
            });
        for (auto& thread : submitters)
            thread.join();
        EXPECT_EQ(large_failed, 45);
        EXPECT_EQ(small_failed, 0);
        EXPECT_EQ(mailbox("INBOX").messages, 45U);
        expect_sound();
    }

    TEST_F(FullStoreTest, SpillsAreRefusedToo)
    {
        BodyWriter writer(volume());
        Result<void> spilled;
        for (unsigned i = 0; spilled && i < 40; ++i) {
            writer.append(noise(300'000, i));
            if (writer.wants_spill())
                spilled = write([&](WriteTxn& txn) { return writer.spill(txn); });
        }
        EXPECT_EQ(spilled.error(), Errc::no_space);
        writer = BodyWriter(volume());
        EXPECT_TRUE(append(inbox_, "small"));
        EXPECT_TRUE(append(inbox_, noise(500'000)));
        expect_sound();
    }

    /// Bounds the size of files, as a full disk does: writes beyond it fail or are cut short.
    class FileSizeLimit {
    public:
        explicit FileSizeLimit(std::uint64_t octets)
            : handler_(::signal(SIGXFSZ, SIG_IGN))
        {
            ::getrlimit(RLIMIT_FSIZE, &before_);
            auto limit = before_;
            limit.rlim_cur = octets;
            ::setrlimit(RLIMIT_FSIZE, &limit);
        }
        FileSizeLimit(FileSizeLimit const&) = delete;
        FileSizeLimit& operator=(FileSizeLimit const&) = delete;
        ~FileSizeLimit()
        {
            ::setrlimit(RLIMIT_FSIZE, &before_);
            ::signal(SIGXFSZ, handler_);
        }

    private:
        rlimit before_ {};
        sighandler_t handler_;
    };

    TEST_F(WriterTest, AFullDiskIsATemporaryRefusal)
    {
        std::uint32_t stored = 0;
        for (std::uint64_t round = 0; round < 6; ++round) {
            {
                FileSizeLimit const limit((round + 1) * 1'000'000 + round * 777);
                Result<Appended> last = Errc::not_found;
                for (unsigned i = 0; i < 100 && (last = append(inbox_, noise(150'000, i))); ++i)
                    ++stored;
                EXPECT_EQ(last.error(), Errc::no_space);
                for (unsigned i = 0; i < 5; ++i)
                    EXPECT_EQ(append(inbox_, noise(900'000, i)).error(), Errc::no_space);
                EXPECT_EQ(mailbox("INBOX").messages, stored);
                expect_sound();
            }
            ASSERT_TRUE(append(inbox_, noise(150'000))); // there is room again: without a restart
            ++stored;
            expect_sound();
        }
        reopen();
        EXPECT_EQ(mailbox("INBOX").messages, stored);
        expect_sound();
    }

} // namespace
} // namespace mail::storage
