// What stands behind ReadTxn and WriteTxn: an LMDB transaction and what must happen when it is on
// disk.
#pragma once

#include "storage/lmdb/env.h"
#include "storage/store.h"

#include <functional>
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
        if (txn != nullptr)
            ::mdb_txn_abort(txn);
    }

    LmdbVolume& volume;
    Env const& env;
    MDB_txn* txn;

    // Of write transactions only:
    bool is_write = false;
    std::int64_t now = 0; ///< seconds since the Unix epoch
    std::vector<Committed> announced;
    std::vector<std::function<void()>> after_commit;
};

} // namespace mail::storage
