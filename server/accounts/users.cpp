// Reads the lines of the users file.
#include "server/accounts/users.h"

#include "server/accounts/account_settings.h"
#include "server/accounts/digest_schemes.h"
#include "server/accounts/line_file.h"
#include "server/accounts/passwords.h"

#include <fmt/format.h>

#include <algorithm>

namespace mail::server {

namespace {

    std::string read_aliases(std::string_view key, std::string_view value, UserEntry& entry)
    {
        return read_setting_list(key, value, [&](std::string_view alias) {
            auto problem = problem_of_name(alias);
            entry.aliases.push_back(lower_case(alias));
            return problem;
        });
    }

    std::string read_keys(sasl::ScramHash hash, std::string_view value, UserEntry& entry)
    {
        auto& keys = entry.scram[static_cast<std::size_t>(hash)];
        keys = read_scram_keys(hash, value);
        if (keys)
            return {};
        return fmt::format(
            "{}= takes ITERATIONS,SALT,STORED-KEY,SERVER-KEY in base64; make new ones "
            "by: mailroom user passwd {}",
            setting_of(hash), entry.name);
    }

    bool has_keys(UserEntry const& entry, sasl::ScramHash hash)
    {
        return entry.is_disabled || entry.scram[static_cast<std::size_t>(hash)]
            || password_in_hash(entry.hash);
    }

    /// Reads "disabled=yes" and the like into the entry; returns what is wrong.
    std::string read_setting(std::string_view word, UserEntry& entry)
    {
        auto const equals = word.find('=');
        auto const key = word.substr(0, equals);
        auto const value = equals == word.npos ? std::string_view {} : word.substr(equals + 1);
        if (key == "aliases")
            return read_aliases(key, value, entry);
        if (auto const problem = read_account_setting(key, value, entry))
            return *problem;
        for (auto const hash : sasl::all_scram_hashes)
            if (key == setting_of(hash))
                return read_keys(hash, value, entry);
        return fmt::format(
            "\"{}\" is no known setting; there are disabled=, aliases=, groups=, quota=, "
            "quota_messages=, quota_mailboxes=, applications=, imap_off=, pop3_view=, "
            "pop3_expire=, pop3_login_delay=, admin=, master=, networks= and scram-sha-1=, "
            "scram-sha-256=, scram-sha-512=",
            word);
    }

    std::string read_entry(std::vector<std::string_view> const& words, UserEntry& entry)
    {
        if (auto problem = problem_of_name(words[0]); !problem.empty())
            return problem;
        entry.name = lower_case(words[0]);
        if (words.size() < 2)
            return "the password hash is missing; write NAME {SCHEME}HASH, or use: mailroom user "
                   "passwd NAME";
        entry.hash = words[1];
        if (auto problem = problem_of_hash(entry.hash); !problem.empty())
            return problem;
        for (auto const hash : sasl::all_scram_hashes)
            entry.scram[static_cast<std::size_t>(hash)] = keys_in_hash(entry.hash, hash);
        for (std::size_t i = 2; i < words.size(); ++i) {
            if (auto problem = read_setting(words[i], entry); !problem.empty())
                return problem;
        }
        return {};
    }

} // namespace

std::string full_name(std::string_view name, std::string_view default_domain)
{
    auto full = lower_case(name);
    if (!default_domain.empty() && full.find('@') == full.npos)
        full.append(1, '@').append(default_domain);
    return full;
}

std::string problem_of_name(std::string_view name)
{
    if (name.empty() || name.size() > 254)
        return "a name has 1 to 254 octets";
    if (name.front() == '#' || name.front() == '{' || name.front() == '@' || name.back() == '@')
        return fmt::format(
            "\"{}\" is no account name; write one like alice or alice@example.org", name);
    if (std::ranges::count(name, '@') > 1)
        return fmt::format("\"{}\" has more than one @; write one like alice@example.org", name);
    auto const is_bad = [](char c) {
        auto const octet = static_cast<unsigned char>(c);
        return octet <= 0x20 || octet == 0x7f
            || std::string_view("/\\\"<>,:;()[]=*%").find(c) != std::string_view::npos;
    };
    if (std::ranges::any_of(name, is_bad))
        return "a name has no blanks, controls or any of / \\ \" < > , : ; ( ) [ ] = * %";
    return {};
}

Users Users::parse(std::string_view text, std::vector<UsersProblem>& problems)
{
    Users users;
    for (auto const& [number, words] : lines_of_words(text)) {
        UserEntry entry;
        auto problem = read_entry(words, entry);
        auto const index = users.entries_.size();
        if (problem.empty() && !users.by_name_.emplace(entry.name, index).second)
            problem = fmt::format("{} is listed already; remove one of the lines", entry.name);
        for (auto const& alias : entry.aliases) {
            if (problem.empty() && !users.by_alias_.emplace(alias, index).second)
                problem = fmt::format("the alias {} is taken already; remove one of them", alias);
        }
        if (!problem.empty()) {
            problems.push_back({ number, std::move(problem) });
            continue;
        }
        users.add_domain(entry.name);
        for (auto const& alias : entry.aliases)
            users.add_domain(alias);
        users.entries_.push_back(std::move(entry));
    }
    for (auto const hash : sasl::all_scram_hashes)
        users.keys_of_all_[static_cast<std::size_t>(hash)] = !users.entries_.empty()
            && std::ranges::all_of(
                users.entries_, [&](UserEntry const& entry) { return has_keys(entry, hash); });
    return users;
}

void Users::add_domain(std::string_view address)
{
    if (auto const at = address.find('@'); at != address.npos)
        domains_.emplace(address.substr(at + 1));
}

UserEntry const* Users::find(std::string_view name) const
{
    auto const found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : &entries_[found->second];
}

UserEntry const* Users::find_by_address(std::string_view address) const
{
    if (auto const* entry = find(address))
        return entry;
    auto const found = by_alias_.find(address);
    return found == by_alias_.end() ? nullptr : &entries_[found->second];
}

} // namespace mail::server
