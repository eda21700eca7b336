// Searching a large mailbox by what is in every message's header and by a flag: each search
// --rounds times warm, after a first run that counts what is found.
#include "tests/bench/figures.h"
#include "tests/bench/large_mailbox.h"

namespace {

struct Search {
    std::string figure;
    std::string keys;
};

int count_found(bench::Imap& imap, std::string const& command)
{
    long found = 0;
    imap.command(command, [&](std::string_view line) {
        if (line.starts_with("* SEARCH "))
            found += std::count(line.begin(), line.end(), ' ') - 1;
    });
    return static_cast<int>(found);
}

} // namespace

int main(int argc, char** argv)
{
    return bench::run(argc, argv, [](bench::Options const& options) {
        using Message = bench::VariedMessage;
        bench::LargeMailbox::fill(options);
        bench::Imap imap = bench::logged_in(options);
        bench::select(imap, bench::LargeMailbox::name);
        bench::Figures figures(options);
        for (auto const& [figure, keys] : {
                 Search { "from", "FROM \"" + std::string(Message::some_sender) + "\"" },
                 Search { "subject", "SUBJECT \"" + std::string(Message::some_subject) + "\"" },
                 Search { "unseen", "UNSEEN" },
             }) {
            std::string const command = "UID SEARCH " + keys;
            int const found = count_found(imap, command);
            if (found == 0)
                throw std::runtime_error(command + " found nothing");
            figures.add(figure + "_ms", [&] {
                return bench::median_of(options.number("rounds", 9),
                    [&](int) { return bench::milliseconds_of([&] { imap.command(command); }); });
            });
            figures.add(figure + "_found", [&] { return found; });
        }
        figures.report();
    });
}
