// Transactions over ordered octet keys. This is the seam of the engine: nothing of LMDB is visible
// here, and all that storage/ does to the disk goes through it.
#pragma once

#include "storage/error.h"
#include "storage/ids.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

namespace mail::storage {

/// The ordered maps of a volume; docs/storage-format.md has their keys.
enum class Table : std::uint8_t {
    meta, ///< format version, counters of the volume
    index, ///< everything of an account; every key begins with its AccountId
    bodies, ///< frames of bodies by BodyId
    references, ///< how often a body is referred to, where it is not once
};
inline constexpr std::size_t table_count = 4;

class EngineTxn; // storage/lmdb/
class Volume;

/// A snapshot. Views that it gives out die with it.
class ReadTxn {
public:
    ReadTxn(ReadTxn&&) noexcept;
    ReadTxn& operator=(ReadTxn&&) noexcept;
    ~ReadTxn();

    Result<std::string_view> get(Table table, std::string_view key) const; ///< not_found

    EngineTxn& engine() const { return *engine_; }

protected:
    explicit ReadTxn(std::unique_ptr<EngineTxn> engine);
    friend class LmdbVolume;

    std::unique_ptr<EngineTxn> engine_;
};

/// A walk in key order. Positions are valid while the transaction lives and, in a WriteTxn, until
/// the next put or erase. Must die before its transaction.
class Cursor {
public:
    Cursor(ReadTxn const& txn, Table table);
    ~Cursor();
    bool seek(std::string_view key); ///< to the first key not below `key`; false when there is none
    bool seek_last_below(
        std::string_view key); ///< to the last key below `key`; false when there is none
    bool next();
    bool previous();
    std::string_view key() const;
    std::string_view value() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Runs on the writer thread only; what it does becomes visible and durable with the batch's
/// commit.
class WriteTxn : public ReadTxn {
public:
    void put(Table table, std::string_view key,
        std::string_view value); ///< inserts or replaces; throws StorageFull
    bool erase(Table table, std::string_view key); ///< false when it was not there

    /// Seconds since the Unix epoch; the same for the whole batch.
    std::int64_t now() const;
    /// Tells Store::on_commit's callback of this change, once it is on disk.
    void announce(AccountId account, MailboxId mailbox, ModSeq mod_seq);
    /// Does `action` on the writer thread once the job is on disk and before its done(); forgets it
    /// when the job is undone. For state in memory that follows the disk. Must not throw.
    void after_commit(std::function<void()> action);

    Volume& volume() const;

private:
    using ReadTxn::ReadTxn;
    friend class Writer;
};

} // namespace mail::storage
