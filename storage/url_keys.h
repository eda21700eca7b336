// Keys that sign URLs of a mailbox's messages, one for each account that made such URLs (RFC 4467
// §2.2.1: mailbox access keys).
#pragma once

#include "storage/error.h"
#include "storage/ids.h"

#include <optional>
#include <string>
#include <string_view>

namespace mail::storage {

class ReadTxn;
class WriteTxn;

std::optional<std::string> read_url_key(ReadTxn const& txn, Place place, AccountId user);
Result<void> put_url_key(
    WriteTxn& txn, Place place, AccountId user, std::string_view key); ///< not_found
/// Logs that a user was given another key by their own will, for the user's sessions.
Result<void> log_url_key_reset(WriteTxn& txn, Place place); ///< not_found
bool has_url_keys(ReadTxn const& txn, AccountId account, AccountId user);
/// Takes the user's keys away from all mailboxes of the account: the URLs lose their worth.
void erase_url_keys(WriteTxn& txn, AccountId account, AccountId user);

} // namespace mail::storage
