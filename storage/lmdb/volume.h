// A volume on LMDB: the environment, a pool of read transactions, the writer.
#pragma once

#include "storage/lmdb/engine_txn.h"
#include "storage/lmdb/writer.h"
#include "storage/store.h"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace mail::storage {

class LmdbVolume final : public Volume {
public:
    using CommitCallback = std::function<void(std::span<Committed const>)>;

    /// Opens or makes the environment; drops staged bodies that a crash left behind. `on_commit`
    /// may be assigned until the first write.
    LmdbVolume(std::filesystem::path path, std::uint64_t map_size, CommitCallback const& on_commit);
    ~LmdbVolume() override;

    ReadTxn read() override;
    void submit(WriteJob& job) override { writer_.submit(job); }
    BodyId new_body_id() override
    {
        return BodyId { next_body_.fetch_add(1, std::memory_order_relaxed) };
    }

    void give_back(std::unique_ptr<EngineTxn> engine) noexcept; ///< a read transaction that is done

    bool is_open() const
    {
        return env_ != nullptr;
    } ///< for the writer thread: false when reopen() failed
    Env const& env() const { return *env_; } ///< for the writer thread
    /// Closes and opens the environment, which LMDB bars for good when it could not write its meta
    /// page. Waits for the readers; new ones wait for it. For the writer thread.
    void reopen();
    void stop() { writer_.stop(); } ///< finishes what is queued, refuses what comes later

private:
    std::filesystem::path path_;
    std::uint64_t map_size_;
    std::unique_ptr<Env> env_; // changed by reopen() only, under mutex_ and without readers
    std::mutex mutex_;
    std::condition_variable changed_;
    bool reopening_ = false;
    std::size_t active_ = 0; // read transactions that are out
    std::vector<std::unique_ptr<EngineTxn>> idle_; // reset, ready for renewal
    std::atomic<std::uint64_t> next_body_ { 1 };
    Writer writer_; // last: its thread uses all of the above
};

} // namespace mail::storage
