// Strings as IMAP sends them.

#include "protocol/mime/wire.h"

#include <algorithm>
#include <charconv>

namespace mail::mime {

namespace {

    constexpr std::size_t longest_quoted
        = 1000; ///< octets; clients read longer ones from a literal more safely

    bool fits_quoted(std::string_view text, bool& escapes)
    {
        if (text.size() > longest_quoted)
            return false;
        for (char const c : text) {
            auto const octet = static_cast<unsigned char>(c);
            if (octet >= 0x80 || octet == '\r' || octet == '\n' || octet == 0)
                return false;
            escapes |= octet == '"' || octet == '\\';
        }
        return true;
    }

} // namespace

void append_number(std::string& out, std::uint64_t number)
{
    char digits[20];
    out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

void append_string(std::string& out, std::string_view text)
{
    bool escapes = false;
    if (!fits_quoted(text, escapes)) {
        auto const nuls = static_cast<std::size_t>(std::ranges::count(text, '\0'));
        if (nuls != 0) {
            std::string clean(text);
            std::erase(clean, '\0');
            append_string(out, clean);
            return;
        }
        out += '{';
        append_number(out, text.size());
        out += "}\r\n";
        out += text;
        return;
    }
    out += '"';
    if (!escapes)
        out += text;
    else
        for (char const c : text) {
            if (c == '"' || c == '\\')
                out += '\\';
            out += c;
        }
    out += '"';
}

void append_nstring(std::string& out, std::string_view text)
{
    if (text.empty())
        out += "NIL";
    else
        append_string(out, text);
}

} // namespace mail::mime
