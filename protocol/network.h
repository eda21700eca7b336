// Networks of client addresses, as the administrator writes them: "192.0.2.0/24", "2001:db8::/32".
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace mail {

class Network {
public:
    /// An address stands for itself alone. nullopt when it is neither an address nor a network.
    static std::optional<Network> parse(std::string_view text);

    /// `address` is numeric, as Peer has it; false for anything else, such as "local".
    bool contains(std::string_view address) const;

private:
    using Octets = std::array<std::uint8_t, 16>; ///< IPv4 as ::ffff:a.b.c.d
    static std::optional<Octets> octets_of(std::string_view address, bool& is_v4);

    Octets octets_ {};
    unsigned bits_ = 0;
};

} // namespace mail
