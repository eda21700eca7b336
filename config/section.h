// One table of the config file: reads its keys into plain values, notes every mistake with its
// place, and in the end complains about keys that nobody asked for.
#pragma once

#include "config/reader.h"

#include <toml++/toml.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mail::config {

template <class Value> struct Choice {
    std::string_view name;
    Value value;
};

class Section {
public:
    /// `path` is how errors call this table: "limits", or "" for the file itself.
    Section(std::vector<Problem>& problems, toml::table const& table, std::string path);

    /// Each reads one key into `out` when it is there and right; says whether it did. A key that is
    /// not there leaves `out` alone.
    bool text(std::string_view key, std::string& out);
    bool flag(std::string_view key, bool& out);
    /// An array of strings; each that `is_right` refuses is a problem: `advice` says what would be
    /// right.
    bool texts(std::string_view key, std::vector<std::string>& out,
        std::function<bool(std::string_view)> const& is_right, std::string_view advice);
    template <class Integer>
    bool count(std::string_view key, Integer& out, std::int64_t min, std::int64_t max)
    {
        std::int64_t value = 0;
        if (!integer(key, value, min, max))
            return false;
        out = static_cast<Integer>(value);
        return true;
    }
    bool size(std::string_view key, std::uint64_t& out, std::uint64_t min, std::uint64_t max);
    bool duration(std::string_view key, std::chrono::seconds& out, std::chrono::seconds min,
        std::chrono::seconds max);
    bool path(std::string_view key, std::filesystem::path& out, std::filesystem::path const& base);
    template <class Value, std::size_t N>
    bool choice(std::string_view key, Value& out, Choice<Value> const (&choices)[N])
    {
        std::vector<std::string_view> names;
        for (auto const& each : choices)
            names.push_back(each.name);
        std::size_t index = 0;
        if (!one_of(key, names, index))
            return false;
        out = choices[index].value;
        return true;
    }

    toml::table const* table(
        std::string_view key); ///< [key]; null when it is not there or no table
    std::vector<toml::table const*> tables(std::string_view key); ///< [[key]]

    bool has(std::string_view key) const { return table_.contains(key); }
    void require(
        std::string_view key, std::string_view example); ///< a problem when it is not there
    void complain(std::string_view key, std::string text); ///< at the key's value, or at the table
    void refuse_unknown(); ///< call last

private:
    toml::node const* find(std::string_view key);
    bool integer(std::string_view key, std::int64_t& out, std::int64_t min, std::int64_t max);
    bool one_of(std::string_view key, std::span<std::string_view const> names, std::size_t& index);
    bool quantity(std::string_view key, std::string& out, std::string_view example);
    void wrong_type(std::string_view key, toml::node const& node, std::string_view wanted);
    std::string full_name(std::string_view key) const;

    std::vector<Problem>& problems_;
    toml::table const& table_;
    std::string path_;
    std::vector<std::string> known_;
};

} // namespace mail::config
