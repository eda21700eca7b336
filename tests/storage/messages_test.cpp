// Messages: append, scan, flags, copies, moves, expunging, what is kept, the change log.
#include "storage/records.h"
#include "tests/storage/fixture.h"

namespace mail::storage {
namespace {

    using MessageTest = StoreTest;

    TEST_F(MessageTest, AppendedIsReadBack)
    {
        auto const first
            = append(inbox_, "hello", Flags::seen | Flags::deleted, { "$Work", "Later" });
        auto const second = append(inbox_, "world!", 0, { "later" });
        ASSERT_TRUE(first && second);
        EXPECT_EQ(first->uid, Uid { 1 });
        EXPECT_EQ(second->uid, Uid { 2 });
        EXPECT_LT(first->mod_seq, second->mod_seq);

        auto const box = mailbox("INBOX");
        EXPECT_EQ(box.messages, 2U);
        EXPECT_EQ(box.unseen, 1U);
        EXPECT_EQ(box.deleted, 1U);
        EXPECT_EQ(box.octets, 11U);
        EXPECT_EQ(box.highest_mod_seq, second->mod_seq);
        EXPECT_EQ(box.uid_validity, first->uid_validity);
        EXPECT_EQ(box.keywords, (std::vector<std::string> { "$Work", "Later" }));

        auto const txn = read();
        auto const hot = get_message(txn, account_, inbox_, Uid { 1 });
        ASSERT_TRUE(hot);
        EXPECT_EQ(hot->flags.system, Flags::seen | Flags::deleted);
        EXPECT_TRUE(hot->flags.has_keyword(0) && hot->flags.has_keyword(1));
        EXPECT_EQ(hot->internal_date, (InternalDate { .seconds = 1'000'000, .zone_minutes = -90 }));
        EXPECT_EQ(hot->size, 5U);
        EXPECT_EQ(read_all(txn, hot->body), "hello");
        auto const cold = get_cold(txn, account_, inbox_, Uid { 2 });
        ASSERT_TRUE(cold);
        EXPECT_EQ(cold->envelope, "envelope of world!");
        EXPECT_EQ(cold->structure, "structure");
        EXPECT_EQ(cold->search_fields, "fields");
        EXPECT_EQ(cold->preview, "preview");
        EXPECT_NE(cold->email_id, get_cold(txn, account_, inbox_, Uid { 1 })->email_id);
        EXPECT_NE(cold->thread_id, 0U);
        EXPECT_EQ(get_message(txn, account_, inbox_, Uid { 3 }).error(), Errc::not_found);
    }

    TEST_F(MessageTest, TooManyKeywordsChangeNothing)
    {
        std::vector<std::string> many;
        for (std::size_t i = 0; i < max_keywords; ++i)
            many.push_back(numbered("keyword", i));
        ASSERT_TRUE(append(inbox_, "all", 0, many));
        EXPECT_EQ(append(inbox_, "more", 0, { "another" }).error(), Errc::limit);
        EXPECT_EQ(
            append(mailbox("Sent").id, "long", 0, { std::string(max_keyword + 1, 'k') }).error(),
            Errc::limit);
        auto const stored = write([&](WriteTxn& txn) {
            return store_flags(txn, account_, inbox_, every_uid, { .keywords = { "another" } });
        });
        EXPECT_EQ(stored.error(), Errc::limit);
        EXPECT_TRUE(message(inbox_, 1).flags.has_keyword(max_keywords - 1));
        EXPECT_EQ(mailbox("INBOX").keywords.size(), max_keywords);
        // Copies bring their keywords; together they are too many for the target.
        auto const sent = mailbox("Sent").id;
        ASSERT_TRUE(append(sent, "one", 0, { "another" }));
        auto const copied = write(
            [&](WriteTxn& txn) { return copy_messages(txn, account_, inbox_, every_uid, sent); });
        EXPECT_EQ(copied.error(), Errc::limit);
        EXPECT_EQ(mailbox("Sent").messages, 1U);
        expect_sound();
    }

