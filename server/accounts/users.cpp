// Reads the lines of the users file.
#include "server/accounts/users.h"

#include "server/accounts/passwords.h"

#include <fmt/format.h>

#include <algorithm>

namespace mail::server {

namespace {

    /// Reads "disabled=yes" and the like into the entry; returns what is wrong.
    std::string read_setting(std::string_view word, UserEntry& entry)
    {
        auto const equals = word.find('=');
        auto const key = word.substr(0, equals);
        auto const value = equals == word.npos ? std::string_view {} : word.substr(equals + 1);
        if (key == "disabled") {
            if (value != "yes" && value != "no")
                return "write disabled=yes or disabled=no";
            entry.is_disabled = value == "yes";
            return {};
        }
        if (key == "aliases") {
            for (auto rest = value; !rest.empty();) {
                auto const alias = rest.substr(0, rest.find(','));
                rest.remove_prefix(std::min(rest.size(), alias.size() + 1));
                if (auto problem = problem_of_name(alias); !problem.empty())
                    return fmt::format("alias: {}", problem);
                entry.aliases.push_back(lower_case(alias));
            }
            return entry.aliases.empty()
                ? "write aliases=ADDRESS or aliases=ADDRESS,ADDRESS without blanks"
                : "";
        }
        return fmt::format(
            "\"{}\" is no known setting; write disabled=yes or aliases=ADDRESS,ADDRESS", word);
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
        for (std::size_t i = 2; i < words.size(); ++i) {
            if (auto problem = read_setting(words[i], entry); !problem.empty())
                return problem;
        }
        return {};
    }

} // namespace

std::string lower_case(std::string_view name)
{
    std::string lower(name);
    std::ranges::transform(lower, lower.begin(),
        [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return lower;
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

std::vector<std::string_view> words_of_line(std::string_view line)
{
    constexpr std::string_view blanks = " \t\r";
    std::vector<std::string_view> words;
    for (auto begin = line.find_first_not_of(blanks); begin != line.npos;
         begin = line.find_first_not_of(blanks)) {
        line.remove_prefix(begin);
        if (words.empty() && line.front() == '#')
            break;
        words.push_back(line.substr(0, line.find_first_of(blanks)));
        line.remove_prefix(words.back().size());
    }
    return words;
}

Users Users::parse(std::string_view text, std::vector<UsersProblem>& problems)
{
    Users users;
    std::size_t number = 0;
    for (std::size_t at = 0; at < text.size();) {
        auto const end = std::min(text.find('\n', at), text.size());
        auto const words = words_of_line(text.substr(at, end - at));
        at = end + 1;
        ++number;
        if (words.empty())
            continue;
        UserEntry entry;
        auto problem = read_entry(words, entry);
        auto const index = users.entries_.size();
        if (problem.empty() && !users.by_name_.emplace(entry.name, index).second)
            problem = fmt::format("{} is listed already; remove one of the lines", entry.name);
        for (auto const& alias : entry.aliases) {
            if (problem.empty() && !users.by_alias_.emplace(alias, index).second)
                problem = fmt::format("the alias {} is taken already; remove one of them", alias);
        }
        if (problem.empty())
            users.entries_.push_back(std::move(entry));
        else
            problems.push_back({ number, std::move(problem) });
    }
    return users;
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
