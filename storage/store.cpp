// Blocking writes, for those without an event loop.
#include "storage/store.h"

#include <condition_variable>
#include <mutex>

namespace mail::storage {
namespace {

    /// A job whose submitter sleeps until it is done.
    class BlockingJob final : public WriteJob {
    public:
        explicit BlockingJob(std::function<Result<void>(WriteTxn&)> const& work)
            : work_(work)
        {
        }
        Result<void> run(WriteTxn& txn) override { return work_(txn); }
        void done(Result<void> result, std::exception_ptr failure) noexcept override
        {
            std::lock_guard const lock(
                mutex_); // held while it notifies: the waiter destroys this right after
            result_ = result;
            failure_ = failure;
            is_done_ = true;
            woken_.notify_one();
        }
        Result<void> wait()
        {
            std::unique_lock lock(mutex_);
            woken_.wait(lock, [&] { return is_done_; });
            if (failure_)
                std::rethrow_exception(failure_);
            return result_;
        }

    private:
        std::function<Result<void>(WriteTxn&)> const& work_;
        std::mutex mutex_;
        std::condition_variable woken_;
        bool is_done_ = false;
        Result<void> result_;
        std::exception_ptr failure_;
    };

} // namespace

Result<void> Volume::write(std::function<Result<void>(WriteTxn&)> const& job)
{
    BlockingJob blocking(job);
    submit(blocking);
    return blocking.wait();
}

} // namespace mail::storage
