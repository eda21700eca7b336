// Access control lists of mailboxes: who else may do what (RFC 4314). The account that a mailbox
// belongs to may do everything always, and is in no list.
#pragma once

#include "storage/error.h"
#include "storage/ids.h"

#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

namespace mail::storage {

class ReadTxn;
class WriteTxn;

/// The rights of RFC 4314 §2.1 as bits; its letters are the protocol's business.
enum class Right : std::uint16_t {
    lookup = 1, ///< l: the mailbox is visible
    read = 2, ///< r
    keep_seen = 4, ///< s: \Seen is kept
    write = 8, ///< w: flags but \Seen and \Deleted
    insert = 16, ///< i: APPEND, COPY into it
    post = 32, ///< p
    create_mailboxes = 64, ///< k: below it
    delete_mailbox = 128, ///< x
    delete_messages = 256, ///< t: \Deleted
    expunge = 512, ///< e
    administer = 1024, ///< a: this list
};

class Rights {
public:
    constexpr Rights() = default;
    constexpr Rights(Right right) // NOLINT: a right is a set of one
        : bits_(static_cast<std::uint16_t>(right))
    {
    }
    constexpr explicit Rights(std::uint16_t bits)
        : bits_(bits)
    {
    }
    static constexpr Rights all() { return Rights(std::uint16_t { 2047 }); }

    constexpr bool has(Rights others) const { return (bits_ & others.bits_) == others.bits_; }
    constexpr bool has_any(Rights others) const { return (bits_ & others.bits_) != 0; }
    constexpr bool empty() const { return bits_ == 0; }
    constexpr std::uint16_t bits() const { return bits_; }
    friend constexpr Rights operator|(Rights a, Rights b) { return Rights(int(a.bits_ | b.bits_)); }
    friend constexpr Rights operator&(Rights a, Rights b) { return Rights(int(a.bits_ & b.bits_)); }
    friend constexpr Rights operator-(Rights a, Rights b)
    {
        return Rights(int(a.bits_ & ~b.bits_));
    }
    constexpr bool operator==(Rights const&) const = default;

private:
    constexpr explicit Rights(int bits)
        : bits_(static_cast<std::uint16_t>(bits))
    {
    }
    std::uint16_t bits_ = 0;
};

inline constexpr Rights operator|(Right a, Right b) { return Rights(a) | Rights(b); }

struct AclEntry {
    std::string identifier; ///< a user, a group, "anyone"; with "-" in front: takes rights away
    Rights rights;
    bool operator==(AclEntry const&) const = default;
};
using Acl = std::vector<AclEntry>; ///< each identifier once

inline constexpr std::size_t max_acl_entries = 1000; ///< of a mailbox; more is Errc::limit
inline constexpr std::size_t max_acl_identifier = 255; ///< octets; longer is Errc::limit

Acl read_acl(ReadTxn const& txn, Place place); ///< empty: the mailbox is its account's alone
/// Replaces the list, and logs that. not_found, limit.
Result<void> write_acl(WriteTxn& txn, Place place, Acl const& acl);
/// The mailboxes of the account that have a list.
std::vector<std::pair<MailboxId, Acl>> list_acls(ReadTxn const& txn, AccountId account);

} // namespace mail::storage
