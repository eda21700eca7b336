// Accounts that cannot log in because of how their passwords are kept, named before they try.
#pragma once

#include "server/accounts/users.h"

#include <string>
#include <vector>

namespace mail::server {

/// For the accounts whose hashes are weak, a line for the administrator each that says what to do;
/// of many accounts the last line tells how many more there are.
std::vector<std::string> advice_on_weak_accounts(Users const& users);
/// The same of one account.
std::string advice_on_weak_account(std::string_view name);

} // namespace mail::server
