// A store in a directory of its own, and short words for what the tests of the store do.
#pragma once

#include "storage/accounts.h"
#include "storage/changes.h"
#include "storage/messages.h"
#include "storage/store.h"
#include "storage/verify.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <random>
#include <stdexcept>
#include <string>

namespace mail::storage {

using test::TemporaryDirectory;

inline StagedBody stage(Volume& volume, std::string_view text)
{
    BodyWriter writer(volume);
    writer.append(text);
    return writer.finish();
}

/// The whole body, frame by frame.
inline std::string read_all(ReadTxn const& txn, BodyId body)
{
    std::string text;
    auto const size = body_size(txn, body);
    while (size && text.size() < *size) {
        auto const before = text.size();
        if (!read_body(txn, body, before, UINT64_MAX, text) || text.size() == before)
            throw std::runtime_error("a body ends early");
    }
    return text;
}

/// Text that zstd cannot make smaller.
inline std::string noise(std::size_t size, unsigned seed = 1)
{
    std::mt19937_64 random(seed);
    std::string text(size, '\0');
    for (auto& octet : text)
        octet = static_cast<char>(random());
    return text;
}

inline std::string numbered(std::string text, std::size_t number)
{
    return text += std::to_string(number);
}

inline UidSet uids(std::initializer_list<std::uint32_t> list)
{
    UidSet set;
    for (auto const uid : list)
        set.add(Uid { uid });
    return set;
}

inline UidSet const every_uid(UidRange { Uid { 1 }, Uid { UINT32_MAX } });

/// A store with one account, "alice", and its INBOX.
class StoreTest : public ::testing::Test {
protected:
    StoreTest() { reopen(); }

    StoreOptions options() const
    {
        return { .path = directory_.path(),
            .map_size = map_size_,
            .undelete_window = std::chrono::hours(1) };
    }
    void reopen()
    {
        store_.reset();
        store_ = Store::open(options());
        account_
            = store_->open_account("alice", { { .name = "Sent", .special_use = SpecialUse::sent } })
                  .value()
                  .id;
        inbox_ = find_mailbox(volume().read(), account_, "INBOX").value().id;
    }

    Volume& volume() { return store_->volume_of({ .id = account_, .name = "alice", .volume = 0 }); }
    ReadTxn read() { return volume().read(); }

    /// Runs `f(WriteTxn&)` as one job and returns what it returned; its refusal undoes the job.
    template <class F> auto write(F f)
    {
        std::invoke_result_t<F, WriteTxn&> result = Errc::shutting_down;
        auto const written = volume().write([&](WriteTxn& txn) -> Result<void> {
            result = f(txn);
            if (!result)
                return result.error();
            return {};
        });
        if (!written)
            result = written.error();
        return result;
    }

    Result<Appended> append(MailboxId mailbox, std::string_view text, std::uint8_t flags = 0,
        std::vector<std::string> keywords = {})
    {
        NewMessage const message { .body = stage(volume(), text),
            .system_flags = flags,
            .keywords = std::move(keywords),
            .internal_date = { .seconds = 1'000'000, .zone_minutes = -90 },
            .envelope = "envelope of " + std::string(text.substr(0, 40)),
            .structure = "structure",
            .search_fields = "fields",
            .preview = "preview",
            .keys = { "subject of " + std::string(text.substr(0, 40)), "names", {} } };
        return write(
            [&](WriteTxn& txn) { return append_message(txn, account_, mailbox, message); });
    }
    Mailbox mailbox(std::string_view name) { return find_mailbox(read(), account_, name).value(); }
    MailboxId create(std::string_view name)
    {
        return write([&](WriteTxn& txn) {
            return create_mailbox(txn, account_, { .name = std::string(name) });
        })
            .value()
            .id;
    }
    UidSet list(MailboxId id) { return list_uids(read(), account_, id); }
    HotRecord message(MailboxId id, std::uint32_t uid)
    {
        return get_message(read(), account_, id, Uid { uid }).value();
    }
    std::size_t sweep_after_window()
    {
        return store_->sweep_expunged(std::chrono::system_clock::now() + std::chrono::hours(2));
    }

    void expect_sound()
    {
        auto const txn = read();
        EXPECT_EQ(verify_account(txn, account_), std::vector<std::string> {});
        EXPECT_EQ(verify_volume(txn), std::vector<std::string> {});
    }

    std::uint64_t map_size_ = std::uint64_t { 1 } << 32;
    TemporaryDirectory directory_;
    std::unique_ptr<Store> store_;
    AccountId account_;
    MailboxId inbox_;
};

} // namespace mail::storage
