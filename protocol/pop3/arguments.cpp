#include "protocol/pop3/arguments.h"

#include "protocol/language.h"
#include "protocol/sasl/saslprep.h"

#include <limits>

namespace mail::pop3 {

namespace {

    /// Decimal digits only; more than fits counts as the largest number there is.
    std::optional<std::uint64_t> number(std::string_view text)
    {
        constexpr auto most = std::numeric_limits<std::uint64_t>::max();
        if (text.empty())
            return std::nullopt;
        std::uint64_t value = 0;
        for (char const c : text) {
            if (c < '0' || c > '9')
                return std::nullopt;
            auto const digit = static_cast<std::uint64_t>(c - '0');
            value = value > (most - digit) / 10 ? most : value * 10 + digit;
        }
        return value;
    }

    std::string_view trimmed(std::string_view text)
    {
        auto const first = text.find_first_not_of(' ');
        if (first == text.npos)
            return {};
        return text.substr(first, text.find_last_not_of(' ') + 1 - first);
    }

    Failure not_a_message_number()
    {
        return { Code::bad, "A message number is wanted: a decimal number from 1" };
    }

} // namespace

Result<NoArguments> parse_nothing(std::string_view arguments)
{
    if (!trimmed(arguments).empty())
        return Failure(Code::bad, "This command takes no arguments");
    return NoArguments {};
}

Result<MessageNumber> parse_message_number(std::string_view arguments)
{
    auto const value = number(trimmed(arguments));
    if (!value || *value == 0)
        return not_a_message_number();
    return MessageNumber { *value };
}

Result<OptionalMessageNumber> parse_optional_message_number(std::string_view arguments)
{
    if (trimmed(arguments).empty())
        return OptionalMessageNumber {};
    auto const message = parse_message_number(arguments);
    if (!message)
        return message.error();
    return OptionalMessageNumber { *message };
}

Result<Credential> parse_credential(std::string_view arguments)
{
    if (arguments.empty() || arguments.find('\0') != arguments.npos)
        return Failure(Code::bad, "This command takes one argument");
    // RFC 6856 §2.2: what is no UTF-8, or has characters that no name may have, is refused. It was
    // not looked at, so this is no wrong password. Login prepares the others.
    auto const prepared = sasl::saslprep(arguments);
    if (!prepared || prepared->empty())
        return Failure(Code::bad, "Names and passwords are UTF-8 without control characters");
    return Credential { std::string(arguments) };
}

Result<LanguageRange> parse_language_range(std::string_view arguments)
{
    auto const range = trimmed(arguments);
    // RFC 4647 §2.1, basic ranges: "*" stands for itself alone.
    bool const is_extended = range.size() > 1 && range.find('*') != range.npos;
    if (!range.empty() && (is_extended || !is_language_range(range)))
        return Failure(Code::bad, "LANG takes a language such as de or en-GB, or *");
    return LanguageRange { std::string(range) };
}

Result<TopArguments> parse_top(std::string_view arguments)
{
    auto const both = trimmed(arguments);
    auto const space = both.find(' ');
    if (space == both.npos)
        return Failure(Code::bad, "TOP takes a message number and a number of lines");
    auto const message = parse_message_number(both.substr(0, space));
    if (!message)
        return message.error();
    auto const lines = number(trimmed(both.substr(space)));
    if (!lines)
        return Failure(Code::bad, "The second argument is a number of lines, from 0");
    return TopArguments { *message, *lines };
}

} // namespace mail::pop3
