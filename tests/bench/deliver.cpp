// Durable deliveries per second: one message of --octets to one account after the other by LMTP,
// over --connections connections that each wait for every reply (--pipelining 1: for every
// message's).
#include "tests/bench/client.h"

#include <atomic>
#include <mutex>

int main(int argc, char** argv)
{
    return bench::run(argc, argv, [](bench::Options const& options) {
        int const connections = options.number("connections", 1);
        int const count = options.number("count", 2000);
        auto const octets = static_cast<std::size_t>(options.number("octets", 4096));
        std::string const message = bench::make_message(1, octets);
        std::vector<bench::Lmtp> sessions;
        for (int i = 0; i < connections; ++i)
            sessions.emplace_back(options);
        for (int i = 0; i < std::max(connections, options.number("accounts", 1));
             ++i) // the accounts' first delivery
            sessions[static_cast<std::size_t>(i % connections)].deliver(options.user(i), message);
        std::atomic<int> next { 0 };
        std::mutex mutex;
        std::vector<double> latencies;
        auto const start = bench::Clock::now();
        bench::in_parallel(connections, [&](int index) {
            std::vector<double> mine;
            for (int i; (i = next++) < count;) {
                auto const begin = bench::Clock::now();
                sessions[static_cast<std::size_t>(index)].deliver(options.user(i), message);
                mine.push_back(bench::seconds_since(begin) * 1000);
            }
            std::scoped_lock const lock(mutex);
            latencies.insert(latencies.end(), mine.begin(), mine.end());
        });
        double const took = bench::seconds_since(start);
        bench::report(
            { { "per_second", count / took }, { "p50_ms", bench::quantile(latencies, 0.5) },
                { "p99_ms", bench::quantile(latencies, 0.99) } });
    });
}
