// The numbers by which the store names things, each of its own type.
#pragma once

#include <compare>
#include <concepts>
#include <cstdint>
#include <functional>

namespace mail::storage {

/// A number that means one thing only. Compares, hashes and copies like its representation.
template <class Tag, std::unsigned_integral Rep> struct Id {
    using rep = Rep;
    Rep value {};
    auto operator<=>(Id const&) const = default;
};

using AccountId = Id<struct AccountIdTag, std::uint64_t>; ///< never reused
using MailboxId = Id<struct MailboxIdTag,
    std::uint64_t>; ///< survives RENAME (RFC 8474 §4); unique in its account
using BodyId = Id<struct BodyIdTag, std::uint64_t>; ///< a stored body; unique in its volume
using EmailId = Id<struct EmailIdTag,
    std::uint64_t>; ///< the same for all copies of a message (RFC 8474 §5.1)
using Uid = Id<struct UidTag, std::uint32_t>; ///< never 0, never reused (RFC 9051 §2.3.1.1)
using UidValidity = Id<struct UidValidityTag, std::uint32_t>; ///< never 0
using ModSeq
    = Id<struct ModSeqTag, std::uint64_t>; ///< of the account; 63 bits on the wire (RFC 7162 §3.1)

/// A mailbox, whosever it is.
struct Place {
    AccountId account {};
    MailboxId mailbox {}; ///< 0: the account as a whole
    auto operator<=>(Place const&) const = default;
};

} // namespace mail::storage

template <class Tag, std::unsigned_integral Rep> struct std::hash<mail::storage::Id<Tag, Rep>> {
    std::size_t operator()(mail::storage::Id<Tag, Rep> id) const noexcept
    {
        return std::hash<Rep> {}(id.value);
    }
};

template <> struct std::hash<mail::storage::Place> {
    std::size_t operator()(mail::storage::Place const& place) const noexcept
    {
        return std::hash<std::uint64_t> {}(
            place.account.value * 0x9e3779b97f4a7c15u ^ place.mailbox.value);
    }
};
