// What directories and databases say of an account, made into an entry. All throw SourceDown for
// what cannot be read: to guess would lock users out, or let others in.
#pragma once

#include "config/auth_source.h"
#include "server/accounts/source.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace mail::server {

void set_name(UserEntry& entry, std::string_view name); ///< in lower case

/// A hash with a scheme, or one that gets {default_scheme} in front; empty: there is none. Also the
/// keys that it is.
void set_hash(UserEntry& entry, std::string hash, std::string_view default_scheme);

/// Octets, or a number and a unit such as "2GiB" (only where `key` is of octets); empty: what the
/// config says.
void set_quota(std::optional<std::uint64_t>& out, std::string_view key, std::string_view value);

/// A group's name; of a DN ("cn=staff,ou=groups,…") the value of its first part.
std::string group_name(std::string_view text);

/// "1", "true", "yes" and the like, in any case.
bool is_yes(std::string_view value);
/// Whether a value says that the account may not log in: one of `words` in any case; without any,
/// is_yes() or a word that commonly means it ("disabled", "inactive", …).
bool means_disabled(std::string_view value, std::span<std::string const> words);

/// By the name "scram_sha_256" and the like, the keys as Dovecot writes them.
void set_keys(UserEntry& entry, std::string_view name, std::string_view value);

SourceTerms terms_of(config::AuthSource const& settings);
std::array<bool, sasl::scram_hashes> keys_promised(config::AuthSource const& settings);

} // namespace mail::server
