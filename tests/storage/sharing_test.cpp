// What makes a mailbox shareable: access control lists, \Seen of its own for each reader, messages
// that go from account to account.
#include "storage/acl.h"
#include "storage/mailbox_view.h"
#include "storage/transfer.h"
#include "tests/storage/fixture.h"

namespace mail::storage {
namespace {

    class SharingTest : public StoreTest {
    protected:
        SharingTest()
            : bob_(*store_->open_account("bob", {}))
        {
        }

        Place inbox() const { return { account_, inbox_ }; }
        Viewpoint bobs_view() const { return { inbox(), bob_.id }; }

        Result<FlagsStored> store_seen(
            UidSet const& uids, AccountId viewer, FlagChange::Mode mode = FlagChange::Mode::add)
        {
            return write([&](WriteTxn& txn) {
                return store_flags(txn, account_, inbox_, uids,
                    { .mode = mode, .system = Flags::seen, .viewer = viewer });
            });
        }

        std::vector<std::uint32_t> seen_uids(Viewpoint const& from)
        {
            std::vector<std::uint32_t> found;
            auto const txn = read();
            MailboxView(txn, from).scan(all_uids, Columns::flags, [&](HotRecord const& hot) {
                if (hot.flags.has(Flags::seen))
                    found.push_back(hot.uid.value);
                return true;
            });
            return found;
        }

        Account bob_;
    };

    TEST_F(SharingTest, ListOfAMailboxIsKeptAndGoesWithIt)
    {
        EXPECT_TRUE(read_acl(read(), inbox()).empty());
        Acl const acl { { "bob", Right::lookup | Right::read }, { "-anyone", Right::administer } };
        auto const before = highest_mod_seq(read(), account_);
        ASSERT_TRUE(write([&](WriteTxn& txn) { return write_acl(txn, inbox(), acl); }));
        EXPECT_EQ(read_acl(read(), inbox()), acl);
        EXPECT_GT(highest_mod_seq(read(), account_), before);
        auto const lists = list_acls(read(), account_);
        ASSERT_EQ(lists.size(), 1U);
        EXPECT_EQ(lists[0].first, inbox_);
        ASSERT_TRUE(write([&](WriteTxn& txn) { return write_acl(txn, inbox(), {}); }));
        EXPECT_TRUE(list_acls(read(), account_).empty());
        EXPECT_EQ(write([&](WriteTxn& txn) {
            return write_acl(txn, { account_, MailboxId { 999 } }, acl);
        }).error(),
            Errc::not_found);
        EXPECT_EQ(write([&](WriteTxn& txn) {
            return write_acl(txn, inbox(), Acl(max_acl_entries + 1, acl[0]));
        }).error(),
            Errc::limit);
        expect_sound();
    }

    TEST_F(SharingTest, NewMailboxGetsTheListOfTheOneAbove)
    {
        Acl const acl { { "bob", Rights::all() } };
        auto const top = create("Top");
        ASSERT_TRUE(write([&](WriteTxn& txn) { return write_acl(txn, { account_, top }, acl); }));
        auto const deep = create("Top/Middle/Deep");
        EXPECT_EQ(read_acl(read(), { account_, deep }), acl);
        EXPECT_TRUE(read_acl(read(), { account_, create("Other") }).empty());
    }

    TEST_F(SharingTest, NotesOfSharingSurviveAndEndWithTheAccount)
    {
        auto const alice = *store_->find_account("alice");
        ASSERT_TRUE(store_->note_sharing(alice, "bob"));
        ASSERT_TRUE(store_->note_sharing(alice, "bob"));
        ASSERT_TRUE(store_->note_sharing(bob_, "$team"));
        std::vector<std::string> const bob { "bob", "$staff" };
        std::vector<std::string> const team { "carol", "$team" };
        ASSERT_EQ(store_->sharing_with(bob).size(), 1U);
        EXPECT_EQ(store_->sharing_with(bob)[0].id, account_);
        reopen();
        ASSERT_EQ(store_->sharing_with(team).size(), 1U);
        EXPECT_EQ(store_->sharing_with(team)[0].name, "bob");
        ASSERT_TRUE(store_->remove_account("bob"));
        EXPECT_TRUE(store_->sharing_with(team).empty());
        reopen();
        EXPECT_TRUE(store_->sharing_with(team).empty());
    }

