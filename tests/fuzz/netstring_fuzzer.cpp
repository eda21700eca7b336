// Any octets as netstrings: cut anywhere they read the same, and what was read is written as it
// came.
#include "protocol/mta/netstring.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace mail::mta;

namespace {

constexpr std::size_t limit = 1000;

struct Reading {
    std::string again; ///< all that was read, written anew
    bool is_broken = false;
    bool operator==(Reading const&) const = default;
};

Reading read(std::string_view octets, std::size_t piece)
{
    NetstringReader reader(limit);
    Reading reading;
    while (!octets.empty() && !reading.is_broken) {
        auto part = octets.substr(0, piece);
        octets.remove_prefix(part.size());
        for (bool more = true; more;) {
            auto const found = reader.feed(part);
            more = found == NetstringReader::Found::data;
            reading.is_broken = found == NetstringReader::Found::broken;
            if (found == NetstringReader::Found::nothing && !part.empty())
                std::abort();
            if (more && reader.data().size() > limit)
                std::abort();
            if (more)
                append_netstring(reading.again, reader.data());
        }
    }
    return reading;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* octets, std::size_t size)
{
    std::string_view const input(reinterpret_cast<char const*>(octets), size);
    auto const whole = read(input, size);
    if (!input.starts_with(whole.again))
        std::abort();
    for (std::size_t const piece : { 1, 2, 3, 7 })
        if (read(input, piece) != whole)
            std::abort();
    return 0;
}
