// Any octets as a client's, cut anywhere: the reader says the same as for the whole, and holds no
// more than its limits.

#include "protocol/imap/command_reader.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <variant>

using mail::imap::CommandReader;

namespace {

constexpr std::size_t line_limit = 300;
constexpr std::size_t literal_limit = 200;

std::string read(std::string_view input, std::size_t piece)
{
    CommandReader reader(line_limit);
    std::string said;
    std::uint64_t streaming = 0;
    while (!input.empty()) {
        auto bytes = input.substr(0, piece);
        input.remove_prefix(bytes.size());
        for (;;) {
            auto const streamed
                = static_cast<std::size_t>(std::min<std::uint64_t>(streaming, bytes.size()));
            bytes.remove_prefix(streamed);
            streaming -= streamed;
            if (streaming > 0)
                break;
            auto const step = reader.feed(bytes);
            // The line end of each literal's announcement counts to the line, so twice is ample.
            if (reader.text().size() > 2 * line_limit + literal_limit)
                std::abort();
            if (auto const* complete = std::get_if<CommandReader::Complete>(&step)) {
                said.append("C").append(complete->command).append("|");
            } else if (auto const* dropped = std::get_if<CommandReader::Dropped>(&step)) {
                said.append(dropped->too_long ? "L" : "D").append("|");
            } else if (auto const* literal = std::get_if<CommandReader::NeedLiteral>(&step)) {
                said.append("N").append(std::to_string(literal->octets));
                if (literal->octets % 3 == 1) {
                    reader.stream_literal();
                    streaming = literal->octets;
                } else if (literal->octets <= literal_limit - reader.literal_octets()) {
                    reader.accept_literal();
                } else if (literal->synchronizing) {
                    reader.refuse_literal();
                } else {
                    reader.skip_literal(literal->octets);
                }
            } else {
                break;
            }
        }
    }
    return said;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    std::string_view const input(reinterpret_cast<char const*>(data), size);
    auto const whole = read(input, std::string_view::npos);
    if (read(input, 1) != whole || read(input, 7) != whole)
        std::abort();
    return 0;
}
