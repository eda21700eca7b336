// Sorting and threading the whole of a large mailbox: each command --rounds times warm, after a
// first run whose answer is checked.
#include "tests/bench/figures.h"
#include "tests/bench/large_mailbox.h"

namespace {

/// How many numbers are in the line: of every message in SORT and THREAD.
int count_numbers(std::string_view line)
{
    int count = 0;
    bool in_number = false;
    for (char const c : line) {
        bool const is_digit = c >= '0' && c <= '9';
        count += is_digit && !in_number;
        in_number = is_digit;
    }
    return count;
}

double warm_milliseconds(
    bench::Imap& imap, std::string const& command, int messages, bench::Options const& options)
{
    int answered = 0;
    imap.command(command, [&](std::string_view line) {
        if (line.starts_with("* SORT") || line.starts_with("* THREAD"))
            answered += count_numbers(line);
    });
    if (answered != messages)
        throw std::runtime_error(command + " told of " + std::to_string(answered) + " of "
            + std::to_string(messages) + " messages");
    return bench::median_of(options.number("rounds", 5),
        [&](int) { return bench::milliseconds_of([&] { imap.command(command); }); });
}

} // namespace

int main(int argc, char** argv)
{
    return bench::run(argc, argv, [](bench::Options const& options) {
        bench::LargeMailbox::fill(options);
        bench::Imap imap = bench::logged_in(options);
        int const messages = bench::select(imap, bench::LargeMailbox::name).messages;
        bench::Figures figures(options);
        for (auto const& [figure, command] : {
                 std::pair("sort_date_ms", "UID SORT (REVERSE DATE) UTF-8 ALL"),
                 std::pair("sort_subject_ms", "UID SORT (SUBJECT) UTF-8 ALL"),
                 std::pair("thread_references_ms", "UID THREAD REFERENCES UTF-8 ALL"),
             })
            figures.add(
                figure, [&] { return warm_milliseconds(imap, command, messages, options); });
        figures.report();
    });
}
