// Messages of a mailbox: the hot record for flags and sizes, the cold record with what the message
// was parsed to at delivery, and the changes that IMAP, POP3 and LMTP make.
#pragma once

#include "storage/accounts.h"
#include "storage/body.h"
#include "storage/error.h"
#include "storage/ids.h"
#include "storage/uid_set.h"

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mail::storage {

class ReadTxn;
class WriteTxn;

inline constexpr std::size_t max_keywords = 128; ///< different keywords in one mailbox
inline constexpr std::size_t max_keyword = 255; ///< octets; longer is Errc::limit

/// System flags as bits, keywords as positions in Mailbox::keywords.
struct Flags {
    enum System : std::uint8_t { seen = 1, answered = 2, flagged = 4, deleted = 8, draft = 16 };
    std::uint8_t system = 0;
    std::array<std::uint64_t, max_keywords / 64> keywords {};

    bool has(System flag) const { return (system & flag) != 0; }
    bool has_keyword(std::size_t bit) const
    {
        return ((keywords[bit / 64] >> (bit % 64)) & 1) != 0;
    }
    bool operator==(Flags const&) const = default;
};

/// Flags that somebody may change or keep; the others stay as they are.
struct FlagMask {
    std::uint8_t system = 0xff; ///< bits of Flags::System
    bool keywords = true;
    bool allows_all() const { return system == 0xff && keywords; }
};

/// A moment with the zone in which it was given (RFC 9051 §2.3.3).
struct InternalDate {
    std::int64_t seconds = 0; ///< since the Unix epoch, UTC
    std::int16_t zone_minutes = 0; ///< east of UTC
    bool operator==(InternalDate const&) const = default;
};

/// What HotRecord::sent has for a message without a usable Date field.
inline constexpr std::int64_t no_date = INT64_MIN;

/// What a scan of a mailbox reads: small, packed in blocks of consecutive UIDs, UIDs, flags and
/// MODSEQs apart from the rest.
struct HotRecord {
    Uid uid {};
    Flags flags {};
    ModSeq mod_seq {};
    InternalDate internal_date {};
    /// When it came into this mailbox, seconds since the Unix epoch (RFC 8514).
    std::int64_t save_date = 0;
    std::uint64_t size = 0; ///< RFC822.SIZE: octets of the body
    BodyId body {};
    InternalDate sent { .seconds = no_date }; ///< the Date field
};

/// What the message was parsed to, once, at delivery. Opaque octets here: protocol/ writes and
/// reads them. The views live as long as the transaction (when read) or the caller's buffers (when
/// written).
struct ColdRecord {
    EmailId email_id {}; ///< assigned by the store when 0
    std::uint64_t thread_id = 0; ///< RFC 8474 §5.2
    std::string_view envelope {}; ///< as FETCH ENVELOPE sends it
    std::string_view structure {}; ///< the part tree with offsets (mime::encode_structure)
    std::string_view search_fields {}; ///< mime::encode_search_fields
    std::string_view preview {}; ///< UTF-8 (RFC 8970)
    std::string_view thread_links {}; ///< NewMessage's, 8 octets each
};

inline constexpr std::size_t key_columns = 3;
/// What SORT and THREAD compare, in columns that are read one at a time (keys.h). Opaque octets
/// here (mime::encode_sort_keys).
using MessageKeys = std::array<std::string, key_columns>;

/// A message made ready outside of the transaction.
struct NewMessage {
    StagedBody body {};
    std::uint8_t system_flags = 0;
    std::vector<std::string> keywords {};
    InternalDate internal_date {};
    std::string envelope {}, structure {}, search_fields {}, preview {}; ///< ColdRecord's, owned
    MessageKeys keys {};
    InternalDate sent { .seconds = no_date };
    /// Hashes of the Message-IDs by which the message belongs to a conversation: its own first,
    /// then those that it refers to. Messages of the account that share one get the same thread id.
    std::vector<std::uint64_t> thread_links {};
};

/// For whom messages are added to a mailbox, and what of them.
struct OnBehalf {
    AccountId viewer {}; ///< whose \Seen it is, when not the mailbox's own account's; 0: that one's
    Quota quota {}; ///< what the mailbox's account may use, as configured (effective_quota)
    FlagMask keeps {}; ///< the other flags are lost
    bool ignores_quota = false; ///< neither `quota` nor what SETQUOTA set keeps it out
    Usage freed {}; ///< by what was taken away in the same step: the quota counts the difference
};

struct Appended {
    MailboxId mailbox {};
    UidValidity uid_validity {};
    Uid uid {};
    ModSeq mod_seq {};
};

/// Adds the message under the mailbox's next UID. The body is stored once, however many mailboxes
/// of the volume get it. not_found, no_space, limit (too many keywords, UIDs used up), over_quota.
Result<Appended> append_message(WriteTxn& txn, AccountId account, MailboxId mailbox,
    NewMessage const& message, OnBehalf const& who = {});

/// What a scan reads of the hot records.
enum class Columns : std::uint8_t {
    flags, ///< UID, flags and MODSEQ; the others are as in HotRecord {}. A third of the cost
    all,
};

/// Calls `each` for the messages with UIDs in [first, last], ascending, until it returns false.
/// Streams through the blocks; no allocation per message.
void scan_messages(ReadTxn const& txn, AccountId account, MailboxId mailbox, UidRange range,
    Columns columns, std::function<bool(HotRecord const&)> const& each);
/// The same for the messages in `uids`.
void scan_messages(ReadTxn const& txn, AccountId account, MailboxId mailbox, UidSet const& uids,
    Columns columns, std::function<bool(HotRecord const&)> const& each);
Result<HotRecord> get_message(ReadTxn const& txn, AccountId account, MailboxId mailbox, Uid uid);
UidSet list_uids(ReadTxn const& txn, AccountId account, MailboxId mailbox);

/// The cold record; its views die with the transaction. expunged messages are still readable for as
/// long as the undelete window keeps them, so that a FETCH under way is never torn.
Result<ColdRecord> get_cold(ReadTxn const& txn, AccountId account, MailboxId mailbox, Uid uid);

/// As get_message, but also finds messages that are expunged and still kept.
Result<HotRecord> get_kept_message(
    ReadTxn const& txn, AccountId account, MailboxId mailbox, Uid uid);

/// Calls `each` with hot and cold record of every message in [first, last], ascending, until it
/// returns false: one pass of two cursors, for FETCH of many.
void scan_with_cold(ReadTxn const& txn, AccountId account, MailboxId mailbox, UidRange range,
    std::function<bool(HotRecord const&, ColdRecord const&)> const& each);

/// How STORE changes flags (RFC 9051 §6.4.6).
struct FlagChange {
    enum class Mode { replace, add, remove };
    Mode mode = Mode::add;
    std::uint8_t system = 0;
    std::vector<std::string> keywords {}; ///< compared without case
    /// RFC 7162 §3.1.3: a message that changed later is left alone.
    std::optional<ModSeq> unchanged_since {};
    AccountId viewer {}; ///< whose \Seen changes (seen.h); 0: the mailbox's own account's
    FlagMask may_change {};
};

struct FlagsStored {
    UidSet present {}; ///< those of the asked UIDs that exist and passed unchanged_since
    UidSet changed {}; ///< those of them whose flags are now different; they carry mod_seq
    UidSet modified {}; ///< those refused by unchanged_since
    ModSeq mod_seq {}; ///< the account's after the change; of all in `changed`
};

/// One transaction for the whole set. UIDs that do not exist are left out. not_found (mailbox),
/// limit (keywords).
Result<FlagsStored> store_flags(WriteTxn& txn, AccountId account, MailboxId mailbox,
    UidSet const& uids, FlagChange const& change);

struct Expunged {
    UidSet uids {};
    ModSeq mod_seq {};
};

/// Removes those of `uids` that have \Deleted (RFC 4315 §2.1). They are kept for the undelete
/// window. not_found.
Result<Expunged> expunge_deleted(
    WriteTxn& txn, AccountId account, MailboxId mailbox, UidSet const& uids);
/// Removes all of `uids` whatever their flags (MOVE, POP3's QUIT). not_found.
Result<Expunged> expunge(WriteTxn& txn, AccountId account, MailboxId mailbox, UidSet const& uids);

/// Adds the message and removes another one, in this account, in one step: the quota counts the
/// difference (RFC 8508 §3.4). Refusals of append_message; expunged: there is nothing to replace.
Result<Appended> replace_message(WriteTxn& txn, AccountId account, MailboxId from, Uid replaced,
    MailboxId to, NewMessage const& message, OnBehalf const& who = {});

struct Copied {
    UidValidity uid_validity {}; ///< of the target
    UidSet source {}; ///< those that existed, ascending
    UidSet target {}; ///< the new UIDs, in the same order: the n-th of source became the n-th
    ModSeq mod_seq {}; ///< of the copies; after a MOVE that of the expunged source messages
};

/// Copies with flags and dates; bodies are shared. All or nothing (RFC 9051 §6.4.7). not_found,
/// limit, over_quota, no_space.
Result<Copied> copy_messages(WriteTxn& txn, AccountId account, MailboxId from, UidSet const& uids,
    MailboxId to, OnBehalf const& who = {});
/// Copy and expunge in one transaction (RFC 6851).
Result<Copied> move_messages(WriteTxn& txn, AccountId account, MailboxId from, UidSet const& uids,
    MailboxId to, OnBehalf const& who = {});

} // namespace mail::storage
