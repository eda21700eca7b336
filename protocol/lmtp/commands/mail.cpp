// MAIL: begins a transaction (RFC 5321 §4.1.1.2), with the parameters of the extensions.
#include "protocol/lmtp/commands.h"
#include "protocol/lmtp/parameters.h"
#include "protocol/lmtp/xtext.h"

#include <fmt/format.h>

#include <charconv>

namespace mail::lmtp {

namespace {

    /// Of whom the message was submitted (RFC 4954 §5). Nothing is relayed from here: it is read to
    /// be forgotten.
    Result<void> read_auth(Parameter const& parameter, MailArguments&)
    {
        auto const text = decode_xtext(parameter.value);
        auto const path = !text || *text == "<>" ? std::string("<>") : fmt::format("<{}>", *text);
        std::string_view rest = path;
        if (!text || text->empty() || !take_path(rest) || !rest.empty())
            return Failure("501", "5.5.4", "AUTH is <> or an address in xtext");
        return {};
    }

    Result<void> read_body(Parameter const& parameter, MailArguments& args)
    {
        args.is_binary = equal_without_case(parameter.value, "BINARYMIME");
        if (args.is_binary || equal_without_case(parameter.value, "7BIT")
            || equal_without_case(parameter.value, "8BITMIME"))
            return {};
        return Failure("501", "5.5.4", "BODY is 7BIT, 8BITMIME or BINARYMIME");
    }

    // RFC 3461 §4.3 and §4.4: for notifications, which the client makes of the replies (RFC 2033
    // §3).

    Result<void> read_envid(Parameter const& parameter, MailArguments&)
    {
        constexpr std::size_t longest = 100;
        auto const& value = parameter.value;
        if (value.empty() || value.size() > longest || !is_ascii(value) || !decode_xtext(value))
            return Failure("501", "5.5.4", "ENVID is an xtext of at most 100 characters");
        return {};
    }

    Result<void> read_ret(Parameter const& parameter, MailArguments&)
    {
        if (equal_without_case(parameter.value, "FULL")
            || equal_without_case(parameter.value, "HDRS"))
            return {};
        return Failure("501", "5.5.4", "RET is FULL or HDRS");
    }

    Result<void> read_size(Parameter const& parameter, MailArguments& args)
    {
        auto const* const end = parameter.value.data() + parameter.value.size();
        std::uint64_t size = 0;
        auto const [stop, error] = std::from_chars(parameter.value.data(), end, size);
        if (stop != end || (error != std::errc {} && error != std::errc::result_out_of_range))
            return Failure("501", "5.5.4", "SIZE is a number of octets");
        args.size = error == std::errc {} ? size : UINT64_MAX;
        return {};
    }

    Result<void> read_utf8(Parameter const& parameter, MailArguments& args)
    {
        args.is_utf8 = true;
        if (parameter.has_value) // RFC 6531 §3.4
            return Failure("501", "5.5.4", "SMTPUTF8 takes no value");
        return {};
    }

    constexpr ParameterRow<MailArguments> mail_parameters[] = {
        { "AUTH", read_auth },
        { "BODY", read_body },
        { "ENVID", read_envid },
        { "RET", read_ret },
        { "SIZE", read_size },
        { "SMTPUTF8", read_utf8 },
    };

} // namespace

Result<MailArguments> parse_mail(std::string_view arguments)
{
    if (!take_keyword(arguments, "FROM:"))
        return Failure("501", "5.5.4", "The form is MAIL FROM:<address>");
    MailArguments args;
    auto sender = take_path(arguments);
    if (!sender || (!arguments.empty() && arguments.front() != ' '))
        return Failure("501", "5.1.7", "This is not an address in <>");
    args.sender = std::move(*sender);
    auto const read = read_parameters(arguments, mail_parameters, args);
    if (!read)
        return read.error();
    if (!args.is_utf8 && !args.sender.is_ascii()) // RFC 6531 §3.5
        return Failure("550", "5.6.7", "An address beyond ASCII needs the parameter SMTPUTF8");
    return args;
}

awaitable<Result<void>> mail(Context& ctx, MailArguments args)
{
    auto const most = ctx.session.settings().limits.message_octets;
    if (args.size && *args.size > most)
        co_return Failure("552", "5.3.4", fmt::format("At most {} octets are taken here", most));
    auto const messages = ctx.settings().messages;
    if (messages != 0 && ctx.totals.messages >= messages)
        co_return Failure::closing("421", "4.7.0",
            fmt::format("{} messages came by this connection: send the next by another", messages));
    ctx.end_transaction();
    auto& transaction = ctx.transaction.emplace();
    transaction.sender = std::move(args.sender);
    transaction.announced_size = args.size.value_or(0);
    transaction.is_binary = args.is_binary;
    transaction.is_utf8 = args.is_utf8;
    ctx.reply("250 2.1.0 OK");
    co_return Result<void> {};
}

} // namespace mail::lmtp
