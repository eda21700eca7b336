// Endpoints and defaults of the config's plain values.
#include "config/config.h"

#include <fmt/format.h>

#include <arpa/inet.h>

#include <cstring>

namespace mail::config {

bool Endpoint::is_loopback() const
{
    if (is_unix())
        return true;
    in_addr v4 {};
    if (::inet_pton(AF_INET, host.c_str(), &v4) == 1)
        return (ntohl(v4.s_addr) >> 24) == 127;
    in6_addr v6 {};
    return ::inet_pton(AF_INET6, host.c_str(), &v6) == 1
        && std::memcmp(&v6, &in6addr_loopback, sizeof v6) == 0;
}

std::string Endpoint::text() const
{
    if (is_unix())
        return "unix:" + unix_path.string();
    bool const is_v6 = host.find(':') != std::string::npos;
    return fmt::format("{}{}{}:{}", is_v6 ? "[" : "", host, is_v6 ? "]" : "", port);
}

std::vector<Mailbox> default_mailboxes()
{
    return {
        { "Drafts", SpecialUse::drafts },
        { "Sent", SpecialUse::sent },
        { "Trash", SpecialUse::trash },
        { "Junk", SpecialUse::junk },
        { "Archive", SpecialUse::archive },
    };
}

char const* name_of(Protocol protocol)
{
    switch (protocol) {
    case Protocol::imap:
        return "imap";
    case Protocol::pop3:
        return "pop3";
    case Protocol::lmtp:
        return "lmtp";
    case Protocol::auth:
        return "auth";
    case Protocol::policy:
        return "policy";
    case Protocol::socketmap:
        return "socketmap";
    }
    return "?";
}

bool is_for_mtas(Protocol protocol)
{
    return protocol == Protocol::auth || protocol == Protocol::policy
        || protocol == Protocol::socketmap;
}

} // namespace mail::config