    TEST_F(MessageTest, UidsAreNeverGivenOutTwice)
    {
        auto box = mailbox("INBOX");
        box.uid_next = max_uid;
        ASSERT_TRUE(write([&](WriteTxn& txn) -> Result<void> {
            save_mailbox(txn, account_, box);
            return {};
        }));
        EXPECT_EQ(append(inbox_, "the last one")->uid, max_uid);
        EXPECT_EQ(append(inbox_, "one too many").error(), Errc::limit);
        auto const copied = write(
            [&](WriteTxn& txn) { return copy_messages(txn, account_, inbox_, every_uid, inbox_); });
        EXPECT_EQ(copied.error(), Errc::limit);
        EXPECT_EQ(list(inbox_), UidSet(max_uid));
        ASSERT_TRUE(
            write([&](WriteTxn& txn) { return expunge(txn, account_, inbox_, every_uid); }));
        expect_sound();
    }

    TEST_F(MessageTest, ScansAreOrderedAndStop)
    {
        for (std::size_t i = 0; i < 300; ++i)
            ASSERT_TRUE(append(inbox_, numbered("m", i)));
        ASSERT_TRUE(write([&](WriteTxn& txn) {
            UidSet some;
            for (std::uint32_t uid = 1; uid <= 300; uid += 3)
                some.add(Uid { uid });
            return expunge(txn, account_, inbox_, some);
        }));
        std::vector<std::uint32_t> expected;
        for (std::uint32_t uid = 50; uid <= 250; ++uid)
            if (uid % 3 != 1)
                expected.push_back(uid);
        auto const txn = read();
        std::vector<std::uint32_t> seen;
        scan_messages(txn, account_, inbox_, { Uid { 50 }, Uid { 250 } }, Columns::all,
            [&](HotRecord const& hot) {
                seen.push_back(hot.uid.value);
                return true;
            });
        EXPECT_EQ(seen, expected);
        seen.clear();
        scan_with_cold(txn, account_, inbox_, { Uid { 50 }, Uid { 250 } },
            [&](HotRecord const& hot, ColdRecord const& cold) {
                EXPECT_EQ(cold.envelope, numbered("envelope of m", hot.uid.value - 1));
                seen.push_back(hot.uid.value);
                return true;
            });
        EXPECT_EQ(seen, expected);
        int calls = 0;
        scan_messages(txn, account_, inbox_, { Uid { 1 }, Uid { UINT32_MAX } }, Columns::all,
            [&](HotRecord const&) { return ++calls < 7; });
        EXPECT_EQ(calls, 7);
    }

    TEST_F(MessageTest, StoreFlagsReportsWhatChanged)
    {
        for (int i = 0; i < 5; ++i)
            ASSERT_TRUE(append(inbox_, "m", i == 1 ? Flags::seen : 0));
        auto const stored = write([&](WriteTxn& txn) {
            return store_flags(txn, account_, inbox_, uids({ 1, 2, 3, 9 }),
                { .system = Flags::seen, .keywords = { "$Read" } });
        });
        ASSERT_TRUE(stored);
        EXPECT_EQ(stored->present, uids({ 1, 2, 3 }));
        EXPECT_EQ(stored->changed, uids({ 1, 2, 3 }));
        EXPECT_EQ(mailbox("INBOX").unseen, 2U);
        EXPECT_EQ(message(inbox_, 1).mod_seq, stored->mod_seq);
        EXPECT_EQ(mailbox("INBOX").highest_mod_seq, stored->mod_seq);

        auto const again = write([&](WriteTxn& txn) {
            return store_flags(txn, account_, inbox_, uids({ 1, 2 }), { .keywords = { "$READ" } });
        });
        EXPECT_TRUE(again->changed.empty());
        EXPECT_EQ(again->present, uids({ 1, 2 }));
        EXPECT_EQ(again->mod_seq, stored->mod_seq);

        auto const removed = write([&](WriteTxn& txn) {
            return store_flags(txn, account_, inbox_, every_uid,
                { .mode = FlagChange::Mode::remove,
                    .system = Flags::seen,
                    .keywords = { "never seen" } });
        });
        EXPECT_EQ(removed->changed, uids({ 1, 2, 3 }));
        EXPECT_EQ(mailbox("INBOX").keywords, (std::vector<std::string> { "$Read" }));

        auto const replaced = write([&](WriteTxn& txn) {
            return store_flags(txn, account_, inbox_, uids({ 2 }),
                { .mode = FlagChange::Mode::replace, .system = Flags::flagged });
        });
        EXPECT_EQ(replaced->changed, uids({ 2 }));
        EXPECT_EQ(message(inbox_, 2).flags, (Flags { .system = Flags::flagged }));
        expect_sound();
    }

