#include "protocol/pop3/maildrop.h"

#include <fmt/format.h>

#include <iterator>
#include <limits>

namespace mail::pop3 {

std::unique_ptr<MaildropLock> MaildropLock::take(session::Hub& hub, storage::AccountId account)
{
    if (!hub.lock_maildrop(account))
        return nullptr;
    return std::unique_ptr<MaildropLock>(new MaildropLock(hub, account));
}

Maildrop::Maildrop(storage::Mailbox const& inbox, std::unique_ptr<MaildropLock> lock)
    : lock_(std::move(lock))
    , mailbox_(inbox.id)
    , uid_validity_(inbox.uid_validity)
{
}

storage::Result<std::unique_ptr<Maildrop>> Maildrop::open(
    session::Session& session, std::unique_ptr<MaildropLock> lock)
{
    using Opened = storage::Result<std::unique_ptr<Maildrop>>;
    auto const account = session.account().id;
    return session.read([&](storage::ReadTxn const& txn) -> Opened {
        auto const inbox = storage::find_mailbox(txn, account, "INBOX");
        if (!inbox)
            return inbox.error();
        std::unique_ptr<Maildrop> drop(new Maildrop(*inbox, std::move(lock)));
        drop->messages_.reserve(inbox->messages);
        storage::UidRange const all { storage::Uid { 1 },
            storage::Uid { std::numeric_limits<storage::Uid::rep>::max() } };
        storage::scan_messages(txn, account, inbox->id, all, storage::Columns::all,
            [&](storage::HotRecord const& hot) {
                drop->messages_.push_back(
                    { hot.size, hot.body, hot.uid, hot.flags.has(storage::Flags::seen) });
                drop->octets_ += hot.size;
                return true;
            });
        drop->count_ = drop->messages_.size();
        return drop;
    });
}

void Maildrop::append_unique_id(std::string& out, std::size_t number) const
{
    fmt::format_to(
        std::back_inserter(out), "{}-{}", uid_validity_.value, message(number).uid.value);
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

awaitable<storage::Result<std::size_t>> Maildrop::update(session::Session& session)
{
    storage::UidSet deleted;
    storage::UidSet retrieved;
    for (auto const& message : messages_) {
        if (message.deleted)
            deleted.add(message.uid);
        else if (message.retrieved && !message.seen)
            retrieved.add(message.uid);
    }
    if (session.is_read_only() || (deleted.empty() && retrieved.empty()))
        co_return std::size_t { 0 };

    auto const account = session.account().id;
    storage::FlagChange seen;
    seen.system = storage::Flags::seen;
    auto apply = [&](storage::WriteTxn& txn) -> storage::Result<std::size_t> {
        if (!retrieved.empty()) {
            auto const stored = storage::store_flags(txn, account, mailbox_, retrieved, seen);
            if (!stored)
                return stored.error();
        }
        if (deleted.empty())
            return std::size_t { 0 };
        auto const expunged = storage::expunge(txn, account, mailbox_, deleted);
        if (!expunged)
            return expunged.error();
        return expunged->uids.count();
    };
    co_return co_await session.write(apply);
}

} // namespace mail::pop3
