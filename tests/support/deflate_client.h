// The client's side of a compressed connection, by zlib itself.
#pragma once

#include <zlib.h>

#include <string>
#include <string_view>

namespace mail::test {

class DeflateClient {
public:
    explicit DeflateClient(int level = Z_DEFAULT_COMPRESSION)
    {
        deflateInit2(&out_, level, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
        inflateInit2(&in_, -15);
    }
    ~DeflateClient()
    {
        deflateEnd(&out_);
        inflateEnd(&in_);
    }
    DeflateClient(DeflateClient const&) = delete;
    DeflateClient& operator=(DeflateClient const&) = delete;

    std::string compress(std::string_view octets, int flush = Z_SYNC_FLUSH)
    {
        std::string result(octets.size() * 2 + 1000, '\0');
        out_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(octets.data()));
        out_.avail_in = static_cast<uInt>(octets.size());
        out_.next_out = reinterpret_cast<Bytef*>(result.data());
        out_.avail_out = static_cast<uInt>(result.size());
        deflate(&out_, flush);
        result.resize(result.size() - out_.avail_out);
        return result;
    }

    /// What comes behind the stream's end is given as it is.
    std::string expand(std::string_view octets)
    {
        std::string result;
        in_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(octets.data()));
        in_.avail_in = static_cast<uInt>(octets.size());
        while (!has_ended && !is_damaged) {
            char part[4096];
            in_.next_out = reinterpret_cast<Bytef*>(part);
            in_.avail_out = sizeof part;
            int const code = inflate(&in_, Z_SYNC_FLUSH);
            result.append(part, sizeof part - in_.avail_out);
            has_ended = code == Z_STREAM_END;
            is_damaged = code == Z_DATA_ERROR;
            if (in_.avail_out != 0)
                break;
        }
        return result.append(octets.substr(octets.size() - in_.avail_in));
    }

    bool has_ended = false;
    bool is_damaged = false;

private:
    z_stream out_ {};
    z_stream in_ {};
};

} // namespace mail::test
