// Names of hosts in certificates and in what clients ask for (RFC 6066 §3, RFC 6125 §6.4).
#pragma once

#include <string>
#include <string_view>

namespace mail::server::tls {

/// Lower case, without a trailing dot.
std::string host_name(std::string_view written);

/// "*.example.org" is for "mail.example.org", not for "example.org" nor "a.b.example.org": one
/// whole label, the first. A pattern is only for a pattern that is the same. Both as host_name()
/// gives them.
bool is_for(std::string_view pattern, std::string_view name);

/// "*.example.org" of "mail.example.org": the one wildcard that is for a name; empty for names of
/// one label.
std::string wildcard_for(std::string_view name);

} // namespace mail::server::tls
