#include "protocol/lmtp/address.h"

#include "protocol/mime/charset.h"

#include <algorithm>

namespace mail::lmtp {

namespace {

    bool is_alphanumeric(char c)
    {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }

    bool is_beyond_ascii(char c) { return static_cast<unsigned char>(c) >= 0x80; }

    // Dots may stand anywhere: some phone companies gave out such addresses.
    bool is_dot_string(char c)
    {
        return is_alphanumeric(c) || is_beyond_ascii(c)
            || std::string_view("!#$%&'*+-/=?^_`{|}~.").find(c) != std::string_view::npos;
    }

    bool is_domain(char c)
    {
        return is_alphanumeric(c) || is_beyond_ascii(c) || c == '.' || c == '-' || c == '_';
    }

    bool is_literal(char c) // dcontent of an address literal
    {
        return c >= 33 && c <= 126 && c != '[' && c != ']' && c != '\\';
    }

    std::string_view take_while(std::string_view& in, bool (*wanted)(char))
    {
        auto const end = std::ranges::find_if_not(in, wanted);
        auto const taken = in.substr(0, static_cast<std::size_t>(end - in.begin()));
        in.remove_prefix(taken.size());
        return taken;
    }

    bool take(std::string_view& in, char c)
    {
        if (!in.starts_with(c))
            return false;
        in.remove_prefix(1);
        return true;
    }

    /// The text between the quotes, backslashes undone.
    std::optional<std::string> take_quoted(std::string_view& in)
    {
        std::string text;
        if (!take(in, '"'))
            return std::nullopt;
        while (!in.empty()) {
            char c = in.front();
            in.remove_prefix(1);
            if (c == '"')
                return text;
            if (c == '\\') {
                if (in.empty())
                    return std::nullopt;
                c = in.front();
                in.remove_prefix(1);
            }
            if (!is_beyond_ascii(c) && (c < 32 || c > 126))
                return std::nullopt;
            text += c;
        }
        return std::nullopt;
    }

    std::string quoted(std::string_view text)
    {
        std::string result = "\"";
        for (char const c : text) {
            if (c == '"' || c == '\\')
                result += '\\';
            result += c;
        }
        result += '"';
        return result;
    }

    std::optional<std::string> take_local(std::string_view& in)
    {
        if (!in.starts_with('"')) {
            auto const plain = take_while(in, is_dot_string);
            return plain.empty() ? std::nullopt : std::optional<std::string>(plain);
        }
        auto const text = take_quoted(in);
        if (!text)
            return std::nullopt;
        bool const plain = !text->empty() && std::ranges::all_of(*text, is_dot_string);
        return plain ? *text : quoted(*text);
    }

    std::optional<std::string> take_domain(std::string_view& in)
    {
        if (!in.starts_with('[')) {
            auto const name = take_while(in, is_domain);
            return name.empty() ? std::nullopt : std::optional<std::string>(name);
        }
        in.remove_prefix(1);
        auto const literal = take_while(in, is_literal);
        if (literal.empty() || !take(in, ']'))
            return std::nullopt;
        std::string domain(1, '[');
        return domain.append(literal).append(1, ']');
    }

    /// "@one,@two:", when the path begins with one.
    bool skip_route(std::string_view& in)
    {
        if (!in.starts_with('@'))
            return true;
        do {
            if (!take(in, '@') || !take_domain(in))
                return false;
        } while (take(in, ','));
        return take(in, ':');
    }

} // namespace

std::string Address::text() const { return domain.empty() ? local : local + '@' + domain; }

bool Address::is_ascii() const { return lmtp::is_ascii(local) && lmtp::is_ascii(domain); }

bool is_ascii(std::string_view text) { return std::ranges::none_of(text, is_beyond_ascii); }

std::optional<Address> take_path(std::string_view& in)
{
    std::string_view rest = in;
    Address address;
    if (!take(rest, '<'))
        return std::nullopt;
    if (!take(rest, '>')) {
        if (!skip_route(rest))
            return std::nullopt;
        auto local = take_local(rest);
        if (!local)
            return std::nullopt;
        address.local = std::move(*local);
        if (take(rest, '@')) {
            auto domain = take_domain(rest);
            if (!domain)
                return std::nullopt;
            address.domain = std::move(*domain);
        }
        if (!take(rest, '>') || address.local.size() + address.domain.size() > max_address
            || !mime::is_utf8(address.local) || !mime::is_utf8(address.domain))
            return std::nullopt;
    }
    in = rest;
    return address;
}

std::optional<Detailed> split_detail(Address const& address, std::string_view delimiters)
{
    if (address.local.starts_with('"') || address.local.empty())
        return std::nullopt;
    auto const delimiter = address.local.find_first_of(delimiters, 1);
    if (delimiter == std::string::npos)
        return std::nullopt;
    Detailed result;
    result.base.local = address.local.substr(0, delimiter);
    result.base.domain = address.domain;
    result.detail = address.local.substr(delimiter + 1);
    return result;
}

} // namespace mail::lmtp