    TEST_F(SharingTest, EachReaderHasAnOwnSeen)
    {
        for (auto const* text : { "one", "two", "three" })
            ASSERT_TRUE(append(inbox_, text));
        ASSERT_TRUE(store_seen(UidSet(Uid { 1 }), account_));
        auto const stored = store_seen(UidSet(UidRange { Uid { 2 }, Uid { 3 } }), bob_.id);
        ASSERT_TRUE(stored);
        EXPECT_EQ(stored->changed.count(), 2U);
        EXPECT_EQ(seen_uids({ inbox(), account_ }), (std::vector<std::uint32_t> { 1 }));
        EXPECT_EQ(seen_uids(bobs_view()), (std::vector<std::uint32_t> { 2, 3 }));
        EXPECT_EQ(message(inbox_, 2).mod_seq, stored->mod_seq);
        auto const record = mailbox("INBOX");
        EXPECT_EQ(record.unseen, 2U);
        EXPECT_EQ(MailboxView(read(), bobs_view()).unseen(record), 1U);

        auto const again = store_seen(UidSet(Uid { 3 }), bob_.id);
        ASSERT_TRUE(again);
        EXPECT_TRUE(again->changed.empty());
        ASSERT_TRUE(store_seen(UidSet(Uid { 3 }), bob_.id, FlagChange::Mode::remove));
        EXPECT_EQ(seen_uids(bobs_view()), (std::vector<std::uint32_t> { 2 }));
        ASSERT_TRUE(write([&](WriteTxn& txn) {
            return store_flags(txn, account_, inbox_, UidSet(Uid { 2 }),
                { .mode = FlagChange::Mode::replace, .system = Flags::flagged, .viewer = bob_.id });
        }));
        EXPECT_TRUE(seen_uids(bobs_view()).empty());
        EXPECT_EQ(message(inbox_, 2).flags.system, Flags::flagged);
        expect_sound();
    }

    TEST_F(SharingTest, SeenOfAReaderFollowsTheMessages)
    {
        for (auto const* text : { "one", "two", "three" })
            ASSERT_TRUE(append(inbox_, text));
        ASSERT_TRUE(store_seen(UidSet(UidRange { Uid { 1 }, Uid { 2 } }), bob_.id));
        auto const target = create("Target");
        auto const copied = write([&](WriteTxn& txn) {
            return copy_messages(txn, account_, inbox_, UidSet(UidRange { Uid { 2 }, Uid { 3 } }),
                target, { bob_.id });
        });
        ASSERT_TRUE(copied);
        EXPECT_EQ(seen_uids({ { account_, target }, bob_.id }), (std::vector<std::uint32_t> { 1 }));
        EXPECT_TRUE(seen_uids({ { account_, target }, account_ }).empty());
        ASSERT_TRUE(write(
            [&](WriteTxn& txn) { return expunge(txn, account_, inbox_, UidSet(Uid { 1 })); }));
        EXPECT_EQ(seen_by(read(), inbox(), bob_.id), UidSet(Uid { 2 }));
        expect_sound();
    }

    TEST_F(SharingTest, ReaderWhoAppendsSeenSeesItAlone)
    {
        ASSERT_TRUE(write([&](WriteTxn& txn) {
            NewMessage const message { .body = stage(volume(), "sent"),
                .system_flags = Flags::seen | Flags::flagged };
            return append_message(txn, account_, inbox_, message, { .viewer = bob_.id });
        }));
        EXPECT_EQ(message(inbox_, 1).flags.system, Flags::flagged);
        EXPECT_EQ(seen_uids(bobs_view()), (std::vector<std::uint32_t> { 1 }));
        expect_sound();
    }

