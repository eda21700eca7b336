#include "server/accounts/account_settings.h"

#include "config/units.h"
#include "protocol/imap/capability.h"
#include "server/accounts/pop3_settings.h"
#include "server/accounts/users.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace mail::server {

namespace {

    std::string read_yes_or_no(std::string_view key, std::string_view value, bool& out)
    {
        if (value != "yes" && value != "no")
            return fmt::format("write {0}=yes or {0}=no", key);
        out = value == "yes";
        return {};
    }

    std::string read_groups(std::string_view key, std::string_view value, UserEntry& entry)
    {
        return read_setting_list(key, value, [&](std::string_view group) {
            entry.groups.emplace_back(group);
            return std::string(group.empty() ? "the name of a group is empty" : "");
        });
    }

    std::string read_networks(std::string_view key, std::string_view value, UserEntry& entry)
    {
        return read_setting_list(key, value, [&](std::string_view text) -> std::string {
            auto const network = Network::parse(text);
            if (!network)
                return fmt::format(
                    "\"{}\" is no network; write {}=192.0.2.0/24,2001:db8::/32", text, key);
            entry.networks.push_back(*network);
            return {};
        });
    }

    std::string read_master(std::string_view key, std::string_view value, UserEntry& entry)
    {
        if (value == "yes" || value == "no")
            return read_yes_or_no(key, value, entry.is_master);
        return read_setting_list(key, value, [&](std::string_view whom) -> std::string {
            bool const is_group = whom.starts_with('$');
            entry.acts_for.push_back(is_group ? std::string(whom) : lower_case(whom));
            if (is_group && whom.size() == 1)
                return "the name of a group is empty";
            return is_group ? "" : problem_of_name(whom);
        });
    }

    /// RFC 5593 §4: application = 1*(ALPHA/DIGIT).
    std::string read_applications(std::string_view key, std::string_view value, UserEntry& entry)
    {
        return read_setting_list(key, value, [&](std::string_view name) -> std::string {
            entry.applications.push_back(lower_case(name));
            auto const is_letter_or_digit
                = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
            if (name.empty() || !std::ranges::all_of(entry.applications.back(), is_letter_or_digit))
                return fmt::format(
                    "\"{}\" is no name of an application; write {}=submit,stream", name, key);
            return {};
        });
    }

    std::string read_capabilities(std::string_view key, std::string_view value, UserEntry& entry)
    {
        return read_setting_list(key, value, [&](std::string_view name) -> std::string {
            entry.capabilities_off.emplace_back(name);
            if (imap::switchable(name) == imap::Capability::count)
                return fmt::format("\"{}\" is no extension of IMAP that is known here; write names "
                                   "as CAPABILITY lists them",
                    name);
            return {};
        });
    }

    std::string read_bound(std::string_view key, std::string_view value,
        std::optional<std::uint64_t>& out, std::string_view example)
    {
        // A plain number, or one with a unit where octets are counted.
        std::uint64_t number = 0;
        auto const [end, error]
            = std::from_chars(value.data(), value.data() + value.size(), number);
        if (error == std::errc {} && end == value.data() + value.size())
            out = number;
        else if (key == "quota")
            out = config::parse_size(value);
        if (!out)
            return fmt::format("write {}={}, or 0 for no bound", key, example);
        return {};
    }

} // namespace

std::string read_setting_list(std::string_view key, std::string_view value,
    std::function<std::string(std::string_view)> const& take)
{
    if (value.empty())
        return fmt::format("write {0}=ONE or {0}=ONE,ANOTHER without blanks", key);
    while (!value.empty()) {
        auto const item = value.substr(0, value.find(','));
        value.remove_prefix(std::min(value.size(), item.size() + 1));
        if (std::string problem = take(item); !problem.empty())
            return fmt::format("{}: {}", key, problem);
    }
    return {};
}

std::optional<std::string> read_account_setting(
    std::string_view key, std::string_view value, UserEntry& entry)
{
    if (key == "disabled")
        return read_yes_or_no(key, value, entry.is_disabled);
    if (key == "admin")
        return read_yes_or_no(key, value, entry.is_administrator);
    if (key == "applications")
        return read_applications(key, value, entry);
    if (key == "groups")
        return read_groups(key, value, entry);
    if (key == "imap_off")
        return read_capabilities(key, value, entry);
    if (key == "master")
        return read_master(key, value, entry);
    if (key == "networks")
        return read_networks(key, value, entry);
    if (key == "quota")
        return read_bound(key, value, entry.quota, "2GiB");
    if (key == "quota_messages")
        return read_bound(key, value, entry.quota_messages, "10000");
    if (key == "quota_mailboxes")
        return read_bound(key, value, entry.quota_mailboxes, "100");
    if (is_pop3_setting(key))
        return read_pop3_setting(key, value, entry.pop3);
    return std::nullopt;
}

} // namespace mail::server
