// Group commit: one thread takes all queued jobs, runs each in a child transaction and syncs once.
#pragma once

#include "storage/lmdb/engine_txn.h"
#include "storage/store.h"

#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

namespace mail::storage {

class Writer {
public:
    Writer(LmdbVolume& volume, std::function<void(std::span<Committed const>)> const& on_commit);
    ~Writer() { stop(); }

    void submit(WriteJob& job);
    void stop(); ///< finishes what is queued; idempotent

private:
    /// A job of the batch and what became of it.
    struct Entry {
        WriteJob* job;
        Result<void> result {};
        std::exception_ptr failure {};
        std::unique_ptr<EngineTxn> effects {}; ///< what to announce and do after the commit
        bool is_done() const { return !result || failure; } ///< failed: not part of the commit
    };

    void serve();
    bool take_batch(); ///< false when stopped and empty
    void process(std::span<Entry> batch);
    void run_jobs(MDB_txn* parent, std::span<Entry> batch);
    void run_job(Entry& entry, MDB_txn* parent, MDB_txn* txn);
    int commit(std::span<Entry> batch, std::exception_ptr& failure);
    void tell(std::span<Entry> batch); ///< that they are on disk
    MDB_txn* begin(MDB_txn* parent);

    LmdbVolume& volume_;
    std::function<void(std::span<Committed const>)> const& on_commit_;
    std::mutex mutex_;
    std::condition_variable queued_;
    WriteJob* first_ = nullptr;
    WriteJob* last_ = nullptr;
    bool stopping_ = false;
    std::vector<Entry> batch_; // of the thread
    std::vector<Committed> committed_; // of the thread
    std::thread thread_; // last: starts when all else is there
};

} // namespace mail::storage
