// LIST and LSUB: the names of mailboxes (RFC 9051 §6.3.9, RFC 3501 §6.3.9). The grammar is that of
// RFC 5258, of which clients send parts unasked; SPECIAL-USE (RFC 6154) and CHILDREN (RFC 3348) are
// told always.
#include "protocol/imap/commands.h"
#include "protocol/imap/context.h"
#include "protocol/imap/parser.h"
#include "protocol/imap/special_use.h"
#include "protocol/imap/wildcard.h"
#include "protocol/session/mailbox_list.h"

#include <algorithm>
#include <map>

namespace mail::imap {
namespace {

    using storage::hierarchy_delimiter;

    // Bounds the work of one command: all patterns are compared with all names.
    constexpr std::size_t max_patterns = 50;

    struct ListArgs {
        std::string reference;
        std::vector<std::string> patterns;
        bool select_subscribed = false;
        bool select_special_use = false;
        bool recursive_match = false;
        bool return_subscribed = false;
    };

    void parse_selection(Parser& in, ListArgs& args)
    {
        in.list_or_empty([&] {
            if (in.accept_word("SUBSCRIBED"))
                args.select_subscribed = true;
            else if (in.accept_word("SPECIAL-USE"))
                args.select_special_use = true;
            else if (in.accept_word("RECURSIVEMATCH"))
                args.recursive_match = true;
            else if (!in.accept_word("REMOTE")) // there are no mailboxes elsewhere
                in.fail("SUBSCRIBED, SPECIAL-USE, RECURSIVEMATCH or REMOTE");
        });
        in.space();
    }

    void parse_return(Parser& in, ListArgs& args)
    {
        in.space();
        if (!in.accept_word("RETURN"))
            return in.fail("RETURN");
        in.space();
        in.list_or_empty([&] {
            if (in.accept_word("SUBSCRIBED"))
                args.return_subscribed = true;
            else if (!in.accept_word("CHILDREN") && !in.accept_word("SPECIAL-USE")) // told always
                in.fail("SUBSCRIBED, CHILDREN or SPECIAL-USE");
        });
    }

    void parse_pattern(Parser& in, ListArgs& args)
    {
        auto pattern = in.list_mailbox();
        if (args.patterns.size() == max_patterns)
            in.refuse(no("LIMIT", "Too many patterns; list fewer at a time"));
        args.patterns.push_back(std::move(pattern));
    }

    Result<ListArgs> parse_list(Parser& in)
    {
        ListArgs args;
        in.space();
        if (in.is_next('('))
            parse_selection(in, args);
        args.reference = in.list_mailbox();
        in.space();
        if (in.is_next('('))
            in.list([&] { parse_pattern(in, args); });
        else
            parse_pattern(in, args);
        if (!in.at_end())
            parse_return(in, args);
        in.end();
        if (args.recursive_match && !args.select_subscribed)
            in.fail("SUBSCRIBED beside RECURSIVEMATCH"); // RFC 5258 §3.1
        return in.finish(std::move(args));
    }

    Result<ListArgs> parse_lsub(Parser& in)
    {
        ListArgs args;
        in.space();
        args.reference = in.list_mailbox();
        in.space();
        parse_pattern(in, args);
        in.end();
        return in.finish(std::move(args));
    }

    /// What is known of one name.
    struct Entry {
        bool exists = false;
        bool subscribed = false;
        bool has_children = false;
        bool has_subscribed_children = false;
        storage::SpecialUse special_use = storage::SpecialUse::none;
    };

    /// INBOX first, then by octets.
    struct ByName {
        bool operator()(std::string const& a, std::string const& b) const
        {
            auto const a_later = a != "INBOX";
            auto const b_later = b != "INBOX";
            return a_later != b_later ? b_later : a < b;
        }
    };
    using Entries = std::map<std::string, Entry, ByName>;

    template <class F> void for_each_parent(std::string_view name, F f)
    {
        for (auto end = name.rfind(hierarchy_delimiter); end != std::string_view::npos && end != 0;
             end = name.rfind(hierarchy_delimiter, end - 1))
            f(std::string(name.substr(0, end)));
    }

