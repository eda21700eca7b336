// zlib's streams, and how they go to rest.
#include "protocol/deflate.h"

#include <zlib.h>

#include <algorithm>
#include <new>
#include <stdexcept>

namespace mail {
namespace {

    // Raw deflate. The window and the memory level are smaller than zlib's defaults, which take
    // four times the memory for IMAP that is hardly smaller; level 3 makes mail data about as small
    // as level 6 does, at twice its speed.
    constexpr int level = 3;
    constexpr int window_bits = -13;
    constexpr int memory_level = 6;
    constexpr int any_window = -15; ///< of the other side
    constexpr std::size_t largest_window = 32 * 1024;

    Bytef* octets_of(std::string_view text)
    {
        // zlib does not write through next_in; its types say so only with ZLIB_CONST.
        return const_cast<Bytef*>(reinterpret_cast<Bytef const*>(text.data()));
    }

    void require(int code)
    {
        if (code == Z_MEM_ERROR)
            throw std::bad_alloc();
        if (code != Z_OK)
            throw std::logic_error("zlib was called wrongly");
    }

    /// Appends what deflate makes of the input, in the given mode, all of it.
    void pump(z_stream& stream, int flush, std::string& out)
    {
        for (bool more = true; more;) {
            auto const before = out.size();
            // What it is likely to take, and the octets of a flush; it grows when it is too small.
            out.resize(before + deflateBound(&stream, stream.avail_in) + 16);
            stream.next_out = reinterpret_cast<Bytef*>(out.data() + before);
            stream.avail_out = static_cast<uInt>(out.size() - before);
            auto const code = deflate(&stream, flush);
            if (code == Z_STREAM_ERROR)
                require(code);
            more = stream.avail_out == 0;
            out.resize(out.size() - stream.avail_out);
        }
    }

} // namespace

void EndDeflate::operator()(z_stream_s* stream) const noexcept
{
    deflateEnd(stream);
    delete stream;
}

void EndInflate::operator()(z_stream_s* stream) const noexcept
{
    inflateEnd(stream);
    delete stream;
}

void Deflater::compress(std::string_view octets, std::string& out)
{
    if (!stream_) {
        auto fresh = std::make_unique<z_stream>();
        require(deflateInit2(
            fresh.get(), level, Z_DEFLATED, window_bits, memory_level, Z_DEFAULT_STRATEGY));
        stream_.reset(fresh.release());
    }
    stream_->next_in = octets_of(octets);
    stream_->avail_in = static_cast<uInt>(octets.size());
    pump(*stream_, Z_SYNC_FLUSH, out);
}

void Deflater::end(std::string& out)
{
    rest();
    out.append("\x03\x00", 2); // an empty block with fixed codes, marked as the last one
}

void Deflater::store(std::string_view octets, std::string& out)
{
    constexpr std::size_t longest_block = 0xffff;
    while (!octets.empty()) {
        auto const part = octets.substr(0, longest_block);
        octets.remove_prefix(part.size());
        auto const size = static_cast<unsigned>(part.size());
        for (unsigned const octet : { 0U, size, size >> 8, ~size, ~size >> 8 })
            out.push_back(static_cast<char>(octet & 0xff));
        out.append(part);
    }
}

void Inflater::wake()
{
    auto fresh = std::make_unique<z_stream>();
    require(inflateInit2(fresh.get(), any_window));
    stream_.reset(fresh.release());
    if (!window_.empty())
        require(inflateSetDictionary(
            stream_.get(), octets_of(window_), static_cast<uInt>(window_.size())));
    if (spare_bits_ != 0)
        require(inflatePrime(stream_.get(), spare_bits_, last_octet_ >> (8 - spare_bits_)));
    std::string().swap(window_);
}

std::size_t Inflater::expand(std::string_view& in, std::span<char> out)
{
    if (is_over_ || out.empty() || (in.empty() && !output_was_full_))
        return 0;
    if (!stream_)
        wake();
    stream_->next_in = octets_of(in);
    stream_->avail_in = static_cast<uInt>(in.size());
    stream_->next_out = reinterpret_cast<Bytef*>(out.data());
    stream_->avail_out = static_cast<uInt>(out.size());
    int code = Z_OK;
    do {
        code = inflate(stream_.get(), Z_BLOCK); // stops where a block ends
        between_blocks_ = (stream_->data_type & 128) != 0;
        spare_bits_ = between_blocks_ ? stream_->data_type & 7 : 0;
    } while (code == Z_OK && stream_->avail_in != 0 && stream_->avail_out != 0
        && !(between_blocks_ && spare_bits_ == 0));
    auto const taken = in.size() - stream_->avail_in;
    if (taken != 0)
        last_octet_ = static_cast<unsigned char>(in[taken - 1]);
    in.remove_prefix(taken);
    if (code == Z_MEM_ERROR)
        throw std::bad_alloc();
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
        throw std::invalid_argument("the octets are no deflate stream");
    is_over_ = code == Z_STREAM_END || (between_blocks_ && (stream_->data_type & 64) != 0);
    output_was_full_ = stream_->avail_out == 0 && !between_blocks_ && !is_over_;
    return out.size() - stream_->avail_out;
}

void Inflater::rest()
{
    if (!stream_ || !(between_blocks_ || is_over_))
        return;
    uInt size = 0;
    std::string window(largest_window, '\0');
    require(inflateGetDictionary(stream_.get(), reinterpret_cast<Bytef*>(window.data()), &size));
    window_.assign(window, 0, size);
    stream_.reset();
}

} // namespace mail
