// Any octets as the header of the PROXY protocol: cut anywhere, it says the same, and takes nothing
// behind the header.
#include "protocol/proxy_header.h"

#include <cstdint>
#include <cstdlib>

using namespace mail;

namespace {

struct Read {
    ProxyHeaderReader::Result result;
    std::size_t taken = 0;
};

Read read(std::string_view input, std::size_t piece)
{
    ProxyHeaderReader reader;
    Read read;
    while (read.taken < input.size()
        && std::holds_alternative<ProxyHeaderReader::NeedMore>(read.result)) {
        auto part = input.substr(read.taken, piece);
        auto const had = part.size();
        read.result = reader.feed(part);
        read.taken += had - part.size();
    }
    return read;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* octets, std::size_t size)
{
    std::string_view const input(reinterpret_cast<char const*>(octets), size);
    auto const whole = read(input, size + 1);
    if (whole.taken > ProxyHeaderReader::max_octets)
        std::abort();
    for (std::size_t const piece : { std::size_t { 1 }, std::size_t { 7 } }) {
        auto const again = read(input, piece);
        if (again.taken != whole.taken || again.result.index() != whole.result.index())
            std::abort();
    }
    if (auto const* header = std::get_if<ProxyHeader>(&whole.result))
        if ((header->source == ProxyHeader::Source::client) == header->address.empty())
            std::abort();
    return 0;
}
