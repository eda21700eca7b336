// All searches of a session that go on.
#include "protocol/imap/live_searches.h"

#include "protocol/imap/context.h"

#include <algorithm>

namespace mail::imap {

bool LiveSearches::has(std::string_view tag) const
{
    return std::ranges::any_of(searches_, [&](auto const& each) { return each->tag() == tag; });
}

bool LiveSearches::cancel(std::string_view tag)
{
    return std::erase_if(searches_, [&](auto const& each) { return each->tag() == tag; }) != 0;
}

void LiveSearches::follow(Context& ctx, LiveSearch::Asked asked, storage::UidSet matches,
    std::vector<storage::Uid> order, session::UidMap const& map)
{
    constexpr std::size_t most = 16;
    constexpr std::size_t most_octets = 4 << 20;
    auto next
        = std::make_unique<LiveSearch>(std::move(asked), std::move(matches), std::move(order), map);
    auto octets = next->octets();
    for (auto const& each : searches_)
        octets += each->octets();
    if (!empty() && (searches_.size() == most || octets > most_octets))
        return refuse(ctx, next->tag(),
            "Too many searches, or too many messages, are followed: end one by CANCELUPDATE");
    searches_.push_back(std::move(next));
}

void LiveSearches::refuse_cut(Context& ctx, std::string_view tag)
{
    refuse(ctx, tag,
        "Only the newest messages were searched, so the result is not followed: search fewer");
}

void LiveSearches::refuse(Context& ctx, std::string_view tag, std::string_view why)
{
    std::string code = "NOUPDATE ";
    append_string(code, tag);
    ctx.out.untagged(Status::no, std::move(code), why);
}

bool LiveSearches::is_due(Context const& ctx) const
{
    return std::ranges::any_of(searches_, [&](auto const& each) { return each->is_due(ctx); });
}

awaitable<void> LiveSearches::tell_expunged(
    Context& ctx, storage::UidSet const& expunged, session::UidMap const& map)
{
    for (auto const& each : searches_)
        co_await each->tell_expunged(ctx, expunged, map);
}

awaitable<void> LiveSearches::tell_changes(Context& ctx, Touched const& touched)
{
    for (auto const& each : searches_)
        co_await each->tell_changes(ctx, touched);
}

} // namespace mail::imap
