#include "protocol/lmtp/incoming.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace mail::lmtp {

namespace {

    std::string trace_of(Context& ctx, Transaction const& transaction, storage::InternalDate date)
    {
        auto& stream = ctx.session.stream();
        auto const sender = transaction.sender.text();
        auto const id = make_delivery_id();
        Trace trace;
        trace.sender = sender;
        if (transaction.recipients.size() == 1) {
            trace.recipient = transaction.recipients.front().address;
            trace.original_recipient = transaction.recipients.front().original;
        }
        trace.client_name = ctx.client_name;
        trace.peer = &stream.peer();
        trace.tls = stream.tls_facts();
        trace.is_authenticated = ctx.user.has_value();
        trace.is_utf8 = transaction.is_utf8;
        trace.hostname = ctx.session.settings().hostname;
        trace.id = id;
        trace.date = date;
        return trace_fields(trace);
    }

    std::string describe(Outcome const& outcome, session::OverQuota over_quota)
    {
        if (outcome.is_duplicate())
            return "a message with its Message-ID was delivered before: dropped as a duplicate";
        if (outcome.is_delivered())
            return fmt::format("delivered as UID {}", outcome.result->uid.value);
        if (!outcome.broken)
            return outcome.failure(over_quota).text();
        try {
            std::rethrow_exception(outcome.broken);
        } catch (std::exception const& failure) {
            return fmt::format("the store failed: {}", failure.what());
        }
    }

    /// In front of a reply's text; no replies go out with octets beyond ASCII (RFC 6531 §3.7.4.2).
    std::string shown(std::string const& address)
    {
        return is_ascii(address) ? fmt::format("<{}> ", address) : std::string {};
    }

} // namespace

Failure Pace::too_slow()
{
    return Failure::closing(
        "421", "4.4.2", "The message takes too long to come in: closing the connection");
}

Incoming::Incoming(Context& ctx, Transaction& transaction)
    : ctx_(ctx)
    , date_(date_now())
    , sender_(transaction.sender.text())
    , fields_(trace_of(ctx, transaction, date_))
    , delivery_(ctx.session.services(), ctx.session.stream().executor(),
          std::move(transaction.recipients), date_)
{
    transaction.recipients.clear();
}

awaitable<void> Incoming::begin() { return delivery_.write(fields_); }

awaitable<void> Incoming::take(std::string_view octets)
{
    size_ += octets.size();
    hops_.feed(octets);
    auto const most = ctx_.session.settings().limits.message_octets;
    if (!failure_ && size_ > most)
        refuse({ "552", "5.3.4", fmt::format("At most {} octets are taken here", most) });
    if (!failure_ && hops_.hops() > ctx_.settings().max_hops)
        refuse({ "554", "5.4.6",
            fmt::format("Too many Received fields ({} at most): the message goes in circles",
                ctx_.settings().max_hops) });
    return delivery_.write(octets);
}

void Incoming::refuse(Failure failure)
{
    failure_ = std::move(failure);
    delivery_.abandon();
}

void Incoming::reply_for(Recipient const& recipient, Failure const* failure, bool is_duplicate)
{
    auto const whom = shown(recipient.address);
    if (failure)
        ctx_.refuse({ failure->code(), failure->enhanced(), whom + failure->text() });
    else
        ctx_.reply(fmt::format(
            "250 2.0.0 {}{}", whom, is_duplicate ? "Delivered before: dropped" : "Delivered"));
}

awaitable<void> Incoming::finish()
{
    auto& journal = ctx_.session.services().journal;
    auto const& peer = ctx_.session.stream().peer();
    if (failure_) {
        for (auto const& recipient : delivery_.recipients()) {
            reply_for(recipient, &*failure_, false);
            journal.delivered(peer, recipient.address, sender_, delivery_.size(), failure_->text());
        }
        co_return;
    }
    ++ctx_.totals.messages;
    auto const outcomes = co_await delivery_.finish();
    auto const over_quota = ctx_.session.settings().over_quota;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        auto const& outcome = outcomes[i];
        auto const& recipient = delivery_.recipients()[i];
        auto const failure = outcome.is_delivered() ? Failure() : outcome.failure(over_quota);
        reply_for(recipient, outcome.is_delivered() ? nullptr : &failure, outcome.is_duplicate());
        ctx_.totals.delivered += outcome.is_delivered() && !outcome.is_duplicate();
        journal.delivered(
            peer, recipient.address, sender_, delivery_.size(), describe(outcome, over_quota));
    }
}

} // namespace mail::lmtp
