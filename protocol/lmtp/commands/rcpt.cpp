// RCPT: one more recipient (RFC 5321 §4.1.1.3), with the parameters of the extensions.
#include "protocol/lmtp/commands.h"
#include "protocol/lmtp/parameters.h"
#include "protocol/lmtp/xtext.h"
#include "protocol/mime/charset.h"

#include <algorithm>

namespace mail::lmtp {

namespace {

    /// Not RFC: what Cyrus' LMTP has, for mail that must come in.
    Result<void> read_ignorequota(Parameter const& parameter, RcptArguments& args)
    {
        args.ignores_quota = true;
        if (parameter.has_value)
            return Failure("501", "5.5.4", "IGNOREQUOTA takes no value");
        return {};
    }

    /// RFC 3461 §4.1. The client makes the notifications (RFC 2033 §3): it is read to be forgotten.
    Result<void> read_notify(Parameter const& parameter, RcptArguments&)
    {
        Failure const wrong("501", "5.5.4", "NOTIFY is NEVER, or of SUCCESS,FAILURE,DELAY");
        if (equal_without_case(parameter.value, "NEVER"))
            return {};
        auto rest = parameter.value;
        for (bool more = true; more;) {
            auto const word = rest.substr(0, rest.find(','));
            more = word.size() < rest.size();
            rest.remove_prefix(word.size() + (more ? 1 : 0));
            if (!equal_without_case(word, "SUCCESS") && !equal_without_case(word, "FAILURE")
                && !equal_without_case(word, "DELAY"))
                return wrong;
        }
        return {};
    }

    bool is_atom(std::string_view text)
    {
        return !text.empty() && std::ranges::all_of(text, [](char c) {
            return c > 32 && c < 127
                && std::string_view("()<>@,;:\\\".[]").find(c) == std::string_view::npos;
        });
    }

    /// RFC 3461 §4.2; with SMTPUTF8 the address may have UTF-8 (RFC 6533 §3).
    Result<void> read_orcpt(Parameter const& parameter, RcptArguments& args)
    {
        constexpr std::size_t longest = 500;
        auto const& value = parameter.value;
        auto const sign = value.find(';');
        auto const type = value.substr(0, sign);
        auto const address
            = sign == value.npos ? std::nullopt : decode_xtext(value.substr(sign + 1));
        bool const may_be_utf8 = equal_without_case(type, "UTF-8");
        if (value.size() > longest || !is_atom(type) || !address || address->empty()
            || !(may_be_utf8 ? mime::is_utf8(*address) : is_ascii(*address)))
            return Failure("501", "5.5.4", "ORCPT is a type of address, \";\" and an xtext");
        args.original.assign(type).append(1, ';').append(*address);
        return {};
    }

    constexpr ParameterRow<RcptArguments> rcpt_parameters[] = {
        { "IGNOREQUOTA", read_ignorequota },
        { "NOTIFY", read_notify },
        { "ORCPT", read_orcpt },
    };

    /// What can be told before the message comes. At its end the store looks again.
    storage::Result<void> check_room(Context& ctx, Recipient const& recipient)
    {
        if (recipient.ignores_quota)
            return {};
        auto const announced = ctx.transaction->announced_size;
        storage::Usage const more { .octets = std::max<std::uint64_t>(announced, 1),
            .messages = 1 };
        auto const txn = ctx.session.services().store.volume_of(recipient.account).read();
        return storage::check_quota(txn, recipient.account.id, more, recipient.quota);
    }

} // namespace

Result<RcptArguments> parse_rcpt(std::string_view arguments)
{
    if (!take_keyword(arguments, "TO:"))
        return Failure("501", "5.5.4", "The form is RCPT TO:<address>");
    RcptArguments args;
    auto recipient = take_path(arguments);
    if (!recipient || recipient->is_null() || (!arguments.empty() && arguments.front() != ' '))
        return Failure("501", "5.1.3", "This is not an address in <>");
    args.recipient = std::move(*recipient);
    auto const read = read_parameters(arguments, rcpt_parameters, args);
    if (!read)
        return read.error();
    return args;
}

awaitable<Result<void>> rcpt(Context& ctx, RcptArguments args)
{
    if (ctx.transaction->message)
        co_return Failure("503", "5.5.1", "The message has begun: RCPT comes before BDAT");
    if (!ctx.transaction->is_utf8 && (!args.recipient.is_ascii() || !is_ascii(args.original)))
        co_return Failure( // RFC 6531 §3.5
            "553", "5.6.7", "An address beyond ASCII needs SMTPUTF8 with MAIL");
    auto const most = ctx.session.settings().limits.lmtp_recipients;
    if (ctx.transaction->recipients.size() >= most)
        co_return Failure(
            "452", "4.5.3", "Too many recipients: send to the rest in another transaction");
    auto found = co_await find_recipient(
        ctx.session.services(), ctx.session.stream().executor(), std::move(args.recipient));
    if (!found)
        co_return found.error();
    found->original = std::move(args.original);
    found->ignores_quota = args.ignores_quota;
    auto const room = check_room(ctx, *found);
    if (!room && room.error() == storage::Errc::over_quota) {
        auto failure = to_failure(room.error(), ctx.session.settings().over_quota);
        ctx.session.services().journal.delivered(ctx.session.stream().peer(), found->address,
            ctx.transaction->sender.text(), ctx.transaction->announced_size, failure.text());
        co_return failure;
    }
    ctx.transaction->recipients.push_back(std::move(*found));
    ctx.reply("250 2.1.5 OK");
    co_return Result<void> {};
}

} // namespace mail::lmtp
