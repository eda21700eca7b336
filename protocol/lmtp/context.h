// What an LMTP command sees: the client's lines, the transaction under way, the way to answer.
#pragma once

#include "protocol/line_reader.h"
#include "protocol/lmtp/failure.h"
#include "protocol/lmtp/recipient.h"
#include "protocol/session/session.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mail::lmtp {

class Incoming;

/// From MAIL to the replies after DATA or the last BDAT.
struct Transaction {
    Transaction();
    ~Transaction();

    Address sender;
    std::uint64_t announced_size = 0; ///< octets (RFC 1870); 0: nothing was said
    bool is_binary = false; ///< the message comes by BDAT only (RFC 3030 §3)
    bool is_utf8 = false; ///< SMTPUTF8
    std::vector<Recipient> recipients; ///< those that were accepted, until the message begins
    std::unique_ptr<Incoming> message; ///< since the first BDAT
};

/// Of a session, for the log.
struct Totals {
    std::uint64_t messages = 0; ///< that came in whole
    std::uint64_t delivered = 0; ///< copies in mailboxes
};

inline constexpr std::size_t max_line = 4096; ///< octets; RFC 5321 §4.5.3.1.4 asks for 512

struct Context {
    explicit Context(session::Session& s)
        : session(s)
        , in(s.stream())
        , out(s.stream())
        , lines(in, max_line)
    {
    }

    session::Session& session;
    Input in;
    Output out;
    LineReader lines;
    std::string client_name; ///< of LHLO; empty: it did not come yet
    std::optional<session::User> user; ///< since AUTH
    int failed_logins = 0;
    std::optional<Transaction> transaction;
    bool was_mail_refused = false; ///< the last MAIL, since the transaction before ended
    bool is_ended = false;
    Totals totals;

    session::Lmtp const& settings() const { return session.settings().lmtp; }

    /// Whether the client's mail is taken: the listener trusts its address, or it has logged in as
    /// one of the deliverers.
    bool may_deliver() const;
    bool offers_auth() const; ///< logging in would help, and there is a mechanism for it
    Failure may_not_deliver() const; ///< 530 5.7.0 or 550 5.7.1, and what to do
    void end_transaction()
    {
        transaction.reset();
        was_mail_refused = false;
    }
    /// What STARTTLS makes of all that the client said (RFC 3207 §4.2).
    void forget_client();

    void reply(std::string_view line); ///< one line of a reply: "250 2.0.0 OK"
    void refuse(Failure const& failure);
};

} // namespace mail::lmtp
