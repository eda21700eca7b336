// Annotations of mailboxes and of the account (RFC 5464): named values that clients keep here.
#pragma once

#include "storage/error.h"
#include "storage/ids.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace mail::storage {

class ReadTxn;
class WriteTxn;

/// Values by entry name. The names are opaque here.
using Metadata = std::map<std::string, std::string, std::less<>>;

/// Which annotations: of a mailbox, or with MailboxId 0 of the account.
struct MetadataPlace {
    Place place {};
    AccountId viewer {}; ///< whose private ones; 0: those that all see
};

inline constexpr std::size_t max_metadata_entries = 200; ///< of a place; more is Errc::limit
inline constexpr std::size_t max_metadata_octets = 1
    << 20; ///< names and values of a place; more is Errc::over_quota

Metadata read_metadata(ReadTxn const& txn, MetadataPlace const& at); ///< one look-up

/// The names of the entries that were set or removed after `since`, sorted. Of what was removed,
/// the last max_metadata_entries are remembered. One look-up.
std::vector<std::string> metadata_changed_since(
    ReadTxn const& txn, MetadataPlace const& at, ModSeq since);

/// Sets the values and removes those that are nullopt; all or nothing, logged as one change.
/// not_found, limit, over_quota.
using MetadataChange = std::map<std::string, std::optional<std::string>, std::less<>>;
Result<void> change_metadata(WriteTxn& txn, MetadataPlace const& at, MetadataChange const& change);

// Inside of storage/ only.
void copy_metadata(
    WriteTxn& txn, AccountId account, MailboxId from, MailboxId to); ///< of all viewers

} // namespace mail::storage
