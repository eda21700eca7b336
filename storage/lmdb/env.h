// One LMDB environment: opened, its tables, its error codes. The only folder that knows LMDB.
#pragma once

#include "storage/txn.h"

#include <lmdb.h>

#include <array>
#include <filesystem>
#include <stdexcept>

namespace mail::storage {

/// The database itself failed: a damaged file, an I/O error, a bug.
class EngineError : public std::runtime_error {
public:
    EngineError(int code, char const* action);
    int code() const { return code_; }

private:
    int code_;
};

bool is_full(int code); ///< an LMDB code or errno that says: no room on the disk or in the map
void require_ok(int code, char const* action); ///< throws StorageFull or EngineError

class Env {
public:
    Env(std::filesystem::path const& path, std::uint64_t map_size);
    ~Env();
    Env(Env const&) = delete;
    Env& operator=(Env const&) = delete;

    MDB_env* handle() const { return env_; }
    /// Whether the data file cannot grow by a page. LMDB reports a write that the full disk cut
    /// short as EIO, like a broken disk. For the writer thread, outside of transactions.
    bool is_out_of_room() const;
    MDB_dbi table(Table table) const { return tables_[static_cast<std::size_t>(table)]; }

private:
    MDB_env* env_ = nullptr;
    std::array<MDB_dbi, table_count> tables_ {};
};

} // namespace mail::storage
