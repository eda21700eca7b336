#include "protocol/lmtp/delivery.h"

#include "storage/mailboxes.h"
#include "storage/txn.h"

#include <algorithm>
#include <atomic>
#include <optional>

namespace mail::lmtp {

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
    Append(Recipient const& recipient, Part& part, Outcome& outcome, Batch& batch)
        : recipient_(recipient)
        , part_(part)
        , outcome_(outcome)
        , batch_(batch)
    {
    }

    void submit() { part_.volume.submit(*this); }

    storage::Result<void> run(storage::WriteTxn& txn) override
    {
        auto const account = recipient_.account.id;
        storage::Result<storage::Mailbox> mailbox = storage::Errc::not_found;
        if (!recipient_.mailbox.empty())
            mailbox = storage::find_mailbox(txn, account, recipient_.mailbox);
        if (!mailbox)
            mailbox = storage::find_mailbox(txn, account, "INBOX");
        if (!mailbox)
            return mailbox.error();
        outcome_.result = storage::append_message(
            txn, account, mailbox->id, part_.message, { .quota = recipient_.quota });
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
    Recipient const& recipient_;
    Part& part_;
    Outcome& outcome_;
    Batch& batch_;
};

Delivery::Delivery(session::Services& services, boost::asio::any_io_executor executor,
    std::vector<Recipient> recipients, storage::InternalDate received)
    : executor_(std::move(executor))
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
            jobs.emplace_back(recipients_[i], *part_of_[i], outcomes[i], batch);
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
