// How long an I/O thread looks for more work before it lets its core sleep.
#pragma once

#include <algorithm>
#include <chrono>

namespace mail::server {

/// A core that sleeps takes some 25 microseconds to wake, more than most commands take to answer. A
/// client that is near sends its next command within about that time, so the thread keeps the core
/// while its waits are so short. One long wait ends that: clients that think, or are far away, cost
/// one attempt in vain.
class Patience {
public:
    using Duration = std::chrono::steady_clock::duration;
    static constexpr Duration limit = std::chrono::microseconds(80);

    Duration length() const { return length_; } ///< zero: sleep at once

    /// `waited`: how long the thread had nothing to do, looking and sleeping together.
    void learn(Duration waited)
    {
        length_ = waited > limit ? Duration::zero() : std::clamp(2 * length_, limit / 4, limit);
    }

private:
    Duration length_ {};
};

} // namespace mail::server
