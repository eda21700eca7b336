// Thousands of random operations, many to a batch and some of them failing, against a simple model.
#include "tests/storage/fixture.h"

#include <condition_variable>
#include <map>
#include <mutex>
#include <set>

namespace mail::storage {
namespace {

    struct ModelMessage {
        std::string text;
        std::uint8_t flags = 0;
        std::set<std::string> keywords;
        std::uint64_t email = 0; ///< found out by the first read; copies have the same
        bool operator==(ModelMessage const&) const = default;
    };

    struct ModelMailbox {
        std::map<std::uint32_t, ModelMessage> messages;
        std::uint32_t uid_next = 1;
    };

    using Model = std::map<MailboxId, ModelMailbox>;

    /// Jobs that are queued together, and so are commonly committed together.
    class Batch {
    public:
        using Work = std::function<Result<void>(WriteTxn&)>;

        void add(Work work) { jobs_.push_back(std::make_unique<Job>(*this, std::move(work))); }
        /// Submits all and waits for all; the results in order.
        std::vector<Result<void>> run(Volume& volume)
        {
            left_ = jobs_.size();
            for (auto const& job : jobs_)
                volume.submit(*job);
            std::unique_lock lock(mutex_);
            woken_.wait(lock, [&] { return left_ == 0; });
            std::vector<Result<void>> results;
            for (auto const& job : jobs_)
                results.push_back(job->failed ? Result<void>(Errc::shutting_down) : job->result);
            return results;
        }

    private:
        struct Job final : WriteJob {
            Job(Batch& in, Work does)
                : batch(in)
                , work(std::move(does))
            {
            }
            Result<void> run(WriteTxn& txn) override { return work(txn); }
            void done(Result<void> what, std::exception_ptr failure) noexcept override
            {
                std::lock_guard const lock(batch.mutex_);
                result = what;
                failed = failure != nullptr;
                if (--batch.left_ == 0)
                    batch.woken_.notify_one();
            }
            Batch& batch;
            Work work;
            Result<void> result;
            bool failed = false;
        };

        std::vector<std::unique_ptr<Job>> jobs_;
        std::mutex mutex_;
        std::condition_variable woken_;
        std::size_t left_ = 0;
    };

    class ModelTest : public StoreTest {
    protected:
        std::uint32_t number(std::uint32_t bound)
        {
            return static_cast<std::uint32_t>(random_() % bound);
        }

        UidSet random_uids(ModelMailbox const& mailbox)
        {
            UidSet set;
            for (auto ranges = 1 + number(4); ranges > 0; --ranges) {
                auto const first = 1 + number(mailbox.uid_next);
                set.add(
                    UidRange { Uid { first }, Uid { first + number(number(3) == 0 ? 60 : 3) } });
            }
            return set;
        }

        MailboxId random_mailbox()
        {
            auto at = model_.begin();
            std::advance(at, number(static_cast<std::uint32_t>(model_.size())));
            return at->first;
        }

        /// What `change` does to one message of the model; true when something changed.
        static bool apply(ModelMessage& message, FlagChange const& change)
        {
            auto const before = message;
            switch (change.mode) {
            case FlagChange::Mode::replace:
                message.flags = change.system;
                message.keywords = { change.keywords.begin(), change.keywords.end() };
                break;
            case FlagChange::Mode::add:
                message.flags |= change.system;
                message.keywords.insert(change.keywords.begin(), change.keywords.end());
                break;
            case FlagChange::Mode::remove:
                message.flags = static_cast<std::uint8_t>(message.flags & ~change.system);
                for (auto const& keyword : change.keywords)
                    message.keywords.erase(keyword);
                break;
            }
            return message != before;
        }

        std::vector<std::string> random_keywords()
        {
            std::vector<std::string> keywords;
            for (auto left = number(3); left > 0; --left)
                keywords.push_back("$k" + std::string(1, static_cast<char>('a' + number(20))));
            return keywords;
        }

        /// An operation on the store, and the same on the model when it goes well.
        struct Step {
            Batch::Work store;
            std::function<void(Model&)> model;
        };

