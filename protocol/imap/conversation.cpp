// Reads commands, runs them by the table, one after the other, and answers.
#include "protocol/imap/conversation.h"

#include "protocol/imap/command_text.h"
#include "protocol/imap/listen.h"
#include "protocol/imap/parser.h"
#include "protocol/imap/untagged.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <exception>
#include <optional>

namespace mail::imap {
namespace {

    /// The name of a command in upper case, "UID " included; at most 24 octets.
    class CommandName {
    public:
        void add(std::string_view word)
        {
            for (char const c : word) {
                if (length_ == name_.size())
                    return;
                name_[length_++] = ascii::upper(c);
            }
        }
        std::string_view view() const { return { name_.data(), length_ }; }

    private:
        std::array<char, 24> name_ {};
        std::size_t length_ = 0;
    };

    CommandName read_name(Parser& in)
    {
        CommandName name;
        in.space();
        name.add(in.atom());
        if (name.view() == "UID") {
            in.space();
            name.add(" ");
            name.add(in.atom());
        }
        return name;
    }

    Failure wrong_state(Context const& ctx, Command const& row)
    {
        if (ctx.state == not_authenticated)
            return bad("Log in first");
        if (row.valid_in == not_authenticated)
            return bad("This connection is logged in already");
        return bad("Select a mailbox first");
    }

} // namespace

Result<NoArguments> no_arguments(Parser& in)
{
    in.end();
    return in.finish(NoArguments {});
}

Conversation::Conversation(session::Session& session)
    : stream_(session.stream())
    , limits_(session.settings().limits)
    , input_(stream_)
    , output_(stream_)
    , responses_(output_)
    , reader_(limits_.line_octets)
    , ctx_(session, input_, responses_)
    , login_deadline_(std::chrono::steady_clock::now() + limits_.login_time)
{
}

void Conversation::greet()
{
    // The words are chosen so that no client takes us for another product and turns its quirks on.
    std::string code = "CAPABILITY ";
    code.append(announced_capabilities(ctx_));
    responses_.untagged(Status::ok, std::move(code), "Mailroom IMAP service is at your disposal");
}

awaitable<void> Conversation::run()
{
    greet();
    std::exception_ptr damage;
    try {
        co_await serve();
    } catch (DamagedInput const&) {
        damage = std::current_exception();
        responses_.untagged(
            Status::bye, {}, "What came in is not what DEFLATE makes; connect again");
    } catch (Flood const&) {
        responses_.untagged(Status::bye, "LIMIT",
            "The command is far larger than this server takes; connect again and send less");
    }
    co_await output_.finish();
    if (damage)
        std::rethrow_exception(damage);
}

awaitable<void> Conversation::serve()
{
    for (;;) {
        auto bytes = input_.available();
        auto const before = bytes.size();
        auto const step = reader_.feed(bytes);
        input_.consume(before - bytes.size());

        if (std::holds_alternative<CommandReader::NeedMore>(step)) {
            stop_flood(reader_);
            co_await wait_for_client();
            turn_.begin();
            if (ctx_.wants_close)
                break;
            continue;
        }
        if (auto const* complete = std::get_if<CommandReader::Complete>(&step))
            co_await execute(complete->command, std::nullopt);
        else if (auto const* announced = std::get_if<CommandReader::NeedLiteral>(&step))
            co_await take_literal(*announced);
        else if (auto const* dropped = std::get_if<CommandReader::Dropped>(&step))
            refuse(*dropped);
        if (ctx_.wants_close)
            break;
        if (output_.is_full())
            co_await output_.flush();
        if (turn_.is_over()) { // of a client that never lets its pipeline run dry
            co_await yield(ctx_);
            turn_.begin();
        }
    }
}

awaitable<void> Conversation::wait_for_client()
{
    if (!output_.empty())
        co_await output_.flush();
    if (ctx_.state == not_authenticated) {
        // The whole time until the login is limited, not each of its steps; anew after
        // UNAUTHENTICATE.
        using std::chrono::seconds;
        if (std::exchange(has_long_limit_, false))
            login_deadline_ = std::chrono::steady_clock::now() + limits_.login_time;
        auto const left
            = std::chrono::ceil<seconds>(login_deadline_ - std::chrono::steady_clock::now());
        stream_.set_time_limit(std::max(left, seconds(1)));
    } else if (!has_long_limit_) {
        has_long_limit_ = true;
        stream_.set_time_limit(limits_.idle_time);
    }
    if (ctx_.notifier && ctx_.notifier->is_listening() && !reader_.is_in_command()) {
        ctx_.tag.clear(); // what takes long now is no command's
        co_await listen(ctx_, ctx_.notifier->expunges_between_commands());
        if (ctx_.wants_close)
            co_return;
    }
    co_await input_.fill();
}

/// Octets of literals in memory; before the login a literal can only be a name or a password.
std::size_t Conversation::literal_limit() const
{
    return ctx_.state == not_authenticated
        ? std::min<std::size_t>(limits_.command_literal_octets, 4096)
        : limits_.command_literal_octets;
}

awaitable<void> Conversation::take_literal(CommandReader::NeedLiteral announced)
{
    if (!announced.synchronizing && !ctx_.terms.takes_at_once(announced.octets)) {
        reader_.skip_literal(announced.octets);
        co_return; // refused at its end
    }
    Parser in(reader_.text(), ctx_.terms);
    in.tag();
    auto const name = read_name(in);
    auto const* row = find_command(name.view());
    auto const is_valid = row && (row->valid_in & ctx_.state) != 0 && is_offered(ctx_, row->needs);
    // What is not valid is refused before the literal is sent in vain.
    if (is_valid ? row->run_streaming != nullptr : announced.synchronizing) {
        co_await execute(reader_.text(), announced);
        co_return;
    }
    auto const limit = literal_limit();
    if (announced.octets <= limit - std::min(limit, reader_.literal_octets())) {
        reader_.accept_literal();
        if (announced.synchronizing)
            responses_.continuation("OK");
        co_return;
    }
    if (!announced.synchronizing) {
        reader_.skip_literal(announced.octets);
        co_return; // refused at its end
    }
    refuse(CommandReader::Dropped { reader_.text(), false });
    reader_.refuse_literal();
}

/// Without a tag the answer is untagged.
void Conversation::take_tag(Parser& in)
{
    auto const tag = in.tag();
    ctx_.tag = in.failed() ? std::string_view("*") : tag;
}

void Conversation::refuse(CommandReader::Dropped const& dropped)
{
    Parser in(dropped.command);
    take_tag(in);
    answer_bad(dropped.too_long ? too_long_line() : too_big_literal());
}

/// The row of the command that begins here, when it may run; otherwise it is answered.
Command const* Conversation::admit(Parser& in)
{
    take_tag(in);
    if (in.failed()) {
        if (!in.rest().empty()) // an empty line is nothing to complain about
            answer_bad(bad("A command begins with a tag, like: a1 NOOP"));
        return nullptr;
    }
    auto const name = read_name(in);
    auto const* row = find_command(name.view());
    if (!row || !is_offered(ctx_, row->needs)) {
        answer_bad(bad("Unknown command; see CAPABILITY for what is offered"));
        return nullptr;
    }
    if ((row->valid_in & ctx_.state) == 0) {
        answer_bad(wrong_state(ctx_, *row));
        return nullptr;
    }
    if (row->names == Names::by_sequence_number && ctx_.terms.uids_only()) {
        answer_bad(Failure(Status::bad, "UIDREQUIRED",
            "Messages are named by UIDs only on this connection: use the command's UID form"));
        return nullptr;
    }
    return row;
}

/// Runs the command that the text is, or that it begins when a literal is announced.
awaitable<void> Conversation::execute(
    std::string_view text, std::optional<CommandReader::NeedLiteral> announced)
{
    ++commands_;
    Parser in(text, ctx_.terms);
    auto const* row = admit(in);
    CommandText pieces(input_, responses_, reader_, ctx_.terms, literal_limit(), announced);
    if (row) {
        ctx_.numbering = row->names == Names::by_uid ? Numbering::uid : Numbering::sequence;
        ctx_.expunges = row->expunges;
        ctx_.is_answered = false;
        ctx_.tells_highest_mod_seq = false;
        ctx_.succeed_with({});
        pieces.skip(in.position());
        co_await run_command(*row, in, pieces);
    }
    if (!ctx_.wants_close)
        co_await pieces.drop();
    reader_.forget();
}

awaitable<void> Conversation::run_command(Command const& row, Parser& in, CommandText& pieces)
{
    if (row.valid_in == selected && !ctx_.selected->check_rights()) {
        co_await tell_all_news(ctx_, row.expunges); // it says BYE
        answer(row.name, to_failure(storage::Errc::denied));
        co_return;
    }
    Result<void> result;
    try {
        auto running = row.run ? row.run(ctx_, in) : row.run_streaming(ctx_, pieces);
        result = co_await std::move(running);
    } catch (session::AccountsUnavailable const&) {
        // Commands ask about others before they change or tell anything.
        result = no("UNAVAILABLE", "The accounts cannot be looked up now; try again later");
    }
    co_await conclude(row, std::move(result));
}

/// Tells the news that the command's answer may tell, and answers.
awaitable<void> Conversation::conclude(Command const& row, Result<void> result)
{
    if (!ctx_.is_answered)
        co_await tell_all_news(ctx_, ctx_.expunges);
    if (ctx_.state == selected && ctx_.terms.is_enabled(Capability::qresync))
        tell_mod_seq(result);
    answer(row.name, result);
}

/// While an expunge may not be told, the client must not take a later MODSEQ for all it has to ask
/// for when it comes again (RFC 7162 §3.2, §6).
void Conversation::tell_mod_seq(Result<void> const& result)
{
    if (!ctx_.tells_highest_mod_seq && !ctx_.selected->withholds())
        return;
    std::string code = "HIGHESTMODSEQ ";
    append_number(code, ctx_.selected->safe_mod_seq().value);
    if (result && ctx_.ok_code.empty())
        ctx_.ok_code = std::move(code);
    else
        responses_.untagged(Status::ok, std::move(code), "Some changes are still to be told");
}

void Conversation::answer(std::string_view name, Result<void> const& result)
{
    if (!result) {
        auto const failure = result.error();
        if (failure.status() == Status::bad)
            return answer_bad(failure);
        bad_in_a_row_ = 0;
        responses_.tagged(ctx_.tag, failure.status(), failure.code(), failure.text());
    } else if (!ctx_.is_answered) {
        bad_in_a_row_ = 0;
        // Moved out, so that an idle session keeps no memory of a long code.
        auto const code = std::move(ctx_.ok_code);
        auto text = std::move(ctx_.ok_text);
        if (text.empty())
            text = fmt::format("{} completed", name);
        responses_.tagged(ctx_.tag, Status::ok, code, text);
    }
    if (ctx_.failed_logins >= limits_.failed_logins && !ctx_.wants_close) {
        responses_.untagged(Status::bye, {}, "Too many failed logins; check name and password");
        ctx_.wants_close = true;
    }
}

void Conversation::answer_bad(Failure const& failure)
{
    responses_.tagged(ctx_.tag, failure.status(), failure.code(), failure.text());
    if (++bad_in_a_row_ < limits_.bad_commands || ctx_.wants_close)
        return;
    responses_.untagged(Status::bye, {}, "Too many commands that are not understood");
    ctx_.wants_close = true;
}

} // namespace mail::imap
