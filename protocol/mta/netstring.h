// Netstrings: octets with their number in front, "5:hello,".
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mail::mta {

/// Cuts what a client sends into the data of netstrings.
class NetstringReader {
public:
    enum class Found {
        nothing, ///< all was taken, and more is needed
        data, ///< data() is complete
        broken, ///< no netstring, or one that is too long; nothing can follow
    };

    /// `limit` is the longest data, in octets.
    explicit NetstringReader(std::size_t limit)
        : limit_(limit)
    {
    }

    Found feed(std::string_view& octets); ///< takes from the front
    std::string_view data() const { return data_; } ///< until the next call

private:
    enum class State { length, data, over };
    /// False when that is no further digit of a length.
    bool take_digit(char c);

    std::size_t limit_;
    State state_ = State::length;
    std::size_t length_ = 0;
    std::size_t digits_ = 0;
    std::string data_;
};

void append_netstring(std::string& out, std::string_view data);

} // namespace mail::mta
