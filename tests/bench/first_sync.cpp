// What a client asks of a large mailbox at its first sync: --count messages are appended to the
// mailbox "Sync" when it is not there yet, then read once cold and --rounds times warm.
#include "tests/bench/client.h"

#include <atomic>

namespace {

void fill(bench::Options const& options, int count)
{
    int const sessions = options.number("connections", 16);
    std::atomic<int> next { 0 };
    bench::in_parallel(sessions, [&](int) {
        bench::Imap imap(options);
        imap.login(options.user(0), options.password());
        for (int i; (i = next++) < count;) {
            std::string const message
                = bench::make_message(i, static_cast<std::size_t>(options.number("octets", 2048)));
            imap.wire.send("t APPEND Sync () {" + std::to_string(message.size()) + "+}\r\n"
                + message + "\r\n");
            imap.finish({}, "APPEND");
        }
    });
}

/// Messages per second of one FETCH of the whole mailbox.
double fetch(bench::Imap& imap, std::string_view command, int count)
{
    int seen = 0;
    auto const start = bench::Clock::now();
    imap.command(command, [&](std::string_view line) {
        seen += line.starts_with("* ") && line.find(" FETCH (") != line.npos;
    });
    double const took = bench::seconds_since(start);
    if (seen != count)
        throw std::runtime_error(
            std::to_string(seen) + " of " + std::to_string(count) + " messages were answered");
    return count / took;
}

} // namespace

int main(int argc, char** argv)
{
    return bench::run(argc, argv, [](bench::Options const& options) {
        int const count = options.number("count", 100000);
        bench::Imap imap(options);
        imap.login(options.user(0), options.password());
        bool present = false;
        imap.command("LIST \"\" Sync",
            [&](std::string_view line) { present |= line.find("Sync") != line.npos; });
        if (!present) {
            imap.command("CREATE Sync");
            fill(options, count);
        }
        auto const begin = bench::Clock::now();
        imap.command("SELECT Sync");
        double const select_ms = bench::seconds_since(begin) * 1000;
        constexpr std::string_view envelopes
            = "UID FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE)";
        constexpr std::string_view flags = "UID FETCH 1:* (FLAGS)";
        double const cold = fetch(imap, envelopes, count);
        std::vector<double> envelope_rates, flag_rates;
        for (int round = 0; round < options.number("rounds", 3); ++round) {
            envelope_rates.push_back(fetch(imap, envelopes, count));
            flag_rates.push_back(fetch(imap, flags, count));
        }
        bench::report({ { "envelopes_per_second", bench::quantile(envelope_rates, 0.5) },
            { "flags_per_second", bench::quantile(flag_rates, 0.5) },
            { "first_envelopes_per_second", cold }, { "select_ms", select_ms } });
    });
}
