// Raw deflate (RFC 1951), one direction each, without waiting: octets in, octets out. Each can give
// its memory back between two pieces of the stream and go on later.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct z_stream_s;

namespace mail {

struct EndDeflate {
    void operator()(z_stream_s* stream) const noexcept;
};
struct EndInflate {
    void operator()(z_stream_s* stream) const noexcept;
};

/// Compresses. Holds 70 KiB from compress() to rest(), and nothing else.
class Deflater {
public:
    /// Appends all of `octets`, compressed, to `out`: what is there can be read by the other side
    /// without what comes later, and ends on an octet (a sync flush).
    void compress(std::string_view octets, std::string& out);
    void end(std::string& out); ///< appends the last block: the stream is over
    /// Forgets what was said: the next block refers to nothing before it.
    void rest() { stream_.reset(); }

    /// Appends `octets` as they are, framed as a part of the stream (stored blocks): for a last
    /// line by somebody who does not have the Deflater. Where the last thing was a sync flush.
    static void store(std::string_view octets, std::string& out);

private:
    std::unique_ptr<z_stream_s, EndDeflate> stream_;
};

/// Expands, in bounded memory however little input makes however much output. Holds 40 KiB while at
/// work, and after rest() the at most 32 KiB to which the other side may refer back.
class Inflater {
public:
    /// Takes octets from the front of `in` and writes what they stand for to `out`; returns how
    /// many octets that are. Stops when one of them is used up, when the stream is over, and where
    /// a block ends on an octet, as it does where the other side flushed. Throws
    /// std::invalid_argument when `in` is no deflate stream.
    std::size_t expand(std::string_view& in, std::span<char> out);

    /// Nothing of a block is under way, and the next octet begins one.
    bool is_between_blocks() const { return !is_over_ && between_blocks_ && spare_bits_ == 0; }
    bool is_over() const { return is_over_; } ///< the last block was read
    /// The output was full: there may be more of it without more input.
    bool may_have_more() const { return output_was_full_; }

    /// Gives the working memory back, where a block has ended; otherwise nothing happens.
    void rest();

private:
    void wake();

    std::unique_ptr<z_stream_s, EndInflate> stream_;
    std::string window_; ///< the latest output, while the stream rests
    bool between_blocks_ = true;
    bool is_over_ = false;
    bool output_was_full_ = false;
    unsigned char last_octet_ = 0; ///< taken from the input
    int spare_bits_ = 0; ///< of last_octet_, that belong to the next block
};

} // namespace mail
