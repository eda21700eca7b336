// The maildrop of a POP3 session: messages of the account as they were at the login, held against
// other POP3 sessions. IMAP sessions and deliveries go on meanwhile; nothing that they do shows
// here.
#pragma once

#include "protocol/pop3/unique_id.h"
#include "protocol/session/hub.h"
#include "protocol/session/session.h"
#include "storage/messages.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace mail::pop3 {

class Maildrop {
public:
    struct Message {
        std::uint64_t size; ///< octets of the message as it is stored
        storage::BodyId body; ///< stays readable when IMAP expunges the message meanwhile
        storage::Uid uid;
        std::uint32_t source; ///< in the maildrop's mailboxes
        bool seen; ///< had \Seen at the login
        bool expires; ///< has been here for as long as messages may stay
        bool retrieved = false; ///< was sent by RETR: gets \Seen at QUIT
        bool deleted = false; ///< is deleted at QUIT
    };

    /// Takes the snapshot, as the account's policy says, in one read transaction: some 5 ns per
    /// message when it is INBOX alone. not_found.
    static storage::Result<std::unique_ptr<Maildrop>> open(session::Session& session,
        session::Pop3Policy const& policy, std::unique_ptr<session::MaildropHold> hold,
        std::chrono::system_clock::time_point now);

    std::size_t size() const { return messages_.size(); } ///< the highest message number
    Message const& message(std::size_t number) const { return messages_[number - 1]; }
    storage::MailboxId mailbox_of(Message const& message) const
    {
        return sources_[message.source].mailbox;
    }
    std::size_t count() const { return count_; } ///< without the deleted ones
    std::uint64_t octets() const { return octets_; } ///< without the deleted ones

    /// Appends the unique id (RFC 1939 §7, UIDL): the one that the message brought along, or one
    /// made of UIDVALIDITY and UID. Neither is ever reused, so neither is the pair.
    void append_unique_id(std::string& out, std::size_t number) const;

    void mark_retrieved(std::size_t number) { messages_[number - 1].retrieved = true; }
    void mark_deleted(std::size_t number); ///< not of one that is
    void reset(); ///< nothing is marked as deleted any more

    session::MaildropHold& hold() { return *hold_; }

    /// What QUIT does (RFC 1939 §6): deletes what is marked as deleted, and what the policy no
    /// longer lets stay, and sets \Seen on the rest of what was retrieved, in one write
    /// transaction; none at all when there is nothing to do. After a refusal nothing has changed,
    /// nor in a session that is read-only.
    /// Returns how many messages were deleted.
    awaitable<storage::Result<std::size_t>> update(session::Session& session);

private:
    struct Source {
        storage::MailboxId mailbox;
        storage::UidValidity uid_validity;
    };
    friend class MaildropReader; // maildrop_reader.cpp: fills it

    Maildrop(session::Pop3 const& settings, session::Pop3Policy const& policy,
        std::unique_ptr<session::MaildropHold> hold);
    bool goes_at_update(Message const& message) const;

    std::unique_ptr<session::MaildropHold> hold_;
    session::Pop3Deletes deletes_;
    bool retrieved_expire_; ///< EXPIRE 0
    UniqueIdFormat format_;
    std::vector<Source> sources_;
    std::vector<Message> messages_;
    /// Ids that are not of format_, by message number.
    std::unordered_map<std::size_t, std::string> other_ids_;
    std::size_t count_ = 0;
    std::uint64_t octets_ = 0;
};

/// Messages with it are hidden from POP3 (Pop3Deletes::flag).
inline constexpr std::string_view deleted_keyword = "$POP3Deleted";

} // namespace mail::pop3
