// What stands behind ReadTxn and WriteTxn: an LMDB transaction and what must happen when it is on
// disk.
#pragma once

#include "storage/lmdb/env.h"
#include "storage/store.h"

#include <array>
#include <functional>
#include <utility>
#include <vector>

namespace mail::storage {

class LmdbVolume;

class EngineTxn {
public:
    EngineTxn(LmdbVolume& of_volume, Env const& of_env, MDB_txn* begun)
        : volume(of_volume)
        , env(of_env)
        , txn(begun)
    {
    }
    EngineTxn(EngineTxn const&) = delete;
    EngineTxn& operator=(EngineTxn const&) = delete;
    ~EngineTxn()
    {
        close_cursors();
        if (txn != nullptr)
            ::mdb_txn_abort(txn);
    }

    /// A cursor of a write transaction that stays where it was used last: the next key is commonly
    /// on the same page, and then found without a way down from the root.
    MDB_cursor* cursor(Table table)
    {
        auto& cached = cursors_[static_cast<std::size_t>(table)];
        if (cached == nullptr)
            require_ok(::mdb_cursor_open(txn, env.table(table), &cached), "open a cursor");
        return cached;
    }
    void close_cursors() ///< before the transaction ends: LMDB would free them, too
    {
        for (auto& cached : cursors_)
            if (cached != nullptr)
                ::mdb_cursor_close(std::exchange(cached, nullptr));
    }

    LmdbVolume& volume;
    Env const& env;
    MDB_txn* txn;

    // Of write transactions only:
    bool is_write = false;
    std::int64_t now = 0; ///< seconds since the Unix epoch
    std::vector<Committed> announced;
    std::vector<std::function<void()>> after_commit;

private:
    std::array<MDB_cursor*, table_count> cursors_ {};
};

} // namespace mail::storage
