#include "protocol/lmtp/xtext.h"

namespace mail::lmtp {

namespace {

    int digit(char c)
    {
        if (c >= '0' && c <= '9')
            return c - '0';
        return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
    }

} // namespace

std::optional<std::string> decode_xtext(std::string_view text)
{
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto octet = static_cast<unsigned char>(text[i]);
        if (octet == '+') {
            int const high = i + 1 < text.size() ? digit(text[i + 1]) : -1;
            int const low = i + 2 < text.size() ? digit(text[i + 2]) : -1;
            if (high < 0 || low < 0)
                return std::nullopt;
            octet = static_cast<unsigned char>(high * 16 + low);
            i += 2;
            if (octet < 32 || octet > 126)
                return std::nullopt;
        } else if (octet < 33 || octet == 127 || octet == '=') {
            return std::nullopt;
        }
        decoded += static_cast<char>(octet);
    }
    return decoded;
}

} // namespace mail::lmtp
