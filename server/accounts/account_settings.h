// What an account may have of its own, wherever it stands: "networks=192.0.2.0/24" in a users file,
// a column networks in a database.
#pragma once

#include "server/accounts/user_entry.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace mail::server {

/// Reads one of disabled, admin, applications, groups, imap_off, master, networks, quota,
/// quota_messages, quota_mailboxes and those of POP3 into the entry. Returns what is wrong with the
/// value, empty when nothing is; nullopt: there is no such setting.
std::optional<std::string> read_account_setting(
    std::string_view key, std::string_view value, UserEntry& entry);

/// Calls take(item), which returns what is wrong, for the items of a list with commas.
std::string read_setting_list(std::string_view key, std::string_view value,
    std::function<std::string(std::string_view)> const& take);

} // namespace mail::server
