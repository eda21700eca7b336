// Read transactions are reset and renewed instead of made anew: a renewal is a hundred nanoseconds.
#include "storage/lmdb/volume.h"
#include "storage/encoding.h"
#include "storage/format.h"
#include "storage/staged_body.h"

#include <chrono>
#include <stdexcept>

namespace mail::storage {
namespace {

    inline constexpr std::size_t max_idle_readers = 256;
    inline constexpr std::chrono::seconds reopen_patience { 30 };

} // namespace

LmdbVolume::LmdbVolume(
    std::filesystem::path path, std::uint64_t map_size, CommitCallback const& on_commit)
    : path_(std::move(path))
    , map_size_(map_size)
    , env_(std::make_unique<Env>(path_, map_size_))
    , writer_(*this, on_commit)
{
    check_format(*this);
    drop_staged_leftovers(*this);
    next_body_ = last_body_id(read()).value + 1;
}

LmdbVolume::~LmdbVolume()
{
    writer_.stop();
    idle_.clear();
}

ReadTxn LmdbVolume::read()
{
    std::unique_ptr<EngineTxn> engine;
    {
        std::unique_lock lock(mutex_);
        if (!changed_.wait_for(lock, reopen_patience, [&] { return !reopening_; }))
            throw std::runtime_error(
                "the store is being reopened after a failure of the disk: try again later");
        ++active_;
        if (!idle_.empty()) {
            engine = std::move(idle_.back());
            idle_.pop_back();
        }
    }
    try {
        if (engine)
            require_ok(::mdb_txn_renew(engine->txn), "renew a read transaction");
        else {
            engine = std::make_unique<EngineTxn>(*this, *env_, nullptr);
            require_ok(::mdb_txn_begin(env_->handle(), nullptr, MDB_RDONLY, &engine->txn),
                "begin a read transaction");
        }
    } catch (...) {
        engine.reset();
        std::lock_guard const lock(mutex_);
        --active_;
        changed_.notify_all();
        throw;
    }
    return ReadTxn(std::move(engine));
}

void LmdbVolume::give_back(std::unique_ptr<EngineTxn> engine) noexcept
{
    ::mdb_txn_reset(engine->txn);
    std::lock_guard const lock(mutex_);
    if (!reopening_ && idle_.size() < max_idle_readers)
        idle_.push_back(std::move(engine));
    else
        engine.reset();
    --active_;
    if (reopening_)
        changed_.notify_all();
}

void LmdbVolume::reopen()
{
    std::unique_lock lock(mutex_);
    reopening_ = true;
    bool const drained = changed_.wait_for(lock, reopen_patience, [&] { return active_ == 0; });
    try {
        if (!drained)
            throw std::runtime_error("the store cannot be reopened while reads are under way");
        idle_.clear();
        env_.reset(); // first: a process must not have an environment open twice
        env_ = std::make_unique<Env>(path_, map_size_);
    } catch (...) {
        reopening_ = env_
            == nullptr; // without an environment readers keep out; the next batch tries again
        changed_.notify_all();
        throw;
    }
    reopening_ = false;
    changed_.notify_all();
}

} // namespace mail::storage
