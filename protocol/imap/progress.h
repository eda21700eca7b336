// Tells the client of a long command that it is being worked on (RFC 9585).
#pragma once

#include <chrono>
#include <cstdint>

namespace mail::imap {

class Context;

/// Of one command: `* OK [INPROGRESS ("a7" 175 1000)] …`, the first when the command has run for
/// Imap::progress_interval (config: 10 seconds), and so on. Nothing where the client is not offered
/// INPROGRESS.
class Progress {
public:
    /// `goal`: of how many, in the unit that done() counts; 0: that is not known.
    Progress(Context& ctx, std::uint64_t goal);

    /// So many are done in all; never less than before. Writes a response when one is due and says
    /// so: the caller flushes then, for a response that waits in a buffer keeps nothing alive. Not
    /// for the middle of a response. Costs a look at the clock: call it once in a slice.
    bool done(std::uint64_t count);

private:
    Context& ctx_;
    std::uint64_t goal_;
    std::chrono::steady_clock::time_point due_;
};

} // namespace mail::imap
