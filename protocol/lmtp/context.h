// What an LMTP command sees: the client's lines, the transaction under way, the way to answer.
#pragma once

#include "protocol/line_reader.h"
#include "protocol/lmtp/failure.h"
#include "protocol/lmtp/recipient.h"
#include "protocol/session/session.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mail::lmtp {

/// From MAIL to the replies after DATA.
struct Transaction {
    Address sender;
    std::vector<Recipient> recipients; ///< those that were accepted
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
    std::optional<Transaction> transaction;
    bool is_ended = false;
    Totals totals;

    void reply(std::string_view line); ///< one line of a reply: "250 2.0.0 OK"
    void refuse(Failure const& failure);
};

} // namespace mail::lmtp
