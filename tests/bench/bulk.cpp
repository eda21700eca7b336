// Changes of many messages at once in a large mailbox: STORE, COPY, MOVE and EXPUNGE of --batch
// messages (10,000), each --rounds times on messages that it has not touched yet, after a first
// time that does not count. The mailbox is as large afterwards as before.
#include "tests/bench/figures.h"
#include "tests/bench/large_mailbox.h"

namespace {

using bench::LargeMailbox;

class Bulk {
public:
    explicit Bulk(bench::Options const& options)
        : imap_(bench::logged_in(options))
        , size_(bench::select(imap_, LargeMailbox::name).messages)
        , batch_(options.number("batch", 10000))
    {
        if (batch_ < 1 || batch_ * 2 > size_)
            throw std::runtime_error("--batch is more than half of the mailbox");
    }

    double store(int round)
    {
        std::string const uids = range(round);
        imap_.command("UID STORE " + uids + " -FLAGS.SILENT (\\Flagged)");
        return rate("UID STORE " + uids + " +FLAGS.SILENT (\\Flagged)");
    }

    double copy(int round)
    {
        make_empty("Target");
        return rate("UID COPY " + range(round) + " Target");
    }

    /// Those that were moved come back to the end of the mailbox: the middle is fresh each time.
    double move(int)
    {
        make_empty("Target");
        double const result = rate("UID MOVE " + range(0) + " Target", batch_);
        imap_.command("SELECT Target");
        imap_.command(std::string("UID MOVE 1:* ") + LargeMailbox::name);
        imap_.command(std::string("SELECT ") + LargeMailbox::name);
        return result;
    }

    /// Copies of the messages take their place.
    double expunge(int)
    {
        std::string const uids = range(0);
        imap_.command("UID COPY " + uids + " " + LargeMailbox::name);
        imap_.command("UID STORE " + uids + " +FLAGS.SILENT (\\Deleted)");
        return rate("EXPUNGE", batch_);
    }

    void clean_up() { imap_.command("DELETE Target"); }

private:
    /// A batch of UIDs in the middle, another in each of as many rounds as there is room for.
    std::string range(int round)
    {
        int const first = (size_ * 2 / 5 / batch_ + round) % (size_ / batch_) * batch_;
        return bench::uid_range(imap_, first + 1, first + batch_);
    }

    void make_empty(std::string const& mailbox)
    {
        try {
            imap_.command("DELETE " + mailbox);
        } catch (bench::Refused const&) { // it was not there
        }
        imap_.command("CREATE " + mailbox);
    }

    /// Messages per second of a command that has to tell of `expunges`.
    double rate(std::string const& command, int expunges = 0)
    {
        int told = 0;
        double const took = bench::milliseconds_of([&] {
            imap_.command(
                command, [&](std::string_view line) { told += line.ends_with(" EXPUNGE"); });
        });
        if (told != expunges)
            throw std::runtime_error(command + " told of " + std::to_string(told) + " expunges");
        return batch_ / took * 1000;
    }

    bench::Imap imap_;
    int size_;
    int batch_;
};

} // namespace

int main(int argc, char** argv)
{
    return bench::run(argc, argv, [](bench::Options const& options) {
        LargeMailbox::fill(options);
        Bulk bulk(options);
        bench::Figures figures(options);
        for (auto const& [figure, measure] : {
                 std::pair("store_per_second", &Bulk::store),
                 std::pair("copy_per_second", &Bulk::copy),
                 std::pair("move_per_second", &Bulk::move),
                 std::pair("expunge_per_second", &Bulk::expunge),
             })
            figures.add(figure, [&] {
                (bulk.*measure)(0);
                return bench::median_of(options.number("rounds", 11),
                    [&](int round) { return (bulk.*measure)(round + 1); });
            });
        bulk.clean_up();
        figures.report();
    });
}
