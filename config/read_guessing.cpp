// [auth.guessing]
#include "config/reading.h"

namespace mail::config {

using namespace std::chrono_literals;

void read_guessing(Section& in, Guessing& out)
{
    in.flag("enabled", out.enabled);
    in.count("wrong_per_address", out.wrong_per_address, 1, 100'000);
    in.duration("wait", out.wait, 1s, 24h);
    in.duration("longest_wait", out.longest_wait, 1s, 24h);
    if (out.longest_wait < out.wait)
        in.complain("longest_wait", "is shorter than wait; write a longer time");
    in.count("wrong_per_network", out.wrong_per_network, 1, 1'000'000);
    in.count("wrong_per_account", out.wrong_per_account, 2, 100'000);
    in.count("attempts_per_minute", out.attempts_per_minute, 1, 10'000);
    in.duration("known_networks_time", out.known_networks_time, 0s, 24h * 3650);
    in.flag("count_loopback", out.count_loopback);
}

} // namespace mail::config
