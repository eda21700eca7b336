// APPEND: a message into a mailbox (RFC 9051 §6.3.12), APPENDUID (RFC 4315 §3). The message streams
// to the store; what can be refused is refused before the client sends it.
#include "protocol/imap/commands.h"
#include "protocol/imap/context.h"
#include "protocol/imap/literal.h"
#include "protocol/imap/parser.h"
#include "protocol/imap/rights.h"
#include "protocol/session/intake.h"

#include <chrono>
#include <ctime>

namespace mail::imap {
namespace {

    struct AppendArgs {
        std::string mailbox;
        FlagList flags;
        std::optional<storage::InternalDate> date;
    };

    Result<AppendArgs> parse_append(Parser& in)
    {
        AppendArgs args;
        in.space();
        args.mailbox = in.mailbox();
        in.space();
        if (in.is_next('(')) {
            args.flags = in.flag_list();
            in.space();
        }
        if (in.is_next('"')) {
            args.date = in.date_time();
            in.space();
        }
        in.streamed_literal();
        in.end();
        return in.finish(std::move(args));
    }

    storage::InternalDate present_date()
    {
        auto const now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
        std::tm local {};
        ::localtime_r(&now, &local);
        storage::InternalDate date;
        date.seconds = now;
        date.zone_minutes = static_cast<std::int16_t>(local.tm_gmtoff / 60);
        return date;
    }

    /// The mailbox, when the message may come.
    Result<session::Located> admit(Context& ctx, AppendArgs const& args)
    {
        auto const octets = ctx.literal->octets();
        if (octets > ctx.session.settings().limits.message_octets)
            return no("TOOBIG", "The message is larger than this server takes; send it in parts");
        if (octets == 0)
            return no("CANNOT", "An empty message cannot be kept; send at least one octet");
        auto mailbox = ctx.session.find_mailbox(args.mailbox, storage::Right::insert);
        if (!mailbox)
            return to_target_failure(mailbox.error());
        storage::Usage const more { .octets = octets, .messages = 1 };
        if (auto const room = check_room(ctx, mailbox->account, more); !room)
            return room.error();
        return std::move(*mailbox);
    }

    awaitable<Result<void>> append(Context& ctx, AppendArgs args)
    {
        auto const mailbox = admit(ctx, args);
        if (!mailbox)
            co_return mailbox.error();
        auto& literal = *ctx.literal;
        co_await literal.request();
        session::Intake intake(
            ctx.session.volume_of(mailbox->account), ctx.session.stream().executor());
        for (;;) {
            auto const octets = co_await literal.read();
            if (octets.empty())
                break;
            auto const taken = co_await intake.write(octets);
            if (!taken)
                co_return to_failure(taken.error());
        }
        auto const rest = co_await literal.rest_of_command();
        if (rest.find_first_not_of(' ') != std::string_view::npos)
            co_return bad("The command goes on after its message; APPEND takes one message");

        auto message = intake.finish();
        message.system_flags = args.flags.system;
        message.keywords = std::move(args.flags.keywords);
        message.internal_date = args.date.value_or(present_date());
        storage::OnBehalf const who { .viewer = ctx.account(),
            .quota = ctx.session.quota_of(mailbox->account),
            .keeps = flags_allowed(mailbox->rights) };
        auto keep = [&](storage::WriteTxn& txn) {
            return storage::append_message(txn, mailbox->account.id, mailbox->id, message, who);
        };
        auto const kept = co_await ctx.session.write_at(mailbox->account, keep);
        if (!kept)
            co_return to_target_failure(kept.error());
        std::string code = "APPENDUID ";
        append_number(code, kept->uid_validity.value);
        code.push_back(' ');
        append_number(code, kept->uid.value);
        ctx.succeed_with(std::move(code));
        warn_of_quota(ctx);
        co_return Result<void> {};
    }

} // namespace

bool is_message_literal(Parser& in)
{
    // "APPEND {4}": the name of the mailbox is to come, and is read into memory.
    in.space();
    if (!in.is_next('{'))
        return true;
    in.streamed_literal();
    return !in.at_end();
}

awaitable<Result<void>> run_append(Context& ctx, Parser& in)
{
    if (!ctx.literal) // the command ended without one
        in.fail("a message as a literal: {octets}");
    return command<parse_append, append>(ctx, in);
}

} // namespace mail::imap
