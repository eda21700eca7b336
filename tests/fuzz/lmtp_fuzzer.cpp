// Any octets as LMTP data and as arguments of commands: cut anywhere, the data reads the same, and
// an address that was taken reads back as itself.
#include "protocol/lmtp/commands.h"
#include "protocol/lmtp/dot_reader.h"
#include "protocol/lmtp/hop_counter.h"
#include "protocol/lmtp/xtext.h"

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

void check_line(std::string_view text) // it goes into header fields and replies
{
    if (text.find_first_of(std::string_view("\r\n\0", 3)) != text.npos)
        std::abort();
}

std::size_t hops(std::string_view message, std::size_t piece)
{
    HopCounter counter;
    for (std::size_t i = 0; i < message.size(); i += piece)
        counter.feed(message.substr(i, piece));
    return counter.hops();
}

void check_address(Address const& address)
{
    auto const text = address.text();
    auto const path = "<" + text + ">";
    std::string_view in = path;
    auto const again = take_path(in);
    if (!again || !in.empty() || again->text() != text)
        std::abort();
    check_line(text);
    for (auto const& spelling : spellings_of(address))
        check_line(spelling.text());
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
    if (auto const args = parse_mail(input)) {
        check_address(args->sender);
        if (!args->is_utf8 && !is_ascii(args->sender.text()))
            std::abort();
    }
    if (auto const args = parse_rcpt(input)) {
        check_address(args->recipient);
        check_line(args->original);
    }
    if (auto const decoded = decode_xtext(input))
        check_line(*decoded);
    if (hops(input, 1) != hops(input, input.size()))
        std::abort();
    static_cast<void>(parse_lhlo(input));
    static_cast<void>(parse_auth(input));
    static_cast<void>(parse_bdat(input));
    return 0;
}
