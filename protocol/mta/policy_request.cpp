#include "protocol/mta/policy_request.h"

#include <charconv>

namespace mail::mta {

namespace {

    /// 0 for what is no number: it is as if nothing had been announced.
    std::uint64_t size_of(std::string_view text)
    {
        std::uint64_t size = 0;
        auto const* const end = text.data() + text.size();
        auto const [stop, error] = std::from_chars(text.data(), end, size);
        if (error == std::errc::result_out_of_range)
            return UINT64_MAX;
        return stop == end && error == std::errc {} ? size : 0;
    }

} // namespace

PolicyReader::Found PolicyReader::take(std::string_view line)
{
    if (is_complete_) {
        request_ = {};
        octets_ = 0;
        is_complete_ = false;
    }
    if (line.empty()) {
        is_complete_ = true;
        return request_.request == "smtpd_access_policy" ? Found::request : Found::broken;
    }
    octets_ += line.size() + 1;
    auto const equals = line.find('=');
    if (octets_ > max_octets || equals == line.npos || line.find('\0') != line.npos)
        return Found::broken;
    auto const name = line.substr(0, equals);
    auto const value = line.substr(equals + 1);
    if (name == "request")
        request_.request = value;
    else if (name == "recipient")
        request_.recipient = value;
    else if (name == "size")
        request_.size = size_of(value);
    return Found::nothing;
}

} // namespace mail::mta
