// Turns at something scarce, dealt out fairly: however much one asks for, the others come between.
#pragma once

#include "protocol/session/write.h"

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>

namespace mail::server {

/// Thread-safe. Who waits is not destroyed before its turn has come.
class FairTurns {
public:
    /// Given back when it dies.
    class Turn {
    public:
        Turn() = default;
        explicit Turn(FairTurns& of)
            : of_(&of)
        {
        }
        Turn(Turn&& other) noexcept
            : of_(std::exchange(other.of_, nullptr))
        {
        }
        Turn& operator=(Turn&& other) noexcept
        {
            std::swap(of_, other.of_);
            return *this;
        }
        ~Turn()
        {
            if (of_)
                of_->give_back();
        }
        explicit operator bool() const { return of_; }

    private:
        FairTurns* of_ = nullptr;
    };

    /// `at_once` turns at the same time; of one key, `waiting` wait for one.
    FairTurns(unsigned at_once, unsigned waiting)
        : free_(at_once)
        , most_waiting_(waiting)
    {
    }

    enum class Rank { first, later };

    /// False at once when too many of this key wait already. Those of rank `first` come before all
    /// others; of one rank, keys by turns; those of one key in their order.
    awaitable<Turn> take(std::uint64_t key, Rank rank);

private:
    /// Those of one rank who wait.
    struct Lane {
        std::unordered_map<std::uint64_t, std::deque<session::Resumption*>> waiting; ///< not empty
        std::deque<std::uint64_t> order; ///< each key of `waiting` once

        void add(std::uint64_t key, session::Resumption* who);
        session::Resumption* next();
    };

    void give_back();

    std::mutex mutex_;
    unsigned free_;
    std::size_t most_waiting_;
    std::array<Lane, 2> lanes_; ///< by Rank
};

} // namespace mail::server