    TEST_F(MessageTest, UnchangedSinceGuards)
    {
        for (int i = 0; i < 3; ++i)
            ASSERT_TRUE(append(inbox_, "m"));
        auto const since = highest_mod_seq(read(), account_);
        ASSERT_TRUE(write([&](WriteTxn& txn) {
            return store_flags(txn, account_, inbox_, uids({ 2 }), { .system = Flags::seen });
        }));
        auto const stored = write([&](WriteTxn& txn) {
            return store_flags(txn, account_, inbox_, every_uid,
                { .system = Flags::flagged, .unchanged_since = since });
        });
        EXPECT_EQ(stored->changed, uids({ 1, 3 }));
        EXPECT_EQ(stored->modified, uids({ 2 }));
        EXPECT_FALSE(message(inbox_, 2).flags.has(Flags::flagged));
    }

    TEST_F(MessageTest, FlagsGrowBlocksBeyondAPage)
    {
        for (int i = 0; i < 200; ++i)
            ASSERT_TRUE(append(inbox_, "m"));
        std::vector<std::string> many;
        for (std::size_t i = 0; i < max_keywords; ++i)
            many.push_back(numbered("k", i));
        ASSERT_TRUE(write([&](WriteTxn& txn) {
            return store_flags(txn, account_, inbox_, every_uid, { .keywords = many });
        }));
        EXPECT_EQ(list(inbox_).count(), 200U);
        expect_sound();
        ASSERT_TRUE(write([&](WriteTxn& txn) {
            return store_flags(
                txn, account_, inbox_, every_uid, { .mode = FlagChange::Mode::replace });
        }));
        EXPECT_EQ(message(inbox_, 133).flags, Flags {});
        expect_sound();
    }

    TEST_F(MessageTest, CopiesShareBodyAndIdentity)
    {
        ASSERT_TRUE(append(inbox_, "one", Flags::seen, { "b", "a" }));
        ASSERT_TRUE(append(inbox_, "two", 0, { "a" }));
        ASSERT_TRUE(append(inbox_, "three", Flags::deleted));
        auto const target = create("target");
        ASSERT_TRUE(append(target, "zero", 0, { "A" }));
        auto const copied = write([&](WriteTxn& txn) {
            return copy_messages(txn, account_, inbox_, uids({ 1, 2, 7 }), target);
        });
        ASSERT_TRUE(copied);
        EXPECT_EQ(copied->source, uids({ 1, 2 }));
        EXPECT_EQ(copied->target, uids({ 2, 3 }));
        EXPECT_EQ(copied->uid_validity, mailbox("target").uid_validity);
        EXPECT_EQ(mailbox("target").keywords, (std::vector<std::string> { "A", "b" }));
        auto const source = message(inbox_, 1);
        auto const copy = message(target, 2);
        EXPECT_EQ(copy.body, source.body);
        EXPECT_EQ(copy.internal_date, source.internal_date);
        EXPECT_TRUE(
            copy.flags.has(Flags::seen) && copy.flags.has_keyword(0) && copy.flags.has_keyword(1));
        EXPECT_FALSE(message(target, 3).flags.has_keyword(1));
        EXPECT_EQ(copy.mod_seq, copied->mod_seq);
        auto const txn = read();
        auto const source_cold = get_cold(txn, account_, inbox_, Uid { 1 });
        auto const copy_cold = get_cold(txn, account_, target, Uid { 2 });
        EXPECT_EQ(copy_cold->email_id, source_cold->email_id);
        EXPECT_EQ(copy_cold->thread_id, source_cold->thread_id);
        EXPECT_EQ(copy_cold->envelope, source_cold->envelope);
        expect_sound();
    }

