// What stands beside the messages: annotations, keys of URLs, threads.
#include "storage/delivered.h"
#include "storage/encoding.h"
#include "storage/metadata.h"
#include "storage/threads.h"
#include "storage/url_keys.h"
#include "tests/storage/fixture.h"

namespace mail::storage {
namespace {

    class BelongingsTest : public StoreTest {
    protected:
        Result<void> change(MetadataPlace const& at, MetadataChange const& what)
        {
            return write([&](WriteTxn& txn) { return change_metadata(txn, at, what); });
        }

        std::uint64_t append_linked(std::vector<std::uint64_t> links, MailboxId to)
        {
            auto const appended = write([&](WriteTxn& txn) {
                NewMessage const message { .body = stage(volume(), "text"), .thread_links = links };
                return append_message(txn, account_, to, message);
            });
            return appended ? get_cold(read(), account_, to, appended->uid)->thread_id : 0;
        }
    };

    TEST_F(BelongingsTest, AnnotationsAreSetAndRemoved)
    {
        MetadataPlace const shared { { account_, inbox_ } };
        MetadataPlace const own { { account_, inbox_ }, account_ };
        MetadataPlace const server { { account_, {} } };
        ASSERT_TRUE(change(shared, { { "/shared/comment", "Hello" }, { "/shared/b", "2" } }));
        ASSERT_TRUE(change(own, { { "/private/comment", "Mine" } }));
        ASSERT_TRUE(change(server, { { "/shared/admin", "mailto:x" } }));
        EXPECT_EQ(read_metadata(read(), shared),
            (Metadata { { "/shared/b", "2" }, { "/shared/comment", "Hello" } }));
        EXPECT_EQ(read_metadata(read(), own), (Metadata { { "/private/comment", "Mine" } }));
        auto const before = highest_mod_seq(read(), account_);
        ASSERT_TRUE(change(shared, { { "/shared/nothing", std::nullopt } }));
        EXPECT_EQ(highest_mod_seq(read(), account_), before) << "nothing changed";
        ASSERT_TRUE(change(shared, { { "/shared/b", std::nullopt }, { "/shared/comment", "" } }));
        EXPECT_EQ(read_metadata(read(), shared), (Metadata { { "/shared/comment", "" } }));
        EXPECT_GT(highest_mod_seq(read(), account_), before);
        EXPECT_EQ(change({ { account_, MailboxId { 99 } } }, { { "/shared/x", "1" } }).error(),
            Errc::not_found);
        expect_sound();
    }

    TEST_F(BelongingsTest, ChangedAnnotationsAreKnownByTheirModSeq)
    {
        MetadataPlace const at { { account_, inbox_ } };
        using Names = std::vector<std::string>;
        auto const begin = highest_mod_seq(read(), account_);
        ASSERT_TRUE(change(at, { { "/shared/a", "1" }, { "/shared/b", "2" } }));
        EXPECT_EQ(metadata_changed_since(read(), at, begin), (Names { "/shared/a", "/shared/b" }));
        auto const middle = highest_mod_seq(read(), account_);
        EXPECT_TRUE(metadata_changed_since(read(), at, middle).empty());
        ASSERT_TRUE(change(at, { { "/shared/a", "1" }, { "/shared/b", std::nullopt } }));
        EXPECT_EQ(metadata_changed_since(read(), at, middle), (Names { "/shared/b" }));
        EXPECT_EQ(read_metadata(read(), at), (Metadata { { "/shared/a", "1" } }));
        ASSERT_TRUE(change(at, { { "/shared/a", std::nullopt } }));
        EXPECT_TRUE(read_metadata(read(), at).empty());
        EXPECT_EQ(metadata_changed_since(read(), at, begin), (Names { "/shared/a", "/shared/b" }));
    }

    TEST_F(BelongingsTest, RemovedAnnotationsAreRememberedToABound)
    {
        MetadataPlace const at { { account_, inbox_ } };
        for (std::size_t i = 0; i < 2 * max_metadata_entries + 10; ++i) {
            ASSERT_TRUE(change(at, { { numbered("/shared/x", i), "x" } }));
            ASSERT_TRUE(change(at, { { numbered("/shared/x", i), std::nullopt } }));
        }
        auto const names = metadata_changed_since(read(), at, {});
        EXPECT_EQ(names.size(), max_metadata_entries);
        EXPECT_NE(std::find(names.begin(), names.end(),
                      numbered("/shared/x", 2 * max_metadata_entries + 9)),
            names.end());
    }

