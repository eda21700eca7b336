// GETMETADATA: annotations of mailboxes and of the server (RFC 5464 §4.2).
#include "protocol/imap/annotations.h"
#include "protocol/imap/commands.h"
#include "protocol/imap/context.h"
#include "protocol/imap/parser.h"

#include <algorithm>
#include <map>

namespace mail::imap {
namespace {

    struct GetMetadataArgs {
        std::string mailbox; ///< empty: the server
        std::optional<std::uint32_t> max_size;
        std::size_t depth = 0; ///< levels below each entry
        std::vector<std::string> entries;
    };

    constexpr std::size_t infinity = max_entry_name;

    bool is_option(Parser const& in)
    {
        return in.is_next_word("MAXSIZE") || in.is_next_word("DEPTH");
    }

    /// What follows the "(".
    void parse_options(Parser& in, GetMetadataArgs& args)
    {
        do {
            if (in.accept_word("MAXSIZE")) {
                in.space();
                args.max_size = in.number();
            } else if (in.accept_word("DEPTH")) {
                in.space();
                if (in.accept_word("infinity"))
                    args.depth = infinity;
                else if (args.depth = in.number(); args.depth > 1)
                    in.fail("0, 1 or infinity");
            } else {
                in.fail("MAXSIZE or DEPTH");
            }
        } while (!in.failed() && in.accept(' '));
        in.close();
        in.space();
    }

    Result<GetMetadataArgs> parse_get_metadata(Parser& in)
    {
        GetMetadataArgs args;
        in.space();
        if (in.accept('('))
            parse_options(in, args);
        args.mailbox = parse_annotated(in);
        in.space();
        auto const entry = [&] {
            if (args.entries.size() == storage::max_metadata_entries)
                in.refuse(no("LIMIT", "Too many entries; ask for fewer at a time"));
            args.entries.push_back(parse_entry(in, Entries::above));
        };
        bool is_list = in.accept('(');
        if (is_list && is_option(in)) { // the examples have them here, the grammar above
            parse_options(in, args);
            is_list = in.accept('(');
        }
        do
            entry(); // without parentheses also several: an example of the RFC has it so
        while (!in.failed() && in.accept(' ') && !in.is_next(')') && !in.at_end());
        if (is_list)
            in.close();
        in.end();
        return in.finish(std::move(args));
    }

    /// The values that were asked for; an entry without one is there, too, with nullopt.
    using Asked = std::map<std::string_view, std::optional<std::string_view>>;

    /// Levels of `name` below `above`; nullopt when it is not there.
    std::optional<std::size_t> levels_below(std::string_view name, std::string_view above)
    {
        if (!name.starts_with(above))
            return std::nullopt;
        auto const rest = name.substr(above.size());
        if (!rest.empty() && rest.front() != '/')
            return std::nullopt;
        return static_cast<std::size_t>(std::ranges::count(rest, '/'));
    }

    Asked choose(GetMetadataArgs const& args, storage::Metadata const& seen)
    {
        Asked asked;
        for (auto const& entry : args.entries) {
            bool is_there = false;
            for (auto at = seen.lower_bound(entry);
                 at != seen.end() && at->first.starts_with(entry); ++at) {
                auto const levels = levels_below(at->first, entry);
                if (!levels || *levels > args.depth)
                    continue;
                asked.insert_or_assign(at->first, at->second);
                is_there = true;
            }
            if (!is_there)
                asked.try_emplace(entry);
        }
        return asked;
    }

    Line metadata_line(Context& ctx, std::string const& mailbox)
    {
        auto& out = ctx.out.buffer();
        out.append("* METADATA ");
        if (mailbox.empty())
            out.append("\"\"");
        else
            append_mailbox(out, mailbox, ctx.out.spelling());
        return Line(out, ctx.out.spelling());
    }

    /// In several responses when they are long. What is larger than the client wants is left out
    /// and counted (§4.2.1).
    awaitable<void> tell_metadata(Context& ctx, GetMetadataArgs const& args, Asked const& asked)
    {
        std::size_t longest = 0;
        auto at = asked.begin();
        auto const is_wanted = [&](std::optional<std::string_view> value) {
            if (!value || !args.max_size || value->size() <= *args.max_size)
                return true;
            longest = std::max(longest, value->size());
            return false;
        };
        while (at != asked.end()) {
            if (!is_wanted(at->second)) {
                ++at;
                continue;
            }
            {
                auto line = metadata_line(ctx, args.mailbox);
                line.open();
                do {
                    if (is_wanted(at->second))
                        tell_annotation(line, at->first, at->second);
                } while (++at != asked.end() && !ctx.out.is_full());
                line.close();
            }
            if (ctx.out.is_full())
                co_await ctx.out.flush();
        }
        if (longest != 0)
            ctx.succeed_with("METADATA LONGENTRIES " + std::to_string(longest),
                "Entries that are longer than MAXSIZE are left out");
    }

    awaitable<Result<void>> get_metadata(Context& ctx, GetMetadataArgs args)
    {
        storage::Metadata seen;
        if (args.mailbox.empty()) {
            seen = read_server_annotations(ctx);
        } else {
            auto const located = find_annotated(ctx, args.mailbox);
            if (!located)
                co_return to_failure(located.error());
            seen = ctx.session.read_at(located->account, [&](storage::ReadTxn const& txn) {
                return read_annotations(ctx, txn, located->place());
            });
        }
        auto const asked = choose(args, seen);
        co_await tell_metadata(ctx, args, asked);
        co_return Result<void> {};
    }

} // namespace

awaitable<Result<void>> run_getmetadata(Context& ctx, Parser& in)
{
    return command<parse_get_metadata, get_metadata>(ctx, in);
}

} // namespace mail::imap
