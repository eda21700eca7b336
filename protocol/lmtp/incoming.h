// A message while it comes in, by DATA or by chunks: the fields in front of it, the bounds that it
// has to keep, and the replies for its recipients.
#pragma once

#include "protocol/lmtp/context.h"
#include "protocol/lmtp/delivery.h"
#include "protocol/lmtp/hop_counter.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace mail::lmtp {

class Incoming {
public:
    /// Takes the recipients, of which there is one at least, out of the transaction.
    Incoming(Context& ctx, Transaction& transaction);

    /// To be awaited once, before the message.
    awaitable<void> begin();
    /// The next octets, which stay alive until it is done. After the message has broken a bound
    /// they are dropped.
    awaitable<void> take(std::string_view octets);
    std::uint64_t size() const { return size_; } ///< octets that came
    /// Why the message is refused for all its recipients; null as long as it is not.
    Failure const* failure() const { return failure_ ? &*failure_ : nullptr; }

    /// The message is whole: delivers it. One reply for each recipient, in their order (RFC 2033
    /// §4.2). Call once.
    awaitable<void> finish();

private:
    void refuse(Failure failure);
    void reply_for(Recipient const& recipient, Failure const* failure, bool is_duplicate);

    Context& ctx_;
    storage::InternalDate date_;
    std::string sender_;
    std::string fields_;
    Delivery delivery_;
    HopCounter hops_;
    std::uint64_t size_ = 0;
    std::optional<Failure> failure_;
};

/// Counts what a message takes of the thread and of time while it comes in.
class Pace {
public:
    explicit Pace(std::chrono::seconds most)
        : deadline_(std::chrono::steady_clock::now() + most)
    {
    }
    /// So many octets were handled. True: the thread's other sessions are to have a turn.
    bool is_turn_over(std::size_t octets)
    {
        octets_ += octets;
        if (octets_ < turn)
            return false;
        octets_ = 0;
        return true;
    }
    bool is_too_slow() const { return std::chrono::steady_clock::now() > deadline_; }
    static Failure too_slow(); ///< 421 4.4.2

private:
    static constexpr std::size_t turn = 1024 * 1024; // some 4 ms
    std::chrono::steady_clock::time_point deadline_;
    std::size_t octets_ = 0;
};

} // namespace mail::lmtp
