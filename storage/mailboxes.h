// Mailboxes of an account: their record, names, subscriptions. All functions are one or a few
// B-tree look-ups; those that take a WriteTxn log their change and stamp a new MODSEQ of the
// account.
#pragma once

#include "storage/accounts.h"
#include "storage/error.h"
#include "storage/ids.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mail::storage {

class ReadTxn;
class WriteTxn;

inline constexpr char hierarchy_delimiter = '/'; ///< in every mailbox name of the store

/// Roles of RFC 6154 §2 (and 8457). A set of bits: a mailbox commonly has none or one.
enum class SpecialUse : std::uint16_t {
    none = 0,
    all = 1,
    archive = 2,
    drafts = 4,
    flagged = 8,
    junk = 16,
    sent = 32,
    trash = 64,
    important = 128,
};

/// What the store knows of a mailbox. Counters are exact: they change in the message's own
/// transaction.
struct Mailbox {
    MailboxId id {};
    std::string name {}; ///< UTF-8, '/' between levels; INBOX is spelled so
    UidValidity uid_validity {};
    Uid uid_next {};
    std::uint32_t messages = 0;
    std::uint32_t unseen = 0; ///< messages without \Seen
    std::uint32_t deleted = 0; ///< messages with \Deleted
    std::uint64_t octets = 0; ///< sum of RFC822.SIZE
    std::uint64_t deleted_octets = 0; ///< of those with \Deleted
    ModSeq highest_mod_seq {}; ///< never 0 (RFC 7162 §3.1.2.1)
    Uid recent_from {}; ///< messages from this UID on no session has been told of as \Recent (RFC
                        ///< 3501 §2.3.2)
    SpecialUse special_use = SpecialUse::none;
    std::vector<std::string>
        keywords; ///< position is the bit in Flags::keywords; spelled as first used
};

struct NewMailbox {
    std::string name {};
    SpecialUse special_use = SpecialUse::none;
    bool subscribed = false;
};

inline constexpr std::size_t max_mailbox_name = 1000; ///< octets of UTF-8; longer is Errc::limit
inline constexpr std::size_t max_mailbox_levels = 64; ///< deeper is Errc::limit
inline constexpr std::uint32_t max_mailboxes = 100'000; ///< of an account; more is Errc::limit
inline constexpr std::uint32_t max_subscriptions = 100'000; ///< of an account; more is Errc::limit

Result<Mailbox> find_mailbox(ReadTxn const& txn, AccountId account, std::string_view name);
Result<Mailbox> get_mailbox(ReadTxn const& txn, AccountId account, MailboxId id);
std::vector<Mailbox> list_mailboxes(
    ReadTxn const& txn, AccountId account); ///< by name, octet order, INBOX first
std::vector<std::string> list_subscriptions(
    ReadTxn const& txn, AccountId account); ///< may name mailboxes that are gone
bool is_subscribed(ReadTxn const& txn, AccountId account, std::string_view name);

/// Makes the mailbox and those above it that are missing (RFC 9051 §6.3.4). Each gets the access
/// control list of the one above it. already_exists, limit, over_quota, invalid_name.
Result<Mailbox> create_mailbox(
    WriteTxn& txn, AccountId account, NewMailbox const& wanted, Quota const& quota = {});

/// Removes the mailbox; its messages are kept for the undelete window. Mailboxes below it stay.
/// not_permitted for INBOX.
Result<void> delete_mailbox(WriteTxn& txn, AccountId account, std::string_view name);

/// Renames the mailbox and all below it; ids, UIDs and UIDVALIDITY stay. Renaming INBOX moves its
/// messages to a new mailbox, copies its annotations, and leaves INBOX empty (RFC 3501 §6.3.5, RFC
/// 5464 §4.1). not_found, already_exists, not_permitted (into its own child), limit, over_quota (a
/// new mailbox), invalid_name.
Result<void> rename_mailbox(WriteTxn& txn, AccountId account, std::string_view from,
    std::string_view to, Quota const& quota = {});

/// Gives the mailbox these special uses and no others. not_found.
Result<void> set_special_use(
    WriteTxn& txn, AccountId account, MailboxId mailbox, SpecialUse special_use);

Result<void> subscribe(
    WriteTxn& txn, AccountId account, std::string_view name); ///< idempotent; limit, invalid_name
Result<void> unsubscribe(WriteTxn& txn, AccountId account, std::string_view name); ///< idempotent

/// Remembers that sessions were told of all messages below `uid` as \Recent. Never lowers it.
Result<void> claim_recent(WriteTxn& txn, AccountId account, MailboxId mailbox, Uid uid);

} // namespace mail::storage
