// Coming back to a large mailbox that another client changed meanwhile: the time of SELECT with
// QRESYNC (RFC 7162 §3.2.5) after --changes changes, half of them flags, half of them expunges.
#include "tests/bench/figures.h"
#include "tests/bench/large_mailbox.h"

#include <charconv>

namespace {

/// Every n-th of the messages, `count` of them, beginning with `first`.
std::string every_nth(int messages, int count, int first)
{
    std::string set;
    for (int i = 0; i < count; ++i)
        set += (set.empty() ? "" : ",") + std::to_string(first + i * (messages / count));
    return set;
}

/// How many UIDs are in "* VANISHED (EARLIER) 300:310,405".
int count_vanished(std::string_view line)
{
    int count = 0;
    auto const* at = line.data() + line.rfind(' ') + 1;
    auto const* const end = line.data() + line.size();
    while (at < end) {
        int first = 0;
        at = std::from_chars(at, end, first).ptr;
        int last = first;
        if (at < end && *at == ':')
            at = std::from_chars(at + 1, end, last).ptr;
        count += last - first + 1;
        ++at; // the comma
    }
    return count;
}

class Resync {
public:
    explicit Resync(bench::Options const& options)
        : client_(bench::logged_in(options))
        , other_(bench::logged_in(options))
        , flagged_(options.number("changes", 100) / 2)
        , expunged_(options.number("changes", 100) - flagged_)
    {
        client_.command("ENABLE QRESYNC");
    }

    /// Milliseconds from SELECT to its OK, which the right news must come before.
    double measure()
    {
        int const messages = bench::select(other_, bench::LargeMailbox::name).messages;
        std::string const flagged = every_nth(messages, flagged_, 1);
        other_.command("STORE " + flagged + " -FLAGS.SILENT (Resynced)");
        auto const known = bench::select(client_, bench::LargeMailbox::name);
        client_.command("SELECT INBOX");
        other_.command("STORE " + flagged + " +FLAGS.SILENT (Resynced)");
        other_.command("STORE " + every_nth(messages, expunged_, 2) + " +FLAGS.SILENT (\\Deleted)");
        other_.command("EXPUNGE");

        std::string const select = std::string("SELECT ") + bench::LargeMailbox::name
            + " (QRESYNC (" + known.uid_validity + " " + known.highest_mod_seq + "))";
        int changed = 0, vanished = 0;
        double const took = bench::milliseconds_of([&] {
            client_.command(select, [&](std::string_view line) {
                changed += line.find(" FETCH (") != line.npos;
                if (line.starts_with("* VANISHED"))
                    vanished += count_vanished(line);
            });
        });
        if (changed != flagged_ || vanished != expunged_)
            throw std::runtime_error(select + " told of " + std::to_string(changed)
                + " changes and of " + std::to_string(vanished) + " expunges");
        return took;
    }

private:
    bench::Imap client_;
    bench::Imap other_;
    int flagged_;
    int expunged_;
};

} // namespace

int main(int argc, char** argv)
{
    return bench::run(argc, argv, [](bench::Options const& options) {
        bench::LargeMailbox::fill(options);
        bench::Figures figures(options);
        figures.add("qresync_select_ms", [&] {
            Resync resync(options);
            resync.measure();
            return bench::median_of(
                options.number("rounds", 9), [&](int) { return resync.measure(); });
        });
        bench::LargeMailbox::fill(options); // what was expunged
        figures.report();
    });
}