    TEST_F(MessageTest, CopiesIntoTheSameMailboxOnce)
    {
        for (int i = 0; i < 700; ++i) // more than one chunk
            ASSERT_TRUE(append(inbox_, std::to_string(i)));
        auto const copied = write(
            [&](WriteTxn& txn) { return copy_messages(txn, account_, inbox_, every_uid, inbox_); });
        EXPECT_EQ(copied->source.count(), 700U);
        EXPECT_EQ(copied->target, UidSet(UidRange { Uid { 701 }, Uid { 1400 } }));
        EXPECT_EQ(mailbox("INBOX").messages, 1400U);
        EXPECT_EQ(read_all(read(), message(inbox_, 1400).body), "699");
        expect_sound();
    }

    TEST_F(MessageTest, CopyRefusals)
    {
        ASSERT_TRUE(append(inbox_, "one"));
        auto const to_nowhere = write([&](WriteTxn& txn) {
            return copy_messages(txn, account_, inbox_, every_uid, MailboxId { 99 });
        });
        EXPECT_EQ(to_nowhere.error(), Errc::not_found);
        auto const before = highest_mod_seq(read(), account_);
        auto const nothing = write([&](WriteTxn& txn) {
            return copy_messages(txn, account_, inbox_, uids({ 5 }), mailbox("Sent").id);
        });
        ASSERT_TRUE(nothing);
        EXPECT_TRUE(nothing->source.empty() && nothing->target.empty());
        EXPECT_EQ(highest_mod_seq(read(), account_), before);
    }

    TEST_F(MessageTest, MovesLeaveTheSourceKept)
    {
        ASSERT_TRUE(append(inbox_, "one", Flags::seen));
        ASSERT_TRUE(append(inbox_, "two"));
        auto const sent = mailbox("Sent").id;
        auto const moved = write(
            [&](WriteTxn& txn) { return move_messages(txn, account_, inbox_, uids({ 2 }), sent); });
        ASSERT_TRUE(moved);
        EXPECT_EQ(list(inbox_), uids({ 1 }));
        EXPECT_EQ(list(sent), uids({ 1 }));
        EXPECT_EQ(mailbox("INBOX").unseen, 0U);
        EXPECT_EQ(
            get_kept_message(read(), account_, inbox_, Uid { 2 })->body, message(sent, 1).body);
        expect_sound();
        EXPECT_EQ(sweep_after_window(), 1U);
        EXPECT_EQ(read_all(read(), message(sent, 1).body), "two");
        expect_sound();
    }

    TEST_F(MessageTest, ReplacesAMessageInOneStep)
    {
        ASSERT_TRUE(append(inbox_, "old text"));
        auto const target = create("Target");
        auto const replace
            = [&](std::uint32_t uid, std::string_view text, MailboxId to, std::uint64_t bound) {
                  return write([&](WriteTxn& txn) {
                      NewMessage const message { .body = stage(volume(), text) };
                      return replace_message(txn, account_, inbox_, Uid { uid }, to, message,
                          { .quota = { .octets = bound, .messages = 1 } });
                  });
              };
        EXPECT_EQ(replace(1, "much longer text", inbox_, 15).error(), Errc::over_quota);
        EXPECT_EQ(replace(1, "longer text", inbox_, 3).error(), Errc::over_quota);
        EXPECT_EQ(list(inbox_), uids({ 1 })) << "a refusal undoes the expunge as well";
        EXPECT_EQ(replace(1, "x", MailboxId { 99 }, 15).error(), Errc::not_found);
        EXPECT_EQ(list(inbox_), uids({ 1 }));
        EXPECT_EQ(replace(2, "new", inbox_, 15).error(), Errc::expunged);
        auto const replaced = replace(1, "longer text", inbox_, 11);
        ASSERT_TRUE(replaced);
        EXPECT_EQ(replaced->uid, Uid { 2 });
        EXPECT_EQ(list(inbox_), uids({ 2 }));
        ASSERT_TRUE(replace(2, "sent", target, 3)) << "less than before, though too much";
        EXPECT_TRUE(list(inbox_).empty());
        EXPECT_EQ(list(target), uids({ 1 }));
        expect_sound();
    }

