#include "protocol/mta/auth_line.h"

#include "protocol/network.h"

#include <charconv>

namespace mail::mta {

namespace {

    constexpr char escape = '\1';

    std::string_view take_field(std::string_view& rest)
    {
        auto const field = rest.substr(0, rest.find('\t'));
        rest.remove_prefix(std::min(rest.size(), field.size() + 1));
        return field;
    }

    template <class Number> std::optional<Number> number_of(std::string_view text)
    {
        Number value {};
        auto const* const end = text.data() + text.size();
        auto const [stop, error] = std::from_chars(text.data(), end, value);
        if (text.empty() || stop != end || error != std::errc {})
            return std::nullopt;
        return value;
    }

    AuthLine parse_version(std::string_view rest)
    {
        auto const major = number_of<std::uint32_t>(take_field(rest));
        auto const minor = number_of<std::uint32_t>(take_field(rest));
        if (!major || !minor)
            return AuthBroken { "VERSION takes two numbers" };
        return AuthVersion { *major, *minor };
    }

    /// Only what is an address: it goes to limits and the log.
    std::string address_of(std::string_view value)
    {
        bool const is_one = value.find('/') == value.npos && Network::parse(value);
        return std::string(is_one ? value : std::string_view {});
    }

    struct Certificate {
        bool is_valid = false;
        std::string name;
    };

    void read_parameter(std::string_view field, AuthBegin& begin, Certificate& certificate)
    {
        auto const equals = field.find('=');
        auto const name = field.substr(0, equals);
        auto const value
            = tab_unescaped(equals == field.npos ? std::string_view {} : field.substr(equals + 1));
        if (name == "service" || name == "protocol") // the name that the newest version has for it
            begin.service = value;
        else if (name == "rip")
            begin.remote_address = address_of(value);
        else if (name == "rport")
            begin.remote_port = number_of<std::uint16_t>(value).value_or(0);
        else if (name == "secured")
            begin.is_secured = true;
        else if (name == "valid-client-cert")
            certificate.is_valid = true;
        else if (name == "cert_username")
            certificate.name = value;
    }

    AuthLine parse_begin(std::string_view rest)
    {
        AuthBegin begin;
        auto const id = number_of<std::uint32_t>(take_field(rest));
        if (!id)
            return AuthBroken { "AUTH takes a number of 32 bits first" };
        begin.id = *id;
        begin.mechanism = take_field(rest);
        Certificate certificate;
        while (!rest.empty()) {
            if (rest.starts_with("resp=")) {
                // All that follows: a TAB in it was smuggled in by the MTA's client.
                begin.response = rest.substr(5);
                if (begin.response->find('\t') != std::string::npos)
                    begin.problem = "The response holds a TAB: resp= comes last";
                break;
            }
            read_parameter(take_field(rest), begin, certificate);
        }
        if (certificate.is_valid)
            begin.certified_name = std::move(certificate.name);
        if (begin.mechanism.empty())
            begin.problem = "AUTH names no mechanism";
        else if (begin.service.empty())
            begin.problem = "AUTH names no service";
        return begin;
    }

    AuthLine parse_continue(std::string_view rest)
    {
        auto const field = take_field(rest);
        auto const id = number_of<std::uint32_t>(field);
        // The data may be empty; the TAB before it may not be missing, but for that nobody suffers.
        if (!id || rest.find('\t') != rest.npos)
            return AuthBroken { "CONT takes a number and one response" };
        return AuthContinue { *id, std::string(rest) };
    }

    AuthLine parse_cancel(std::string_view rest)
    {
        auto const id = number_of<std::uint32_t>(rest);
        if (!id)
            return AuthBroken { "CANCEL takes a number" };
        return AuthCancel { *id };
    }

} // namespace

AuthLine parse_auth_line(std::string_view line)
{
    auto const command = take_field(line);
    if (command == "AUTH")
        return parse_begin(line);
    if (command == "CONT")
        return parse_continue(line);
    if (command == "CANCEL")
        return parse_cancel(line);
    if (command == "VERSION")
        return parse_version(line);
    if (command == "CPID")
        return AuthIgnored {};
    return AuthBroken { "an unknown command" };
}

void append_tab_escaped(std::string& out, std::string_view value)
{
    for (char const c : value) {
        auto const replaced = std::string_view("\0\1\t\r\n", 5).find(c);
        if (replaced == std::string_view::npos)
            out += c;
        else
            out.append(1, escape).append(1, "01trn"[replaced]);
    }
}

std::string tab_unescaped(std::string_view value)
{
    std::string text;
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (value[i] != escape || i + 1 == value.size()) {
            text += value[i];
            continue;
        }
        auto const replaced = std::string_view("01trn").find(value[++i]);
        text += replaced == std::string_view::npos ? value[i] : "\0\1\t\r\n"[replaced];
    }
    return text;
}

} // namespace mail::mta
