// The accounts that the users file lists. config/users.example explains the file's form.
#pragma once

#include "protocol/sasl/scram_keys.h"
#include "server/accounts/user_entry.h"
#include "storage/ascii.h"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace mail::server {

/// A line of the users file that cannot be read.
struct UsersProblem {
    std::size_t line; ///< from 1
    std::string text;
};

class Users {
public:
    /// Reads the file's text; collects what is wrong in `problems`, one per line at most.
    static Users parse(std::string_view text, std::vector<UsersProblem>& problems);

    /// Entries live as long as this. nullptr: none. Names are in lower case.
    UserEntry const* find(std::string_view name) const;
    UserEntry const* find_by_address(std::string_view address) const; ///< by name or alias
    /// By ScramHash, whether all who may log in have keys of that kind, or a password that they can
    /// be made of.
    std::array<bool, sasl::scram_hashes> const& keys_of_all() const { return keys_of_all_; }
    bool has_domain(std::string_view domain) const { return domains_.contains(domain); }
    std::vector<UserEntry> const& all() const { return entries_; } ///< in the file's order

private:
    void add_domain(std::string_view address);

    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const
        {
            return std::hash<std::string_view> {}(text);
        }
    };
    using Index = std::unordered_map<std::string, std::size_t, Hash, std::equal_to<>>;

    std::vector<UserEntry> entries_;
    Index by_name_;
    Index by_alias_;
    std::unordered_set<std::string, Hash, std::equal_to<>> domains_; ///< of names and aliases
    std::array<bool, sasl::scram_hashes> keys_of_all_ {};
};

using ascii::lower_case;

/// The name in lower case, and with the default domain (empty: none) when it has no domain.
std::string full_name(std::string_view name, std::string_view default_domain);

/// Empty when the name can be one of an account; otherwise what is wrong.
std::string problem_of_name(std::string_view name);

} // namespace mail::server
