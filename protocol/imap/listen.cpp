// Waits in which bells ring.
#include "protocol/imap/listen.h"

#include "protocol/imap/context.h"
#include "protocol/imap/untagged.h"

#include <boost/asio/steady_timer.hpp>

#include <chrono>

namespace mail::imap {
namespace {

    /// Wakes the session after some silence.
    class Alarm {
    public:
        Alarm(ByteStream& stream, std::chrono::milliseconds interval)
            : interval_(interval)
            , bell_(std::make_shared<session::Bell>(stream))
            , timer_(stream.executor())
        {
            bell_->arm(true);
            set();
        }
        ~Alarm()
        {
            bell_->arm(false);
            bell_->detach();
        }
        Alarm(Alarm const&) = delete;
        Alarm& operator=(Alarm const&) = delete;

        void set() ///< from now
        {
            if (interval_.count() == 0)
                return;
            timer_.expires_after(interval_);
            timer_.async_wait([bell = bell_](boost::system::error_code const& cancelled) {
                if (!cancelled)
                    bell->ring();
            });
        }
        bool take() { return bell_->take(); } ///< did it ring?

    private:
        std::chrono::milliseconds interval_;
        std::shared_ptr<session::Bell> bell_;
        boost::asio::steady_timer timer_;
    };

    void arm(Context& ctx, bool on)
    {
        if (ctx.selected)
            ctx.selected->bell().arm(on);
        if (ctx.notifier)
            ctx.notifier->bell().arm(on);
    }

    awaitable<void> wait(Context& ctx, session::Expunges expunges)
    {
        auto& stream = ctx.session.stream();
        Alarm alarm(stream, ctx.session.settings().imap.keep_alive);
        for (;;) {
            // What was shown may have later mod-sequences than what is held back. There is no
            // tagged answer that could say so, and the next one may be that of CLOSE, which must
            // not (RFC 7162 §3.2.8).
            auto const shown = co_await tell_all_news(ctx, expunges);
            if (shown == Shown::mod_seqs)
                tell_safe_mod_seq(ctx);
            if (alarm.take() && ctx.out.empty())
                ctx.out.untagged(Status::ok, {}, "Still here");
            if (!ctx.out.empty())
                alarm.set();
            co_await ctx.out.flush();
            std::string().swap(ctx.out.buffer()); // it may be half an hour
            if (ctx.wants_close || !ctx.input.available().empty())
                co_return;
            auto const wake = co_await stream.wait_input();
            if (wake == ByteStream::Wake::input)
                co_return;
        }
    }

} // namespace

awaitable<Shown> tell_all_news(Context& ctx, session::Expunges expunges)
{
    auto shown = Shown::none;
    if (ctx.selected && (ctx.selected->has_news() || ctx.live_searches.is_due(ctx)))
        shown = co_await tell_news(ctx, expunges);
    if (ctx.notifier && !ctx.wants_close)
        co_await ctx.notifier->tell(ctx);
    ctx.session.own_changes().clear();
    co_return shown;
}

awaitable<void> listen(Context& ctx, session::Expunges expunges)
{
    arm(ctx, true);
    co_await wait(ctx, expunges);
    arm(ctx, false);
}

} // namespace mail::imap
