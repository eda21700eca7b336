// Input and output buffers of a conversation. They hold memory while octets are in flight and none
// while the session idles, so that thousands of idle sessions cost kilobytes each.
#pragma once

#include "protocol/byte_stream.h"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace mail {

/// Octets from the client that are not consumed yet. Its block (16 KiB) comes from a pool of the
/// thread and goes back, wiped, when it is empty: a password may have been in it.
class Input {
public:
    static constexpr std::size_t block_size = 16 * 1024;

    explicit Input(ByteStream& stream)
        : stream_(stream)
    {
    }
    ~Input() { release(); }
    Input(Input const&) = delete;
    Input& operator=(Input const&) = delete;

    std::string_view available() const { return { block_.get() + begin_, end_ - begin_ }; }
    void consume(std::size_t octets); ///< gives the block back when nothing is left; views die
    /// Waits for at least one octet more than available() holds. Throws as ByteStream does. The
    /// caller consumes what it has seen first: a block that is full is an error of the caller.
    awaitable<void> fill();
    /// Forgets what the client sent too early (before STARTTLS was answered: CVE-2021-38371's
    /// class).
    void discard();
    std::uint64_t total() const { return total_; } ///< octets read so far, for the log

private:
    void release();

    ByteStream& stream_;
    std::unique_ptr<char[]> block_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::size_t written_ = 0; ///< octets of the block that were ever written
    std::uint64_t total_ = 0;
};

/// Octets for the client. Grows as responses are written; the writer of long responses calls
/// flush() whenever is_full() says so, outside of any transaction.
class Output {
public:
    static constexpr std::size_t high_water = 64 * 1024;

    explicit Output(ByteStream& stream)
        : stream_(stream)
    {
    }

    std::string& buffer() { return buffer_; } ///< append to it
    bool is_full() const { return buffer_.size() >= high_water; }
    bool empty() const { return buffer_.empty(); }
    awaitable<void> flush(); ///< writes all of it and gives large memory back
    awaitable<void> finish(); ///< flushes for the last time: the conversation is over
    std::uint64_t total() const { return total_; } ///< octets written so far, for the log

private:
    ByteStream& stream_;
    std::string buffer_;
    std::uint64_t total_ = 0;
};

} // namespace mail
