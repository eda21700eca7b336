// Bodies of all sizes, spilled and not, their frames, and what is left of bodies nobody appended.
#include "storage/lmdb/volume.h"
#include "storage/staged_body.h"
#include "tests/storage/fixture.h"

namespace mail::storage {
namespace {

    class BodyTest : public StoreTest {
    protected:
        /// Appends `text` in pieces and spills as often as the writer wants it.
        StagedBody stage_spilling(std::string_view text, std::size_t piece)
        {
            BodyWriter writer(volume());
            for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) {
                writer.append(text.substr(0, piece));
                if (writer.wants_spill()) {
                    EXPECT_TRUE(write([&](WriteTxn& txn) { return writer.spill(txn); }));
                }
            }
            return writer.finish();
        }
        Result<Appended> append_staged(StagedBody const& body)
        {
            NewMessage const message { .body = body };
            return write(
                [&](WriteTxn& txn) { return append_message(txn, account_, inbox_, message); });
        }
        std::size_t staged() { return list_staged(read()).size(); }
        /// Waits for the jobs that are queued.
        void settle()
        {
            ASSERT_TRUE(write([](WriteTxn&) -> Result<void> { return {}; }));
        }
    };

    TEST_F(BodyTest, ComesBackOctetForOctet)
    {
        constexpr std::size_t frame = 256 * 1024;
        for (std::size_t const size : { std::size_t { 0 }, std::size_t { 1 }, std::size_t { 4096 },
                 frame - 1, frame, frame + 1, 3 * frame + 5 })
            for (bool const compresses : { true, false }) {
                auto const text = compresses ? std::string(size, 'x') : noise(size);
                auto const appended = append(inbox_, text);
                ASSERT_TRUE(appended);
                auto const stored = message(inbox_, appended->uid.value);
                EXPECT_EQ(stored.size, size);
                EXPECT_EQ(read_all(read(), stored.body), text) << size;
            }
        expect_sound();
        reopen();
        expect_sound();
    }

