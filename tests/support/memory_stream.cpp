// The server's side of the stream in memory.
#include "tests/support/memory_stream.h"

#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace mail::test {

awaitable<std::size_t> MemoryStream::read_some(std::span<char> buffer)
{
    while (!has_input()) {
        throw_if_ended();
        co_await wait();
    }
    auto const octets = std::min({ buffer.size(), input_.size() - consumed_, largest_read });
    std::memcpy(buffer.data(), input_.data() + consumed_, octets);
    consumed_ += octets;
    if (!has_input()) {
        input_.clear();
        consumed_ = 0;
    }
    co_return octets;
}

awaitable<ByteStream::Wake> MemoryStream::wait_input()
{
    for (;;) {
        if (std::exchange(interrupted_, false))
            co_return Wake::interrupted;
        if (has_input())
            co_return Wake::input;
        throw_if_ended();
        co_await wait();
    }
}

awaitable<void> MemoryStream::write(std::string_view octets)
{
    if (has_ended_)
        throw std::logic_error("a write after the last one");
    has_ended_ = ends_;
    output_ += octets;
    largest_write = std::max(largest_write, octets.size());
    co_return;
}

void MemoryStream::fail_if_gone() const
{
    if (aborted_)
        throw boost::system::system_error(boost::asio::error::operation_aborted);
    if (closed_)
        throw boost::system::system_error(boost::asio::error::eof);
}

awaitable<void> MemoryStream::start_tls()
{
    encrypted_ = true;
    co_return;
}

void MemoryStream::throw_if_ended()
{
    if (std::exchange(timed_out_, false))
        throw boost::system::system_error(boost::asio::error::timed_out);
    if (aborted_)
        throw boost::system::system_error(boost::asio::error::operation_aborted);
    if (closed_)
        throw boost::system::system_error(boost::asio::error::eof);
}

awaitable<void> MemoryStream::wait()
{
    waiting_ = true;
    boost::system::error_code cancelled;
    co_await signal_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, cancelled));
    waiting_ = false;
}

} // namespace mail::test