    TEST_F(BelongingsTest, AnnotationsOfInboxAreCopiedWhenItIsRenamed)
    {
        ASSERT_TRUE(change({ { account_, inbox_ } }, { { "/shared/comment", "all" } }));
        ASSERT_TRUE(change({ { account_, inbox_ }, account_ }, { { "/private/comment", "mine" } }));
        ASSERT_TRUE(
            write([&](WriteTxn& txn) { return rename_mailbox(txn, account_, "INBOX", "Old"); }));
        for (auto const id : { inbox_, mailbox("Old").id }) {
            EXPECT_EQ(read_metadata(read(), { { account_, id } }),
                (Metadata { { "/shared/comment", "all" } }));
            EXPECT_EQ(read_metadata(read(), { { account_, id }, account_ }),
                (Metadata { { "/private/comment", "mine" } }));
        }
        expect_sound();
    }

    TEST_F(BelongingsTest, AnnotationsAreBounded)
    {
        MetadataPlace const at { { account_, inbox_ } };
        MetadataChange many;
        for (std::size_t i = 0; i < max_metadata_entries; ++i)
            many[numbered("/shared/", i)] = "x";
        ASSERT_TRUE(change(at, many));
        EXPECT_EQ(change(at, { { "/shared/one-more", "x" } }).error(), Errc::limit);
        EXPECT_TRUE(change(at, { { numbered("/shared/", 0), "y" } }));
        EXPECT_EQ(change(at, { { numbered("/shared/", 1), std::string(max_metadata_octets, 'x') } })
                      .error(),
            Errc::over_quota);
        expect_sound();
    }

    TEST_F(BelongingsTest, GoWithADeletedMailbox)
    {
        auto const gone = create("Gone");
        ASSERT_TRUE(change({ { account_, gone } }, { { "/shared/comment", "x" } }));
        ASSERT_TRUE(write([&](WriteTxn& txn) {
            return put_url_key(txn, { account_, gone }, account_, "key");
        }));
        ASSERT_TRUE(write([&](WriteTxn& txn) { return delete_mailbox(txn, account_, "Gone"); }));
        expect_sound();
        store_->sweep_expunged(std::chrono::system_clock::now() + std::chrono::hours(24 * 365));
        EXPECT_TRUE(read_metadata(read(), { { account_, gone } }).empty());
        EXPECT_FALSE(read_url_key(read(), { account_, gone }, account_));
        expect_sound();
    }

    TEST_F(BelongingsTest, UrlKeysAreByAccountAndCanBeTakenAway)
    {
        Place const inbox { account_, inbox_ };
        AccountId const other { 77 };
        ASSERT_TRUE(write([&](WriteTxn& txn) -> Result<void> {
            (void)put_url_key(txn, inbox, account_, "mine");
            return put_url_key(txn, inbox, other, "other");
        }));
        EXPECT_EQ(read_url_key(read(), inbox, account_), "mine");
        EXPECT_TRUE(has_url_keys(read(), account_, other));
        EXPECT_FALSE(has_url_keys(read(), account_, AccountId { 99 }));
        ASSERT_TRUE(write([&](WriteTxn& txn) -> Result<void> {
            erase_url_keys(txn, account_, account_);
            return {};
        }));
        EXPECT_FALSE(read_url_key(read(), inbox, account_));
        EXPECT_EQ(read_url_key(read(), inbox, other), "other");
    }

    TEST_F(BelongingsTest, AResetOfAUrlKeyIsLogged)
    {
        Place const inbox { account_, inbox_ };
        auto const before = highest_mod_seq(read(), account_);
        ASSERT_TRUE(write([&](WriteTxn& txn) { return put_url_key(txn, inbox, account_, "one"); }));
        EXPECT_EQ(highest_mod_seq(read(), account_), before) << "a first key is no news";
        ASSERT_TRUE(write([&](WriteTxn& txn) { return log_url_key_reset(txn, inbox); }));
        std::vector<Change::Kind> kinds;
        changes_since(read(), account_, before, [&](Change const& change) {
            EXPECT_EQ(change.mailbox, inbox_);
            kinds.push_back(change.kind);
            return true;
        });
        EXPECT_EQ(kinds, std::vector { Change::Kind::url_key });
        EXPECT_EQ(write([&](WriteTxn& txn) {
            return log_url_key_reset(txn, { AccountId { 99 }, inbox_ });
        }).error(),
            Errc::not_found);
        expect_sound();
    }