    Entries read_entries(Context& ctx)
    {
        Entries entries;
        for (auto const& listed : session::list_mailboxes(ctx.session)) {
            auto& entry = entries[listed.name];
            entry.exists = true;
            // Somebody else's Drafts are not this user's.
            if (listed.owner.id == ctx.account())
                entry.special_use = listed.mailbox.special_use;
            for_each_parent(
                listed.name, [&](std::string parent) { entries[parent].has_children = true; });
        }
        ctx.session.read([&](storage::ReadTxn const& txn) {
            for (auto const& name : storage::list_subscriptions(txn, ctx.account())) {
                entries[name].subscribed = true;
                for_each_parent(name,
                    [&](std::string parent) { entries[parent].has_subscribed_children = true; });
            }
        });
        return entries;
    }

    std::vector<Wildcard> wildcards(ListArgs const& args)
    {
        std::vector<Wildcard> wildcards;
        for (auto const& pattern : args.patterns)
            wildcards.emplace_back(args.reference + pattern);
        return wildcards;
    }

    bool matches(std::vector<Wildcard> const& wildcards, std::string_view name)
    {
        return std::ranges::any_of(
            wildcards, [&](Wildcard const& wildcard) { return wildcard.matches(name); });
    }

    /// An empty pattern asks for the delimiter and the root of the reference (RFC 9051 §6.3.9).
    bool asks_for_root(ListArgs const& args)
    {
        return args.patterns.size() == 1 && args.patterns.front().empty();
    }

    void tell_root(Context& ctx, std::string_view command)
    {
        ctx.out.untagged(command).atom("(\\Noselect)").string("/").string("");
    }

    std::string attributes(Entry const& entry, bool tell_subscribed)
    {
        std::string names = entry.has_children ? "\\HasChildren" : "\\HasNoChildren";
        if (!entry.exists)
            names += " \\NonExistent \\Noselect"; // clients of rev1 know the second only
        if (tell_subscribed && entry.subscribed)
            names += " \\Subscribed";
        append_special_use(names, entry.special_use);
        return names;
    }

    /// Whether LIST returns the entry, by its selection options (RFC 5258 §3).
    bool is_selected(ListArgs const& args, Entry const& entry)
    {
        if (args.select_special_use && entry.special_use == storage::SpecialUse::none)
            return false;
        if (args.select_subscribed)
            return entry.subscribed || (args.recursive_match && entry.has_subscribed_children);
        return entry.exists || entry.has_children;
    }

    awaitable<Result<void>> list(Context& ctx, ListArgs args)
    {
        if (asks_for_root(args)) {
            tell_root(ctx, "LIST");
            co_return Result<void> {};
        }
        auto const entries = read_entries(ctx);
        auto const patterns = wildcards(args);
        for (auto const& [name, entry] : entries) {
            if (!is_selected(args, entry) || !matches(patterns, name))
                continue;
            {
                auto line = ctx.out.untagged("LIST");
                line.open()
                    .atom(attributes(entry, args.select_subscribed || args.return_subscribed))
                    .close();
                line.string("/").mailbox(name);
                if (args.recursive_match && entry.has_subscribed_children)
                    line.atom("(\"CHILDINFO\" (\"SUBSCRIBED\"))");
            }
            if (ctx.out.is_full())
                co_await ctx.out.flush();
        }
        co_return Result<void> {};
    }

    /// Subscribed names, and parents of such names where "%" stops at them (RFC 3501 §6.3.9).
    awaitable<Result<void>> lsub(Context& ctx, ListArgs args)
    {
        if (asks_for_root(args)) {
            tell_root(ctx, "LSUB");
            co_return Result<void> {};
        }
        auto const stops_at_levels = args.patterns.front().ends_with('%');
        auto const entries = read_entries(ctx);
        auto const patterns = wildcards(args);
        for (auto const& [name, entry] : entries) {
            auto const stands_for_children = stops_at_levels && entry.has_subscribed_children;
            if (!(entry.subscribed || stands_for_children) || !matches(patterns, name))
                continue;
            // Outlook looks for the special uses here.
            std::string flags = entry.has_children ? "\\HasChildren" : "\\HasNoChildren";
            if (!entry.subscribed || !entry.exists)
                flags += " \\Noselect";
            append_special_use(flags, entry.special_use);
            ctx.out.untagged("LSUB").open().atom(flags).close().string("/").mailbox(name);
            if (ctx.out.is_full())
                co_await ctx.out.flush();
        }
        co_return Result<void> {};
    }

} // namespace

awaitable<Result<void>> run_list(Context& ctx, Parser& in)
{
    return command<parse_list, list>(ctx, in);
}

awaitable<Result<void>> run_lsub(Context& ctx, Parser& in)
{
    return command<parse_lsub, lsub>(ctx, in);
}

} // namespace mail::imap
