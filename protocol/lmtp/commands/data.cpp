// DATA: the message, and a reply for each recipient (RFC 2033 §4.2).
#include "protocol/lmtp/commands.h"
#include "protocol/lmtp/delivery.h"
#include "protocol/lmtp/dot_reader.h"

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <iterator>

namespace mail::lmtp {

namespace {

    // After this much of a message the thread's other sessions have a turn; some 4 ms.
    constexpr std::uint64_t turn = 1024 * 1024;

    std::string trace_of(Context& ctx, Transaction const& transaction, storage::InternalDate date)
    {
        auto& stream = ctx.session.stream();
        auto const sender = transaction.sender.text();
        auto const id = make_delivery_id();
        Trace trace;
        trace.sender = sender;
        if (transaction.recipients.size() == 1)
            trace.recipient = transaction.recipients.front().address;
        trace.client_name = ctx.client_name;
        trace.peer = &stream.peer();
        trace.tls = stream.tls_facts();
        trace.hostname = ctx.session.settings().hostname;
        trace.id = id;
        trace.date = date;
        return trace_fields(trace);
    }

    /// Reads to the end of the data. What is beyond the size limit is read and dropped: false then.
    awaitable<bool> read_message(Context& ctx, Delivery& delivery)
    {
        auto const most = ctx.session.settings().limits.message_octets;
        auto const executor = ctx.session.stream().executor();
        DotReader dots;
        std::uint64_t size = 0;
        std::uint64_t next_turn = turn;
        while (!dots.is_done()) {
            if (ctx.in.available().empty())
                co_await ctx.in.fill();
            auto const all = ctx.in.available();
            auto rest = all;
            while (!rest.empty() && !dots.is_done()) {
                auto const piece = dots.next(rest);
                size += piece.size();
                if (size > most)
                    delivery.abandon();
                else if (!piece.empty())
                    co_await delivery.write(piece);
            }
            ctx.in.consume(all.size() - rest.size());
            if (size >= next_turn) {
                next_turn = size + turn;
                co_await boost::asio::post(executor, boost::asio::use_awaitable);
            }
        }
        co_return size <= most;
    }

    std::string describe(Outcome const& outcome, session::OverQuota over_quota)
    {
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

    void reply_for(Context& ctx, Recipient const& recipient, Failure const* failure)
    {
        if (failure)
            ctx.refuse({ failure->code(), failure->enhanced(),
                fmt::format("<{}> {}", recipient.address, failure->text()) });
        else
            fmt::format_to(std::back_inserter(ctx.out.buffer()), "250 2.0.0 <{}> Delivered\r\n",
                recipient.address);
    }

    void refuse_all(Context& ctx, Transaction const& transaction, Delivery const& delivery)
    {
        auto const text = fmt::format(
            "At most {} octets are taken here", ctx.session.settings().limits.message_octets);
        Failure const too_big("552", "5.3.4", text);
        for (auto const& recipient : delivery.recipients()) {
            reply_for(ctx, recipient, &too_big);
            ctx.session.services().journal.delivered(ctx.session.stream().peer(), recipient.address,
                transaction.sender.text(), delivery.size(), text);
        }
    }

} // namespace

awaitable<Result<void>> data(Context& ctx, NoArguments)
{
    if (ctx.transaction->recipients.empty())
        co_return Failure(
            "503", "5.5.1", "No valid recipients: RCPT comes first"); // RFC 2033 says 503
    ctx.reply("354 End the message with a line of one dot");
    co_await ctx.out.flush();

    auto transaction = std::move(*ctx.transaction);
    ctx.transaction.reset();
    auto const date = date_now();
    auto const fields = trace_of(ctx, transaction, date);
    auto& services = ctx.session.services();
    Delivery delivery(
        services, ctx.session.stream().executor(), std::move(transaction.recipients), date);
    co_await delivery.write(fields);
    bool const whole = co_await read_message(ctx, delivery);
    if (!whole) {
        refuse_all(ctx, transaction, delivery);
        co_return Result<void> {};
    }
    ++ctx.totals.messages;
    auto const outcomes = co_await delivery.finish();
    auto const sender = transaction.sender.text();
    auto const over_quota = ctx.session.settings().over_quota;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        auto const& recipient = delivery.recipients()[i];
        bool const delivered = outcomes[i].is_delivered();
        auto const failure = delivered ? Failure() : outcomes[i].failure(over_quota);
        reply_for(ctx, recipient, delivered ? nullptr : &failure);
        ctx.totals.delivered += delivered;
        services.journal.delivered(ctx.session.stream().peer(), recipient.address, sender,
            delivery.size(), describe(outcomes[i], over_quota));
    }
    co_return Result<void> {};
}

} // namespace mail::lmtp