    TEST_F(BelongingsTest, MessagesThatShareALinkShareAThread)
    {
        auto const sent = mailbox("Sent").id;
        auto const first = append_linked({ 10 }, inbox_);
        auto const other = append_linked({ 20 }, inbox_);
        EXPECT_NE(first, 0U);
        EXPECT_NE(first, other);
        EXPECT_EQ(append_linked({ 11, 10 }, sent), first);
        EXPECT_EQ(append_linked({ 12, 11, 20 }, inbox_), first) << "the first link that is known";
        EXPECT_EQ(append_linked({ 30, 31, 30 }, inbox_), append_linked({ 31 }, inbox_))
            << "a message that was referred to before it came";
        EXPECT_NE(append_linked({}, inbox_), append_linked({}, inbox_));
        expect_sound();
    }

    TEST_F(BelongingsTest, LinksOfFreedMessagesAreSwept)
    {
        constexpr std::uint64_t count = 10'100;
        ASSERT_TRUE(write([&](WriteTxn& txn) -> Result<void> {
            auto record = load_account(txn, account_);
            for (std::uint64_t link = 1; link <= count; ++link) {
                std::vector<std::uint64_t> const links { link };
                (void)find_thread(txn, account_, *record, links);
            }
            record->mod_seq.value += 5000; // they are old
            save_account(txn, account_, *record);
            return {};
        }));
        auto const kept = append_linked({ 5 }, inbox_);
        store_->sweep_expunged(std::chrono::system_clock::now());
        EXPECT_EQ(load_account(read(), account_)->thread_rows, 1U);
        EXPECT_EQ(append_linked({ 6, 5 }, inbox_), kept);
        expect_sound();
    }

    DeliveryKey delivery(unsigned number)
    {
        DeliveryKey key {};
        key[0] = static_cast<char>(number);
        key[1] = static_cast<char>(number >> 8);
        key[2] = 'x';
        return key;
    }

    TEST_F(BelongingsTest, DeliveriesAreNotedUntilTheirEnd)
    {
        auto const note = [&](unsigned number, std::int64_t seconds) {
            bool is_new = false;
            EXPECT_TRUE(write([&](WriteTxn& txn) -> Result<int> {
                is_new = note_delivery(txn, account_, delivery(number), txn.now() + seconds);
                return 0;
            }));
            return is_new;
        };
        EXPECT_TRUE(note(1, 1000));
        EXPECT_FALSE(note(1, 5000)) << "it was noted, and its end stays";
        EXPECT_TRUE(note(2, 0));
        EXPECT_TRUE(note(2, 1000)) << "the first note had ended";
        EXPECT_FALSE(note(2, 1000));
        reopen();
        EXPECT_FALSE(note(1, 1000)) << "notes are durable";
        expect_sound();

        // A job that fails takes its note with it.
        EXPECT_FALSE(write([&](WriteTxn& txn) -> Result<int> {
            note_delivery(txn, account_, delivery(3), txn.now() + 1000);
            return Errc::over_quota;
        }));
        EXPECT_TRUE(note(3, 1000));

        EXPECT_FALSE(has_delivered_before(read(), account_, 1));
        EXPECT_TRUE(has_delivered_before(read(), account_, INT64_MAX));
        ASSERT_TRUE(write([&](WriteTxn& txn) -> Result<int> {
            EXPECT_TRUE(forget_delivered(txn, account_, INT64_MAX, 2));
            EXPECT_FALSE(forget_delivered(txn, account_, INT64_MAX, 2));
            return 0;
        }));
        expect_sound();
        EXPECT_TRUE(note(1, 1000));
    }

    TEST_F(BelongingsTest, NotesOfDeliveriesAreBounded)
    {
        ASSERT_TRUE(write([&](WriteTxn& txn) -> Result<int> {
            for (unsigned i = 0; i < max_delivered + 5; ++i)
                EXPECT_TRUE(note_delivery(
                    txn, account_, delivery(i), txn.now() + 1000 + static_cast<int>(i)));
            return 0;
        }));
        expect_sound();
        ASSERT_TRUE(write([&](WriteTxn& txn) -> Result<int> {
            EXPECT_FALSE(note_delivery(txn, account_, delivery(5), txn.now() + 9)) << "kept";
            EXPECT_TRUE(note_delivery(txn, account_, delivery(4), txn.now() + 9)) << "forgotten";
            return 0;
        }));
        ASSERT_TRUE(store_->remove_account("alice"));
        auto const txn = read();
        Cursor cursor(txn, Table::index);
        EXPECT_FALSE(cursor.seek(Key().u64(account_.value))
            && cursor.key().starts_with(Key().u64(account_.value).view()))
            << "nothing of a removed account stays";
    }

} // namespace
} // namespace mail::storage
