// Lines of the Dovecot authentication protocol 1.x, as MTAs send them: fields with TABs between.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace mail::mta {

struct AuthVersion {
    std::uint32_t major = 0;
    std::uint32_t minor = 0;
};

/// AUTH: begins a login of the MTA's client.
struct AuthBegin {
    std::uint32_t id = 0; ///< names the request on this connection until it ends
    std::string mechanism; ///< as the client spells it
    std::string service; ///< "smtp"
    std::string remote_address; ///< of the MTA's client, numeric; empty: not told, or none
    std::uint16_t remote_port = 0;
    bool is_secured = false; ///< the MTA's client has TLS, or is on the MTA's own machine
    std::string certified_name; ///< of a certificate that the MTA found valid; empty: none
    std::optional<std::string> response; ///< in base64, as it was sent
    std::string_view problem; ///< for people; not empty: the request fails by its form
};

/// CONT: the next response of a login.
struct AuthContinue {
    std::uint32_t id = 0;
    std::string response; ///< in base64
};

struct AuthCancel {
    std::uint32_t id = 0;
};

struct AuthIgnored { }; ///< CPID: the client's process id, which nothing depends on

/// After such a line the connection cannot go on: there is no request to which it belongs.
struct AuthBroken {
    std::string_view why; ///< static; for the log
};

using AuthLine
    = std::variant<AuthVersion, AuthBegin, AuthContinue, AuthCancel, AuthIgnored, AuthBroken>;

/// `line` comes without its end. Unknown parameters are passed over, unknown commands are broken.
AuthLine parse_auth_line(std::string_view line);

/// Values have TAB, LF, CR, NUL and the escape octet itself escaped by octet 1.
void append_tab_escaped(std::string& out, std::string_view value);
std::string tab_unescaped(std::string_view value);

} // namespace mail::mta
