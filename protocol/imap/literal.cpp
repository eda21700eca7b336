// A literal between the input and a command.
#include "protocol/imap/literal.h"

#include <algorithm>

namespace mail::imap {

awaitable<void> StreamedLiteral::request()
{
    is_requested_ = true;
    if (!synchronizing_)
        co_return;
    out_.continuation("OK");
    co_await out_.flush();
}

awaitable<std::string_view> StreamedLiteral::read()
{
    input_.consume(given_);
    given_ = 0;
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

awaitable<CommandReader::Step> StreamedLiteral::next_step()
{
    for (;;) {
        auto bytes = input_.available();
        auto const before = bytes.size();
        auto const step = reader_.feed(bytes);
        input_.consume(before - bytes.size());
        if (!std::holds_alternative<CommandReader::NeedMore>(step))
            co_return step;
        co_await out_.flush();
        co_await input_.fill();
    }
}

awaitable<std::string_view> StreamedLiteral::rest_of_command()
{
    input_.consume(std::exchange(given_, 0));
    reader_.stream_literal();
    auto const begin = reader_.text().size();
    auto const step = co_await next_step();
    if (auto const* another = std::get_if<CommandReader::NeedLiteral>(&step)) {
        // Not part of this literal: drop() passes over it.
        synchronizing_ = another->synchronizing;
        is_requested_ = false;
        remaining_ = another->octets;
        co_return reader_.text().substr(begin);
    }
    has_ended_ = true;
    if (auto const* complete = std::get_if<CommandReader::Complete>(&step))
        co_return complete->command.substr(begin);
    co_return std::string_view("too much");
}

awaitable<void> StreamedLiteral::drop()
{
    if (has_ended_)
        co_return;
    if (synchronizing_ && !is_requested_) {
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
