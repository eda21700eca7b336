// SEARCH and UID SEARCH: finds messages (RFC 9051 §6.4.4, RFC 3501 §6.4.4).
// RFC 4731 adds RETURN and the ESEARCH response, RFC 5182 the option SAVE, RFC 9394 PARTIAL, RFC
// 6203 RELEVANCY, RFC 5267 UPDATE.
#include "protocol/imap/commands.h"
#include "protocol/imap/context.h"
#include "protocol/imap/parser.h"
#include "protocol/imap/search_answer.h"
#include "protocol/imap/search_parser.h"

namespace mail::imap {

namespace {

    struct SearchArgs {
        SearchReturn wanted;
        SearchProgram program;
    };

    Result<void> parse_search(Context& ctx, Parser& in, SearchArgs& args)
    {
        in.space();
        args.wanted = parse_search_return(in, Searching::search);
        auto grammar = grammar_of(ctx);
        grammar.charset = parse_optional_charset(in);
        args.program = parse_search_keys(in, grammar);
        check_update(ctx, in, args.wanted);
        if (args.wanted.relevancy && !args.program.is_fuzzy)
            in.fail("FUZZY, without which there is no RELEVANCY"); // RFC 6203 §4
        return in.finish();
    }

    awaitable<Result<void>> search(Context& ctx, SearchArgs args)
    {
        auto& [wanted, program] = args;
        if (auto const may = begin_search(ctx, program, wanted); !may)
            co_return may.error();
        auto const target = target_of(ctx.mailbox());
        auto extent = extent_of(wanted);
        extent.only_uids = !program.names_mod_seq && !wanted.relevancy;
        LongWork work(ctx, target.map->count());
        auto matches = co_await search_mailbox(ctx, work, target, program, extent);
        Found const found { runs_of(matches.uids), std::move(matches.hits) };
        AnswerTo const to { ctx.tag, ctx.numbering == Numbering::uid, target.map.get() };
        if (wanted.save)
            if (auto const saved = save_result(ctx, wanted, found); !saved)
                co_return saved.error();
        if (program.names_mod_seq)
            for (auto const& hit : found.hits)
                ctx.mailbox().show(hit.mod_seq);
        if (!wanted.extended)
            co_await tell_numbers(ctx, "SEARCH", to, found, program.names_mod_seq);
        else if (wanted.tells())
            co_await tell_esearch(ctx, to, wanted, found, program.names_mod_seq);
        if (wanted.update && matches.cut) {
            LiveSearches::refuse_cut(ctx, ctx.tag);
        } else if (wanted.update) {
            LiveSearch::Asked asked { ctx.tag, ctx.numbering };
            asked.program = std::move(program);
            asked.items = std::move(wanted.update_items);
            ctx.live_searches.follow(
                ctx, std::move(asked), std::move(matches.uids), {}, *target.map);
        }
        co_return with_cut(ctx, matches.cut, {});
    }

} // namespace

awaitable<Result<void>> run_search(Context& ctx, Parser& in)
{
    return search_command<SearchArgs, parse_search, search>(ctx, in);
}

} // namespace mail::imap
