// Logins per second: connect, full TLS handshake, LOGIN, LOGOUT, over --connections threads.
#include "tests/bench/client.h"

#include <atomic>

int main(int argc, char** argv)
{
    return bench::run(argc, argv, [](bench::Options const& options) {
        int const count = options.number("count", 2000);
        std::atomic<int> next { 0 };
        auto const start = bench::Clock::now();
        bench::in_parallel(options.number("connections", 4), [&](int) {
            for (int i; (i = next++) < count;) {
                bench::Imap imap(options);
                imap.login(options.user(i), options.password());
                imap.command("LOGOUT");
            }
        });
        bench::report({ { "per_second", count / bench::seconds_since(start) } });
    });
}
