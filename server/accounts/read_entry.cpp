#include "server/accounts/read_entry.h"

#include "config/units.h"
#include "server/accounts/digest_schemes.h"
#include "server/accounts/users.h"
#include "storage/ascii.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace mail::server {

void set_name(UserEntry& entry, std::string_view name)
{
    if (auto const problem = problem_of_name(name); !problem.empty())
        throw SourceDown(fmt::format("the name of an account cannot be used: {}", problem));
    entry.name = lower_case(name);
}

void set_hash(UserEntry& entry, std::string hash, std::string_view default_scheme)
{
    if (!hash.empty() && hash.front() != '{' && !default_scheme.empty())
        hash = fmt::format("{{{}}}{}", default_scheme, hash);
    // Schemes are written in any case ("{crypt}" in directories).
    if (auto const end = hash.find('}'); hash.starts_with('{') && end != hash.npos)
        std::transform(hash.begin(), hash.begin() + static_cast<std::ptrdiff_t>(end), hash.begin(),
            ascii::upper);
    entry.hash = std::move(hash);
    for (auto const kind : sasl::all_scram_hashes)
        entry.scram[static_cast<std::size_t>(kind)] = keys_in_hash(entry.hash, kind);
}

void set_quota(std::optional<std::uint64_t>& out, std::string_view key, std::string_view value)
{
    if (value.empty())
        return;
    std::uint64_t number = 0;
    auto const [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error == std::errc {} && end == value.data() + value.size())
        out = number;
    else if (value == "-1") // Not RFC: what mail panels write for no bound
        out = 0;
    else
        out = config::parse_size(value);
    if (!out)
        throw SourceDown(fmt::format("{} is \"{}\", which is no number of octets", key, value));
}

std::string group_name(std::string_view text)
{
    auto const equals = text.find('=');
    if (equals == text.npos)
        return std::string(text);
    text.remove_prefix(equals + 1);
    return std::string(text.substr(0, text.find(',')));
}

bool is_yes(std::string_view value)
{
    auto const word = lower_case(value);
    constexpr std::string_view all[] { "1", "t", "true", "y", "yes", "on" };
    return std::ranges::find(all, word) != std::end(all);
}

bool means_disabled(std::string_view value, std::span<std::string const> words)
{
    auto const word = lower_case(value);
    if (!words.empty())
        return std::ranges::any_of(
            words, [&](auto const& each) { return lower_case(each) == word; });
    constexpr std::string_view all[] { "disabled", "inactive", "locked", "suspended" };
    return is_yes(word) || std::ranges::find(all, word) != std::end(all);
}

void set_keys(UserEntry& entry, std::string_view name, std::string_view value)
{
    auto setting = std::string(name);
    std::ranges::replace(setting, '_', '-');
    for (auto const hash : sasl::all_scram_hashes) {
        if (setting != setting_of(hash))
            continue;
        auto& keys = entry.scram[static_cast<std::size_t>(hash)];
        keys = read_scram_keys(hash, value);
        if (keys || value.empty())
            return;
        throw SourceDown(fmt::format(
            "{} of {} is not ITERATIONS,SALT,STORED-KEY,SERVER-KEY in base64", name, entry.name));
    }
    throw SourceDown(fmt::format("there are no keys called {}", name));
}

SourceTerms terms_of(config::AuthSource const& settings)
{
    return { .workers = settings.connections,
        .time_limit = settings.time_limit,
        .cache_time = settings.cache_time };
}

std::array<bool, sasl::scram_hashes> keys_promised(config::AuthSource const& settings)
{
    std::array<bool, sasl::scram_hashes> keys {};
    for (auto const hash : sasl::all_scram_hashes)
        for (auto const& name : settings.scram)
            if (lower_case(name) == setting_of(hash))
                keys[static_cast<std::size_t>(hash)] = true;
    return keys;
}

} // namespace mail::server
