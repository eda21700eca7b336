// Octets to the client in slices.
#include "protocol/imap/send_octets.h"

namespace mail::imap {

awaitable<Extract> measure(Context& ctx, storage::Account owner, Extract octets)
{
    auto const step = [&](storage::ReadTxn const& txn) { octets.measure(txn); };
    while (!octets.is_measured()) {
        ctx.session.read_at(owner, step);
        co_await yield(ctx);
    }
    co_return octets;
}

awaitable<void> send_literal(Context& ctx, storage::Account owner, Extract octets)
{
    octets = co_await measure(ctx, owner, std::move(octets));
    auto& out = ctx.out.buffer();
    out.append(octets.has_nul() ? "~{" : "{");
    append_number(out, octets.size());
    out.append("}\r\n");
    auto const step = [&](storage::ReadTxn const& txn) { octets.read(txn, out); };
    while (!octets.is_done()) {
        ctx.session.read_at(owner, step);
        if (ctx.out.is_full())
            co_await ctx.out.flush();
        co_await yield(ctx);
    }
}

} // namespace mail::imap
