// Reads the keys of one table and words what is wrong with them.
#include "config/section.h"

#include "config/units.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>

namespace mail::config {

namespace {

    /// Edits that turn one word into the other (Levenshtein). O(a * b).
    std::size_t distance(std::string_view a, std::string_view b)
    {
        std::vector<std::size_t> row(b.size() + 1);
        std::iota(row.begin(), row.end(), std::size_t { 0 });
        for (std::size_t i = 0; i < a.size(); ++i) {
            std::size_t diagonal = row[0]++;
            for (std::size_t j = 0; j < b.size(); ++j) {
                auto const replaced = diagonal + (a[i] == b[j] ? 0 : 1);
                diagonal = row[j + 1];
                row[j + 1] = std::min({ row[j] + 1, row[j + 1] + 1, replaced });
            }
        }
        return row.back();
    }

    /// The word that was probably meant; empty when none is near.
    std::string_view nearest(std::string_view word, std::span<std::string const> words)
    {
        std::string_view best;
        auto best_distance = std::max<std::size_t>(2, word.size() / 3) + 1;
        for (auto const& each : words) {
            auto const d = distance(word.substr(0, 64), each);
            if (d < best_distance) {
                best_distance = d;
                best = each;
            }
        }
        return best;
    }

    std::string_view name_of(toml::node_type type)
    {
        switch (type) {
        case toml::node_type::table:
            return "a table";
        case toml::node_type::array:
            return "an array";
        case toml::node_type::string:
            return "a string";
        case toml::node_type::integer:
            return "a whole number";
        case toml::node_type::floating_point:
            return "a decimal number";
        case toml::node_type::boolean:
            return "true or false";
        default:
            return "a date or time";
        }
    }

    std::string size_text(std::uint64_t octets)
    {
        constexpr std::pair<int, char const*> units[]
            = { { 40, "TiB" }, { 30, "GiB" }, { 20, "MiB" }, { 10, "KiB" } };
        for (auto const& [bits, unit] : units) {
            if (octets != 0 && octets % (std::uint64_t { 1 } << bits) == 0)
                return fmt::format("{} {}", octets >> bits, unit);
        }
        return fmt::format("{} B", octets);
    }

