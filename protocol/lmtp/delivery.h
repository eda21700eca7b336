// One message to one or several recipients: taken in once, stored once in each volume, and answered
// for each recipient by itself. LMTP and `mailroom deliver` use it.
#pragma once

#include "protocol/lmtp/failure.h"
#include "protocol/lmtp/recipient.h"
#include "protocol/lmtp/trace.h"
#include "protocol/session/intake.h"
#include "protocol/session/session.h"

#include <chrono>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mail::lmtp {

/// What became of one recipient's copy.
struct Outcome {
    storage::Result<storage::Appended> result
        = storage::Errc::shutting_down; ///< durable when a value
    std::exception_ptr broken; ///< set when the store failed instead; `result` then means nothing

    bool is_delivered() const { return !broken && result; } ///< or is_duplicate()
    /// It came before, and was not stored again.
    bool is_duplicate() const { return is_delivered() && result->uid == storage::Uid {}; }
    Failure failure(session::OverQuota over_quota) const
    {
        return broken ? broken_store() : to_failure(result.error(), over_quota);
    }
};

class Delivery {
public:
    /// `recipients` is not empty; `received` becomes INTERNALDATE.
    Delivery(session::Services& services, boost::asio::any_io_executor executor,
        std::vector<Recipient> recipients, storage::InternalDate received);
    ~Delivery(); ///< without finish() nothing is delivered
    Delivery(Delivery const&) = delete;
    Delivery& operator=(Delivery const&) = delete;

    /// The next octets of the message, beginning with trace_fields(). Waits for the writer only
    /// when the message is long. A volume without space shows in the outcomes of its recipients.
    awaitable<void> write(std::string_view octets);

    /// Stores the message for all recipients: all transactions are handed to the writer at once and
    /// share a sync. The outcomes are in the recipients' order, and durable. With a window for
    /// duplicates (settings.h) what came before is not stored again. Call once.
    awaitable<std::vector<Outcome>> finish();

    void abandon(); ///< gives back at once what was taken in; further octets are dropped

    std::vector<Recipient> const& recipients() const { return recipients_; }
    std::uint64_t size() const { return size_; } ///< octets written so far

private:
    struct Part;
    struct Batch;
    class Append;

    std::chrono::seconds duplicate_window_;
    boost::asio::any_io_executor executor_;
    std::vector<Recipient> recipients_;
    storage::InternalDate received_;
    std::vector<std::unique_ptr<Part>> parts_; ///< one for each volume
    std::vector<Part*> part_of_; ///< by recipient
    std::uint64_t size_ = 0;
};

} // namespace mail::lmtp
