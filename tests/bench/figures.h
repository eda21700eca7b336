// What a program measured: named figures, medians mostly, and what becomes of one whose command the
// server refuses.
#pragma once

#include "tests/bench/client.h"

namespace bench {

/// Milliseconds that `work` takes.
inline double milliseconds_of(std::function<void()> const& work)
{
    auto const start = Clock::now();
    work();
    return seconds_since(start) * 1000;
}

/// The median of what `measure(round)` gives in each of `rounds` rounds, numbered from 0.
inline double median_of(int rounds, std::function<double(int)> const& measure)
{
    std::vector<double> values;
    for (int round = 0; round < rounds; ++round)
        values.push_back(measure(round));
    return quantile(std::move(values), 0.5);
}

class Figures {
public:
    explicit Figures(Options const& options)
        : may_miss_(options.number("allow-missing", 0) != 0)
    {
    }

    /// Adds what `measure` gives. A command in it that is refused ends the program, or with
    /// --allow-missing 1 just leaves this figure out.
    void add(std::string name, std::function<double()> const& measure)
    {
        try {
            double const value = measure();
            values_.emplace_back(std::move(name), value);
        } catch (Refused const& refused) {
            if (!may_miss_)
                throw;
            std::fprintf(stderr, "%s is left out: %s\n", name.c_str(), refused.what());
        }
    }

    void report() const { bench::report(values_); }

private:
    std::vector<std::pair<std::string, double>> values_;
    bool may_miss_;
};

} // namespace bench
