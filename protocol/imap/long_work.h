// The manners of a command that takes long.
#pragma once

#include "protocol/byte_stream.h"
#include "protocol/imap/progress.h"

#include <chrono>
#include <cstdint>

namespace mail::imap {

/// Between its slices such a command gives way to other sessions of its thread, tells the client
/// how far it is (RFC 9585), and ends when the client is gone.
class LongWork {
public:
    /// `goal`: of how many things, 0 when that is not known.
    LongWork(Context& ctx, std::uint64_t goal);

    /// So many more things are done. No transaction may be alive, and no response half written.
    /// Throws when the client is gone, within 100 ms of its hanging up.
    awaitable<void> pause(std::uint64_t more = 0);

private:
    Context& ctx_;
    Progress progress_;
    std::uint64_t done_ = 0;
    std::chrono::steady_clock::time_point looked_;
};

} // namespace mail::imap
