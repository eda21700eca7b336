// Numbers and strings in the blobs that are kept with a message: LEB128 numbers, length-prefixed
// strings.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace mail::mime {

inline void put_number(std::string& out, std::uint64_t number)
{
    for (; number >= 0x80; number >>= 7)
        out += static_cast<char>(0x80 | (number & 0x7f));
    out += static_cast<char>(number);
}

inline void put_string(std::string& out, std::string_view text)
{
    put_number(out, text.size());
    out += text;
}

/// Reads a blob from the front. The first thing that is not there makes it failed(); from then on
/// numbers are 0 and strings empty.
class BlobReader {
public:
    explicit BlobReader(std::string_view blob, std::size_t at = 0)
        : blob_(blob)
        , at_(at)
    {
    }

    std::uint64_t number()
    {
        std::uint64_t number = 0;
        for (unsigned shift = 0; shift < 64 && at_ < blob_.size(); shift += 7) {
            auto const octet = static_cast<unsigned char>(blob_[at_++]);
            number |= std::uint64_t { octet & 0x7fU } << shift;
            if (octet < 0x80)
                return number;
        }
        fail();
        return 0;
    }
    std::string_view string()
    {
        auto const size = number();
        if (size > blob_.size() - at_) {
            fail();
            return {};
        }
        auto const text = blob_.substr(at_, size);
        at_ += size;
        return text;
    }
    /// Passes over `count` strings and returns them, prefixes included.
    std::string_view strings(std::uint64_t count)
    {
        auto const begin = at_;
        for (; count != 0 && !failed_; --count)
            string();
        return failed_ ? std::string_view() : blob_.substr(begin, at_ - begin);
    }
    bool failed() const { return failed_; }
    std::size_t at() const { return at_; }

private:
    void fail()
    {
        failed_ = true;
        at_ = blob_.size();
    }

    std::string_view blob_;
    std::size_t at_;
    bool failed_ = false;
};

} // namespace mail::mime
