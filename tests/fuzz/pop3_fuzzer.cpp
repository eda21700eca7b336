// Any octets as a message sent by POP3, and as arguments and SASL responses: a client gets the
// message back, wherever it was cut.
#include "protocol/pop3/arguments.h"
#include "protocol/pop3/body_stream.h"
#include "protocol/sasl/base64.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace mail;

namespace {

std::string stuffed(std::string_view message, std::size_t piece)
{
    pop3::DotStuffer stuffer;
    std::string out;
    for (std::size_t i = 0; i < message.size(); i += piece)
        stuffer.write(message.substr(i, piece), out);
    stuffer.end(out);
    return out;
}

/// As a client reads it that takes lines at LF.
std::string unstuffed(std::string_view response)
{
    std::string message;
    for (;;) {
        auto line = response.substr(0, response.find('\n') + 1);
        response.remove_prefix(line.size());
        if (line == ".\r\n")
            break;
        if (line.empty() || line == ".\n")
            std::abort();
        line.remove_prefix(line.starts_with('.') ? 1 : 0);
        message += line;
    }
    if (!response.empty())
        std::abort();
    return message;
}

std::string top(std::string_view message, std::uint64_t lines, std::size_t piece)
{
    pop3::TopCut cut(lines);
    std::string out;
    for (std::size_t i = 0; i < message.size(); i += piece) {
        auto const part = message.substr(i, piece);
        out += part.substr(0, cut.take(part));
    }
    return out;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* octets, std::size_t size)
{
    std::string_view const input(reinterpret_cast<char const*>(octets), size);
    auto const response = stuffed(input, size + 1);
    std::string expected(input);
    if (!input.empty() && !input.ends_with("\r\n"))
        expected += "\r\n";
    if (unstuffed(response) != expected || stuffed(input, 1) != response
        || stuffed(input, 3) != response)
        std::abort();
    for (std::uint64_t const lines : { 0, 1, 5 })
        if (top(input, lines, size + 1) != top(input, lines, 1))
            std::abort();
    static_cast<void>(pop3::parse_top(input));
    static_cast<void>(pop3::parse_optional_message_number(input));
    if (auto const decoded = sasl::decode_base64(input, 4096)) {
        std::string again;
        sasl::append_base64(again, *decoded);
        if (again != input)
            std::abort();
    }
    return 0;
}
