// Pieces of a command and the literals between them.
#include "protocol/imap/command_text.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace mail::imap {

Failure too_big_literal()
{
    return { Status::bad, "TOOBIG", "The literal is too long for this command" };
}

Failure too_long_line()
{
    return { Status::bad, "LIMIT", "The command line is too long; split the command" };
}

void CommandText::announce(CommandReader::NeedLiteral literal)
{
    state_ = State::announced;
    synchronizing_ = literal.synchronizing;
    remaining_ = literal.octets;
}

Flood::Flood()
    : std::runtime_error("flood")
{
}

void stop_flood(CommandReader const& reader)
{
    // A message that is too large ends within this; what DEFLATE makes of nothing does not.
    constexpr std::uint64_t most_dropped = 256 << 20;
    if (reader.dropped() > most_dropped)
        throw Flood();
}

awaitable<CommandReader::Step> CommandText::next_step()
{
    for (;;) {
        auto bytes = input_.available();
        auto const before = bytes.size();
        auto const step = reader_.feed(bytes);
        input_.consume(before - bytes.size());
        if (!std::holds_alternative<CommandReader::NeedMore>(step))
            co_return step;
        stop_flood(reader_);
        co_await out_.flush();
        co_await input_.fill();
    }
}

/// Reads on to the next literal or to the end of the command.
awaitable<Result<void>> CommandText::take_step()
{
    auto const step = co_await next_step();
    if (auto const* literal = std::get_if<CommandReader::NeedLiteral>(&step)) {
        announce(*literal);
        if (!synchronizing_ && !terms_.takes_at_once(remaining_))
            co_return too_big_literal();
        co_return Result<void> {};
    }
    state_ = State::complete;
    if (std::holds_alternative<CommandReader::Dropped>(step))
        co_return too_long_line();
    co_return Result<void> {};
}

/// Goes on behind the literal that was streamed.
awaitable<Result<void>> CommandText::next_piece()
{
    if (state_ != State::streaming)
        co_return Result<void> {};
    if (remaining_ != 0)
        throw std::logic_error("a command goes on before it has read its literal");
    input_.consume(std::exchange(given_, 0));
    reader_.stream_literal();
    taken_ = 0;
    co_return co_await take_step();
}

awaitable<Result<void>> CommandText::read_into_memory()
{
    if (remaining_ > literal_limit_ - std::min(literal_limit_, reader_.literal_octets()))
        co_return too_big_literal();
    reader_.accept_literal();
    if (synchronizing_)
        out_.continuation("OK");
    co_return co_await take_step();
}

awaitable<void> CommandText::request()
{
    if (state_ != State::announced)
        throw std::logic_error("a command requests a literal that was not announced");
    state_ = State::streaming;
    if (!synchronizing_)
        co_return;
    out_.continuation("OK");
    co_await out_.flush();
}

awaitable<std::string_view> CommandText::read()
{
    input_.consume(std::exchange(given_, 0));
    if (remaining_ == 0)
        co_return std::string_view();
    if (input_.available().empty()) {
        co_await out_.flush();
        co_await input_.fill();
    }
    auto const octets = input_.available();
    given_ = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, octets.size()));
    remaining_ -= given_;
    co_return octets.substr(0, given_);
}

awaitable<void> CommandText::drop()
{
    if (state_ == State::complete)
        co_return;
    if (state_ == State::announced && synchronizing_) {
        reader_.refuse_literal(); // the client learns so from the tagged line, and sends nothing
        co_return;
    }
    input_.consume(std::exchange(given_, 0));
    reader_.skip_literal(remaining_);
    for (;;) {
        auto const step = co_await next_step();
        if (std::holds_alternative<CommandReader::Dropped>(step))
            co_return;
    }
}

} // namespace mail::imap
