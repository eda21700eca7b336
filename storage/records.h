// The records of Table::index but for the hot blocks, and how they are read and written
// (docs/storage-format.md §4). Inside of storage/ only.
#pragma once

#include "storage/accounts.h"
#include "storage/encoding.h"
#include "storage/mailboxes.h"
#include "storage/messages.h"
#include "storage/txn.h"

#include <string>
#include <string_view>

namespace mail::storage {

/// §4.1: counters of the account.
struct AccountRecord {
    ModSeq mod_seq {}; ///< the last one given out
    ModSeq log_floor {}; ///< changes_since(log_floor) is complete
    std::uint64_t log_entries = 0;
    std::uint64_t next_mailbox = 1;
    std::uint64_t next_email = 1;
    std::uint64_t next_thread = 1;
    std::uint32_t uid_validity = 0; ///< the last one given out
    std::uint32_t subscriptions = 0;
    Usage usage {}; ///< its mailboxes: see above
    std::optional<Quota> quota {}; ///< set by SETQUOTA
    std::uint64_t thread_rows = 0;
    std::uint64_t thread_rows_after_sweep = 0; ///< when they were last swept
};

/// Ids of messages and threads are unique over all accounts, for both go with a message that is
/// copied into another one: the account stands above the account's own number (§4.6).
inline constexpr unsigned own_number_bits = 36;
inline std::uint64_t unique_id(AccountId account, std::uint64_t number)
{
    return account.value << own_number_bits | number;
}

Result<AccountRecord> load_account(ReadTxn const& txn, AccountId account);
void save_account(WriteTxn& txn, AccountId account, AccountRecord const& record);
Quota effective_quota(AccountRecord const& record, Quota const& configured);
/// Whether so much more may be used. What takes no more than was `freed` in the same step always
/// may.
bool fits_quota(AccountRecord const& record, Usage const& more, Quota const& configured,
    Usage const& freed = {});

void save_mailbox(WriteTxn& txn, AccountId account, Mailbox const& mailbox); ///< §4.2
Mailbox decode_mailbox(std::string_view key, std::string_view value);
std::string encode_mailbox(Mailbox const& mailbox);

void encode_cold(std::string& out, ColdRecord const& record); ///< §4.6; replaces what is in `out`
ColdRecord decode_cold(std::string_view value);

/// Finds the cold records of messages in ascending order: commonly the next row. Dies with the
/// transaction.
class ColdReader {
public:
    ColdReader(ReadTxn const& txn, Place place);
    std::string_view find(Uid uid); ///< as it is stored; throws Damaged when there is none

private:
    Cursor cursor_;
    Key prefix_;
    bool is_placed_ = false;
};

/// Bits of the keywords in the mailbox, compared without case; missing ones are added to the
/// mailbox (in memory; `added` says so) when `add`, and left out otherwise. limit: nothing was
/// added.
struct KeywordBits {
    std::array<std::uint64_t, max_keywords / 64> bits {};
    bool added = false;
};
enum class MissingKeywords { add, ignore };
Result<KeywordBits> resolve_keywords(
    Mailbox& mailbox, std::vector<std::string> const& keywords, MissingKeywords missing);

/// Adds (sign +1) or takes away (-1) flags in the mailbox's counters of them; not their octets.
void count_flags(Mailbox& mailbox, Flags const& flags, int sign);
/// Adds (sign +1) or takes away (-1) the message in the mailbox's counters.
void count_message(Mailbox& mailbox, HotRecord const& message, int sign);

} // namespace mail::storage
