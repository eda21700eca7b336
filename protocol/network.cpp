// Networks and addresses as 128 bits.
#include "protocol/network.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <string>

namespace mail {

std::optional<Network::Octets> Network::octets_of(std::string_view address, bool& is_v4)
{
    std::string const text(address.substr(0, INET6_ADDRSTRLEN + 1));
    Octets octets {};
    is_v4 = ::inet_pton(AF_INET, text.c_str(), octets.data() + 12) == 1;
    if (is_v4) {
        octets[10] = octets[11] = 0xff;
        return octets;
    }
    if (::inet_pton(AF_INET6, text.c_str(), octets.data()) == 1)
        return octets;
    return std::nullopt;
}

std::optional<Network> Network::parse(std::string_view text)
{
    auto const slash = text.find('/');
    bool is_v4 = false;
    auto const octets = octets_of(text.substr(0, slash), is_v4);
    if (!octets)
        return std::nullopt;
    Network network;
    network.octets_ = *octets;
    network.bits_ = 128;
    if (slash != std::string_view::npos) {
        auto const digits = text.substr(slash + 1);
        unsigned bits = 0;
        auto const [end, error]
            = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
        if (error != std::errc {} || end != digits.data() + digits.size()
            || bits > (is_v4 ? 32U : 128U))
            return std::nullopt;
        network.bits_ = is_v4 ? bits + 96 : bits;
    }
    return network;
}

bool Network::contains(std::string_view address) const
{
    bool is_v4 = false;
    auto const octets = octets_of(address, is_v4);
    if (!octets)
        return false;
    auto const whole = static_cast<std::ptrdiff_t>(bits_ / 8);
    if (!std::equal(octets_.begin(), octets_.begin() + whole, octets->begin()))
        return false;
    auto const rest = bits_ % 8;
    if (rest == 0)
        return true;
    auto const mask = 0xffU << (8 - rest);
    auto const at = static_cast<std::size_t>(whole);
    return ((octets_[at] ^ (*octets)[at]) & mask & 0xffU) == 0;
}

} // namespace mail
