// Lets other sessions of the I/O thread have their turn in the middle of long work.
#pragma once

#include "protocol/imap/context.h"

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>

namespace mail::imap {

/// Goes on behind what is already due on the session's thread. No transaction may be alive.
inline awaitable<void> yield(Context& ctx)
{
    auto executor = ctx.session.stream().executor();
    co_await boost::asio::post(executor, boost::asio::use_awaitable);
}

/// What one session may do before others have their turn, where that is many small things of
/// unequal size.
class Turn {
public:
    bool is_over() const { return std::chrono::steady_clock::now() - began_ >= length; }
    void begin() { began_ = std::chrono::steady_clock::now(); }

private:
    static constexpr auto length = std::chrono::milliseconds(1);
    std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

} // namespace mail::imap
