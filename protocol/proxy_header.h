// What a proxy tells of the client that it passes on, in front of the connection's first octet: the
// PROXY protocol, versions 1 and 2 (https://www.haproxy.org/download/2.9/doc/proxy-protocol.txt).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace mail {

struct ProxyHeader {
    enum class Source {
        client, ///< address and port are the client's
        unknown, ///< the proxy does not say who the client is
        proxy ///< nobody's connection but the proxy's own, such as a health check
    };
    Source source = Source::unknown;
    std::string address; ///< numeric; an IPv4 address as such, also where it came mapped into IPv6
    std::uint16_t port = 0;

    // What version 2 may add. As the proxy sent it: to be escaped before it is shown.
    bool is_encrypted = false; ///< the client speaks TLS, as far as the proxy
    std::string tls_version; ///< "TLSv1.3"
    std::string cipher;
    std::string application_protocol; ///< what client and proxy agreed on by ALPN
    std::string authority; ///< the host that the client asked for by SNI
};

/// Reads one header, of either version. Knows after the first octets that do not fit that it is
/// none, and keeps at most max_octets.
class ProxyHeaderReader {
public:
    static constexpr std::size_t max_octets = 4096; ///< the format would allow 64 KiB

    struct NeedMore { };
    struct Malformed {
        std::string_view why; ///< for the log; a literal
    };
    using Result = std::variant<NeedMore, Malformed, ProxyHeader>;

    /// Takes octets from the front, none of those behind the header. Not to be called again after
    /// another result than NeedMore.
    Result feed(std::string_view& octets);

private:
    Result look() const;

    std::string header_;
};

} // namespace mail