    TEST_F(SharingTest, MessagesGoFromAccountToAccount)
    {
        ASSERT_TRUE(append(inbox_, "one", 0, { "$Work" }));
        ASSERT_TRUE(append(inbox_, "two"));
        ASSERT_TRUE(store_seen(UidSet(Uid { 2 }), bob_.id));
        auto const taken
            = take_messages(read(), bobs_view(), UidSet(UidRange { Uid { 1 }, Uid { 5 } }));
        ASSERT_TRUE(taken);
        EXPECT_EQ(taken->source.count(), 2U);
        auto const bobs_inbox = find_mailbox(read(), bob_.id, "INBOX")->id;
        auto const put = write([&](WriteTxn& txn) {
            return put_messages(txn, bob_.id, bobs_inbox, *taken, { bob_.id });
        });
        ASSERT_TRUE(put);
        EXPECT_EQ(put->target, UidSet(UidRange { Uid { 1 }, Uid { 2 } }));
        auto const txn = read();
        auto const target = *get_mailbox(txn, bob_.id, bobs_inbox);
        EXPECT_EQ(target.messages, 2U);
        EXPECT_EQ(target.unseen, 1U);
        EXPECT_EQ(target.keywords, (std::vector<std::string> { "$Work" }));
        EXPECT_TRUE(get_message(txn, bob_.id, bobs_inbox, Uid { 1 })->flags.has_keyword(0));
        EXPECT_EQ(get_message(txn, bob_.id, bobs_inbox, Uid { 1 })->body, message(inbox_, 1).body);
        auto const original = *get_cold(txn, account_, inbox_, Uid { 1 });
        auto const copy = *get_cold(txn, bob_.id, bobs_inbox, Uid { 1 });
        EXPECT_EQ(copy.email_id, original.email_id);
        EXPECT_EQ(copy.thread_id, original.thread_id);
        EXPECT_TRUE(verify_account(txn, bob_.id).empty());
        expect_sound();
    }

    TEST_F(SharingTest, AThreadGoesOnInTheOtherAccount)
    {
        auto const bobs_inbox = find_mailbox(read(), bob_.id, "INBOX")->id;
        auto const append_linked = [&](AccountId account, MailboxId to,
                                       std::vector<std::uint64_t> links) {
            auto const appended = write([&](WriteTxn& txn) {
                NewMessage const message { .body = stage(volume(), "x"), .thread_links = links };
                return append_message(txn, account, to, message);
            });
            return get_cold(read(), account, to, appended->uid)->thread_id;
        };
        auto const thread = append_linked(account_, inbox_, { 11, 12 });
        auto const known = append_linked(bob_.id, bobs_inbox, { 12 });
        EXPECT_NE(thread, known) << "ids of different accounts differ";
        auto const taken = take_messages(read(), bobs_view(), UidSet(Uid { 1 }));
        auto const put = write([&](WriteTxn& txn) {
            return put_messages(txn, bob_.id, bobs_inbox, *taken, { bob_.id });
        });
        ASSERT_TRUE(put);
        EXPECT_EQ(get_cold(read(), bob_.id, bobs_inbox, Uid { 2 })->thread_id, thread)
            << "a message keeps its thread";
        EXPECT_EQ(append_linked(bob_.id, bobs_inbox, { 13, 11 }), thread);
        EXPECT_EQ(append_linked(bob_.id, bobs_inbox, { 14, 12 }), known);
        EXPECT_TRUE(verify_account(read(), bob_.id).empty());
        expect_sound();
    }

    TEST_F(SharingTest, TransferIsBoundByQuotaAndByWhatIsThere)
    {
        ASSERT_TRUE(append(inbox_, "12345"));
        auto const taken = take_messages(read(), bobs_view(), UidSet(Uid { 1 }));
        ASSERT_TRUE(taken);
        auto const bobs_inbox = find_mailbox(read(), bob_.id, "INBOX")->id;
        auto const full = write([&](WriteTxn& txn) {
            return put_messages(
                txn, bob_.id, bobs_inbox, *taken, { .viewer = bob_.id, .quota = { .octets = 4 } });
        });
        EXPECT_EQ(full.error(), Errc::over_quota);
        ASSERT_TRUE(write(
            [&](WriteTxn& txn) { return expunge(txn, account_, inbox_, UidSet(Uid { 1 })); }));
        store_->sweep_expunged(std::chrono::system_clock::now() + std::chrono::hours(24 * 365));
        auto const late = write([&](WriteTxn& txn) {
            return put_messages(txn, bob_.id, bobs_inbox, *taken, { .viewer = bob_.id });
        });
        EXPECT_EQ(late.error(), Errc::expunged);
        EXPECT_EQ(
            take_messages(read(), { { account_, MailboxId { 99 } }, bob_.id }, UidSet()).error(),
            Errc::not_found);
    }

} // namespace
} // namespace mail::storage
