// Messages on their way in by APPEND and REPLACE (RFC 9051 §6.3.12): as literals, put together from
// parts (CATENATE, RFC 4469), or as RFC 6855's UTF8 data. They stream to the store; what can be
// refused is refused before the client sends it.
#pragma once

#include "protocol/imap/command_text.h"
#include "protocol/imap/flags.h"
#include "protocol/session/intake.h"
#include "protocol/session/session.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace mail::imap {

class Context;

/// append-message (RFC 4466 §3), up to its first octets.
struct MessageHead {
    enum class Data : std::uint8_t {
        literal, ///< its octets follow
        utf8, ///< likewise, and then a ")"
        parts, ///< CATENATE's parts follow
    };
    FlagList flags;
    std::optional<storage::InternalDate> date;
    Data data = Data::literal;
    bool is_binary = false; ///< a literal8
};

/// Reads it, with the space in front of it.
MessageHead parse_message_head(Parser& in);

/// Takes the messages of one command. They are kept when the command says so, all at once.
class IncomingMessages {
public:
    /// `freed` is what the command takes away from the target's account in the same step.
    IncomingMessages(
        Context& ctx, CommandText& text, session::Located target, storage::Usage freed = {});

    /// Takes the octets of one message from the command's text. Throws
    /// session::AccountsUnavailable before the first is taken.
    awaitable<Result<void>> take(MessageHead head);

    std::vector<storage::NewMessage> const& messages() const { return messages_; }
    session::Located const& target() const { return target_; }
    storage::OnBehalf who() const; ///< for whom they are kept; once one was taken
    /// Whether the session may still add to the target; in the transaction that does.
    storage::Result<void> check_rights(storage::ReadTxn const& txn) const;

    /// "APPENDUID 38505 3955:3957", or nothing when the client may not know (RFC 9051 §6.3.12).
    ResponseCode appenduid(storage::UidValidity validity, storage::UidSet const& uids) const;

private:
    Result<void> check_count() const;
    Result<void> check_room(std::uint64_t octets) const;
    awaitable<Result<void>> take_literal(bool is_binary);
    awaitable<Result<void>> take_parts();
    awaitable<Result<void>> copy_from_url(std::string text);
    awaitable<Result<void>> spill();
    void add(storage::NewMessage message, MessageHead head);

    Context& ctx_;
    CommandText& text_;
    session::Located target_;
    storage::Usage freed_;
    std::optional<storage::Quota> quota_; ///< what the target's owner may use; asked for once
    std::vector<storage::NewMessage> messages_;
    std::uint64_t octets_ = 0; ///< of them
    std::size_t parsed_ = 0; ///< octets of what they were parsed to, held in memory
    std::optional<session::Intake> intake_; ///< of the message under way
    bool has_nul_ = false; ///< its literal8s have
};

} // namespace mail::imap
