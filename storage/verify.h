// Checks that the store agrees with itself. For tests and for `verify`; reads everything, so it is
// slow.
#pragma once

#include "storage/ids.h"

#include <string>
#include <vector>

namespace mail::storage {

class ReadTxn;

/// What is wrong with the account, a sentence each: counters against records, rows without their
/// counterpart, bodies that cannot be read. Empty when all is well.
std::vector<std::string> verify_account(ReadTxn const& txn, AccountId account);

/// What is wrong with the volume: reference counts against the references of all accounts, bodies
/// nobody refers to and that are not being staged. Does not look into the accounts.
std::vector<std::string> verify_volume(ReadTxn const& txn);

} // namespace mail::storage
