#include "server/accounts/blocking_calls.h"

#include "server/accounts/source.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

namespace mail::server {

awaitable<bool> BlockingCall::wait()
{
    // The worker's word comes by the same executor: not between this look and the wait.
    if (!is_done_)
        co_await timer_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    co_return is_done_;
}

void BlockingCall::run(std::shared_ptr<BlockingCall> call)
{
    call->work();
    auto const executor = call->timer_.get_executor();
    boost::asio::post(executor, [call = std::move(call)] {
        call->is_done_ = true;
        call->timer_.cancel();
    });
}

void BlockingCalls::start(std::shared_ptr<BlockingCall> call)
{
    if (hanging_ >= threads_)
        throw SourceDown("every call that is under way takes longer than its time limit");
    if (waiting_ >= most_waiting)
        throw SourceDown(fmt::format("{} calls wait for it already", most_waiting));
    ++waiting_;
    boost::asio::post(pool_, [this, call = std::move(call)]() mutable {
        using State = BlockingCall::State;
        auto& state = call->state; // outlives this: the caller or the loop below holds the call
        auto const kept = call;
        auto expected = State::queued;
        // What waited too long is not begun: nobody waits for it any more.
        if (BlockingCall::Clock::now() < kept->deadline
            && state.compare_exchange_strong(expected, State::running)) {
            BlockingCall::run(std::move(call));
            expected = State::running;
            if (!state.compare_exchange_strong(expected, State::done))
                --hanging_;
        }
        --waiting_;
    });
}

void BlockingCalls::give_up(BlockingCall& call)
{
    using State = BlockingCall::State;
    auto expected = State::running;
    ++hanging_;
    if (!call.state.compare_exchange_strong(expected, State::abandoned))
        --hanging_; // it never began, or is just done
    throw SourceDown(fmt::format("it did not answer within {} ms", limit_.count()));
}

} // namespace mail::server
