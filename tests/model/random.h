// The same numbers from the same seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>

namespace mail::model {

class Random {
public:
    explicit Random(std::uint64_t seed)
        : engine_(seed)
    {
    }
    std::size_t number(std::size_t below) { return engine_() % below; }
    bool one_in(std::size_t n) { return number(n) == 0; }
    template <class Range> auto const& one_of(Range const& range)
    {
        return std::data(range)[number(std::size(range))];
    }

private:
    std::mt19937_64 engine_;
};

} // namespace mail::model
