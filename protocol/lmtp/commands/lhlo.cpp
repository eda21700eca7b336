// LHLO: greets and lists the extensions (RFC 2033 §4.1).
#include "protocol/lmtp/commands.h"
#include "protocol/sasl/exchange.h"

#include <fmt/format.h>

#include <algorithm>

namespace mail::lmtp {

namespace {

    bool is_client_name(char c)
    {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
            || std::string_view("-._:[]").find(c) != std::string_view::npos;
    }

} // namespace

Result<ClientName> parse_lhlo(std::string_view arguments)
{
    auto const end = arguments.find_last_not_of(' ');
    auto const name = arguments.substr(0, end == arguments.npos ? 0 : end + 1);
    // It goes into Received fields: nothing that would need quoting there.
    if (name.empty() || name.size() > 255 || !std::ranges::all_of(name, is_client_name))
        return Failure("501", "5.5.4", "LHLO takes the client's host name or [address]");
    return ClientName { std::string(name) };
}

awaitable<Result<void>> lhlo(Context& ctx, ClientName args)
{
    auto const& settings = ctx.session.settings();
    ctx.client_name = std::move(args.name);
    ctx.end_transaction(); // as by RSET (RFC 5321 §4.1.4)
    ctx.reply(fmt::format("250-{}", settings.hostname));
    ctx.reply("250-PIPELINING");
    ctx.reply(fmt::format("250-SIZE {}", settings.limits.message_octets));
    ctx.reply("250-8BITMIME");
    ctx.reply("250-BINARYMIME");
    ctx.reply("250-CHUNKING");
    ctx.reply("250-SMTPUTF8");
    if (settings.lmtp.announces_dsn)
        ctx.reply("250-DSN");
    if (ctx.may_deliver())
        ctx.reply("250-IGNOREQUOTA");
    if (!ctx.user && ctx.offers_auth()) {
        std::string line = "250-AUTH";
        for (auto const* row : sasl::offered_mechanisms(ctx.session.login())) {
            if (row->needs == sasl::Needs::anonymous) // AUTH refuses it
                continue;
            line += ' ';
            line += row->name;
        }
        ctx.reply(line);
    }
    if (ctx.session.stream().may_start_tls())
        ctx.reply("250-STARTTLS");
    ctx.reply("250 ENHANCEDSTATUSCODES");
    co_return Result<void> {};
}

} // namespace mail::lmtp
