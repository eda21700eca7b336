#include "protocol/mta/socketmap.h"

#include "protocol/mta/directory.h"

#include <algorithm>
#include <array>

namespace mail::mta {

namespace {

    using Value = std::optional<std::string>; ///< nullopt: the key is not there

    /// Domains whose mail comes here (virtual_mailbox_domains). The value is the domain again.
    awaitable<Value> find_domain(session::Services& services, std::string_view key)
    {
        co_return is_own_domain(services, key) ? Value(key) : std::nullopt;
    }

    /// Addresses that mail is taken for, aliases among them (virtual_mailbox_maps). The value is
    /// the account's name.
    awaitable<Value> find_mailbox(session::Services& services, std::string_view key)
    {
        auto found = co_await find_destination(services, key);
        co_return found ? Value(std::move(found->user.name)) : std::nullopt;
    }

    /// The account's own address of an alias (virtual_alias_maps). Own addresses are not there:
    /// they stand for themselves.
    awaitable<Value> find_alias(session::Services& services, std::string_view key)
    {
        auto found = co_await find_destination(services, key);
        co_return found && !found->alias_of.empty() ? Value(std::move(found->alias_of))
                                                    : std::nullopt;
    }

    struct Map {
        std::string_view name;
        awaitable<Value> (*find)(session::Services& services, std::string_view key);
    };

    // clang-format off
constexpr auto maps = std::to_array<Map>({
    {"aliases",   find_alias},
    {"domains",   find_domain},
    {"mailboxes", find_mailbox},
    // Who may write an address as sender (smtpd_sender_login_maps): the login name whose mail it is.
    {"senders",   find_mailbox},
});
    // clang-format on

} // namespace

awaitable<void> Socketmap::run()
{
    for (;;) {
        auto const available = in_.available();
        auto rest = available;
        auto const found = requests_.feed(rest);
        in_.consume(available.size() - rest.size());
        if (found == NetstringReader::Found::nothing) {
            co_await out_.flush();
            co_await in_.fill();
            continue;
        }
        if (found == NetstringReader::Found::broken) {
            problem_ = "that is no netstring, or too long a one";
            break;
        }
        auto const reply = co_await answer(requests_.data());
        ++lookups_;
        append_netstring(out_.buffer(), reply);
        if (out_.is_full())
            co_await out_.flush();
    }
    co_await out_.finish();
}

awaitable<std::string> Socketmap::answer(std::string_view request)
{
    auto const space = request.find(' ');
    auto const map = std::ranges::find(maps, request.substr(0, space), &Map::name);
    if (map == maps.end())
        co_return "PERM no such map: there are aliases, domains, mailboxes and senders";
    if (space == request.npos)
        co_return "PERM the key is missing: a request is MAP KEY";
    try {
        auto const value = co_await map->find(services_, request.substr(space + 1));
        co_return value ? "OK " + *value : std::string("NOTFOUND ");
    } catch (session::AccountsUnavailable const&) {
        // NOTFOUND would make the MTA send mail back.
        co_return "TEMP accounts cannot be looked up now";
    }
}

} // namespace mail::mta
