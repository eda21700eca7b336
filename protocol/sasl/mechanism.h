// Server side of SASL mechanisms (RFC 4422) without I/O: octets of the client in, what to do next
// out. A mechanism is one file and one row of the table in mechanism.cpp. IMAP and POP3 do not call
// it directly but through Exchange, the one place that acts on a Step.
#pragma once

#include "protocol/byte_stream.h"
#include "protocol/sasl/scram_keys.h"
#include "protocol/session/authenticator.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace mail::sasl {

/// Octets of one client response, decoded: 12288 in base64 (RFC 4954 §4), which tokens need.
inline constexpr std::size_t max_response = 9216;

/// Send this (it may be empty) and feed the client's answer.
struct Challenge {
    std::string octets;
};

/// The client says who it is and shows a password: check it. Ends the exchange.
struct PasswordClaim {
    std::string authzid; ///< whom to act as; empty: as `name` itself
    std::string name;
    std::string password;
};

/// The client names itself and is going to prove that it knows the password: look for the keys to
/// check that with and give them to take_keys().
struct KeysWanted {
    std::string name;
    ScramHash hash;
};

/// The client shows a token of OAuth 2: check it. When it is refused, the exchange goes on with
/// explain_refusal() as a challenge, and ends with whatever the client answers.
struct TokenClaim {
    std::string authzid; ///< as in PasswordClaim
    std::string token; ///< empty: the client asks what a token needs
    std::string host; ///< by what name the client knows this server; empty: it does not say
};

/// The client wants to be taken for whom its certificate names. Ends the exchange.
struct CertificateClaim {
    std::string authzid; ///< as in PasswordClaim
};

/// The client does not say who it is. Ends the exchange.
struct AnonymousClaim {
    std::string trace;
};

/// The client has shown who it is; nothing is left to check. Ends the exchange.
struct Proven {
    std::string authzid; ///< as in PasswordClaim
    std::string name;
};

/// The client does not know the password. Ends the exchange.
struct WrongProof {
    std::string name;
};

/// The response cannot be understood. Ends the exchange; says nothing about the password.
struct Malformed {
    std::string_view text; ///< for the client's user; static
};

/// What comes next; Exchange alone acts on it.
using Step = std::variant<Challenge, PasswordClaim, KeysWanted, TokenClaim, CertificateClaim,
    AnonymousClaim, Proven, WrongProof, Malformed>;

/// One exchange. Any number of challenges may go back and forth.
class Mechanism {
public:
    virtual ~Mechanism() = default;
    /// For a client that sent no initial response: the first challenge.
    virtual Step begin() = 0;
    /// The client's response, decoded; also its initial one. Not after a Step that ended the
    /// exchange.
    virtual Step feed(std::string_view response) = 0;
    /// The answer to KeysWanted.
    virtual Step take_keys(ScramKeys const&) { return Malformed {}; }
    /// What to send when the token of a TokenClaim was refused.
    virtual std::string explain_refusal(session::Refusal, session::TokenAdvice const&) const
    {
        return {};
    }
};

/// What a mechanism needs to be offered.
enum class Needs : std::uint8_t {
    privacy, ///< a password may travel on the connection
    keys, ///< all accounts have keys for the row's hash
    bound_keys, ///< and TLS gives something to bind to
    tokens, ///< the server checks tokens, and TLS hides them
    certificate, ///< the client has shown one that names somebody
    anonymous, ///< the administrator lets anybody read
};

/// A row of the table: what the server speaks.
struct MechanismRow {
    std::string_view name; ///< as registered, upper case
    Needs needs;
    ScramHash hash; ///< of the keys that it needs
    /// The channel tells what TLS knows: channel bindings, the client's certificate.
    std::unique_ptr<Mechanism> (*make)(Channel const& channel);
};

std::span<MechanismRow const> mechanisms(); ///< strongest first: the order in which to offer them
MechanismRow const* find_mechanism(std::string_view name); ///< any case; nullptr: not spoken

/// Whether the connection has something to bind a login to: one of the types that
/// Channel::channel_binding knows.
bool can_bind(Channel const& channel);

enum class Binds : bool { no, yes };
/// RFC 5802, RFC 7677, draft-melnikov-scram-sha-512; for each hash, without and with -PLUS.
template <ScramHash hash, Binds binds>
std::unique_ptr<Mechanism> make_scram(Channel const& channel);
std::unique_ptr<Mechanism> make_plain(Channel const& channel); ///< RFC 4616
std::unique_ptr<Mechanism> make_login(Channel const& channel); ///< draft-murchison-sasl-login
std::unique_ptr<Mechanism> make_external(Channel const& channel); ///< RFC 4422, appendix A
std::unique_ptr<Mechanism> make_anonymous(Channel const& channel); ///< RFC 4505
std::unique_ptr<Mechanism> make_oauthbearer(Channel const& channel); ///< RFC 7628
std::unique_ptr<Mechanism> make_xoauth2(Channel const& channel); ///< Google's, before RFC 7628

} // namespace mail::sasl
