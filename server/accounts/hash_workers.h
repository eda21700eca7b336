// The threads that hash passwords: as many as there are cores, and no more work than they can do in
// a time that clients wait.
#pragma once

#include "protocol/session/write.h"
#include "server/accounts/source.h"

#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>

#include <algorithm>
#include <atomic>
#include <thread>

namespace mail::server {

/// A hash needs some 19 MiB while it is computed.
class HashWorkers {
public:
    HashWorkers()
        : threads_(std::max(1u, std::thread::hardware_concurrency()))
    {
    }

    /// Does `job` on a worker. Throws SourceDown when too many wait already.
    template <class F> awaitable<std::invoke_result_t<F&>> run(F& job)
    {
        if (waiting_.load(std::memory_order_relaxed) >= max_waiting)
            throw SourceDown("too many passwords wait to be checked");
        ++waiting_;
        struct Place { // given back also when the job throws
            std::atomic<unsigned>& waiting;
            ~Place() { --waiting; }
        };
        auto counted = [this, &job] {
            Place const place { waiting_ };
            return job();
        };
        auto const executor = co_await boost::asio::this_coro::executor;
        auto result = co_await session::work(threads_.get_executor(), executor, counted);
        co_return result;
    }

    auto executor() { return threads_.get_executor(); }
    void join() { threads_.join(); }

private:
    // More passwords than this waiting to be checked take longer than any client waits.
    static constexpr unsigned max_waiting = 1000;

    std::atomic<unsigned> waiting_ = 0;
    boost::asio::thread_pool threads_;
};

} // namespace mail::server
