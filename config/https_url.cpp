#include "config/https_url.h"

#include <algorithm>
#include <charconv>

namespace mail::config {

namespace {

    bool is_host(std::string_view host)
    {
        return !host.empty() && host.size() <= 255
            && std::all_of(host.begin(), host.end(), [](unsigned char c) {
                   return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
                       || c == '-' || c == '.' || c == '_';
               });
    }

    bool is_ipv6(std::string_view address)
    {
        return address.find(':') != address.npos
            && address.find_first_not_of("0123456789abcdefABCDEF:.") == address.npos;
    }

    std::optional<std::uint16_t> parse_port(std::string_view text)
    {
        std::uint16_t port = 0;
        auto const* const end = text.data() + text.size();
        auto const [stop, error] = std::from_chars(text.data(), end, port);
        if (error != std::errc {} || stop != end || port == 0)
            return std::nullopt;
        return port;
    }

} // namespace

std::optional<HttpsUrl> parse_https_url(std::string_view text)
{
    constexpr std::string_view scheme = "https://";
    if (!text.starts_with(scheme)
        || !std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; })
        || text.find_first_of("#\"\\<>") != text.npos)
        return std::nullopt;
    text.remove_prefix(scheme.size());
    auto authority = text.substr(0, text.find_first_of("/?"));
    text.remove_prefix(authority.size());
    HttpsUrl url;
    if (!text.empty())
        url.target = text.front() == '?' ? "/" + std::string(text) : std::string(text);
    std::string_view host = authority;
    if (authority.starts_with('[')) {
        auto const end = authority.find(']');
        if (end == authority.npos || !is_ipv6(authority.substr(1, end - 1)))
            return std::nullopt;
        host = authority.substr(1, end - 1);
        authority.remove_prefix(end + 1);
    } else {
        host = authority.substr(0, authority.find(':'));
        if (!is_host(host))
            return std::nullopt;
        authority.remove_prefix(host.size());
    }
    url.host = host;
    if (!authority.empty()) {
        auto const port = authority.front() == ':' ? parse_port(authority.substr(1)) : std::nullopt;
        if (!port)
            return std::nullopt;
        url.port = *port;
    }
    return url;
}

} // namespace mail::config
