// Work that is done here when it is short, and by a worker when it would hold up other sessions.
#pragma once

#include "protocol/imap/context.h"

#include <cstddef>
#include <type_traits>

namespace mail::imap {

class Effort {
public:
    /// A millisecond or so for two thousand messages.
    static Effort by_messages(std::size_t messages) { return Effort(messages > 2000); }
    static Effort large() { return Effort(true); }
    bool is_large() const { return is_large_; }

private:
    explicit Effort(bool is_large)
        : is_large_(is_large)
    {
    }
    bool is_large_;
};

/// f() here or on a worker thread. No transaction may be alive; `f` must not be a temporary
/// (Session
/// ::work).
template <class F> awaitable<std::invoke_result_t<F&>> at_worker(Context& ctx, Effort effort, F& f)
{
    if (!effort.is_large())
        co_return f();
    if constexpr (std::is_void_v<std::invoke_result_t<F&>>) {
        auto call = [&f] {
            f();
            return true;
        };
        co_await ctx.session.work(call);
    } else
        co_return co_await ctx.session.work(f);
}

} // namespace mail::imap
