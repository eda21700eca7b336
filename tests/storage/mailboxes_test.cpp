// Mailboxes: creation, names, deletion, renaming, subscriptions; accounts and the catalogue.
#include "storage/encoding.h"
#include "storage/lmdb/volume.h"
#include "storage/names.h"
#include "tests/storage/fixture.h"

#include <atomic>
#include <fstream>
#include <thread>

namespace mail::storage {
namespace {

    using MailboxTest = StoreTest;

    std::vector<std::string> names(std::vector<Mailbox> const& mailboxes)
    {
        std::vector<std::string> found;
        for (auto const& mailbox : mailboxes)
            found.push_back(mailbox.name);
        return found;
    }

    TEST_F(MailboxTest, ANewAccountHasInboxAndWhatIsAskedFor)
    {
        auto const txn = read();
        auto const all = list_mailboxes(txn, account_);
        ASSERT_EQ(names(all), (std::vector<std::string> { "INBOX", "Sent" }));
        EXPECT_EQ(all[1].special_use, SpecialUse::sent);
        EXPECT_EQ(all[0].uid_next, Uid { 1 });
        EXPECT_GT(all[0].highest_mod_seq.value, 0U);
        EXPECT_GT(all[0].uid_validity.value, 1'700'000'000U);
        EXPECT_NE(all[0].uid_validity, all[1].uid_validity);
    }

    TEST_F(MailboxTest, CreatesParents)
    {
        create("a/b/c");
        EXPECT_EQ(names(list_mailboxes(read(), account_)),
            (std::vector<std::string> { "INBOX", "Sent", "a", "a/b", "a/b/c" }));
        auto const again = write(
            [&](WriteTxn& txn) { return create_mailbox(txn, account_, { .name = "a/b" }); });
        EXPECT_EQ(again.error(), Errc::already_exists);
        auto const bad = write(
            [&](WriteTxn& txn) { return create_mailbox(txn, account_, { .name = "a//b" }); });
        EXPECT_EQ(bad.error(), Errc::invalid_name);
        auto const inbox = write(
            [&](WriteTxn& txn) { return create_mailbox(txn, account_, { .name = "inbox" }); });
        EXPECT_EQ(inbox.error(), Errc::already_exists);
        EXPECT_EQ(find_mailbox(read(), account_, "inBOX")->id, inbox_);
        expect_sound();
    }

    TEST_F(MailboxTest, LongNamesThatDifferAtTheEnd)
    {
        std::string const stem(max_mailbox_name - 1, 'x');
        auto const first = create(stem + "1");
        auto const second = create(stem + "2");
        EXPECT_NE(first, second);
        EXPECT_EQ(mailbox(stem + "2").id, second);
        EXPECT_EQ(find_mailbox(read(), account_, stem + "3").error(), Errc::not_found);
        expect_sound();
    }

    TEST_F(MailboxTest, ARecreatedMailboxHasAHigherUidValidity)
    {
        auto last = UidValidity {};
        for (int round = 0; round < 5; ++round) {
            create("again");
            auto const now = mailbox("again");
            EXPECT_GT(now.uid_validity, last);
            last = now.uid_validity;
            ASSERT_TRUE(
                write([&](WriteTxn& txn) { return delete_mailbox(txn, account_, "again"); }));
        }
        expect_sound();
    }

    TEST_F(MailboxTest, DeletionKeepsChildrenAndIsFinal)
    {
        create("a/b");
        auto const id = mailbox("a").id;
        ASSERT_TRUE(append(id, "one"));
        ASSERT_TRUE(write([&](WriteTxn& txn) { return delete_mailbox(txn, account_, "a"); }));
        EXPECT_EQ(find_mailbox(read(), account_, "a").error(), Errc::not_found);
        EXPECT_TRUE(find_mailbox(read(), account_, "a/b"));
        EXPECT_TRUE(list(id).empty());
        EXPECT_EQ(get_message(read(), account_, id, Uid { 1 }).error(), Errc::not_found);
        EXPECT_EQ(append(id, "two").error(), Errc::not_found);
        EXPECT_EQ(account_usage(read(), account_)->messages, 0U);
        expect_sound();

        { // a FETCH under way still finds it
            auto const txn = read();
            auto const kept = get_kept_message(txn, account_, id, Uid { 1 });
            ASSERT_TRUE(kept);
            EXPECT_EQ(read_all(txn, kept->body), "one");
            EXPECT_EQ(get_cold(txn, account_, id, Uid { 1 })->envelope, "envelope of one");
        }
        EXPECT_EQ(store_->sweep_expunged(std::chrono::system_clock::now()), 0U);
        EXPECT_EQ(sweep_after_window(), 1U);
        EXPECT_EQ(get_kept_message(read(), account_, id, Uid { 1 }).error(), Errc::not_found);
        expect_sound();

        auto const inbox
            = write([&](WriteTxn& txn) { return delete_mailbox(txn, account_, "Inbox"); });
        EXPECT_EQ(inbox.error(), Errc::not_permitted);
        auto const nowhere
            = write([&](WriteTxn& txn) { return delete_mailbox(txn, account_, "nowhere"); });
        EXPECT_EQ(nowhere.error(), Errc::not_found);
    }

    TEST_F(MailboxTest, RenamingKeepsIdsAndUids)
    {
        auto const id = create("a/b");
        ASSERT_TRUE(append(id, "one", 0, { "$Work" }));
        auto const before = mailbox("a/b");
        ASSERT_TRUE(
            write([&](WriteTxn& txn) { return rename_mailbox(txn, account_, "a", "x/y"); }));
        auto const after = mailbox("x/y/b");
        EXPECT_EQ(after.id, id);
        EXPECT_EQ(after.uid_validity, before.uid_validity);
        EXPECT_EQ(after.messages, 1U);
        EXPECT_EQ(after.keywords, (std::vector<std::string> { "$Work" }));
        EXPECT_TRUE(find_mailbox(read(), account_, "x"));
        EXPECT_FALSE(find_mailbox(read(), account_, "a"));
        EXPECT_FALSE(find_mailbox(read(), account_, "a/b"));
        expect_sound();
    }

    TEST_F(MailboxTest, RenamingRefuses)
    {
        auto const rename = [&](std::string_view from, std::string_view to) {
            auto const renamed
                = write([&](WriteTxn& txn) { return rename_mailbox(txn, account_, from, to); });
            return renamed ? Errc {} : renamed.error();
        };
        create("a/b");
        create("c/b");
        EXPECT_EQ(rename("nowhere", "x"), Errc::not_found);
        EXPECT_EQ(rename("a", "c"), Errc::already_exists);
        EXPECT_EQ(rename("a", "inbox"), Errc::already_exists);
        EXPECT_EQ(rename("a", "a/b/c"), Errc::not_permitted);
        EXPECT_EQ(rename("a", "x//y"), Errc::invalid_name);
        EXPECT_EQ(
            rename("a", std::string(max_mailbox_name, 'x')), Errc::limit); // a/b would be longer
        ASSERT_TRUE(write([&](WriteTxn& txn) { return delete_mailbox(txn, account_, "c"); }));
        EXPECT_EQ(rename("a", "c"), Errc::already_exists); // for c/b
        EXPECT_TRUE(find_mailbox(read(), account_, "a/b"));
        expect_sound();
    }

    TEST_F(MailboxTest, RenamingUpwardsIntoTheOwnParentsName)
    {
        auto const low = create("a/b/b");
        auto const middle = mailbox("a/b").id;
        ASSERT_TRUE(write([&](WriteTxn& txn) { return delete_mailbox(txn, account_, "a"); }));
        ASSERT_TRUE(
            write([&](WriteTxn& txn) { return rename_mailbox(txn, account_, "a/b", "a"); }));
        EXPECT_EQ(mailbox("a").id, middle);
        EXPECT_EQ(mailbox("a/b").id, low);
        expect_sound();
    }

    TEST_F(MailboxTest, RenamingInboxMovesItsMessages)
    {
        ASSERT_TRUE(append(inbox_, "one", Flags::seen, { "$Work" }));
        ASSERT_TRUE(append(inbox_, "two"));
        create("INBOX/below");
        auto const before = mailbox("INBOX");
        ASSERT_TRUE(write(
            [&](WriteTxn& txn) { return rename_mailbox(txn, account_, "inbox", "old/mail"); }));
        auto const inbox = mailbox("INBOX");
        EXPECT_EQ(inbox.id, inbox_);
        EXPECT_EQ(inbox.uid_validity, before.uid_validity);
        EXPECT_EQ(inbox.messages, 0U);
        EXPECT_EQ(inbox.uid_next, Uid { 3 });
        auto const moved = mailbox("old/mail");
        EXPECT_EQ(moved.messages, 2U);
        EXPECT_EQ(moved.unseen, 1U);
        EXPECT_EQ(moved.keywords, (std::vector<std::string> { "$Work" }));
        EXPECT_TRUE(find_mailbox(read(), account_, "INBOX/below"));
        expect_sound();
    }

    TEST_F(MailboxTest, Subscriptions)
    {
        auto const subscribe_to = [&](std::string_view name) {
            return write([&](WriteTxn& txn) { return subscribe(txn, account_, name); });
        };
        ASSERT_TRUE(subscribe_to("nowhere"));
        ASSERT_TRUE(subscribe_to("Sent"));
        auto const before = highest_mod_seq(read(), account_);
        ASSERT_TRUE(subscribe_to("Sent"));
        EXPECT_EQ(highest_mod_seq(read(), account_), before);
        EXPECT_EQ(list_subscriptions(read(), account_),
            (std::vector<std::string> { "INBOX", "Sent", "nowhere" }));
        ASSERT_TRUE(write([&](WriteTxn& txn) { return unsubscribe(txn, account_, "inbox"); }));
        ASSERT_TRUE(write([&](WriteTxn& txn) { return unsubscribe(txn, account_, "inbox"); }));
        EXPECT_EQ(
            list_subscriptions(read(), account_), (std::vector<std::string> { "Sent", "nowhere" }));
        EXPECT_EQ(subscribe_to("a//b").error(), Errc::invalid_name);
        expect_sound();
    }

    TEST_F(MailboxTest, RecentMarkOnlyRises)
    {
        auto const claim = [&](std::uint32_t uid) {
            return write(
                [&](WriteTxn& txn) { return claim_recent(txn, account_, inbox_, Uid { uid }); });
        };
        ASSERT_TRUE(append(inbox_, "one"));
        ASSERT_TRUE(claim(2));
        ASSERT_TRUE(claim(1));
        EXPECT_EQ(mailbox("INBOX").recent_from, Uid { 2 });
        expect_sound();
    }

    using AccountTest = StoreTest;

    TEST_F(AccountTest, NamesAreWithoutCaseAndSurviveReopening)
    {
        EXPECT_EQ(store_->open_account("ALICE", {})->id, account_);
        EXPECT_EQ(store_->find_account("nobody").error(), Errc::not_found);
        auto const bob = store_->open_account("Bob@example.org", {});
        reopen();
        EXPECT_EQ(store_->find_account("bob@EXAMPLE.org")->id, bob->id);
        ASSERT_EQ(store_->accounts().size(), 2U);
    }

    TEST_F(AccountTest, RacingOpenersGetOneAccount)
    {
        std::vector<std::thread> threads;
        std::vector<AccountId> ids(8);
        for (auto& id : ids)
            threads.emplace_back([&] { id = store_->open_account("carol", {})->id; });
        for (auto& thread : threads)
            thread.join();
        for (auto const id : ids)
            EXPECT_EQ(id, ids[0]);
        EXPECT_EQ(verify_account(read(), ids[0]), std::vector<std::string> {});
    }

    TEST_F(AccountTest, RemovalTakesTheMailAndNeverReusesTheId)
    {
        auto const bob = *store_->open_account("bob", {});
        auto const bobs = find_mailbox(read(), bob.id, "INBOX").value();
        NewMessage const shared { .body = stage(volume(), "for both") };
        ASSERT_TRUE(write([&](WriteTxn& txn) -> Result<Appended> {
            auto const first = append_message(txn, account_, inbox_, shared);
            return first ? append_message(txn, bob.id, bobs.id, shared) : first;
        }));
        ASSERT_TRUE(store_->remove_account("bob"));
        EXPECT_EQ(store_->remove_account("bob").error(), Errc::not_found);
        EXPECT_EQ(highest_mod_seq(read(), bob.id), ModSeq {});
        EXPECT_TRUE(list_mailboxes(read(), bob.id).empty());
        auto const gone
            = write([&](WriteTxn& txn) { return append_message(txn, bob.id, bobs.id, shared); });
        EXPECT_EQ(gone.error(), Errc::not_found);
        expect_sound(); // alice's reference to the shared body stays
        EXPECT_EQ(read_all(read(), message(inbox_, 1).body), "for both");

        auto const again = *store_->open_account("bob", {});
        EXPECT_GT(again.id, bob.id);
        EXPECT_GT(find_mailbox(read(), again.id, "INBOX")->uid_validity, bobs.uid_validity);
        reopen();
        EXPECT_EQ(store_->find_account("bob")->id, again.id);
        expect_sound();
    }

    TEST_F(AccountTest, QuotaBoundsWhatComesIn)
    {
        ASSERT_TRUE(write([&](WriteTxn& txn) {
            return set_quota(txn, account_, Quota { .octets = 10, .messages = 3 });
        }));
        EXPECT_EQ(*effective_quota(read(), account_, { .octets = 5 }),
            (Quota { .octets = 10, .messages = 3 }));
        ASSERT_TRUE(append(inbox_, "12345"));
        EXPECT_EQ(append(inbox_, "123456").error(), Errc::over_quota);
        ASSERT_TRUE(append(inbox_, "12345"));
        auto const sent = mailbox("Sent").id;
        auto const copied = write(
            [&](WriteTxn& txn) { return copy_messages(txn, account_, inbox_, every_uid, sent); });
        EXPECT_EQ(copied.error(), Errc::over_quota);
        auto const moved = write(
            [&](WriteTxn& txn) { return move_messages(txn, account_, inbox_, every_uid, sent); });
        EXPECT_TRUE(moved);
        ASSERT_TRUE(append(inbox_, ""));
        EXPECT_EQ(append(inbox_, "").error(), Errc::over_quota);
        EXPECT_EQ(*account_usage(read(), account_),
            (Usage { .octets = 10, .messages = 3, .mailboxes = 2 }));
        expect_sound();
    }

    TEST_F(AccountTest, QuotaCanBeAskedBeforehand)
    {
        ASSERT_TRUE(append(inbox_, "12345"));
        Quota const quota { .octets = 10, .messages = 2, .mailboxes = 2 };
        auto const check
            = [&](Usage const& more) { return check_quota(read(), account_, more, quota); };
        EXPECT_TRUE(check({ .octets = 5, .messages = 1 }));
        EXPECT_EQ(check({ .octets = 6, .messages = 1 }).error(), Errc::over_quota);
        EXPECT_EQ(check({ .messages = 2 }).error(), Errc::over_quota);
        EXPECT_EQ(check({ .mailboxes = 1 }).error(), Errc::over_quota);
        EXPECT_TRUE(check_quota(read(), account_, { .octets = UINT64_MAX }, {}));
        ASSERT_TRUE(write(
            [&](WriteTxn& txn) { return set_quota(txn, account_, Quota { .messages = 1 }); }));
        EXPECT_TRUE(check({ .octets = UINT64_MAX })) << "what was set takes the place of all";
        EXPECT_EQ(check({ .messages = 1 }).error(), Errc::over_quota);
        EXPECT_EQ(check_quota(read(), AccountId { 99 }, {}, {}).error(), Errc::not_found);
    }

    TEST_F(MailboxTest, CountsWhatAnExpungeFrees)
    {
        ASSERT_TRUE(append(inbox_, "12345", Flags::deleted));
        ASSERT_TRUE(append(inbox_, "123"));
        EXPECT_EQ(mailbox("INBOX").deleted_octets, 5U);
        ASSERT_TRUE(write([&](WriteTxn& txn) {
            return store_flags(txn, account_, inbox_, uids({ 2 }), { .system = Flags::deleted });
        }));
        EXPECT_EQ(mailbox("INBOX").deleted_octets, 8U);
        auto const sent = mailbox("Sent").id;
        ASSERT_TRUE(write([&](WriteTxn& txn) {
            return copy_messages(txn, account_, inbox_, uids({ 1 }), sent);
        }));
        EXPECT_EQ(mailbox("Sent").deleted_octets, 5U);
        ASSERT_TRUE(write(
            [&](WriteTxn& txn) { return expunge_deleted(txn, account_, inbox_, uids({ 1 })); }));
        EXPECT_EQ(mailbox("INBOX").deleted_octets, 3U);
        expect_sound();
    }

    TEST_F(MailboxTest, SpecialUseCanBeChanged)
    {
        auto const set = [&](MailboxId id, SpecialUse use) {
            return write([&](WriteTxn& txn) { return set_special_use(txn, account_, id, use); });
        };
        auto const before = highest_mod_seq(read(), account_);
        auto const sent = mailbox("Sent").id;
        ASSERT_TRUE(set(sent, SpecialUse::sent));
        EXPECT_EQ(highest_mod_seq(read(), account_), before) << "nothing changed";
        ASSERT_TRUE(set(sent, SpecialUse::none));
        EXPECT_EQ(mailbox("Sent").special_use, SpecialUse::none);
        EXPECT_GT(highest_mod_seq(read(), account_), before);
        ASSERT_TRUE(set(inbox_, SpecialUse::archive));
        EXPECT_EQ(mailbox("INBOX").special_use, SpecialUse::archive);
        EXPECT_EQ(set(MailboxId { 99 }, SpecialUse::sent).error(), Errc::not_found);
        expect_sound();
    }

    TEST_F(MailboxTest, TheDeepestAndLongestNamesHaveNoChildren)
    {
        EXPECT_TRUE(may_have_children("INBOX"));
        std::string deep = "x";
        for (std::size_t level = 2; level < max_mailbox_levels; ++level)
            deep += "/x";
        EXPECT_TRUE(may_have_children(deep));
        EXPECT_FALSE(may_have_children(deep + "/x"));
        EXPECT_TRUE(may_have_children(std::string(max_mailbox_name - 2, 'x')));
        EXPECT_FALSE(may_have_children(std::string(max_mailbox_name - 1, 'x')));
    }

    /// What Store::open says.
    std::string refusal(StoreOptions const& options)
    {
        try {
            auto const store = Store::open(options);
        } catch (std::exception const& error) {
            return error.what();
        }
        return "opened";
    }

    TEST_F(AccountTest, ANewerFormatIsRefused)
    {
        ASSERT_TRUE(write([](WriteTxn& txn) -> Result<void> {
            txn.put(Table::meta, "format", std::string_view("\4\0\0\0", 4));
            return {};
        }));
        store_.reset();
        auto const said = refusal(options());
        EXPECT_NE(said.find("has format 4, this program reads format 3"), std::string::npos)
            << said;
    }

    TEST_F(AccountTest, AnUnusablePathIsRefused)
    {
        auto const file = directory_.path() / "file";
        std::ofstream(file) << "not a directory";
        auto const said = refusal({ .path = file / "store" });
        EXPECT_NE(said.find("cannot make the store"), std::string::npos) << said;
    }

    TEST_F(AccountTest, WhatACrashLeftHalfMadeIsPurged)
    {
        // As if the process had died between the volume's commit and the catalogue's: a record
        // without an account's name. Here the name goes, and the removal is not finished.
        auto const bob = *store_->open_account("bob", {});
        auto const inbox = find_mailbox(read(), bob.id, "INBOX").value().id;
        NewMessage const message { .body = stage(volume(), "left behind") };
        ASSERT_TRUE(
            write([&](WriteTxn& txn) { return append_message(txn, bob.id, inbox, message); }));
        store_.reset();
        {
            LmdbVolume::CommitCallback const nothing;
            LmdbVolume catalogue(directory_.path() / "catalogue", 1 << 26, nothing);
            ASSERT_TRUE(catalogue.write([&](WriteTxn& txn) -> Result<void> {
                EXPECT_TRUE(txn.erase(Table::meta, "account/bob"));
                txn.put(Table::meta, std::string("purge/").append(Key().u64(bob.id.value).view()),
                    std::string(4, '\0'));
                return {};
            }));
        }
        reopen();
        EXPECT_EQ(store_->find_account("bob").error(), Errc::not_found);
        EXPECT_TRUE(list_mailboxes(read(), bob.id).empty());
        expect_sound();
        EXPECT_GT(store_->open_account("bob", {})->id, bob.id);
    }

    TEST_F(AccountTest, ASecondStoreOnTheSameDirectoryIsRefused)
    {
        auto const said = refusal(options());
        EXPECT_NE(said.find("in use by process"), std::string::npos) << said;
    }

} // namespace
} // namespace mail::storage
