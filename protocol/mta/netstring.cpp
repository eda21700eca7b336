#include "protocol/mta/netstring.h"

#include <algorithm>

namespace mail::mta {

bool NetstringReader::take_digit(char c)
{
    bool const is_leading_zero = digits_ == 1 && length_ == 0;
    if (c < '0' || c > '9' || is_leading_zero)
        return false;
    length_ = length_ * 10 + static_cast<std::size_t>(c - '0');
    ++digits_;
    return length_ <= limit_; // and so it never overflows
}

NetstringReader::Found NetstringReader::feed(std::string_view& octets)
{
    while (!octets.empty()) {
        if (state_ == State::over)
            return Found::broken;
        if (state_ == State::length) {
            char const c = octets.front();
            octets.remove_prefix(1);
            if (c == ':' && digits_ > 0) {
                state_ = State::data;
                data_.clear();
            } else if (!take_digit(c)) {
                state_ = State::over;
            }
            continue;
        }
        auto const part = octets.substr(0, length_ - data_.size());
        data_ += part;
        octets.remove_prefix(part.size());
        if (octets.empty())
            break;
        bool const is_whole = octets.front() == ',';
        octets.remove_prefix(1);
        state_ = is_whole ? State::length : State::over;
        length_ = digits_ = 0;
        if (is_whole)
            return Found::data;
    }
    return state_ == State::over ? Found::broken : Found::nothing;
}

void append_netstring(std::string& out, std::string_view data)
{
    out += std::to_string(data.size());
    out += ':';
    out += data;
    out += ',';
}

} // namespace mail::mta
