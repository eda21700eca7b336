// Calls that hold their thread (a directory, a database, PAM) on threads of their own, few and
// bounded, with a limit to the time that anybody waits for one.
#pragma once

#include "protocol/byte_stream.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace mail::server {

/// One call. Its caller waits no longer than until the deadline; the call may last longer, for
/// nobody.
class BlockingCall {
public:
    using Clock = std::chrono::steady_clock;

    BlockingCall(boost::asio::any_io_executor executor, Clock::time_point end)
        : deadline(end)
        , timer_(executor, end)
    {
    }
    virtual ~BlockingCall() = default;

    /// On the executor, on which nothing else may run at the same time. False: the deadline passed.
    awaitable<bool> wait();
    /// On a worker.
    static void run(std::shared_ptr<BlockingCall> call);

    enum class State { queued, running, abandoned, done };
    std::atomic<State> state = State::queued;
    Clock::time_point const deadline;

private:
    virtual void work() noexcept = 0;

    boost::asio::steady_timer timer_;
    bool is_done_ = false; ///< as the executor knows
};

/// Must outlive those who wait for calls, and end before their executors do.
class BlockingCalls {
public:
    static constexpr unsigned most_waiting = 1000;

    BlockingCalls(unsigned threads, std::chrono::milliseconds limit)
        : threads_(threads)
        , limit_(limit)
        , pool_(threads)
    {
    }

    /// Does `job`, which owns all that it uses, and gives its result or throws what it throws.
    /// SourceDown: the time limit passed, too many wait already, or every thread hangs.
    template <class F> awaitable<std::invoke_result_t<F&>> run(F job)
    {
        auto const executor = co_await boost::asio::this_coro::executor;
        auto const call = std::make_shared<Call<F>>(
            executor, BlockingCall::Clock::now() + limit_, std::move(job));
        start(call);
        bool const in_time = co_await call->wait();
        if (!in_time)
            give_up(*call);
        // Taken along, so that the worker, which may let the call go last, shares it with nobody.
        if (call->failure)
            std::rethrow_exception(std::exchange(call->failure, nullptr));
        co_return std::move(*call->value);
    }

    /// Some wait or are under way, maybe for nobody.
    bool is_busy() const { return waiting_ > 0; }
    void join() { pool_.join(); } ///< waits for calls under way

private:
    template <class F> class Call final : public BlockingCall {
    public:
        Call(boost::asio::any_io_executor executor, Clock::time_point end, F job)
            : BlockingCall(std::move(executor), end)
            , job_(std::move(job))
        {
        }
        std::optional<std::invoke_result_t<F&>> value;
        std::exception_ptr failure;

    private:
        void work() noexcept override
        {
            try {
                value.emplace(job_());
            } catch (...) {
                failure = std::current_exception();
            }
        }
        F job_;
    };

    void start(std::shared_ptr<BlockingCall> call);
    [[noreturn]] void give_up(BlockingCall& call);

    unsigned threads_;
    std::chrono::milliseconds limit_;
    std::atomic<unsigned> waiting_ = 0; ///< and running
    std::atomic<unsigned> hanging_ = 0; ///< threads with calls for which nobody waits any more
    boost::asio::thread_pool pool_;
};

} // namespace mail::server
