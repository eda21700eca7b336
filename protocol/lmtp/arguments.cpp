// Arguments of LMTP commands: names, paths and ESMTP parameters (RFC 5321 §4.1.2).
#include "protocol/lmtp/commands.h"

#include <algorithm>
#include <charconv>

namespace mail::lmtp {

namespace {

    char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

    bool equal(std::string_view text, std::string_view upper_case)
    {
        return std::ranges::equal(text, upper_case, {}, upper);
    }

    void skip_spaces(std::string_view& in)
    {
        in.remove_prefix(std::min(in.find_first_not_of(' '), in.size()));
    }

    /// "FROM:" or "TO:", and spaces, which some programs put behind it.
    bool take_keyword(std::string_view& in, std::string_view upper_case)
    {
        if (!equal(in.substr(0, upper_case.size()), upper_case))
            return false;
        in.remove_prefix(upper_case.size());
        skip_spaces(in);
        return true;
    }

    struct Parameter {
        std::string_view keyword, value;
    };

    Parameter take_parameter(std::string_view& in)
    {
        auto const whole = in.substr(0, in.find(' '));
        in.remove_prefix(whole.size());
        skip_spaces(in);
        auto const sign = whole.find('=');
        return { whole.substr(0, sign), sign == whole.npos ? "" : whole.substr(sign + 1) };
    }

    bool is_client_name(char c)
    {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
            || std::string_view("-._:[]").find(c) != std::string_view::npos;
    }

    Failure unknown_parameter(std::string_view keyword)
    {
        std::string text = "A parameter is not known here: ";
        for (char const c : keyword.substr(0, 32))
            text += c > 32 && c < 127 ? c : '?';
        return { "555", "5.5.4", std::move(text) };
    }

    /// SIZE or BODY; nothing else is announced by LHLO.
    Result<void> read_parameter(Parameter const& parameter, MailArguments& args)
    {
        if (equal(parameter.keyword, "BODY")) {
            if (equal(parameter.value, "7BIT") || equal(parameter.value, "8BITMIME"))
                return {};
            return Failure("501", "5.5.4", "BODY is 7BIT or 8BITMIME");
        }
        if (!equal(parameter.keyword, "SIZE"))
            return unknown_parameter(parameter.keyword);
        auto const* const end = parameter.value.data() + parameter.value.size();
        std::uint64_t size = 0;
        auto const [stop, error] = std::from_chars(parameter.value.data(), end, size);
        if (stop != end || (error != std::errc {} && error != std::errc::result_out_of_range))
            return Failure("501", "5.5.4", "SIZE is a number of octets");
        args.size = error == std::errc {} ? size : UINT64_MAX;
        return {};
    }

} // namespace

Result<NoArguments> parse_nothing(std::string_view arguments)
{
    if (arguments.find_first_not_of(' ') != arguments.npos)
        return Failure("501", "5.5.4", "This command takes no arguments");
    return NoArguments {};
}

Result<NoArguments> parse_anything(std::string_view) { return NoArguments {}; }

Result<ClientName> parse_lhlo(std::string_view arguments)
{
    auto const end = arguments.find_last_not_of(' ');
    auto const name = arguments.substr(0, end == arguments.npos ? 0 : end + 1);
    // It goes into Received fields: nothing that would need quoting there.
    if (name.empty() || name.size() > 255 || !std::ranges::all_of(name, is_client_name))
        return Failure("501", "5.5.4", "LHLO takes the client's host name or [address]");
    return ClientName { std::string(name) };
}

Result<MailArguments> parse_mail(std::string_view arguments)
{
    if (!take_keyword(arguments, "FROM:"))
        return Failure("501", "5.5.4", "The form is MAIL FROM:<address>");
    MailArguments args;
    auto sender = take_path(arguments);
    if (!sender || (!arguments.empty() && arguments.front() != ' '))
        return Failure("501", "5.1.7", "This is not an address in <>, in ASCII");
    args.sender = std::move(*sender);
    skip_spaces(arguments);
    while (!arguments.empty()) {
        auto const read = read_parameter(take_parameter(arguments), args);
        if (!read)
            return read.error();
    }
    return args;
}

Result<RcptArguments> parse_rcpt(std::string_view arguments)
{
    if (!take_keyword(arguments, "TO:"))
        return Failure("501", "5.5.4", "The form is RCPT TO:<address>");
    RcptArguments args;
    auto recipient = take_path(arguments);
    if (!recipient || recipient->is_null() || (!arguments.empty() && arguments.front() != ' '))
        return Failure("501", "5.1.3", "This is not an address in <>, in ASCII");
    args.recipient = std::move(*recipient);
    skip_spaces(arguments);
    if (!arguments.empty())
        return unknown_parameter(take_parameter(arguments).keyword);
    return args;
}

} // namespace mail::lmtp
