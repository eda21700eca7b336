// From a delivery to the EXISTS at a client in IDLE: --count messages by LMTP, with pauses between
// them. Counted from the moment in which the client sends the octets that end the message, so
// durability is in it.
#include "tests/bench/client.h"

int main(int argc, char** argv)
{
    return bench::run(argc, argv, [](bench::Options const& options) {
        int const count = options.number("count", 300);
        bench::Lmtp lmtp(options);
        std::string const message = bench::make_message(7, 4096);
        lmtp.deliver(options.user(0), message);
        bench::Imap imap(options);
        imap.login(options.user(0), options.password());
        int known = 0; // the number in the last EXISTS
        auto const note_exists = [&](std::string_view line) {
            if (line.ends_with("EXISTS"))
                known = std::atoi(line.data() + 2);
        };
        imap.command("SELECT INBOX", note_exists);
        imap.begin_idle();
        std::vector<double> latencies, after_reply;

        for (int const end = known + count; known < end;) {
            int const wanted = known + 1; // a server may also tell of the same message twice
            bench::Clock::time_point sent, told;
            std::string failure;
            std::thread watcher([&] { // in a thread of its own: EXISTS may come before LMTP's reply
                try {
                    while (known < wanted)
                        note_exists(imap.wire.line());
                    told = bench::Clock::now();
                } catch (std::exception const& error) {
                    failure = error.what();
                }
            });
            lmtp.deliver(options.user(0), message, [&] { sent = bench::Clock::now(); });
            auto const replied = bench::Clock::now();
            watcher.join();
            if (!failure.empty())
                throw std::runtime_error(failure);
            latencies.push_back(std::chrono::duration<double>(told - sent).count() * 1000);
            after_reply.push_back(
                std::max(0.0, std::chrono::duration<double>(told - replied).count() * 1000));
            std::this_thread::sleep_for(std::chrono::milliseconds(options.number("pause", 5)));
        }
        bench::report({ { "p50_ms", bench::quantile(latencies, 0.5) },
            { "p99_ms", bench::quantile(latencies, 0.99) },
            { "after_reply_p50_ms", bench::quantile(after_reply, 0.5) },
            { "after_reply_p99_ms", bench::quantile(after_reply, 0.99) } });
    });
}
