// Round trips of one IMAP client: --count NOOPs in a selected mailbox, one after the other.
#include "tests/bench/client.h"

int main(int argc, char** argv)
{
    return bench::run(argc, argv, [](bench::Options const& options) {
        int const count = options.number("count", 20000);
        bench::Imap imap(options);
        imap.login(options.user(0), options.password());
        imap.command("SELECT INBOX");
        std::vector<double> latencies;
        auto const start = bench::Clock::now();
        for (int i = 0; i < count; ++i) {
            auto const begin = bench::Clock::now();
            imap.command("NOOP");
            latencies.push_back(bench::seconds_since(begin) * 1e6);
        }
        bench::report({ { "per_second", count / bench::seconds_since(start) },
            { "p50_us", bench::quantile(latencies, 0.5) },
            { "p99_us", bench::quantile(latencies, 0.99) } });
    });
}
