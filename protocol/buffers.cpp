// Buffers of a conversation and the per-thread pool of their blocks.
#include "protocol/buffers.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <cstring>
#include <vector>

namespace mail {
namespace {

    // As many blocks as a thread is likely to have in flight at once; more are freed.
    constexpr std::size_t pooled_blocks = 32;

    std::vector<std::unique_ptr<char[]>>& block_pool()
    {
        thread_local std::vector<std::unique_ptr<char[]>> pool;
        return pool;
    }

    std::unique_ptr<char[]> take_block()
    {
        auto& pool = block_pool();
        if (pool.empty())
            return std::make_unique_for_overwrite<char[]>(Input::block_size);
        auto block = std::move(pool.back());
        pool.pop_back();
        return block;
    }

} // namespace

void Input::consume(std::size_t octets)
{
    begin_ += octets;
    if (begin_ == end_)
        release();
}

void Input::release()
{
    begin_ = end_ = 0;
    if (!block_)
        return;
    ::OPENSSL_cleanse(block_.get(), written_);
    written_ = 0;
    auto& pool = block_pool();
    if (pool.size() < pooled_blocks)
        pool.push_back(std::move(block_));
    block_.reset();
}

void Input::discard() { release(); }

awaitable<void> Input::fill()
{
    if (!block_) {
        // Waiting comes first, so that a client that is silent holds no block.
        for (;;) { // GCC 12 miscompiles co_await in the condition of a loop
            auto const wake = co_await stream_.wait_input();
            if (wake == ByteStream::Wake::input)
                break;
        }
        block_ = take_block();
    } else if (end_ == block_size) {
        std::memmove(block_.get(), block_.get() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
    }
    std::span<char> const room(block_.get() + end_, block_size - end_);
    auto const octets = co_await stream_.read_some(room);
    end_ += octets;
    written_ = std::max(written_, end_);
    total_ += octets;
}

awaitable<void> Output::flush()
{
    if (buffer_.empty())
        co_return;
    co_await stream_.write(buffer_);
    total_ += buffer_.size();
    // A small buffer is kept for the next reply: it costs less than allocating it again.
    if (buffer_.capacity() > 1024)
        std::string().swap(buffer_);
    else
        buffer_.clear();
}

awaitable<void> Output::finish()
{
    stream_.end_with_next_write();
    co_await flush();
}

} // namespace mail