    std::string duration_text(std::chrono::seconds time)
    {
        constexpr std::pair<std::int64_t, char const*> units[]
            = { { 86400, "d" }, { 3600, "h" }, { 60, "min" } };
        for (auto const& [seconds, unit] : units) {
            if (time.count() != 0 && time.count() % seconds == 0)
                return fmt::format("{} {}", time.count() / seconds, unit);
        }
        return fmt::format("{} s", time.count());
    }

} // namespace

Section::Section(std::vector<Problem>& problems, toml::table const& table, std::string path)
    : problems_(problems)
    , table_(table)
    , path_(std::move(path))
{
}

std::string Section::full_name(std::string_view key) const
{
    return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
}

void Section::complain(std::string_view key, std::string text)
{
    auto const* node = table_.get(key);
    auto const place = node ? node->source().begin : table_.source().begin;
    problems_.push_back({ std::max<std::size_t>(1, place.line),
        std::max<std::size_t>(1, place.column), full_name(key), std::move(text) });
}

toml::node const* Section::find(std::string_view key)
{
    known_.emplace_back(key);
    return table_.get(key);
}

void Section::wrong_type(std::string_view key, toml::node const& node, std::string_view wanted)
{
    complain(key, fmt::format("is {}; write {}", name_of(node.type()), wanted));
}

bool Section::texts(std::string_view key, std::vector<std::string>& out,
    std::function<bool(std::string_view)> const& is_right, std::string_view advice)
{
    auto const* node = find(key);
    if (!node)
        return false;
    auto const* array = node->as_array();
    if (!array) {
        wrong_type(key, *node, "an array of strings, such as [\"one\", \"two\"]");
        return false;
    }
    std::vector<std::string> read;
    for (auto const& each : *array) {
        auto const* value = each.as_string();
        if (!value) {
            wrong_type(key, each, "a string, in quotes");
            return false;
        }
        if (is_right && !is_right(value->get())) {
            auto const place = each.source().begin;
            problems_.push_back({ place.line, place.column, full_name(key),
                fmt::format("\"{}\" is unknown here; {}", value->get(), advice) });
            return false;
        }
        read.push_back(value->get());
    }
    out = std::move(read);
    return true;
}

bool Section::text(std::string_view key, std::string& out)
{
    auto const* node = find(key);
    if (!node)
        return false;
    auto const* value = node->as_string();
    if (!value) {
        wrong_type(key, *node, "a string, in quotes");
        return false;
    }
    out = value->get();
    return true;
}

bool Section::flag(std::string_view key, bool& out)
{
    auto const* node = find(key);
    if (!node)
        return false;
    auto const* value = node->as_boolean();
    if (!value) {
        wrong_type(key, *node, "true or false, without quotes");
        return false;
    }
    out = value->get();
    return true;
}

bool Section::integer(std::string_view key, std::int64_t& out, std::int64_t min, std::int64_t max)
{
    auto const* node = find(key);
    if (!node)
        return false;
    auto const* value = node->as_integer();
    if (!value) {
        wrong_type(key, *node, "a whole number, without quotes");
        return false;
    }
    if (value->get() < min || value->get() > max) {
        complain(key, fmt::format("is {}; write a number from {} to {}", value->get(), min, max));
        return false;
    }
    out = value->get();
    return true;
}

bool Section::quantity(std::string_view key, std::string& out, std::string_view example)
{
    auto const* node = find(key);
    if (!node)
        return false;
    auto const* value = node->as_string();
    if (!value) {
        wrong_type(key, *node, fmt::format("a string with a unit, such as \"{}\"", example));
        return false;
    }
    out = value->get();
    return true;
}

bool Section::size(std::string_view key, std::uint64_t& out, std::uint64_t min, std::uint64_t max)
{
    std::string written;
    if (!quantity(key, written, "50 MiB"))
        return false;
    auto const value = parse_size(written);
    if (!value) {
        complain(key,
            fmt::format("is \"{}\"; write a whole number and one of B, KiB, MiB, GiB, TiB, such as "
                        "\"50 MiB\"",
                written));
        return false;
    }
    if (*value < min || *value > max) {
        complain(key,
            fmt::format("is \"{}\"; write a size from \"{}\" to \"{}\"", written, size_text(min),
                size_text(max)));
        return false;
    }
    out = *value;
    return true;
}

bool Section::duration(std::string_view key, std::chrono::seconds& out, std::chrono::seconds min,
    std::chrono::seconds max)
{
    std::string written;
    if (!quantity(key, written, "30 min"))
        return false;
    auto const value = parse_duration(written);
    if (!value) {
        complain(key,
            fmt::format(
                "is \"{}\"; write a whole number and one of s, min, h, d, such as \"30 min\"",
                written));
        return false;
    }
    if (*value < min || *value > max) {
        complain(key,
            fmt::format("is \"{}\"; write a time from \"{}\" to \"{}\"", written,
                duration_text(min), duration_text(max)));
        return false;
    }
    out = *value;
    return true;
}

bool Section::path(
    std::string_view key, std::filesystem::path& out, std::filesystem::path const& base)
{
    std::string written;
    if (!text(key, written))
        return false;
    if (written.empty() || written.find('\0') != std::string::npos) {
        complain(key, "is empty; write the path of a file or folder");
        return false;
    }
    out = (base / written).lexically_normal();
    return true;
}

bool Section::one_of(
    std::string_view key, std::span<std::string_view const> names, std::size_t& index)
{
    std::string written;
    if (!text(key, written))
        return false;
    auto const found = std::ranges::find(names, written);
    if (found == names.end()) {
        complain(key,
            fmt::format("is \"{}\"; write one of \"{}\"", written, fmt::join(names, "\", \"")));
        return false;
    }
    index = static_cast<std::size_t>(found - names.begin());
    return true;
}

toml::table const* Section::table(std::string_view key)
{
    auto const* node = find(key);
    if (!node)
        return nullptr;
    if (!node->is_table())
        wrong_type(key, *node, fmt::format("a table that begins with a line [{}]", full_name(key)));
    return node->as_table();
}

std::vector<toml::table const*> Section::tables(std::string_view key)
{
    std::vector<toml::table const*> found;
    auto const* node = find(key);
    if (!node)
        return found;
    auto const wanted
        = fmt::format("tables that begin with a line [[{}]], in two brackets", full_name(key));
    auto const* array = node->as_array();
    if (!array) {
        wrong_type(key, *node, wanted);
        return found;
    }
    for (auto const& each : *array) {
        if (auto const* one = each.as_table()) {
            found.push_back(one);
        } else {
            wrong_type(key, each, wanted);
        }
    }
    return found;
}

void Section::require(std::string_view key, std::string_view example)
{
    if (!has(key))
        complain(key, fmt::format("is missing; write, for example, {} = {}", key, example));
}

void Section::refuse_unknown()
{
    for (auto const& [key, node] : table_) {
        if (std::ranges::find(known_, key.str()) != known_.end())
            continue;
        auto const place = key.source().begin;
        auto const meant = nearest(key.str(), known_);
        auto text = meant.empty()
            ? fmt::format("is no known key; here are allowed: {}", fmt::join(known_, ", "))
            : fmt::format("is no known key; did you mean {}?", meant);
        problems_.push_back({ place.line, place.column, full_name(key.str()), std::move(text) });
    }
}

} // namespace mail::config
