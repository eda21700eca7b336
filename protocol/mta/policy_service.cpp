#include "protocol/mta/policy_service.h"

#include "protocol/mta/directory.h"

#include <fmt/format.h>

namespace mail::mta {

namespace {

    constexpr std::string_view no_opinion = "DUNNO";

} // namespace

awaitable<void> PolicyService::run()
{
    for (;;) {
        auto const line = lines_.next();
        if (line == LineReader::Found::nothing) {
            co_await out_.flush();
            co_await in_.fill();
            continue;
        }
        auto const found = line == LineReader::Found::line ? reader_.take(lines_.line())
                                                           : PolicyReader::Found::broken;
        if (found == PolicyReader::Found::nothing)
            continue;
        if (found == PolicyReader::Found::broken) {
            problem_ = "that is no policy request, or too long a one";
            break;
        }
        auto const action = co_await action_for(reader_.request());
        ++requests_;
        if (action != no_opinion)
            ++refused_;
        fmt::format_to(std::back_inserter(out_.buffer()), "action={}\n\n", action);
        if (out_.is_full())
            co_await out_.flush();
    }
    co_await out_.finish();
}

awaitable<std::string> PolicyService::action_for(PolicyRequest request)
{
    auto const recipient = address_in(request.recipient);
    if (!recipient)
        co_return std::string(no_opinion);
    auto const& settings = services_.settings;
    std::optional<Destination> found;
    try {
        found = co_await find_destination(services_, *recipient);
    } catch (session::AccountsUnavailable const&) { // which is in the log
        if (!settings.mta.defers_on_trouble)
            co_return std::string(no_opinion);
        co_return fmt::format(
            "451 4.3.0 <{}>: Accounts cannot be looked up, try again later", *recipient);
    }
    if (!found) {
        if (!settings.mta.rejects_unknown || !is_own_domain(services_, domain_of(*recipient)))
            co_return std::string(no_opinion);
        co_return fmt::format("550 5.1.1 <{}>: No such user here, check the address", *recipient);
    }
    if (has_room(services_, found->user, request.size))
        co_return std::string(no_opinion);
    if (settings.over_quota == session::OverQuota::reject)
        co_return fmt::format("552 5.2.2 <{}>: The mailbox is full", *recipient);
    co_return fmt::format("452 4.2.2 <{}>: The mailbox is full, try again later", *recipient);
}

} // namespace mail::mta
