// An LMTP client, commonly an MTA, from its greeting to QUIT (RFC 2033).
#pragma once

#include "protocol/lmtp/context.h"

namespace mail::lmtp {

class Conversation {
public:
    /// Whose mail is taken without AUTH is the listener's matter (Session::is_trusted).
    explicit Conversation(session::Session& session)
        : ctx_(session)
    {
    }

    /// Serves the client until it quits, misbehaves too often or is gone. Throws as ByteStream
    /// does. A delivery whose data came in whole is carried out even when the client is gone by
    /// then.
    awaitable<void> run();

    Totals const& totals() const { return ctx_.totals; }
    std::uint64_t octets_in() const { return ctx_.in.total(); }
    std::uint64_t octets_out() const { return ctx_.out.total(); }

private:
    awaitable<Result<void>> obey(std::string_view line);

    Context ctx_;
};

} // namespace mail::lmtp
