// A POP3 client from its greeting to QUIT (RFC 1939, 2449, 2595, 3206, 5034, 6856).
#pragma once

#include "protocol/pop3/context.h"

namespace mail::pop3 {

class Conversation {
public:
    /// The session is not logged in yet; its stream is the client.
    explicit Conversation(session::Session& session)
        : ctx_(session)
    {
    }

    /// Serves the client until it quits, misbehaves too often or is gone. Throws as ByteStream
    /// does, and when the store is broken; deletions are then not applied (RFC 1939 §6).
    awaitable<void> run();

    Totals const& totals() const { return ctx_.totals; }
    std::uint64_t octets_in() const { return ctx_.in.total(); }
    std::uint64_t octets_out() const { return ctx_.out.total(); }

private:
    awaitable<Result<void>> obey(std::string_view line);

    Context ctx_;
};

} // namespace mail::pop3
