// Any octets as a message sent by POP3, as it is or as its surrogate, and as arguments, formats of
// ids and SASL responses: a client gets the message back, wherever it was cut.
#include "protocol/mime/reader.h"
#include "protocol/mime/surrogate.h"
#include "protocol/pop3/arguments.h"
#include "protocol/pop3/body_stream.h"
#include "protocol/pop3/unique_id.h"
#include "protocol/sasl/base64.h"
#include "storage/pop3_uidl.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

bool is_ascii(std::string_view text)
{
    return std::ranges::all_of(text, [](char c) { return (c & 0x80) == 0; });
}

std::string surrogate(std::string_view message, std::vector<mime::Range> headers, std::size_t piece)
{
    mime::Surrogate filter(std::move(headers));
    std::string out;
    for (std::size_t i = 0; i < message.size(); i += piece)
        filter.write(message.substr(i, piece), out);
    filter.end(out);
    if (!filter.is_changed() && out != message)
        std::abort();
    return out;
}

void check_surrogate(std::string_view message)
{
    if (!is_ascii(mime::downgrade_header(message)))
        std::abort();
    auto const headers = mime::header_ranges(mime::encode_structure(mime::read_message(message)));
    auto const whole = surrogate(message, headers, message.size() + 1);
    if (surrogate(message, headers, 1) != whole)
        std::abort();
    if (is_ascii(message) && whole != message)
        std::abort();
}

/// An id of a format that is taken is one that RFC 1939 allows, and tells messages apart.
void check_format(std::string_view format)
{
    if (!pop3::problem_of_uidl_format(format).empty())
        return;
    pop3::UniqueIdFormat const ids(format);
    std::string first;
    std::string second;
    ids.append(first, storage::UidValidity { 1 }, storage::Uid { 11 });
    ids.append(second, storage::UidValidity { 4294967295 }, storage::Uid { 4294967294 });
    if (!storage::is_pop3_uidl(first) || !storage::is_pop3_uidl(second) || first == second)
        std::abort();
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
    static_cast<void>(pop3::parse_credential(input));
    static_cast<void>(pop3::parse_language_range(input));
    check_surrogate(input);
    check_format(input);
    if (auto const decoded = sasl::decode_base64(input, 4096)) {
        std::string again;
        sasl::append_base64(again, *decoded);
        if (again != input)
            std::abort();
    }
    return 0;
}
