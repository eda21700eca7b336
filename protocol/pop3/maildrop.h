// The maildrop of a POP3 session: INBOX as it was at the login, under a lock against other POP3
// sessions. IMAP sessions and deliveries go on meanwhile; nothing that they do shows here.
#pragma once

#include "protocol/session/hub.h"
#include "protocol/session/session.h"
#include "storage/messages.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mail::pop3 {

/// Holds Hub::lock_maildrop for as long as it lives.
class MaildropLock {
public:
    static std::unique_ptr<MaildropLock> take(
        session::Hub& hub, storage::AccountId account); ///< nullptr: in use
    ~MaildropLock() { hub_.unlock_maildrop(account_); }
    MaildropLock(MaildropLock const&) = delete;
    MaildropLock& operator=(MaildropLock const&) = delete;

private:
    MaildropLock(session::Hub& hub, storage::AccountId account)
        : hub_(hub)
        , account_(account)
    {
    }
    session::Hub& hub_;
    storage::AccountId account_;
};

class Maildrop {
public:
    struct Message {
        std::uint64_t size; ///< octets of the message as it is stored
        storage::BodyId body; ///< stays readable when IMAP expunges the message meanwhile
        storage::Uid uid;
        bool seen; ///< had \Seen at the login
        bool retrieved = false; ///< was sent by RETR: gets \Seen at QUIT
        bool deleted = false; ///< is expunged at QUIT
    };

    /// Takes the snapshot, in one read transaction: some 5 ns per message. `lock` may be null where
    /// the session is read-only. not_found.
    static storage::Result<std::unique_ptr<Maildrop>> open(
        session::Session& session, std::unique_ptr<MaildropLock> lock);

    std::size_t size() const { return messages_.size(); } ///< the highest message number
    Message const& message(std::size_t number) const { return messages_[number - 1]; }
    std::size_t count() const { return count_; } ///< without the deleted ones
    std::uint64_t octets() const { return octets_; } ///< without the deleted ones

    /// Appends the unique id (RFC 1939 §7, UIDL): UIDVALIDITY "-" UID. Neither is ever reused, so
    /// neither is the pair; 21 octets at most.
    void append_unique_id(std::string& out, std::size_t number) const;

    void mark_retrieved(std::size_t number) { messages_[number - 1].retrieved = true; }
    void mark_deleted(std::size_t number); ///< not of one that is
    void reset(); ///< nothing is marked as deleted any more

    /// What QUIT does (RFC 1939 §6): expunges what is marked as deleted and sets \Seen on the rest
    /// of what was retrieved, in one write transaction; none at all when there is nothing to do.
    /// After a refusal nothing has changed, and nothing at all in a session that is read-only.
    /// Returns how many messages were deleted.
    awaitable<storage::Result<std::size_t>> update(session::Session& session);

private:
    Maildrop(storage::Mailbox const& inbox, std::unique_ptr<MaildropLock> lock);

    std::unique_ptr<MaildropLock> lock_;
    storage::MailboxId mailbox_;
    storage::UidValidity uid_validity_;
    std::vector<Message> messages_;
    std::size_t count_ = 0;
    std::uint64_t octets_ = 0;
};

} // namespace mail::pop3