    TEST_F(MessageTest, ExpungedIsKeptForTheWindow)
    {
        ASSERT_TRUE(append(inbox_, "one", Flags::deleted));
        ASSERT_TRUE(append(inbox_, "two"));
        ASSERT_TRUE(append(inbox_, noise(600'000), Flags::deleted));
        auto const gone = write(
            [&](WriteTxn& txn) { return expunge_deleted(txn, account_, inbox_, every_uid); });
        ASSERT_TRUE(gone);
        EXPECT_EQ(gone->uids, uids({ 1, 3 }));
        EXPECT_EQ(mailbox("INBOX").deleted, 0U);
        EXPECT_EQ(mailbox("INBOX").highest_mod_seq, gone->mod_seq);
        EXPECT_EQ(get_message(read(), account_, inbox_, Uid { 3 }).error(), Errc::not_found);
        auto const nothing = write(
            [&](WriteTxn& txn) { return expunge_deleted(txn, account_, inbox_, every_uid); });
        EXPECT_TRUE(nothing->uids.empty());
        EXPECT_EQ(nothing->mod_seq, gone->mod_seq);
        expect_sound();

        BodyId body;
        {
            auto const txn = read();
            auto const kept = get_kept_message(txn, account_, inbox_, Uid { 3 });
            ASSERT_TRUE(kept);
            body = kept->body;
            EXPECT_EQ(read_all(txn, body), noise(600'000));
            EXPECT_TRUE(get_cold(txn, account_, inbox_, Uid { 3 }));
        }
        EXPECT_EQ(store_->sweep_expunged(std::chrono::system_clock::now()), 0U);
        EXPECT_EQ(sweep_after_window(), 2U);
        EXPECT_EQ(sweep_after_window(), 0U);
        EXPECT_EQ(get_kept_message(read(), account_, inbox_, Uid { 3 }).error(), Errc::not_found);
        EXPECT_EQ(get_cold(read(), account_, inbox_, Uid { 3 }).error(), Errc::not_found);
        EXPECT_EQ(body_size(read(), body).error(), Errc::not_found);
        expect_sound();
    }

    TEST_F(MessageTest, SweepsMoreThanOneSlice)
    {
        NewMessage const shared { .body = stage(volume(), "shared") };
        ASSERT_TRUE(write([&](WriteTxn& txn) -> Result<void> {
            for (int i = 0; i < 1700; ++i)
                if (auto const appended = append_message(txn, account_, inbox_, shared); !appended)
                    return appended.error();
            return {};
        }));
        auto const doomed = create("doomed");
        ASSERT_TRUE(write([&](WriteTxn& txn) {
            return copy_messages(txn, account_, inbox_, every_uid, doomed);
        }));
        ASSERT_TRUE(write([&](WriteTxn& txn) { return delete_mailbox(txn, account_, "doomed"); }));
        UidSet odd;
        for (std::uint32_t uid = 1; uid <= 1700; uid += 2)
            odd.add(Uid { uid });
        ASSERT_TRUE(write([&](WriteTxn& txn) { return expunge(txn, account_, inbox_, odd); }));
        expect_sound();
        EXPECT_EQ(sweep_after_window(), 1700U + 850U);
        EXPECT_EQ(list(inbox_).count(), 850U);
        expect_sound();
    }

    using ChangeLogTest = StoreTest;

    TEST_F(ChangeLogTest, TellsWhatHappenedInOrder)
    {
        auto const start = highest_mod_seq(read(), account_);
        auto const sent = mailbox("Sent").id;
        ASSERT_TRUE(append(inbox_, "one"));
        ASSERT_TRUE(append(inbox_, "two", 0, { "new" }));
        ASSERT_TRUE(write([&](WriteTxn& txn) {
            return store_flags(txn, account_, inbox_, every_uid, { .system = Flags::seen });
        }));
        ASSERT_TRUE(write([&](WriteTxn& txn) {
            return move_messages(txn, account_, inbox_, uids({ 1 }), sent);
        }));
        auto const box = create("box");
        ASSERT_TRUE(
            write([&](WriteTxn& txn) { return rename_mailbox(txn, account_, "box", "crate"); }));
        ASSERT_TRUE(write([&](WriteTxn& txn) { return subscribe(txn, account_, "crate"); }));
        ASSERT_TRUE(write([&](WriteTxn& txn) { return delete_mailbox(txn, account_, "crate"); }));

        using Kind = Change::Kind;
        std::vector<std::tuple<MailboxId, Kind, UidSet, std::string>> const expected {
            { inbox_, Kind::appended, uids({ 1 }), "" },
            { inbox_, Kind::appended, uids({ 2 }), "" },
            { inbox_, Kind::mailbox_changed, {}, "" },
            { inbox_, Kind::flags, uids({ 1, 2 }), "" },
            { sent, Kind::appended, uids({ 1 }), "" },
            { inbox_, Kind::expunged, uids({ 1 }), "" },
            { box, Kind::mailbox_created, {}, "" },
            { box, Kind::mailbox_renamed, {}, "box" },
            { box, Kind::subscription, {}, "crate" },
            { box, Kind::mailbox_deleted, {}, "crate" },
        };
        std::vector<std::tuple<MailboxId, Kind, UidSet, std::string>> seen;
        ModSeq last;
        changes_since(read(), account_, start, [&](Change const& change) {
            EXPECT_LE(last, change.mod_seq);
            EXPECT_GT(change.mod_seq, start);
            last = change.mod_seq;
            seen.emplace_back(change.mailbox, change.kind, change.uids, change.name);
            return true;
        });
        EXPECT_EQ(seen, expected);
        EXPECT_EQ(last, highest_mod_seq(read(), account_));
        int calls = 0;
        changes_since(read(), account_, start, [&](Change const&) { return ++calls < 2; });
        EXPECT_EQ(calls, 2);
    }

    TEST_F(ChangeLogTest, TellsWhatNamesWereBefore)
    {
        auto const deep = create("a/b");
        ASSERT_TRUE(write([&](WriteTxn& txn) { return subscribe(txn, account_, "nowhere"); }));
        auto const start = highest_mod_seq(read(), account_);
        ASSERT_TRUE(write([&](WriteTxn& txn) { return rename_mailbox(txn, account_, "a", "x"); }));
        ASSERT_TRUE(
            write([&](WriteTxn& txn) { return rename_mailbox(txn, account_, "INBOX", "old"); }));
        ASSERT_TRUE(write([&](WriteTxn& txn) { return unsubscribe(txn, account_, "nowhere"); }));
        std::vector<std::string> names;
        changes_since(read(), account_, start, [&](Change const& change) {
            if (change.kind == Change::Kind::mailbox_renamed
                || change.kind == Change::Kind::subscription)
                names.push_back(change.name);
            return true;
        });
        EXPECT_EQ(names, (std::vector<std::string> { "a", "a/b", "INBOX", "nowhere" }));
        EXPECT_EQ(get_mailbox(read(), account_, deep)->name, "x/b");
        expect_sound();
    }

    TEST_F(ChangeLogTest, IsTruncatedAfterTheWindow)
    {
        ASSERT_TRUE(append(inbox_, "one"));
        EXPECT_EQ(change_log_floor(read(), account_), ModSeq {});
        store_->sweep_expunged(std::chrono::system_clock::now());
        EXPECT_EQ(change_log_floor(read(), account_), ModSeq {});
        sweep_after_window();
        auto const top = highest_mod_seq(read(), account_);
        EXPECT_EQ(change_log_floor(read(), account_), top);
        ASSERT_TRUE(append(inbox_, "two"));
        int changes = 0;
        changes_since(read(), account_, top, [&](Change const& change) {
            EXPECT_EQ(change.uids, uids({ 2 }));
            return ++changes > 0;
        });
        EXPECT_EQ(changes, 1);
        expect_sound();
    }

} // namespace
} // namespace mail::storage
