#include "server/accounts/ldap_source.h"

#include "server/accounts/account_settings.h"
#include "server/accounts/ldap_filter.h"
#include "server/accounts/read_entry.h"
#include "server/accounts/users.h"

#include <fmt/format.h>

#include <algorithm>

namespace mail::server {

namespace {

    /// As a users file would have them. Booleans of directories are TRUE and FALSE (RFC 4517
    /// §3.3.3).
    std::string setting_of(std::vector<std::string> const& values)
    {
        if (values == std::vector<std::string> { "TRUE" })
            return "yes";
        if (values == std::vector<std::string> { "FALSE" })
            return "no";
        return fmt::format("{}", fmt::join(values, ","));
    }

} // namespace

LdapSource::LdapSource(config::AuthSource const& settings)
    : settings_(settings)
    , directory_(std::get<config::LdapAccounts>(settings_.accounts))
    , name_(fmt::format("the directory {}", directory_.servers.front()))
{
}

SourceTerms LdapSource::terms() const { return terms_of(settings_); }

template <class Begin, class F> auto LdapSource::use(Pool<LdapConnection>& pool, Begin begin, F f)
{
    if (auto connection = pool.take()) {
        try {
            auto result = f(*connection);
            pool.give_back(std::move(connection));
            return result;
        } catch (SourceDown const&) { // so are its brothers, and a new one tells
            pool.clear();
        }
    }
    auto connection = std::make_unique<LdapConnection>(directory_, settings_.time_limit);
    begin(*connection);
    auto result = f(*connection);
    pool.give_back(std::move(connection));
    return result;
}

EntryPtr LdapSource::search(std::string const& filter)
{
    auto const found = use(
        for_search_, [](LdapConnection& connection) { connection.bind_for_search(); },
        [&](LdapConnection& connection) { return connection.search(filter); });
    return found ? describe(*found) : EntryPtr {};
}

EntryPtr LdapSource::find(std::string const& name)
{
    return search(fill_filter(directory_.filter, name));
}

EntryPtr LdapSource::find_by_address(std::string const& address)
{
    auto const& filter = directory_.address_filter;
    return search(fill_filter(filter.empty() ? directory_.filter : filter, address));
}

EntryPtr LdapSource::describe(LdapEntry const& found) const
{
    auto entry = std::make_shared<UserEntry>();
    entry->handle = found.dn;
    auto const name = found.first(directory_.name);
    if (!name)
        throw SourceDown(fmt::format(
            "{} has no {}, which is to be the account's name", found.dn, directory_.name));
    set_name(*entry, *name);
    if (!directory_.password.empty())
        set_hash(*entry, found.first(directory_.password).value_or(""), {});
    if (auto const quota = directory_.quota.empty() ? std::nullopt : found.first(directory_.quota))
        set_quota(entry->quota, directory_.quota, *quota);
    auto const groups = found.values.find(lower_case(directory_.groups));
    if (groups != found.values.end())
        for (auto const& group : groups->second)
            entry->groups.push_back(group_name(group));
    auto const disabled = found.values.find(lower_case(directory_.disabled));
    if (disabled != found.values.end())
        entry->is_disabled = std::ranges::any_of(disabled->second,
            [&](auto const& value) { return means_disabled(value, directory_.disabled_values); });
    for (auto const& [setting, attribute] : directory_.settings) {
        auto const values = found.values.find(lower_case(attribute));
        if (values == found.values.end())
            continue;
        auto const problem = read_account_setting(setting, setting_of(values->second), *entry);
        if (problem && !problem->empty())
            throw SourceDown(fmt::format("the {} of {}: {}", attribute, found.dn, *problem));
    }
    return entry;
}

Verdict LdapSource::check_password(UserEntry const& entry, Tried const& tried)
{
    auto const bound = use(
        for_binds_, [](LdapConnection&) {},
        [&](LdapConnection& connection) {
            return connection.bind_as(entry.handle, tried.password);
        });
    switch (bound) {
    case LdapConnection::Bound::yes:
        return Verdict::right;
    case LdapConnection::Bound::disabled:
        return Verdict::disabled;
    case LdapConnection::Bound::wrong_password:
        break;
    }
    return Verdict::wrong;
}

std::array<bool, sasl::scram_hashes> LdapSource::keys_of_all() const
{
    return keys_promised(settings_);
}

} // namespace mail::server
