// Memory of the server per idle session: --sessions IMAP sessions over TLS log in, switch
// compression on with --compress 1, select INBOX and enter IDLE; the difference of the proportional
// set size of process --pid and its descendants is shared out.
#include "tests/bench/client.h"
#include "tests/bench/process_tree.h"

#include <sys/resource.h>

#include <atomic>
#include <fstream>

namespace {

/// Octets of memory of a process and all that descend from it, shared pages counted in proportion.
double memory_of(int root)
{
    double octets = 0;
    for (int const pid : bench::process_tree(root)) {
        std::ifstream rollup("/proc/" + std::to_string(pid) + "/smaps_rollup");
        for (std::string line; std::getline(rollup, line);)
            if (line.starts_with("Pss:"))
                octets += 1024 * std::strtod(line.c_str() + 4, nullptr);
    }
    if (octets == 0)
        throw std::runtime_error("no memory figures of process " + std::to_string(root));
    return octets;
}

bench::Imap open_idle(bench::Options const& options, int index)
{
    // One source address has some 28,000 ports, and servers limit the connections of one address.
    bench::Imap imap(options, "127.0.0." + std::to_string(2 + index % 200));
    imap.login(options.user(index), options.password());
    if (options.number("compress", 0) != 0)
        imap.compress();
    imap.command("SELECT INBOX");
    imap.begin_idle();
    imap.wire.shrink();
    return imap;
}

} // namespace

int main(int argc, char** argv)
{
    return bench::run(argc, argv, [](bench::Options const& options) {
        int const sessions = options.number("sessions", 5000);
        int const pid = options.number("pid", 0);
        rlimit files {};
        ::getrlimit(RLIMIT_NOFILE, &files);
        files.rlim_cur = files.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &files);
        if (files.rlim_max < static_cast<rlim_t>(sessions + 64))
            throw std::runtime_error("the limit of open files is too low: ulimit -Hn");
        std::vector<bench::Imap> open(static_cast<std::size_t>(sessions));
        { // What the first sessions of each account cost once is no cost per session.
            std::vector<bench::Imap> warm;
            for (int i = 0; i < options.number("accounts", 1); ++i)
                warm.push_back(open_idle(options, i));
        }
        std::this_thread::sleep_for(std::chrono::seconds(1));
        double const before = memory_of(pid);
        std::atomic<int> next { 0 };
        auto const start = bench::Clock::now();
        bench::in_parallel(8, [&](int) {
            for (int i; (i = next++) < sessions;)
                open[static_cast<std::size_t>(i)] = open_idle(options, i);
        });
        double const took = bench::seconds_since(start);
        std::this_thread::sleep_for(std::chrono::seconds(options.number("settle", 3)));
        double const after = memory_of(pid);
        for (std::size_t i = 0; i < open.size(); i += 97) { // they are alive, each
            open[i].wire.send("DONE\r\n");
            open[i].finish({}, "IDLE");
        }
        bench::report({ { "kib_per_session", (after - before) / 1024 / sessions },
            { "server_mib", after / 1024 / 1024 }, { "opened_per_second", sessions / took } });
    });
}
