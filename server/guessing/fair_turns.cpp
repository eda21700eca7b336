#include "server/guessing/fair_turns.h"

#include <boost/asio/this_coro.hpp>

namespace mail::server {

void FairTurns::Lane::add(std::uint64_t key, session::Resumption* who)
{
    auto& queue = waiting[key];
    if (queue.empty())
        order.push_back(key);
    queue.push_back(who);
}

session::Resumption* FairTurns::Lane::next()
{
    auto const key = order.front();
    order.pop_front();
    auto const found = waiting.find(key);
    auto* const who = found->second.front();
    found->second.pop_front();
    if (found->second.empty())
        waiting.erase(found);
    else
        order.push_back(key);
    return who;
}

awaitable<FairTurns::Turn> FairTurns::take(std::uint64_t key, Rank rank)
{
    auto& lane = lanes_[static_cast<std::size_t>(rank)];
    {
        std::lock_guard const lock(mutex_);
        if (free_ > 0) {
            --free_;
            co_return Turn(*this);
        }
        auto const found = lane.waiting.find(key);
        if (found != lane.waiting.end() && found->second.size() >= most_waiting_)
            co_return Turn();
    }
    auto const executor = co_await boost::asio::this_coro::executor;
    session::Resumption resumption(executor);
    auto start = [&] {
        std::lock_guard const lock(mutex_);
        if (free_ > 0) { // meanwhile
            --free_;
            resumption.resume();
        } else {
            lane.add(key, &resumption);
        }
    };
    co_await resumption.wait(start);
    co_return Turn(*this);
}

void FairTurns::give_back()
{
    std::lock_guard const lock(mutex_);
    for (auto& lane : lanes_)
        if (!lane.order.empty()) {
            lane.next()->resume(); // the turn goes over to it
            return;
        }
    ++free_;
}

} // namespace mail::server
