// Quotas on the wire (RFC 9208): each account is a quota root, by the name of the account.
#pragma once

#include "protocol/byte_stream.h"
#include "protocol/imap/capability.h"
#include "protocol/imap/failure.h"
#include "storage/accounts.h"
#include "storage/store.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace mail::imap {

class Context;

struct QuotaResource {
    std::string_view name;
    Capability capability; ///< it is neither told nor set where this is switched off
    std::uint64_t storage::Usage::*used;
    std::optional<std::uint64_t> storage::Quota::*bound;
    std::uint64_t unit; ///< of what is told; parts of it count as a whole one
    std::string_view warning; ///< with gaps for what is used, for the bound, and for percent
    bool is_about_messages; ///< and so needs the right to read (RFC 9208 §6)

    std::uint64_t told(std::uint64_t value) const
    {
        return value / unit + (value % unit != 0 ? 1 : 0);
    }
};
std::span<QuotaResource const> quota_resources();

struct QuotaState {
    storage::Usage usage;
    storage::Quota quota;
};
/// What the account uses and may use. One transaction. Throws session::AccountsUnavailable.
awaitable<storage::Result<QuotaState>> read_quota(Context& ctx, storage::Account account);

enum class QuotaDetail { all, only_mailboxes };
/// "* QUOTA root (...)": the resources that are bounded.
void tell_quota(
    Context& ctx, storage::Account const& account, QuotaState const& state, QuotaDetail detail);

/// How full the own account is, as far as the client was told.
enum class Fullness : std::uint8_t { roomy, nearly, full };

/// Warns the client, once in a session for each degree, when the own account is nearly full (as
/// configured) or full. To be called where a mailbox of the account was selected, or messages were
/// added: RFC 9208 §4.3.1 allows it there.
void warn_of_quota(Context& ctx);

/// Refuses what does not fit before a client sends it. `configured` is the owner's. What takes no
/// more than is `freed` in the same step always fits.
Result<void> check_room(Context& ctx, storage::Account const& owner,
    storage::Quota const& configured, storage::Usage const& more, storage::Usage const& freed = {});

} // namespace mail::imap