    TEST_F(BodyTest, PartsAreReadFromTheirFrames)
    {
        auto const text = noise(700'000);
        auto const body = message(inbox_, append(inbox_, text)->uid.value).body;
        auto const txn = read();
        for (std::uint64_t const offset : { 0, 1, 262'143, 262'144, 262'145, 699'999 })
            for (std::uint64_t const limit : { 1, 100, 300'000 }) {
                std::string out = "kept:";
                ASSERT_TRUE(read_body(txn, body, offset, limit, out));
                ASSERT_GT(out.size(), 5U);
                EXPECT_LE(out.size() - 5, limit);
                EXPECT_EQ(out.substr(5), text.substr(offset, out.size() - 5));
                auto const to_frame_end
                    = std::min<std::uint64_t>(262'144 - offset % 262'144, text.size() - offset);
                EXPECT_EQ(out.size() - 5, std::min(limit, to_frame_end));
            }
        std::string out;
        EXPECT_TRUE(read_body(txn, body, 700'000, 10, out));
        EXPECT_TRUE(read_body(txn, body, UINT64_MAX, 10, out));
        EXPECT_TRUE(out.empty());
        EXPECT_EQ(read_body(txn, BodyId { 999 }, 0, 10, out).error(), Errc::not_found);
    }

    TEST_F(BodyTest, CutFramesAreUnpackedAlone)
    {
        BodyWriter writer(volume());
        writer.cut_frame(); // of nothing: nothing
        writer.append("header\r\n");
        writer.cut_frame();
        writer.append(std::string(300'000, 'b'));
        ASSERT_TRUE(append_staged(writer.finish()));
        auto const body = message(inbox_, 1).body;
        std::string out;
        ASSERT_TRUE(read_body(read(), body, 0, UINT64_MAX, out));
        EXPECT_EQ(out, "header\r\n");
        EXPECT_EQ(read_all(read(), body), "header\r\n" + std::string(300'000, 'b'));
        expect_sound();
    }

    TEST_F(BodyTest, LargeBodiesAreSpilled)
    {
        auto const text = noise(40'000'000);
        auto const body = stage_spilling(text, 100'000);
        EXPECT_EQ(body.size(), text.size());
        EXPECT_EQ(staged(), 1U);
        ASSERT_TRUE(append_staged(body));
        EXPECT_EQ(staged(), 0U);
        ASSERT_TRUE(append_staged(body)); // a second mailbox: the same rows
        EXPECT_EQ(message(inbox_, 1).body, message(inbox_, 2).body);
        EXPECT_EQ(count_references(read(), message(inbox_, 1).body), 2U);
        EXPECT_TRUE(read_all(read(), message(inbox_, 2).body) == text);
        expect_sound();
    }

    TEST_F(BodyTest, AStagedBodyCanBeReadWhereverItsFramesAre)
    {
        auto const text = noise(3'500'000);
        BodyWriter writer(volume());
        for (std::size_t at = 0; at < text.size(); at += 100'000) {
            writer.append(std::string_view(text).substr(at, 100'000));
            if (writer.wants_spill()) {
                ASSERT_TRUE(write([&](WriteTxn& txn) { return writer.spill(txn); }));
            }
        }
        auto const body = writer.finish();
        auto const all = [&] {
            std::string read_back;
            while (read_back.size() < body.size()) {
                auto const before = read_back.size();
                EXPECT_TRUE(read_staged(read(), body, before, UINT64_MAX, read_back));
                if (read_back.size() == before)
                    break;
            }
            return read_back;
        };
        EXPECT_GT(body.held(), 0U);
        EXPECT_TRUE(all() == text);
        std::string some;
        ASSERT_TRUE(read_staged(read(), body, 3'400'001, 10, some));
        ASSERT_TRUE(read_staged(read(), body, 17, 5, some));
        EXPECT_TRUE(some == text.substr(3'400'001, 10) + text.substr(17, 5));
        ASSERT_TRUE(read_staged(read(), body, 3'500'000, 10, some));
        EXPECT_EQ(some.size(), 15U);

        ASSERT_TRUE(write([&](WriteTxn& txn) { return spill(txn, body); }));
        EXPECT_EQ(body.held(), 0U);
        EXPECT_TRUE(all() == text);
        ASSERT_TRUE(write([&](WriteTxn& txn) { return spill(txn, body); })) << "nothing is left";
        auto const appended = write([&](WriteTxn& txn) {
            NewMessage const message { .body = body };
            return append_message(txn, account_, inbox_, message);
        });
        ASSERT_TRUE(appended);
        EXPECT_TRUE(read_all(read(), message(inbox_, appended->uid.value).body) == text);
        expect_sound();
    }

    TEST_F(BodyTest, ASmallBodyThatIsSpilledLateIsAppendedAsAny)
    {
        auto const body = stage(volume(), "small");
        ASSERT_TRUE(write([&](WriteTxn& txn) { return spill(txn, body); }));
        std::string text;
        ASSERT_TRUE(read_staged(read(), body, 0, 100, text));
        EXPECT_EQ(text, "small");
        ASSERT_TRUE(write([&](WriteTxn& txn) {
            NewMessage const message { .body = body };
            return append_message(txn, account_, inbox_, message);
        }));
        EXPECT_EQ(read_all(read(), message(inbox_, 1).body), "small");
        expect_sound();
    }

    TEST_F(BodyTest, WhatIsNotAppendedIsDropped)
    {
        auto const text = noise(3'000'000);
        { // a writer that never finished
            BodyWriter writer(volume());
            writer.append(text);
            ASSERT_TRUE(writer.wants_spill());
            ASSERT_TRUE(write([&](WriteTxn& txn) { return writer.spill(txn); }));
            EXPECT_FALSE(writer.wants_spill());
            EXPECT_EQ(staged(), 1U);
        }
        settle();
        EXPECT_EQ(staged(), 0U);
        { // a finished body that nobody wanted, of which there are two copies
            auto const body = stage_spilling(text, 64 * 1024);
            auto const copy = body; // NOLINT: the last of them drops it
            EXPECT_EQ(staged(), 1U);
        }
        settle();
        EXPECT_EQ(staged(), 0U);
        expect_sound();
    }

    TEST_F(BodyTest, ARefusedAppendLeavesTheStagedBodyUsable)
    {
        auto const text = noise(3'000'000);
        auto const body = stage_spilling(text, 64 * 1024);
        NewMessage const message_of { .body = body };
        auto const refused = write([&](WriteTxn& txn) -> Result<void> {
            EXPECT_TRUE(append_message(txn, account_, inbox_, message_of));
            return Errc::not_permitted;
        });
        EXPECT_EQ(refused.error(), Errc::not_permitted);
        EXPECT_EQ(staged(), 1U);
        EXPECT_EQ(mailbox("INBOX").messages, 0U);
        ASSERT_TRUE(append_staged(body));
        EXPECT_TRUE(read_all(read(), message(inbox_, 1).body) == text);
        expect_sound();
    }

    TEST_F(BodyTest, AnUndoneSpillIsDoneAgain)
    {
        auto const text = noise(3'000'000);
        BodyWriter writer(volume());
        writer.append(text);
        auto const undone = write([&](WriteTxn& txn) -> Result<void> {
            EXPECT_TRUE(writer.spill(txn));
            return Errc::not_permitted;
        });
        EXPECT_FALSE(undone);
        EXPECT_EQ(staged(), 0U);
        EXPECT_TRUE(writer.wants_spill());
        // Spilled and appended in one job.
        ASSERT_TRUE(write([&](WriteTxn& txn) { return writer.spill(txn); }));
        NewMessage const message_of { .body = writer.finish() };
        ASSERT_TRUE(write(
            [&](WriteTxn& txn) { return append_message(txn, account_, inbox_, message_of); }));
        EXPECT_TRUE(read_all(read(), message(inbox_, 1).body) == text);
        expect_sound();
    }

    TEST_F(BodyTest, SpilledAndAppendedInOneJob)
    {
        auto const text = noise(1'500'000);
        BodyWriter writer(volume());
        writer.append(text);
        ASSERT_TRUE(write([&](WriteTxn& txn) -> Result<Appended> {
            if (auto const spilled = writer.spill(txn); !spilled)
                return spilled.error();
            return append_message(txn, account_, inbox_, { .body = writer.finish() });
        }));
        EXPECT_TRUE(read_all(read(), message(inbox_, 1).body) == text);
        settle();
        expect_sound();
    }

    TEST_F(BodyTest, ABodyBelongsToItsVolume)
    {
        EXPECT_THROW((void)append_staged(StagedBody()), std::logic_error);
        TemporaryDirectory const elsewhere;
        LmdbVolume::CommitCallback const nothing;
        LmdbVolume other(elsewhere.path(), 1 << 26, nothing);
        EXPECT_THROW((void)append_staged(stage(other, "elsewhere")), std::logic_error);
        EXPECT_EQ(mailbox("INBOX").messages, 0U);
    }

    TEST_F(BodyTest, SharedBodiesGoWithTheirLastReference)
    {
        auto const body = stage(volume(), "shared by many");
        auto const sent = mailbox("Sent").id;
        for (int i = 0; i < 3; ++i)
            ASSERT_TRUE(append_staged(body));
        ASSERT_TRUE(write([&](WriteTxn& txn) {
            return copy_messages(txn, account_, inbox_, uids({ 1 }), sent);
        }));
        auto const id = message(sent, 1).body;
        EXPECT_EQ(count_references(read(), id), 4U);
        for (std::uint64_t left = 4; left > 1; --left) {
            ASSERT_TRUE(write([&](WriteTxn& txn) {
                return expunge(
                    txn, account_, inbox_, uids({ static_cast<std::uint32_t>(left - 1) }));
            }));
            EXPECT_EQ(count_references(read(), id), left); // kept
            sweep_after_window();
            EXPECT_EQ(count_references(read(), id), left - 1);
            expect_sound();
        }
        ASSERT_TRUE(write([&](WriteTxn& txn) { return expunge(txn, account_, sent, every_uid); }));
        EXPECT_EQ(read_all(read(), id), "shared by many");
        sweep_after_window();
        EXPECT_EQ(body_size(read(), id).error(), Errc::not_found);
        expect_sound();
    }

    TEST_F(BodyTest, IdsAreNotReusedWhileReferenced)
    {
        ASSERT_TRUE(append(inbox_, "one"));
        auto const first = message(inbox_, 1).body;
        reopen();
        ASSERT_TRUE(append(inbox_, "two"));
        EXPECT_NE(message(inbox_, 2).body, first);
        EXPECT_EQ(read_all(read(), first), "one");
        expect_sound();
    }

    TEST_F(BodyTest, DamageIsNoticed)
    {
        ASSERT_TRUE(append(inbox_, noise(3000)));
        auto const body = message(inbox_, 1).body;
        ASSERT_TRUE(write([&](WriteTxn& txn) -> Result<void> {
            std::string key;
            for (int shift = 56; shift >= 0; shift -= 8)
                key.push_back(static_cast<char>(body.value >> shift));
            std::string value(*txn.get(Table::bodies, key));
            value[value.size() / 2] ^= 1;
            txn.put(Table::bodies, key, value);
            return {};
        }));
        std::string out = "before";
        EXPECT_THROW((void)read_body(read(), body, 0, 100'000, out), Damaged);
        EXPECT_EQ(out, "before");
        EXPECT_EQ(verify_account(read(), account_).size(), 1U);
    }

} // namespace
} // namespace mail::storage
