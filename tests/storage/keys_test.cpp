// Keys of messages: columns in blocks, what copies and expunges do to them.
#include "storage/keys.h"
#include "storage/records.h"
#include "storage/transfer.h"
#include "tests/storage/fixture.h"

#include <random>

namespace mail::storage {
namespace {

    class KeysTest : public StoreTest {
    protected:
        /// Appends messages whose keys tell their UIDs, of lengths as they come.
        void append_keyed(MailboxId mailbox, std::uint32_t count)
        {
            std::vector<NewMessage> messages;
            for (std::uint32_t i = 0; i < count; ++i) {
                NewMessage message;
                message.body = stage(volume(), "x");
                auto const length = random_() % 20 == 0 ? random_() % 3000 : random_() % 60;
                message.keys = { numbered("subject ", ++made_),
                    std::string(length, static_cast<char>('a' + made_ % 26)), {} };
                messages.push_back(std::move(message));
            }
            ASSERT_TRUE(write([&](WriteTxn& txn) -> Result<void> {
                for (auto const& message : messages)
                    if (auto const appended = append_message(txn, account_, mailbox, message);
                        !appended)
                        return appended.error();
                return {};
            }));
        }

        std::string key(MailboxId mailbox, std::uint32_t uid, std::size_t column = 0)
        {
            auto const txn = read();
            return std::string(KeyReader(txn, { account_, mailbox }, column).find(Uid { uid }));
        }

        /// All that are there, in one walk.
        void expect_keys(MailboxId mailbox, std::vector<std::uint32_t> const& numbers)
        {
            auto const txn = read();
            KeyReader subjects(txn, { account_, mailbox }, 0);
            KeyReader names(txn, { account_, mailbox }, 1);
            KeyReader ids(txn, { account_, mailbox }, 2);
            std::size_t i = 0;
            auto const uids = list_uids(txn, account_, mailbox);
            ASSERT_EQ(uids.count(), numbers.size());
            uids.for_each([&](Uid uid) {
                auto const number = numbers[i++];
                EXPECT_EQ(subjects.find(uid), numbered("subject ", number)) << uid.value;
                auto const name = names.find(uid);
                EXPECT_EQ(name, std::string(name.size(), static_cast<char>('a' + number % 26)));
                EXPECT_EQ(ids.find(uid), "");
            });
        }

        std::mt19937 random_ { 7 };
        std::uint32_t made_ = 0;
    };

    std::vector<std::uint32_t> numbers(std::uint32_t first, std::uint32_t last)
    {
        std::vector<std::uint32_t> all;
        for (auto i = first; i <= last; ++i)
            all.push_back(i);
        return all;
    }

    TEST_F(KeysTest, AreReadInOneWalkOrOneByOne)
    {
        append_keyed(inbox_, 300);
        append_keyed(inbox_, 1);
        expect_keys(inbox_, numbers(1, 301));
        EXPECT_EQ(key(inbox_, 301), numbered("subject ", 301));
        EXPECT_EQ(key(inbox_, 302), "");
        auto const txn = read();
        KeyReader keys(txn, { account_, inbox_ }, 0);
        for (std::uint32_t const uid : { 200U, 5U, 5U, 301U, 400U, 1U, 2U, 299U })
            EXPECT_EQ(keys.find(Uid { uid }), uid > 301 ? "" : numbered("subject ", uid)) << uid;
        EXPECT_EQ(KeyReader(txn, { account_, mailbox("Sent").id }, 0).find(Uid { 1 }), "");
        expect_sound();
    }

    TEST_F(KeysTest, GoWithCopies)
    {
        append_keyed(inbox_, 1100);
        auto const sent = mailbox("Sent").id;
        append_keyed(sent, 3);
        UidSet some(UidRange { Uid { 10 }, Uid { 1050 } });
        ASSERT_TRUE(
            write([&](WriteTxn& txn) { return copy_messages(txn, account_, inbox_, some, sent); }));
        auto expected = numbers(1101, 1103);
        auto const copied = numbers(10, 1050);
        expected.insert(expected.end(), copied.begin(), copied.end());
        expect_keys(sent, expected);
        auto const taken = take_messages(read(), { { account_, inbox_ }, account_ }, some);
        ASSERT_TRUE(taken);
        auto const other = create("other");
        ASSERT_TRUE(
            write([&](WriteTxn& txn) { return put_messages(txn, account_, other, *taken); }));
        expect_keys(other, copied);
        expect_sound();
    }

    TEST_F(KeysTest, StayUntilTheMessageIsFreed)
    {
        append_keyed(inbox_, 400);
        UidSet gone;
        std::vector<std::uint32_t> left;
        for (std::uint32_t uid = 1; uid <= 400; ++uid)
            if (uid % 10 != 3 && (uid < 100 || uid > 150))
                gone.add(Uid { uid });
            else
                left.push_back(uid);
        ASSERT_TRUE(write([&](WriteTxn& txn) { return expunge(txn, account_, inbox_, gone); }));
        EXPECT_EQ(key(inbox_, 1), numbered("subject ", 1));
        expect_keys(inbox_, left);
        EXPECT_EQ(sweep_after_window(), gone.count());
        EXPECT_EQ(key(inbox_, 1), "");
        expect_keys(inbox_, left);
        expect_sound();
        append_keyed(inbox_, 5);
        for (std::uint32_t uid = 401; uid <= 405; ++uid)
            left.push_back(uid);
        expect_keys(inbox_, left);
        expect_sound();
    }

    TEST_F(KeysTest, GoWithTheMailbox)
    {
        auto const box = create("box");
        append_keyed(box, 200);
        ASSERT_TRUE(write([&](WriteTxn& txn) { return delete_mailbox(txn, account_, "box"); }));
        expect_sound();
        EXPECT_EQ(sweep_after_window(), 200U);
        EXPECT_EQ(key(box, 1), "");
        expect_sound();
    }

    TEST_F(KeysTest, ADamagedBlockIsNoticed)
    {
        append_keyed(inbox_, 3);
        Key const row(account_, Kind::keys, inbox_, Uid { 1 });
        std::string const whole(*read().get(Table::index, row));
        for (std::size_t const cut : { 1U, 7U, 20U, static_cast<unsigned>(whole.size()) - 1 }) {
            ASSERT_TRUE(write([&](WriteTxn& txn) -> Result<void> {
                txn.put(Table::index, row, std::string_view(whole).substr(0, cut));
                return {};
            }));
            EXPECT_THROW(key(inbox_, 1), Damaged) << cut;
        }
        auto long_string = whole;
        long_string[20 + 12] = '\x7f'; // the length of the first subject
        ASSERT_TRUE(write([&](WriteTxn& txn) -> Result<void> {
            txn.put(Table::index, row, long_string);
            return {};
        }));
        EXPECT_THROW(key(inbox_, 1), Damaged);
        EXPECT_EQ(key(inbox_, 1, 2), "");
    }

} // namespace
} // namespace mail::storage
