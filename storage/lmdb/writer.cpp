// The writer thread of a volume.
#include "storage/lmdb/writer.h"
#include "storage/lmdb/volume.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace mail::storage {
namespace {

    /// Jobs in one commit. Bounds what is redone when the disk is full, and the first job's wait
    /// for the last.
    inline constexpr std::size_t max_batch = 256;

    std::int64_t seconds_now()
    {
        using namespace std::chrono;
        return duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
    }

} // namespace

Writer::Writer(LmdbVolume& volume, std::function<void(std::span<Committed const>)> const& on_commit)
    : volume_(volume)
    , on_commit_(on_commit)
    , thread_([this] { serve(); })
{
}

void Writer::submit(WriteJob& job)
{
    {
        std::lock_guard const lock(mutex_);
        if (!stopping_) {
            job.next_ = nullptr;
            bool const was_empty = first_ == nullptr;
            (was_empty ? first_ : last_->next_) = &job;
            last_ = &job;
            if (was_empty)
                queued_.notify_one();
            return;
        }
    }
    job.done(Errc::shutting_down, nullptr);
}

void Writer::stop()
{
    {
        std::lock_guard const lock(mutex_);
        stopping_ = true;
        queued_.notify_one();
    }
    if (thread_.joinable())
        thread_.join();
}

bool Writer::take_batch()
{
    batch_.clear();
    std::unique_lock lock(mutex_);
    queued_.wait(lock, [&] { return first_ != nullptr || stopping_; });
    for (; first_ != nullptr && batch_.size() < max_batch; first_ = first_->next_)
        batch_.push_back({ .job = first_ });
    if (first_ == nullptr)
        last_ = nullptr;
    return !batch_.empty();
}

void Writer::serve()
{
    while (take_batch())
        process(batch_);
}

/// Runs the jobs, commits, and calls every done(). When there is no room for all, tries them one by
/// one, so that the small ones succeed.
void Writer::process(std::span<Entry> batch)
{
    std::exception_ptr failure;
    int const code = commit(batch, failure);
    if (is_full(code) && batch.size() > 1) {
        for (auto& entry : batch) {
            entry = { .job = entry.job };
            process({ &entry, 1 });
        }
        return;
    }
    if (code == MDB_SUCCESS)
        tell(batch);
    for (auto& entry : batch) {
        entry.effects.reset(); // may end the life of a staged body: before its owner goes on
        if (!entry.is_done() && is_full(code))
            entry.result = Errc::no_space;
        else if (!entry.is_done() && code != MDB_SUCCESS)
            entry.failure = failure;
        entry.job->done(entry.result, entry.failure);
    }
}

MDB_txn* Writer::begin(MDB_txn* parent)
{
    MDB_txn* txn = nullptr;
    require_ok(::mdb_txn_begin(volume_.env().handle(), parent, 0, &txn), "begin");
    return txn;
}

/// Returns MDB_SUCCESS when all jobs that are not done() already are on disk; otherwise nothing is.
int Writer::commit(std::span<Entry> batch, std::exception_ptr& failure)
{
    MDB_txn* parent = nullptr;
    try {
        if (!volume_.is_open())
            volume_.reopen();
        try {
            parent = begin(nullptr);
        } catch (EngineError const& error) {
            if (error.code() != MDB_PANIC)
                throw;
            volume_.reopen(); // a commit before this one broke the environment
            parent = begin(nullptr);
        }
        run_jobs(parent, batch);
        if (std::all_of(
                batch.begin(), batch.end(), [](Entry const& entry) { return entry.is_done(); })) {
            ::mdb_txn_abort(std::exchange(parent, nullptr));
            return MDB_SUCCESS;
        }
        int const code = ::mdb_txn_commit(std::exchange(parent, nullptr));
        if (code == EIO && volume_.env().is_out_of_room())
            throw StorageFull("the disk is full");
        require_ok(code, "commit");
        return MDB_SUCCESS;
    } catch (StorageFull const&) {
        ::mdb_txn_abort(parent);
        return MDB_MAP_FULL;
    } catch (...) {
        ::mdb_txn_abort(parent);
        failure = std::current_exception();
        return EIO;
    }
}

void Writer::run_jobs(MDB_txn* parent, std::span<Entry> batch)
{
    if (batch.size() == 1) { // alone it needs no child: undone with the parent
        run_job(batch[0], nullptr, parent);
        return;
    }
    for (auto& entry : batch)
        run_job(entry, parent, begin(parent));
}

/// Runs the job in `txn`, which is a child of `parent`, or not a child and then left open.
void Writer::run_job(Entry& entry, MDB_txn* parent, MDB_txn* txn)
{
    auto engine = std::make_unique<EngineTxn>(volume_, volume_.env(), txn);
    engine->is_write = true;
    engine->now = seconds_now();
    WriteTxn view(std::move(engine));
    try {
        entry.result = entry.job->run(view);
    } catch (StorageFull const&) {
        entry.result = Errc::no_space;
    } catch (...) {
        entry.failure = std::current_exception();
    }
    entry.effects = std::move(view.engine_);
    entry.effects->close_cursors();
    txn = std::exchange(entry.effects->txn, nullptr);
    if (entry.is_done()) {
        entry.effects.reset();
        if (parent != nullptr)
            ::mdb_txn_abort(txn);
    } else if (parent != nullptr)
        require_ok(::mdb_txn_commit(txn), "commit a child");
}

void Writer::tell(std::span<Entry> batch)
{
    committed_.clear();
    for (auto& entry : batch) {
        if (!entry.effects)
            continue;
        for (auto const& action : entry.effects->after_commit)
            action();
        committed_.insert(
            committed_.end(), entry.effects->announced.begin(), entry.effects->announced.end());
    }
    if (!committed_.empty() && on_commit_)
        on_commit_(committed_);
}

} // namespace mail::storage
