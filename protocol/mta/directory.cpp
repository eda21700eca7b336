#include "protocol/mta/directory.h"

#include "protocol/lmtp/address.h"
#include "protocol/lmtp/recipient.h"
#include "storage/accounts.h"
#include "storage/ascii.h"
#include "storage/txn.h"

#include <algorithm>

namespace mail::mta {

namespace {

    std::optional<lmtp::Address> parse_address(std::string_view text)
    {
        auto const path = "<" + std::string(text) + ">";
        std::string_view rest = path;
        auto address = lmtp::take_path(rest);
        if (!address || address->is_null() || !rest.empty())
            return std::nullopt;
        return address;
    }

    /// The account's name as an address in the domain by which it was found, with the detail.
    std::string own_address(std::string const& name, lmtp::Match const& match,
        lmtp::Address const& asked, std::string_view delimiters)
    {
        auto const at = std::min(name.find('@'), name.size());
        auto own = name.substr(0, at);
        if (!match.detail.empty())
            own += asked.local.substr(asked.local.find_first_of(delimiters, 1));
        if (at < name.size())
            return own + name.substr(at);
        return asked.domain.empty() ? own : own + '@' + asked.domain;
    }

} // namespace

awaitable<std::optional<Destination>> find_destination(
    session::Services& services, std::string_view address)
{
    auto const asked = parse_address(address);
    if (!asked)
        co_return std::nullopt;
    auto const match = co_await lmtp::match_recipient(services, *asked);
    if (!match)
        co_return std::nullopt;
    Destination found;
    found.alias_of
        = own_address(match->user.name, *match, *asked, services.settings.recipient_delimiter);
    if (ascii::lower_case(found.alias_of) == ascii::lower_case(asked->text()))
        found.alias_of.clear();
    found.user = match->user;
    co_return found;
}

bool is_own_domain(session::Services& services, std::string_view domain)
{
    auto const name = ascii::lower_case(domain);
    auto const& configured = services.settings.mta.domains;
    return std::ranges::find(configured, name) != configured.end()
        || services.authenticator.has_domain(name);
}

bool has_room(session::Services& services, session::User const& user, std::uint64_t octets)
{
    storage::Usage const more { .octets = std::max<std::uint64_t>(octets, 1), .messages = 1 };
    auto const account = services.store.find_account(user.name);
    if (account) {
        auto const txn = services.store.volume_of(*account).read();
        return storage::check_quota(txn, account->id, more, user.quota)
            != storage::Errc::over_quota;
    }
    auto const& quota = user.quota; // of an account that the first message makes
    return more.octets <= quota.octets.value_or(UINT64_MAX)
        && more.messages <= quota.messages.value_or(UINT64_MAX);
}

std::optional<std::string> address_in(std::string_view text)
{
    auto const address = parse_address(text);
    if (!address)
        return std::nullopt;
    return address->text();
}

std::string domain_of(std::string_view address)
{
    auto const at = address.rfind('@');
    return at == address.npos ? std::string {} : ascii::lower_case(address.substr(at + 1));
}

} // namespace mail::mta
