#include "server/accounts/sql_source.h"

#include "server/accounts/account_settings.h"
#include "server/accounts/read_entry.h"
#include "server/accounts/users.h"

#include <fmt/format.h>

#include <algorithm>

namespace mail::server {

namespace {

    std::string name_of(config::SqlAccounts::Driver driver)
    {
        switch (driver) {
        case config::SqlAccounts::Driver::postgresql:
            return "the PostgreSQL database";
        case config::SqlAccounts::Driver::mysql:
            return "the MySQL database";
        case config::SqlAccounts::Driver::sqlite:
            break;
        }
        return "the SQLite database";
    }

    SqlParameters parameters_for(std::string const& name)
    {
        auto const at = name.rfind('@');
        return { { "name", name }, { "user", name.substr(0, at) },
            { "domain", at == name.npos ? "" : name.substr(at + 1) } };
    }

    std::vector<std::string> groups_in(std::string_view list)
    {
        std::vector<std::string> groups;
        while (!list.empty()) {
            auto const item = list.substr(0, list.find(','));
            list.remove_prefix(std::min(list.size(), item.size() + 1));
            auto const begin = item.find_first_not_of(' ');
            if (begin != item.npos)
                groups.emplace_back(item.substr(begin, item.find_last_not_of(' ') + 1 - begin));
        }
        return groups;
    }

} // namespace

SqlSource::SqlSource(config::AuthSource const& settings)
    : settings_(settings)
    , database_(std::get<config::SqlAccounts>(settings_.accounts))
    , name_(name_of(database_.driver))
{
}

SourceTerms SqlSource::terms() const { return terms_of(settings_); }

template <class F> auto SqlSource::use(F f)
{
    if (auto connection = connections_.take()) {
        try {
            auto result = f(*connection);
            connections_.give_back(std::move(connection));
            return result;
        } catch (SourceDown const&) { // so are its brothers, and a new one tells
            connections_.clear();
        }
    }
    auto connection = std::make_unique<SqlConnection>(database_, settings_.time_limit);
    auto result = f(*connection);
    connections_.give_back(std::move(connection));
    return result;
}

std::optional<SqlRow> SqlSource::select_one(std::string const& query, std::string const& name)
{
    auto const parameters = parameters_for(name);
    auto rows = use([&](SqlConnection& database) { return database.select(query, parameters, 2); });
    if (rows.empty())
        return std::nullopt;
    if (rows.size() > 1 && rows[0] != rows[1])
        throw SourceDown(
            fmt::format("a query gives several rows for {}, and one is asked for", name));
    return std::move(rows.front());
}

EntryPtr SqlSource::find(std::string const& name)
{
    auto const row = select_one(database_.login_query, name);
    return row ? describe(*row) : EntryPtr {};
}

EntryPtr SqlSource::find_by_address(std::string const& address)
{
    if (database_.address_query.empty())
        return find(address);
    auto const row = select_one(database_.address_query, address);
    if (!row)
        return {};
    // Where only the name stands, as in tables of aliases, the account's own row says the rest.
    auto const name = row->find("name");
    if (row->size() == 1 && name != row->end())
        return find(lower_case(name->second));
    return describe(*row);
}

/// A column that a users file would have as key=value. NULL and empty: it has none.
void SqlSource::set_other(UserEntry& entry, std::string const& column, std::string const& value)
{
    UserEntry unused;
    auto const problem = read_account_setting(column, value, value.empty() ? unused : entry);
    if (!problem)
        throw SourceDown(fmt::format(
            "a query gives a column {}, which is not known here; there are name, password, "
            "disabled, "
            "quota, quota_messages, quota_mailboxes, groups, admin, networks, master, "
            "applications, "
            "imap_off, pop3_view, pop3_expire, pop3_login_delay, scram_sha_1, scram_sha_256, "
            "scram_sha_512: give it one of these names by AS, or leave it out",
            column));
    if (!value.empty() && !problem->empty())
        throw SourceDown(fmt::format("the account {}: {}", entry.name, *problem));
}

EntryPtr SqlSource::describe(SqlRow const& row) const
{
    auto entry = std::make_shared<UserEntry>();
    std::string hash;
    for (auto const& [column, value] : row) {
        if (column == "name")
            set_name(*entry, value);
        else if (column == "password")
            hash = value;
        else if (column == "disabled")
            entry->is_disabled = means_disabled(value, {});
        else if (column == "quota")
            set_quota(entry->quota, column, value);
        else if (column == "quota_messages")
            set_quota(entry->quota_messages, column, value);
        else if (column == "quota_mailboxes")
            set_quota(entry->quota_mailboxes, column, value);
        else if (column == "groups")
            entry->groups = groups_in(value);
        else if (column == "admin")
            entry->is_administrator = is_yes(value);
        else if (column.starts_with("scram_"))
            set_keys(*entry, column, value);
        else
            set_other(*entry, column, value);
    }
    if (entry->name.empty())
        throw SourceDown("a query gives no column name; name the account's by AS name");
    auto keys = entry->scram;
    entry->handle = hash; // as it stands there, for replace()
    set_hash(*entry, std::move(hash), database_.default_scheme);
    for (std::size_t i = 0; i < keys.size(); ++i)
        if (keys[i])
            entry->scram[i] = keys[i];
    return entry;
}

bool SqlSource::replace(UserEntry const& entry, Verifiers const& with)
{
    auto parameters = parameters_for(entry.name);
    parameters["password"] = with.hash;
    parameters["old_password"] = entry.handle;
    for (auto const& setting : with.settings) { // "scram-sha-256=…"
        auto column = setting.substr(0, setting.find('='));
        std::ranges::replace(column, '-', '_');
        parameters[column] = setting.substr(setting.find('=') + 1);
    }
    auto const changed = use([&](SqlConnection& database) {
        return database.update(database_.update_query, parameters);
    });
    return changed > 0;
}

std::array<bool, sasl::scram_hashes> SqlSource::keys_of_all() const
{
    return keys_promised(settings_);
}

} // namespace mail::server
