// The way in: who asks, from where, and whom to ask about it. Sessions log in by it, and MTAs that
// let us check their clients.
#pragma once

#include "protocol/session/authenticator.h"
#include "protocol/session/journal.h"

#include <string>
#include <string_view>

namespace mail::session {

/// Of one connection. Each attempt that is refused stands in the journal; the caller counts
/// failures, and records logged_in when all is done that belongs to it.
class Login {
public:
    /// `protocol` as in Attempt. All others outlive this.
    Login(Authenticator& authenticator, Journal& journal, Channel const& channel,
        std::string_view protocol)
        : authenticator_(authenticator)
        , journal_(journal)
        , channel_(channel)
        , protocol_(protocol)
    {
    }

    /// A password may travel.
    bool may_send_password() const { return channel_.is_encrypted() || allows_plain_text_; }
    /// Without TLS, too: the administrator says so, and what carries it does not leave the machine.
    void set_allows_plain_text(bool allows) { allows_plain_text_ = allows; }
    bool allows_plain_text() const { return allows_plain_text_; }

    /// `needs_tls` when the connection is not private enough. Name and password are tried as
    /// SASLprep makes them (RFC 4013), and then as they came where that differs: old hashes are of
    /// what was typed in, in any charset.
    awaitable<boost::system::result<User, Refusal>> by_password(
        Attempt attempt, std::string name, std::string password);
    /// Of a user who has shown by keys, not by a password, who he is.
    awaitable<boost::system::result<User, Refusal>> by_proof(Attempt attempt, std::string name);
    /// Of the first of the channel's certified names that is an account, or may act as
    /// attempt.authzid where the client names one.
    awaitable<boost::system::result<User, Refusal>> by_certificate(Attempt attempt);
    awaitable<boost::system::result<User, Refusal>> by_token(Attempt attempt, std::string token);
    /// Of nobody in particular; attempt.trace is for the journal.
    awaitable<boost::system::result<User, Refusal>> anonymously(Attempt attempt);
    awaitable<boost::system::result<sasl::ScramKeys, Refusal>> scram_keys(
        Attempt attempt, std::string name, sasl::ScramHash hash);
    void note_wrong_proof(Attempt const& attempt, std::string_view name);
    /// Records an attempt that ended before anybody was asked.
    void note_refusal(Attempt const& attempt, std::string_view name, Refusal why)
    {
        journal_.login_refused(attempt, name, why);
    }

    /// `authzid` as the client sent it; prepared here.
    Attempt attempt(std::string_view mechanism, std::string authzid = {}) const;
    TokenAdvice token_advice() const { return authenticator_.token_advice(); }
    Proofs proofs() const { return authenticator_.proofs(); }
    Channel const& channel() const { return channel_; }

private:
    Authenticator& authenticator_;
    Journal& journal_;
    Channel const& channel_;
    std::string_view protocol_;
    bool allows_plain_text_ = false;
};

} // namespace mail::session
