// Lets other sessions of the I/O thread have their turn in the middle of long work.
#pragma once

#include "protocol/imap/context.h"

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace mail::imap {

/// Goes on behind what is already due on the session's thread. No transaction may be alive.
inline awaitable<void> yield(Context& ctx)
{
    auto executor = ctx.session.stream().executor();
    co_await boost::asio::post(executor, boost::asio::use_awaitable);
}

} // namespace mail::imap
