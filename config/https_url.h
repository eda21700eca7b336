// An address of a web service that the config names.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mail::config {

struct HttpsUrl {
    std::string host; ///< a name or a numeric address, without brackets; empty: none is configured
    std::uint16_t port = 443;
    std::string target = "/"; ///< path and query
    bool operator==(HttpsUrl const&) const = default;
};

/// "https://host:port/path?query", without user, password and fragment; all printable ASCII.
std::optional<HttpsUrl> parse_https_url(std::string_view text);

} // namespace mail::config
