#include "protocol/pop3/maildrop.h"

#include <map>

namespace mail::pop3 {

Maildrop::Maildrop(session::Pop3 const& settings, session::Pop3Policy const& policy,
    std::unique_ptr<session::MaildropHold> hold)
    : hold_(std::move(hold))
    , deletes_(settings.deletes)
    , retrieved_expire_(policy.expire_days == 0)
    , format_(settings.uidl_format)
{
}

void Maildrop::append_unique_id(std::string& out, std::size_t number) const
{
    if (auto const other = other_ids_.find(number); other != other_ids_.end()) {
        out += other->second;
        return;
    }
    auto const& one = message(number);
    format_.append(out, sources_[one.source].uid_validity, one.uid);
}

void Maildrop::mark_deleted(std::size_t number)
{
    auto& message = messages_[number - 1];
    message.deleted = true;
    --count_;
    octets_ -= message.size;
}

void Maildrop::reset()
{
    count_ = messages_.size();
    octets_ = 0;
    for (auto& message : messages_) {
        message.deleted = false;
        octets_ += message.size;
    }
}

bool Maildrop::goes_at_update(Message const& message) const
{
    return message.deleted || message.expires || (retrieved_expire_ && message.retrieved);
}

namespace {

    struct Changes {
        storage::UidSet deleted;
        storage::UidSet retrieved;
    };

    /// Returns how many messages were deleted.
    storage::Result<std::size_t> apply(storage::WriteTxn& txn, storage::Place place,
        Changes const& changes, session::Pop3Deletes deletes)
    {
        if (!changes.retrieved.empty()) {
            storage::FlagChange seen;
            seen.system = storage::Flags::seen;
            auto const stored
                = storage::store_flags(txn, place.account, place.mailbox, changes.retrieved, seen);
            if (!stored)
                return stored.error();
        }
        if (changes.deleted.empty())
            return std::size_t { 0 };
        if (deletes == session::Pop3Deletes::flag) {
            storage::FlagChange hidden;
            hidden.keywords = { std::string(deleted_keyword) };
            auto const stored
                = storage::store_flags(txn, place.account, place.mailbox, changes.deleted, hidden);
            if (!stored)
                return stored.error();
            return stored->present.count();
        }
        auto const expunged = storage::expunge(txn, place.account, place.mailbox, changes.deleted);
        if (!expunged)
            return expunged.error();
        return expunged->uids.count();
    }

} // namespace

awaitable<storage::Result<std::size_t>> Maildrop::update(session::Session& session)
{
    std::map<std::uint32_t, Changes> by_source;
    for (auto const& message : messages_) {
        if (goes_at_update(message))
            by_source[message.source].deleted.add(message.uid);
        else if (message.retrieved && !message.seen)
            by_source[message.source].retrieved.add(message.uid);
    }
    if (by_source.empty() || session.is_read_only())
        co_return std::size_t { 0 };

    auto const account = session.account().id;
    auto apply_all = [&](storage::WriteTxn& txn) -> storage::Result<std::size_t> {
        storage::Result<std::size_t> deleted = storage::Errc::not_found;
        for (auto const& [source, changes] : by_source) {
            auto const done = apply(txn, { account, sources_[source].mailbox }, changes, deletes_);
            if (done)
                deleted = (deleted ? *deleted : 0) + *done;
            else if (done.error() != storage::Errc::not_found)
                return done.error();
            // Otherwise somebody deleted that mailbox, and its messages with it.
        }
        return deleted;
    };
    co_return co_await session.write(apply_all);
}

} // namespace mail::pop3
