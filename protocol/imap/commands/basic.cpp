// Commands without a subject: CAPABILITY, NOOP and CHECK, LOGOUT (RFC 9051 §6.1), ID (RFC 2971),
// ENABLE (RFC 5161), NAMESPACE (RFC 2342).
#include "protocol/imap/commands.h"
#include "protocol/imap/context.h"
#include "protocol/imap/parser.h"

namespace mail::imap {
namespace {

    Result<void> capability(Context& ctx, NoArguments)
    {
        ctx.out.untagged("CAPABILITY").atom(announced_capabilities(ctx));
        return {};
    }

    /// All is on disk always, so CHECK has no more to do than NOOP: news are told after every
    /// command.
    Result<void> noop(Context&, NoArguments) { return {}; }

    Result<void> logout(Context& ctx, NoArguments)
    {
        if (ctx.selected)
            ctx.unselect();
        ctx.out.untagged(Status::bye, {}, "Logging out");
        ctx.wants_close = true;
        return {};
    }

    /// Clients tell what they like, some of it beyond the limits of RFC 2971 §3.3: nothing depends
    /// on it.
    Result<NoArguments> parse_id(Parser& in)
    {
        in.space();
        if (!in.accept_word("NIL"))
            in.list_or_empty([&] {
                in.string();
                in.space();
                in.nstring();
            });
        in.end();
        return in.finish(NoArguments {});
    }

    Result<void> id(Context& ctx, NoArguments)
    {
        ctx.out.untagged("ID").open().string("name").string("Mailroom").close();
        return {};
    }

    struct EnableArgs {
        std::vector<Capability> known;
    };

    Result<EnableArgs> parse_enable(Parser& in)
    {
        EnableArgs args;
        do {
            in.space();
            auto const capability = enableable(in.atom());
            if (capability != Capability::count && in.offers(capability))
                args.known.push_back(capability);
        } while (!in.failed() && !in.at_end());
        in.end();
        return in.finish(std::move(args));
    }

    Result<void> enable(Context& ctx, EnableArgs const& args)
    {
        // Names that are unknown are no error, and ENABLED always comes (RFC 5161 §3.1).
        std::vector<Capability> fresh;
        for (auto const capability : args.known)
            if (!ctx.terms.is_enabled(capability)) {
                ctx.enable(capability);
                fresh.push_back(capability);
            }
        auto line = ctx.out.untagged("ENABLED");
        for (auto const capability : fresh)
            line.atom(name_of(capability));
        return {};
    }

    Result<void> name_space(Context& ctx, NoArguments)
    {
        auto const& sharing = ctx.session.settings().sharing;
        auto line = ctx.out.untagged("NAMESPACE");
        line.atom("((\"\" \"/\"))");
        auto const tell = [&](bool is_there, std::string const& first_level) {
            if (!is_there) {
                line.atom("NIL");
                return;
            }
            line.open().open().mailbox(first_level + storage::hierarchy_delimiter);
            line.string("/").close().close();
        };
        tell(sharing.enabled, sharing.other_users);
        tell(sharing.enabled && !sharing.shared_account.empty(), sharing.shared);
        return {};
    }

} // namespace

awaitable<Result<void>> run_capability(Context& ctx, Parser& in)
{
    return command<no_arguments, capability>(ctx, in);
}

awaitable<Result<void>> run_noop(Context& ctx, Parser& in)
{
    return command<no_arguments, noop>(ctx, in);
}

awaitable<Result<void>> run_logout(Context& ctx, Parser& in)
{
    return command<no_arguments, logout>(ctx, in);
}

awaitable<Result<void>> run_id(Context& ctx, Parser& in) { return command<parse_id, id>(ctx, in); }

awaitable<Result<void>> run_enable(Context& ctx, Parser& in)
{
    return command<parse_enable, enable>(ctx, in);
}

awaitable<Result<void>> run_namespace(Context& ctx, Parser& in)
{
    return command<no_arguments, name_space>(ctx, in);
}

} // namespace mail::imap