        Step random_append()
        {
            auto const to = random_mailbox();
            auto const text = number(20) == 0
                ? noise(300'000, number(1000))
                : std::string(number(5000), static_cast<char>('a' + number(26)));
            NewMessage message { .body = stage(volume(), text),
                .system_flags = static_cast<std::uint8_t>(number(32)),
                .keywords = random_keywords() };
            ModelMessage const expected { text, message.system_flags,
                { message.keywords.begin(), message.keywords.end() }, 0 };
            return { [this, to, message](WriteTxn& txn) -> Result<void> {
                        auto const appended = append_message(txn, account_, to, message);
                        if (!appended)
                            return appended.error();
                        return {};
                    },
                [to, expected](Model& model) {
                    auto& mailbox = model[to];
                    mailbox.messages[mailbox.uid_next++] = expected;
                } };
        }

        Step random_flags()
        {
            auto const in = random_mailbox();
            auto const set = random_uids(model_[in]);
            FlagChange const change { .mode = static_cast<FlagChange::Mode>(number(3)),
                .system = static_cast<std::uint8_t>(number(32)),
                .keywords = random_keywords() };
            return { [this, in, set, change](WriteTxn& txn) -> Result<void> {
                        auto const stored = store_flags(txn, account_, in, set, change);
                        if (!stored)
                            return stored.error();
                        return {};
                    },
                [in, set, change](Model& model) {
                    for (auto& [uid, message] : model[in].messages)
                        if (set.contains(Uid { uid }))
                            apply(message, change);
                } };
        }

        Step random_expunge()
        {
            auto const in = random_mailbox();
            auto const set = random_uids(model_[in]);
            bool const all = number(2) == 0;
            return { [this, in, set, all](WriteTxn& txn) -> Result<void> {
                        auto const gone = all ? expunge(txn, account_, in, set)
                                              : expunge_deleted(txn, account_, in, set);
                        if (!gone)
                            return gone.error();
                        return {};
                    },
                [in, set, all](Model& model) {
                    std::erase_if(model[in].messages, [&](auto const& entry) {
                        return set.contains(Uid { entry.first })
                            && (all || (entry.second.flags & Flags::deleted) != 0);
                    });
                } };
        }

        Step random_copy()
        {
            auto const from = random_mailbox();
            auto const to = random_mailbox();
            auto const set = random_uids(model_[from]);
            bool const moves = number(2) == 0;
            return { [this, from, to, set, moves](WriteTxn& txn) -> Result<void> {
                        auto const copied = moves ? move_messages(txn, account_, from, set, to)
                                                  : copy_messages(txn, account_, from, set, to);
                        if (!copied)
                            return copied.error();
                        return {};
                    },
                [from, to, set, moves](Model& model) {
                    auto const before = model[from].messages;
                    for (auto const& [uid, message] : before)
                        if (set.contains(Uid { uid })) {
                            model[to].messages[model[to].uid_next++] = message;
                            if (moves)
                                model[from].messages.erase(uid);
                        }
                } };
        }

        Step random_step()
        {
            switch (number(10)) {
            case 0:
            case 1:
            case 2:
            case 3:
                return random_append();
            case 4:
            case 5:
            case 6:
                return random_flags();
            case 7:
            case 8:
                return random_expunge();
            default:
                return random_copy();
            }
        }

        /// Several jobs at once. One in six does its work and then fails: nothing of it may stay.
        void run_batch()
        {
            Batch batch;
            std::vector<std::pair<Step, int>>
                steps; // with how it ends: 0 fails, 1 throws, else goes well
            for (auto left = 1 + number(6); left > 0; --left) {
                auto& [step, fate]
                    = steps.emplace_back(random_step(), static_cast<int>(number(12)));
                batch.add([work = step.store, ends = fate](WriteTxn& txn) -> Result<void> {
                    auto const worked = work(txn);
                    if (ends == 0)
                        return Errc::not_permitted;
                    if (ends == 1)
                        throw std::runtime_error("a job that throws");
                    return worked;
                });
            }
            auto const results = batch.run(volume());
            for (std::size_t i = 0; i < steps.size(); ++i) {
                auto const& [step, fate] = steps[i];
                EXPECT_EQ(results[i].has_value(), fate > 1);
                if (fate > 1)
                    step.model(model_);
            }
        }

        void compare()
        {
            auto const txn = read();
            std::size_t octets = 0;
            for (auto& [id, expected] : model_) {
                auto const box = get_mailbox(txn, account_, id);
                ASSERT_TRUE(box);
                EXPECT_EQ(box->uid_next.value, expected.uid_next);
                ASSERT_EQ(box->messages, expected.messages.size());
                auto at = expected.messages.begin();
                scan_with_cold(txn, account_, id, { Uid { 1 }, Uid { UINT32_MAX } },
                    [&](HotRecord const& hot, ColdRecord const& cold) {
                        std::set<std::string> keywords;
                        for (std::size_t bit = 0; bit < box->keywords.size(); ++bit)
                            if (hot.flags.has_keyword(bit))
                                keywords.insert(box->keywords[bit]);
                        EXPECT_EQ(hot.uid.value, at->first);
                        EXPECT_EQ(hot.flags.system, at->second.flags);
                        EXPECT_EQ(keywords, at->second.keywords);
                        EXPECT_EQ(hot.size, at->second.text.size());
                        EXPECT_NE(cold.email_id.value, 0U);
                        EXPECT_TRUE(read_all(txn, hot.body) == at->second.text);
                        octets += hot.size;
                        ++at;
                        return true;
                    });
                EXPECT_EQ(at, expected.messages.end());
            }
            EXPECT_EQ(account_usage(txn, account_)->octets, octets);
            expect_sound();
        }

        std::mt19937 random_ { 20'240'501 };
        Model model_;
    };

    TEST_F(ModelTest, RandomOperations)
    {
        model_[inbox_];
        model_[mailbox("Sent").id];
        model_[create("Archive")];
        for (int round = 0; round < 1000; ++round) { // about 3,500 operations
            run_batch();
            if (round % 50 == 49) {
                compare();
                if (round % 200 == 149)
                    sweep_after_window();
                if (round % 200 == 199)
                    reopen();
            }
        }
        compare();
    }

} // namespace
} // namespace mail::storage
