// Strings, mailbox names and status responses on the wire.
#include "protocol/imap/response.h"

#include "protocol/imap/mutf7.h"
#include "protocol/imap/parser.h"

#include <algorithm>

namespace mail::imap {
namespace {

    // Longer strings go as literals: some clients have a fixed buffer for a line.
    constexpr std::size_t longest_quoted = 1024;

    bool may_be_quoted(std::string_view octets)
    {
        return octets.size() <= longest_quoted && std::ranges::all_of(octets, [](char c) {
            auto const octet = static_cast<unsigned char>(c);
            return octet >= 0x20 && octet < 0x7f;
        });
    }

    bool may_be_atom(std::string_view name)
    {
        return !name.empty() && !equal_without_case(name, "NIL")
            && std::ranges::all_of(name, [](char c) {
                   auto const octet = static_cast<unsigned char>(c);
                   return octet > 0x20 && octet < 0x7f
                       && std::string_view("(){%*\"\\]").find(c) == std::string_view::npos;
               });
    }

    std::string_view name_of(Status status)
    {
        switch (status) {
        case Status::ok:
            return "OK";
        case Status::no:
            return "NO";
        case Status::bad:
            return "BAD";
        case Status::bye:
            return "BYE";
        }
        return {};
    }

} // namespace

namespace {

    void append_quoted(std::string& out, std::string_view octets)
    {
        out.push_back('"');
        if (octets.find_first_of("\"\\") == std::string_view::npos) {
            out.append(octets);
        } else {
            for (char const c : octets) {
                if (c == '"' || c == '\\')
                    out.push_back('\\');
                out.push_back(c);
            }
        }
        out.push_back('"');
    }

} // namespace

void append_string(std::string& out, std::string_view octets)
{
    if (may_be_quoted(octets))
        return append_quoted(out, octets);
    out.push_back('{');
    append_number(out, octets.size());
    out.append("}\r\n").append(octets);
}

void append_mailbox(std::string& out, std::string_view name, Spelling spelling)
{
    if (spelling == Spelling::utf8) { // names have no controls, so all may be quoted
        if (may_be_atom(name))
            out.append(name);
        else
            append_quoted(out, name);
        return;
    }
    auto const encoded = encode_mutf7(name);
    if (may_be_atom(encoded))
        out.append(encoded);
    else
        append_string(out, encoded);
}

Line& Line::astring(std::string_view octets)
{
    return may_be_atom(octets) ? atom(octets) : string(octets);
}

Line& Line::text(std::string_view words, Translation translation)
{
    separate();
    auto const begin = out_.size();
    for (char const c : words)
        out_.push_back(c >= 0x20 && c < 0x7f ? c : '?');
    if (translation)
        out_.replace(begin, std::string::npos, translation(out_.substr(begin)));
    return *this;
}

void Responses::status(Status status, ResponseCode const& code, std::string_view text)
{
    auto& out = output_.buffer();
    Line line(out);
    line.atom(name_of(status));
    if (!code.empty()) {
        out.append(" [").append(code.text()).push_back(']');
    }
    line.text(text, translation_);
}

void Responses::untagged(Status status, ResponseCode const& code, std::string_view text)
{
    output_.buffer().push_back('*');
    this->status(status, code, text);
}

void Responses::tagged(
    std::string_view tag, Status status, ResponseCode const& code, std::string_view text)
{
    output_.buffer().append(tag);
    this->status(status, code, text);
}

void Responses::continuation(std::string_view text)
{
    auto& out = output_.buffer();
    out.push_back('+');
    Line(out).text(text);
}

} // namespace mail::imap
