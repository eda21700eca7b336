// Logins per second: connect, TLS handshake, LOGIN, LOGOUT, over --connections threads; with
// --resume 1 each takes up the TLS session of the one before. With --pid also what a login costs
// the server's processes, in microseconds of processor.
#include "tests/bench/client.h"
#include "tests/bench/process_tree.h"

#include <atomic>

int main(int argc, char** argv)
{
    return bench::run(argc, argv, [](bench::Options const& options) {
        int const count = options.number("count", 2000);
        int const pid = options.number("pid", 0);
        bool const resumes = options.number("resume", 0) != 0;
        std::atomic<int> next { 0 };
        std::atomic<int> resumed { 0 };
        double const before = pid != 0 ? bench::processor_seconds(pid) : 0;
        auto const start = bench::Clock::now();
        bench::in_parallel(options.number("connections", 4), [&](int) {
            std::shared_ptr<SSL_SESSION> session;
            for (int i; (i = next++) < count;) {
                bench::Imap imap(options, {}, session.get());
                imap.login(options.user(i), options.password());
                resumed += imap.wire.is_resumed() ? 1 : 0;
                if (resumes)
                    session = imap.wire.tls_session();
                imap.command("LOGOUT");
            }
        });
        double const took = bench::seconds_since(start);
        double const processor = pid != 0 ? bench::processor_seconds(pid) - before : 0;
        bench::report({ { "per_second", count / took }, { "processor_us", processor * 1e6 / count },
            { "resumed", static_cast<double>(resumed) / count } });
    });
}
