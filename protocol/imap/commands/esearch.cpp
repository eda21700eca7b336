// ESEARCH: searches any mailboxes, without selecting them (RFC 7377).
#include "protocol/imap/commands.h"
#include "protocol/imap/context.h"
#include "protocol/imap/parser.h"
#include "protocol/imap/search_answer.h"
#include "protocol/imap/search_parser.h"
#include "protocol/imap/search_sources.h"

#include <algorithm>

namespace mail::imap {

namespace {

    struct EsearchArgs {
        SearchSources sources;
        SearchReturn wanted;
        SearchProgram program;
    };

    bool is_selected(Context const& ctx, SearchSource const& source)
    {
        return ctx.selected && ctx.selected->place() == source.place;
    }

    /// What the sources do not go with.
    void check_sources(Context const& ctx, Parser& in, EsearchArgs const& args)
    {
        if (args.sources.selected && !ctx.selected)
            in.refuse(bad("Select a mailbox first, or say which to search: IN (personal)"));
        if (args.wanted.update && !ctx.selected)
            in.refuse(bad("UPDATE follows the selected mailbox: select one first"));
        if (args.wanted.save && !args.sources.others.empty())
            in.refuse(bad("SAVE goes with the selected mailbox alone: leave the others out"));
    }

    Result<void> parse_esearch(Context& ctx, Parser& in, EsearchArgs& args)
    {
        in.space();
        args.sources = parse_search_sources(in);
        args.wanted = parse_search_return(in, Searching::multisearch);
        auto grammar = grammar_of(ctx);
        grammar.charset = parse_optional_charset(in);
        args.program = parse_search_keys(in, grammar);
        check_update(ctx, in, args.wanted);
        if (args.wanted.relevancy && !args.program.is_fuzzy)
            in.fail("FUZZY, without which there is no RELEVANCY"); // RFC 6203 §4
        check_sources(ctx, in, args);
        return in.finish();
    }

    /// The mailbox as it is now; the selected one as the client knows it. not_found: it is gone, or
    /// not the user's to read any more.
    storage::Result<SearchTarget> open_source(Context& ctx, SearchSource const& source)
    {
        if (is_selected(ctx, source))
            return target_of(ctx.mailbox());
        if (!may_search(ctx, source))
            return storage::Errc::not_found;
        return open_target(ctx.session, { source.owner, source.place.mailbox, {}, {} });
    }

    /// Searches one mailbox and tells what it found there: nothing, when that is nothing.
    awaitable<Result<std::optional<Cut>>> search_source(
        Context& ctx, LongWork& work, SearchSource const& source, EsearchArgs& args)
    {
        auto& [sources, wanted, program] = args;
        auto const target = open_source(ctx, source);
        if (!target)
            co_return std::optional<Cut> {};
        auto extent = extent_of(wanted);
        extent.only_uids = !program.names_mod_seq && !wanted.relevancy;
        auto matches = co_await search_mailbox(ctx, work, *target, program, extent);
        Found const found { runs_of(matches.uids), std::move(matches.hits) };
        if (wanted.save)
            if (auto const saved = save_result(ctx, wanted, found); !saved)
                co_return saved.error();
        if (program.names_mod_seq && is_selected(ctx, source))
            for (auto const& hit : found.hits)
                ctx.mailbox().show(hit.mod_seq);
        // Also without an option that tells more than that there are matches (§2.1); but SAVE alone
        // tells nothing (RFC 5182 §2.1).
        AnswerTo to { ctx.tag, true, target->map.get(), source.name, target->uid_validity };
        if (!found.uids.empty() && (wanted.tells() || !wanted.save))
            co_await tell_esearch(ctx, to, wanted, found, program.names_mod_seq);
        if (wanted.update && is_selected(ctx, source) && matches.cut) {
            LiveSearches::refuse_cut(ctx, ctx.tag);
        } else if (wanted.update && is_selected(ctx, source)) {
            LiveSearch::Asked asked { ctx.tag, Numbering::uid, source.name };
            asked.program = program;
            asked.items = wanted.update_items;
            ctx.live_searches.follow(
                ctx, std::move(asked), std::move(matches.uids), {}, *target->map);
        }
        co_return matches.cut;
    }

    awaitable<Result<void>> esearch(Context& ctx, EsearchArgs args)
    {
        if (auto const may = begin_search(ctx, args.program, args.wanted); !may)
            co_return may.error();
        LongWork work(ctx, 0);
        auto const sources = co_await find_sources(ctx, work, args.sources);
        if (!sources)
            co_return sources.error();
        auto const is_it = [&](SearchSource const& source) { return is_selected(ctx, source); };
        if (args.wanted.update && std::ranges::none_of(*sources, is_it))
            co_return bad("UPDATE follows the selected mailbox: search it, too");
        std::optional<Cut> cut; // each mailbox is searched up to the limit
        for (auto const& source : *sources) {
            auto const searched = co_await search_source(ctx, work, source, args);
            if (!searched)
                co_return searched.error();
            if (*searched)
                cut = *searched;
            if (ctx.out.is_full())
                co_await ctx.out.flush();
            co_await work.pause();
        }
        if (cut && sources->size() > 1)
            cut->lowest = {};
        co_return with_cut(ctx, cut, {});
    }

} // namespace

awaitable<Result<void>> run_esearch(Context& ctx, Parser& in)
{
    return search_command<EsearchArgs, parse_esearch, esearch>(ctx, in);
}

} // namespace mail::imap
