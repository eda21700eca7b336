// Any octets as LMTP data and as arguments of MAIL and RCPT: cut anywhere, the data reads the same,
// and an address that was taken reads back as itself.
#include "protocol/lmtp/commands.h"
#include "protocol/lmtp/dot_reader.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace mail::lmtp;

namespace {

std::string read(std::string_view data, std::size_t piece)
{
    DotReader dots;
    std::string message;
    while (!data.empty()) {
        auto part = data.substr(0, piece);
        data.remove_prefix(part.size());
        while (!part.empty() && !dots.is_done())
            message += dots.next(part);
        if (dots.is_done())
            return message.append("|").append(part).append(data);
    }
    return message;
}

void check_address(Address const& address)
{
    auto const text = address.text();
    auto const path = "<" + text + ">";
    std::string_view in = path;
    auto const again = take_path(in);
    if (!again || !in.empty() || again->text() != text)
        std::abort();
    if (text.find_first_of(std::string_view("\r\n\0", 3)) != text.npos)
        std::abort(); // it goes into header fields and replies
    if (auto const split = split_detail(address, "+-"))
        check_address(split->base);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* octets, std::size_t size)
{
    std::string_view const input(reinterpret_cast<char const*>(octets), size);
    auto const whole = read(input, input.size());
    for (std::size_t const piece : { 1, 2, 3, 7 })
        if (read(input, piece) != whole)
            std::abort();
    if (auto const args = parse_mail(input))
        check_address(args->sender);
    if (auto const args = parse_rcpt(input))
        check_address(args->recipient);
    static_cast<void>(parse_lhlo(input));
    return 0;
}
