// A login by SASL, as IMAP's AUTHENTICATE and POP3's AUTH run it: base64 lines in, what to answer
// out. The protocol sends challenges, reads lines in its own form and lets the user in; all else is
// here.
#pragma once

#include "protocol/sasl/mechanism.h"
#include "protocol/session/login.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mail::sasl {

/// What to answer to the client.
struct Reply {
    enum class Kind {
        challenge, ///< send `text` as a continuation ("+ " text); then answer() takes the next line
        done, ///< `user` may come in; `attempt` is for the journal then
        refused, ///< `why` says it
        malformed, ///< `text` says it: base64 or response not understood. BAD; no failed login
        not_offered, ///< `text` says what the mechanism needs that is not there. NO
        cancelled, ///< the client sent "*". BAD; no failed login
    };
    Kind kind = Kind::malformed;
    std::string text; ///< base64 for a challenge; else words for the client's user
    session::Refusal why {};
    session::User user {};
    session::Attempt attempt {};

    Reply() = default;
    Reply(Kind k, std::string t)
        : kind(k)
        , text(std::move(t))
    {
    }
    explicit Reply(session::Refusal refusal)
        : kind(Kind::refused)
        , why(refusal)
    {
    }
};

/// The mechanisms that this client may use now, strongest first. Those that need keys are offered
/// once every account has them: a client that chooses the strongest must not fail by it.
std::vector<MechanismRow const*> offered_mechanisms(session::Login const& login);

/// One attempt. The longest line to take is max_line octets; a longer one is malformed.
class Exchange {
public:
    static constexpr std::size_t max_line = (max_response + 2) / 3 * 4;

    Exchange(session::Login& login, MechanismRow const& mechanism);

    /// Begins. `initial` is the initial response as sent, in base64; "=" is an empty one (RFC 4959
    /// §3, RFC 5034 §4). Refuses with needs_tls, before any password was sent, where none may
    /// travel. A mechanism that is not announced works as far as it can: SCRAM for accounts that
    /// have keys while others have none.
    awaitable<Reply> start(std::optional<std::string_view> initial);
    /// Goes on with the client's line, without its CRLF. May wait for the source of accounts.
    awaitable<Reply> answer(std::string_view line);

private:
    std::optional<Reply> check_offer() const;
    awaitable<Reply> feed(std::string_view encoded);
    awaitable<Reply> act(Step step);
    awaitable<Reply> check_password(PasswordClaim claim);
    awaitable<Reply> check_token(TokenClaim claim);
    awaitable<Reply> check_certificate(CertificateClaim claim);
    awaitable<Reply> let_in_anonymously(AnonymousClaim claim);
    awaitable<Reply> let_in_proven(Proven proven);

    session::Login& login_;
    MechanismRow const& row_;
    std::unique_ptr<Mechanism> mechanism_;
    /// Of the token: told when the client has heard explain_refusal().
    std::optional<session::Refusal> token_refusal_;
};

} // namespace mail::sasl
