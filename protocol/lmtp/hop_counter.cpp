#include "protocol/lmtp/hop_counter.h"

#include "storage/ascii.h"

namespace mail::lmtp {

void HopCounter::feed(std::string_view octets)
{
    constexpr std::string_view name = "received:";
    while (in_header_ && !octets.empty()) {
        if (matched_ == other) {
            auto const end = octets.find('\n');
            is_blank_ = is_blank_ && end == 0;
            octets.remove_prefix(end == octets.npos ? octets.size() : end);
            if (octets.empty())
                return;
        }
        char const c = octets.front();
        octets.remove_prefix(1);
        if (c == '\n') {
            in_header_ = !is_blank_;
            is_blank_ = true;
            matched_ = 0;
            continue;
        }
        is_blank_ = is_blank_ && matched_ == 0 && c == '\r';
        if (ascii::lower(c) != name[matched_]) {
            matched_ = other;
        } else if (++matched_ == name.size()) {
            ++hops_;
            matched_ = other;
        }
    }
}

} // namespace mail::lmtp
