// Resources, usage and warnings.
#include "protocol/imap/quota.h"

#include "protocol/imap/context.h"

#include <fmt/format.h>

#include <array>

namespace mail::imap {
namespace {

    using storage::Quota;
    using storage::Usage;

    // clang-format off
    constexpr auto resources = std::to_array<QuotaResource>({
        {"STORAGE", Capability::quota_storage, &Usage::octets,    &Quota::octets,    1024,
         "{} of {} KiB of messages are in use ({}%): delete messages and expunge them", true},
        {"MESSAGE", Capability::quota_message, &Usage::messages,  &Quota::messages,  1,
         "{} of {} messages are in use ({}%): delete messages and expunge them",        true},
        {"MAILBOX", Capability::quota_mailbox, &Usage::mailboxes, &Quota::mailboxes, 1,
         "{} of {} mailboxes are in use ({}%): delete mailboxes that you do not need",  false},
    });
    // clang-format on

    unsigned percent(std::uint64_t used, std::uint64_t bound)
    {
        if (used >= bound)
            return 100;
        return static_cast<unsigned>(
            static_cast<long double>(used) * 100 / static_cast<long double>(bound));
    }

    struct Fullest {
        QuotaResource const* resource = nullptr;
        unsigned percent = 0;
    };
    Fullest find_fullest(QuotaState const& state)
    {
        Fullest fullest;
        for (auto const& resource : resources) {
            auto const& bound = state.quota.*resource.bound;
            if (!bound)
                continue;
            auto const now = percent(state.usage.*resource.used, *bound);
            if (!fullest.resource || now > fullest.percent)
                fullest = { &resource, now };
        }
        return fullest;
    }

    storage::Result<QuotaState> state_of(
        Context& ctx, storage::Account const& account, storage::Quota const& configured)
    {
        auto const look = [&](storage::ReadTxn const& txn) -> storage::Result<QuotaState> {
            auto const usage = storage::account_usage(txn, account.id);
            if (!usage)
                return usage.error();
            auto const quota = storage::effective_quota(txn, account.id, configured);
            if (!quota)
                return quota.error();
            return QuotaState { *usage, *quota };
        };
        return ctx.session.read_at(account, look);
    }

} // namespace

std::span<QuotaResource const> quota_resources() { return resources; }

awaitable<storage::Result<QuotaState>> read_quota(Context& ctx, storage::Account account)
{
    auto const configured = co_await ctx.session.quota_of(account);
    co_return state_of(ctx, account, configured);
}

void tell_quota(
    Context& ctx, storage::Account const& account, QuotaState const& state, QuotaDetail detail)
{
    auto line = ctx.out.untagged("QUOTA");
    line.astring(account.name).open();
    for (auto const& resource : resources) {
        auto const& bound = state.quota.*resource.bound;
        if (!bound || !ctx.terms.offers(resource.capability)
            || (resource.is_about_messages && detail == QuotaDetail::only_mailboxes))
            continue;
        line.atom(resource.name).number(resource.told(state.usage.*resource.used));
        line.number(resource.told(*bound));
    }
    line.close();
}

void warn_of_quota(Context& ctx)
{
    auto const from = ctx.session.settings().quota_warning;
    if (from == 0 || ctx.quota_told == Fullness::full || ctx.session.is_read_only())
        return;
    auto const state = state_of(ctx, ctx.session.account(), ctx.session.user().quota);
    if (!state)
        return;
    auto const [resource, now] = find_fullest(*state);
    if (!resource || now < from)
        return;
    auto const fullness = now >= 100 ? Fullness::full : Fullness::nearly;
    if (fullness <= ctx.quota_told)
        return;
    ctx.quota_told = fullness;
    auto const warning = fmt::format(fmt::runtime(resource->warning),
        resource->told((*state).usage.*resource->used),
        resource->told(*((*state).quota.*resource->bound)), now);
    if (fullness == Fullness::full) // mail is being refused: this must be shown to somebody
        ctx.out.untagged(Status::ok, "ALERT", fmt::format("The account is full, {}", warning));
    else
        ctx.out.untagged(
            Status::no, "OVERQUOTA", fmt::format("The account is nearly full, {}", warning));
}

Result<void> check_room(Context& ctx, storage::Account const& owner,
    storage::Quota const& configured, storage::Usage const& more, storage::Usage const& freed)
{
    auto const look = [&](storage::ReadTxn const& txn) {
        return storage::check_quota(txn, owner.id, more, configured, freed);
    };
    if (auto const fits = ctx.session.read_at(owner, look); !fits)
        return to_failure(fits.error());
    return {};
}

} // namespace mail::imap
