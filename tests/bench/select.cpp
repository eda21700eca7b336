// Opening a large mailbox: SELECT, --rounds times, with a SELECT of INBOX between two of them that
// is not counted.
#include "tests/bench/figures.h"
#include "tests/bench/large_mailbox.h"

int main(int argc, char** argv)
{
    return bench::run(argc, argv, [](bench::Options const& options) {
        bench::LargeMailbox::fill(options);
        bench::Imap imap = bench::logged_in(options);
        std::string const select = std::string("SELECT ") + bench::LargeMailbox::name;
        auto const from_elsewhere = [&](int) {
            imap.command("SELECT INBOX");
            return bench::milliseconds_of([&] { imap.command(select); });
        };
        bench::median_of(3, from_elsewhere);
        bench::Figures figures(options);
        figures.add("select_ms",
            [&] { return bench::median_of(options.number("rounds", 30), from_elsewhere); });
        figures.report();
    });
}
