// Reads the config file. Finds all mistakes at once, each with its place.
#pragma once

#include "config/config.h"

#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace mail::config {

/// One mistake: where it is, and what would be right.
struct Problem {
    std::size_t line = 0; ///< from 1; 0 when the file could not be read
    std::size_t column = 0; ///< from 1
    std::string key; ///< "limits.message_size"; empty for a mistake of TOML itself
    std::string text; ///< what is wrong and what would be right
};

/// "mailroom.toml:12:9: limits.message_size: ..." on one line.
std::string to_text(std::filesystem::path const& file, Problem const& problem);

/// Thrown for an unusable config: what() has a line per problem.
class Unusable : public std::runtime_error {
public:
    Unusable(std::filesystem::path const& file, std::vector<Problem> problems);
    std::vector<Problem> const& problems() const { return problems_; }

private:
    std::vector<Problem> problems_;
};

/// Whether the files that the config names (certificate, key, users file) must be there and
/// readable.
enum class Files { must_exist, may_be_missing };

/// What only the protocols know about values; null: everything is right.
struct Checks {
    bool (*is_capability)(std::string_view name) = nullptr;
    bool (*is_network)(std::string_view text) = nullptr;
    bool (*is_language)(std::string_view tag) = nullptr;
    /// Empty when it is right; else what is wrong.
    std::string (*problem_of_uidl_format)(std::string_view format) = nullptr;
};

/// Reads `file`. Relative paths in it are relative to its folder. Throws Unusable with all
/// problems, ordered by line. A mistake of TOML itself hides what comes after it.
Config load(std::filesystem::path const& file, Files files, Checks const& checks = {});

} // namespace mail::config
