// Giving way, telling, looking whether somebody still waits.
#include "protocol/imap/long_work.h"

#include "protocol/imap/context.h"
#include "protocol/imap/yield.h"

namespace mail::imap {

LongWork::LongWork(Context& ctx, std::uint64_t goal)
    : ctx_(ctx)
    , progress_(ctx, goal)
    , looked_(std::chrono::steady_clock::now())
{
}

awaitable<void> LongWork::pause(std::uint64_t more)
{
    constexpr auto between_looks = std::chrono::milliseconds(100); // each is a system call
    done_ += more;
    co_await yield(ctx_);
    auto const now = std::chrono::steady_clock::now();
    if (now - looked_ >= between_looks) {
        looked_ = now;
        ctx_.session.stream().fail_if_gone();
    }
    if (progress_.done(done_))
        co_await ctx_.out.flush();
}

} // namespace mail::imap
