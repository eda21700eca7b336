#include "protocol/lmtp/delivery.h"

#include "storage/ascii.h"
#include "storage/delivered.h"
#include "storage/mailboxes.h"
#include "storage/txn.h"

#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <optional>

namespace mail::lmtp {

namespace {

    constexpr std::uint64_t most_mailboxes = 1000; ///< of an account that deliveries add to

    /// What is the same when the message comes again for this recipient (docs/storage-format.md
    /// §4.17).
    storage::DeliveryKey delivery_key(std::string_view message_id, std::string_view recipient)
    {
        std::string text(message_id);
        text += '\0';
        text += ascii::lower_case(recipient);
        std::array<unsigned char, SHA256_DIGEST_LENGTH> digest {};
        ::SHA256(reinterpret_cast<unsigned char const*>(text.data()), text.size(), digest.data());
        storage::DeliveryKey key {};
        std::copy_n(digest.begin(), key.size(), key.begin());
        return key;
    }

} // namespace

/// The message on its way into one volume.
struct Delivery::Part {
    Part(storage::Volume& v, boost::asio::any_io_executor executor)
        : volume(v)
    {
        intake.emplace(v, std::move(executor));
    }
    storage::Volume& volume;
    std::optional<session::Intake> intake; ///< empty after a refusal
    storage::Errc refusal = storage::Errc::no_space;
    std::exception_ptr broken;
    storage::NewMessage message;
    std::string message_id; ///< empty: it has none
};

/// Counts the jobs that are under way; the last one wakes the coroutine.
struct Delivery::Batch {
    Batch(std::size_t jobs, boost::asio::any_io_executor executor)
        : left(jobs)
        , resumption(std::move(executor))
    {
    }
    std::atomic<std::size_t> left;
    session::Resumption resumption;
};

/// One recipient's transaction.
class Delivery::Append final : public storage::WriteJob {
public:
    Append(Recipient const& recipient, Part& part, std::chrono::seconds duplicate_window,
        Outcome& outcome, Batch& batch)
        : recipient_(recipient)
        , part_(part)
        , duplicate_window_(duplicate_window)
        , outcome_(outcome)
        , batch_(batch)
    {
    }

    void submit() { part_.volume.submit(*this); }

    storage::Result<void> run(storage::WriteTxn& txn) override
    {
        auto const account = recipient_.account.id;
        auto const mailbox = find_mailbox(txn);
        if (!mailbox)
            return mailbox.error();
        if (is_duplicate(txn)) {
            outcome_.result = storage::Appended {};
            return {};
        }
        outcome_.result = storage::append_message(txn, account, mailbox->id, part_.message,
            { .quota = recipient_.quota, .ignores_quota = recipient_.ignores_quota });
        if (!outcome_.result)
            return outcome_.result.error();
        return {};
    }

    void done(storage::Result<void> result, std::exception_ptr failure) noexcept override
    {
        if (!result)
            outcome_.result = result.error();
        outcome_.broken = std::move(failure);
        if (batch_.left.fetch_sub(1, std::memory_order_acq_rel) == 1)
            batch_.resumption.resume();
    }

private:
    storage::Result<storage::Mailbox> find_mailbox(storage::WriteTxn& txn)
    {
        auto const account = recipient_.account.id;
        storage::Result<storage::Mailbox> mailbox = storage::Errc::not_found;
        if (!recipient_.mailbox.empty())
            mailbox = storage::find_mailbox(txn, account, recipient_.mailbox);
        if (!mailbox && recipient_.creates_mailbox && may_create(txn))
            mailbox = storage::create_mailbox(
                txn, account, { .name = recipient_.mailbox, .subscribed = true }, recipient_.quota);
        if (!mailbox)
            mailbox = storage::find_mailbox(txn, account, "INBOX");
        return mailbox;
    }

    /// Whoever can send mail can make mailboxes then: not without bound.
    bool may_create(storage::ReadTxn const& txn) const
    {
        auto const usage = storage::account_usage(txn, recipient_.account.id);
        return usage && usage->mailboxes < most_mailboxes;
    }

    /// Notes the delivery, in its own transaction.
    bool is_duplicate(storage::WriteTxn& txn)
    {
        auto const& id = part_.message_id;
        if (duplicate_window_ == std::chrono::seconds(0) || id.empty())
            return false;
        return !storage::note_delivery(txn, recipient_.account.id,
            delivery_key(id, recipient_.address), txn.now() + duplicate_window_.count());
    }

    Recipient const& recipient_;
    Part& part_;
    std::chrono::seconds duplicate_window_;
    Outcome& outcome_;
    Batch& batch_;
};

Delivery::Delivery(session::Services& services, boost::asio::any_io_executor executor,
    std::vector<Recipient> recipients, storage::InternalDate received)
    : duplicate_window_(services.settings.lmtp.duplicate_window)
    , executor_(std::move(executor))
    , recipients_(std::move(recipients))
    , received_(received)
{
    part_of_.reserve(recipients_.size());
    for (auto const& recipient : recipients_) {
        auto& volume = services.store.volume_of(recipient.account);
        auto const known = std::ranges::find_if(
            parts_, [&](std::unique_ptr<Part> const& part) { return &part->volume == &volume; });
        if (known != parts_.end())
            part_of_.push_back(known->get());
        else
            part_of_.push_back(
                parts_.emplace_back(std::make_unique<Part>(volume, executor_)).get());
    }
}

Delivery::~Delivery() = default;

awaitable<void> Delivery::write(std::string_view octets)
{
    size_ += octets.size();
    for (auto const& part : parts_) {
        if (!part->intake)
            continue;
        try {
            auto const taken = co_await part->intake->write(octets);
            if (taken)
                continue;
            part->refusal = taken.error();
        } catch (...) {
            part->broken = std::current_exception();
        }
        part->intake.reset();
    }
}

awaitable<std::vector<Outcome>> Delivery::finish()
{
    for (auto const& part : parts_)
        if (part->intake) {
            part->message = part->intake->finish();
            part->message_id = part->intake->message_id();
            part->message.internal_date = received_;
        }

    std::vector<Outcome> outcomes(recipients_.size());
    std::vector<std::size_t> deliverable;
    for (std::size_t i = 0; i < recipients_.size(); ++i) {
        if (part_of_[i]->intake)
            deliverable.push_back(i);
        outcomes[i].result = part_of_[i]->refusal;
        outcomes[i].broken = part_of_[i]->broken;
    }
    if (!deliverable.empty()) {
        Batch batch(deliverable.size(), executor_);
        std::vector<Append> jobs;
        jobs.reserve(deliverable.size()); // the writer knows them by address
        for (auto const i : deliverable)
            jobs.emplace_back(recipients_[i], *part_of_[i], duplicate_window_, outcomes[i], batch);
        auto submit = [&] { std::ranges::for_each(jobs, &Append::submit); };
        co_await batch.resumption.wait(submit);
    }
    co_return outcomes;
}

void Delivery::abandon()
{
    for (auto const& part : parts_)
        part->intake.reset();
}

} // namespace mail::lmtp
