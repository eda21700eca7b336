// Names of mailboxes in all namespaces, and rights.
#include "protocol/session/namespaces.h"

#include "protocol/session/session.h"
#include "storage/mailboxes.h"
#include "storage/names.h"

#include <algorithm>

namespace mail::session {
namespace {

    using storage::Errc;
    using storage::hierarchy_delimiter;

    /// The first level of `name`; `rest` becomes what follows its delimiter.
    std::string_view first_level(std::string_view name, std::string_view& rest)
    {
        auto const end = name.find(hierarchy_delimiter);
        rest = end == std::string_view::npos ? std::string_view {} : name.substr(end + 1);
        return name.substr(0, end);
    }

} // namespace

std::vector<std::string> identifiers_of(User const& user, bool allow_anyone)
{
    std::vector<std::string> identifiers { user.name };
    for (auto const& group : user.groups)
        identifiers.push_back(group_mark + group);
    if (allow_anyone)
        identifiers.emplace_back(anyone);
    return identifiers;
}

storage::Rights rights_in(storage::Acl const& acl, std::span<std::string const> identifiers)
{
    storage::Rights given;
    storage::Rights taken;
    for (auto const& entry : acl) {
        auto const negative = entry.identifier.starts_with('-');
        auto const name = std::string_view(entry.identifier).substr(negative ? 1 : 0);
        if (std::ranges::find(identifiers, name) == identifiers.end())
            continue;
        auto& rights = negative ? taken : given;
        rights = rights | entry.rights;
    }
    return given - taken;
}

storage::Result<MailboxName> Session::interpret(std::string_view name)
{
    return interpret_for(identity(), name);
}

storage::Result<MailboxName> Session::interpret_for(Identity const& who, std::string_view name)
{
    auto const& sharing = settings().sharing;
    std::string_view rest;
    auto const first = first_level(name, rest);
    if (!is_namespace_for(who, first))
        return MailboxName { who.account, std::string(name) };
    std::string_view owner = sharing.shared_account;
    if (first == sharing.other_users)
        owner = first_level(rest, rest);
    if (rest.empty()) // a level that only holds mailboxes
        return Errc::not_found;
    auto const found = services_.store.find_account(owner);
    if (!found)
        return Errc::not_found;
    return MailboxName { *found, std::string(rest) };
}

bool Session::is_namespace(std::string_view first_level)
{
    return is_namespace_for(identity(), first_level);
}

bool Session::is_namespace_for(Identity const& who, std::string_view first_level)
{
    auto const& sharing = settings().sharing;
    bool const is_others = first_level == sharing.other_users;
    bool const is_shared = first_level == sharing.shared && !sharing.shared_account.empty();
    if (!sharing.enabled || !(is_others || is_shared))
        return false;
    auto const has_own = [&](storage::ReadTxn const& txn) {
        return storage::find_mailbox(txn, who.account.id, first_level).has_value();
    };
    return !read_at(who.account, has_own);
}

std::string Session::canonical_name(std::string_view name)
{
    auto const where = interpret(name);
    if (!where)
        return std::string(name);
    return client_name(where->account, storage::canonical_mailbox_name(where->name));
}

std::string Session::client_name(storage::Account const& owner, std::string_view name) const
{
    if (owner.id == account().id)
        return std::string(name);
    auto const& sharing = settings().sharing;
    std::string full = owner.name == sharing.shared_account
        ? sharing.shared
        : sharing.other_users + hierarchy_delimiter + owner.name;
    return full.append(1, hierarchy_delimiter).append(name);
}

storage::Rights Session::rights_at(storage::ReadTxn const& txn, storage::Place place) const
{
    return rights_of(identity(), txn, place);
}

storage::Rights Session::rights_of(
    Identity const& who, storage::ReadTxn const& txn, storage::Place place) const
{
    auto const most
        = is_read_only() ? storage::Right::lookup | storage::Right::read : storage::Rights::all();
    if (place.account == who.account.id)
        return most;
    if (!settings().sharing.enabled)
        return {};
    return rights_in(storage::read_acl(txn, place), who.identifiers) & most;
}

storage::Result<Located> Session::locate(
    storage::ReadTxn const& txn, MailboxName const& name, storage::Rights needed) const
{
    return locate_for(identity(), txn, name, needed);
}

storage::Result<Located> Session::locate_for(Identity const& who, storage::ReadTxn const& txn,
    MailboxName const& name, storage::Rights needed) const
{
    auto const mailbox = storage::find_mailbox(txn, name.account.id, name.name);
    if (!mailbox)
        return mailbox.error();
    Located located { name.account, mailbox->id, mailbox->name, {} };
    located.rights = rights_of(who, txn, located.place());
    if (located.rights.has(needed))
        return located;
    // Who may not even see it must not learn that it is there.
    return located.rights.has(storage::Right::lookup) ? Errc::denied : Errc::not_found;
}

storage::Result<void> Session::may_create(
    storage::ReadTxn const& txn, MailboxName const& name) const
{
    if (is_read_only())
        return Errc::denied;
    if (name.account.id == account().id)
        return {};
    for (auto end = name.name.rfind(hierarchy_delimiter); end != std::string::npos && end != 0;
         end = name.name.rfind(hierarchy_delimiter, end - 1)) {
        auto const parent = locate(
            txn, { name.account, name.name.substr(0, end) }, storage::Right::create_mailboxes);
        if (parent)
            return {};
        auto const exists
            = storage::find_mailbox(txn, name.account.id, name.name.substr(0, end)).has_value();
        if (exists)
            return parent.error();
    }
    return Errc::not_found; // at the top of somebody else's mailboxes
}

storage::Result<Located> Session::find_mailbox(std::string_view name, storage::Rights needed)
{
    return find_mailbox_of(identity(), name, needed);
}

storage::Result<Located> Session::find_mailbox_of(
    Identity const& who, std::string_view name, storage::Rights needed)
{
    auto const where = interpret_for(who, name);
    if (!where)
        return where.error();
    return read_at(where->account,
        [&](storage::ReadTxn const& txn) { return locate_for(who, txn, *where, needed); });
}

awaitable<std::optional<Identity>> Session::find_identity(std::string name)
{
    auto const user = co_await services_.authenticator.find_recipient(std::move(name));
    if (!user || user->is_disabled)
        co_return std::nullopt;
    auto const account = services_.store.find_account(user->name);
    if (!account)
        co_return std::nullopt;
    co_return Identity { *account, identifiers_of(*user, settings().sharing.allow_anyone) };
}

awaitable<storage::Quota> Session::quota_of(storage::Account owner)
{
    if (owner.id == account().id)
        co_return user_.quota;
    auto const user = co_await services_.authenticator.find_recipient(owner.name);
    co_return user ? user->quota : storage::Quota {};
}

} // namespace mail::session
