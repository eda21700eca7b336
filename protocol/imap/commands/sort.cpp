// SORT and UID SORT: finds messages and puts them in order (RFC 5256).
// RFC 5957 adds criteria, RFC 5267 RETURN and the ESEARCH response, RFC 7162 §3.1.9 MODSEQ.
#include "protocol/imap/commands.h"
#include "protocol/imap/context.h"
#include "protocol/imap/parser.h"
#include "protocol/imap/search_answer.h"
#include "protocol/imap/search_parser.h"
#include "protocol/imap/sort_run.h"

#include <algorithm>

namespace mail::imap {

namespace {

    struct SortArgs {
        SearchReturn wanted;
        std::vector<SortCriterion> criteria;
        SearchProgram program;
    };

    bool sorts_by_relevancy(std::span<SortCriterion const> criteria)
    {
        return std::ranges::find(criteria, SortCriterion::Key::relevancy, &SortCriterion::key)
            != criteria.end();
    }

    Result<void> parse_sort(Context& ctx, Parser& in, SortArgs& args)
    {
        in.space();
        args.wanted = parse_search_return(in, Searching::sort);
        args.criteria = parse_sort_criteria(in);
        in.space();
        auto grammar = grammar_of(ctx);
        grammar.charset = parse_charset(in);
        in.space();
        args.program = parse_search_keys(in, grammar);
        check_update(ctx, in, args.wanted);
        bool const by_relevancy = sorts_by_relevancy(args.criteria);
        if ((args.wanted.relevancy || by_relevancy) && !args.program.is_fuzzy)
            in.fail("FUZZY, without which there is no RELEVANCY"); // RFC 6203 §6
        return in.finish();
    }

    void follow(Context& ctx, SortArgs args, storage::UidSet matches,
        std::vector<storage::Uid> sorted, session::UidMap const& map)
    {
        // How well a message matches may change with its flags, and so where it stands.
        if (sorts_by_relevancy(args.criteria))
            return LiveSearches::refuse(
                ctx, ctx.tag, "A result in the order of RELEVANCY is not followed: search again");
        LiveSearch::Asked asked { ctx.tag, ctx.numbering };
        asked.program = std::move(args.program);
        asked.criteria = std::move(args.criteria);
        asked.comparator = ctx.comparator;
        asked.items = std::move(args.wanted.update_items);
        ctx.live_searches.follow(ctx, std::move(asked), std::move(matches), std::move(sorted), map);
    }

    awaitable<Result<void>> sort(Context& ctx, SortArgs args)
    {
        auto& [wanted, criteria, program] = args;
        if (auto const may = begin_search(ctx, program, wanted); !may)
            co_return may.error();
        auto const target = target_of(ctx.mailbox());
        SearchExtent extent { .all_or_nothing = true }; // the newest alone have no order
        extent.only_uids
            = !program.names_mod_seq && !wanted.relevancy && !sorts_by_records(criteria);
        LongWork work(ctx, target.map->count());
        auto matches = co_await search_mailbox(ctx, work, target, program, extent);
        if (matches.cut)
            co_return too_many_messages(*matches.cut);
        auto sorted = co_await sort_matches(ctx, work, target, matches, criteria, ctx.comparator);
        Found const found { runs_of(sorted), std::move(matches.hits) };
        AnswerTo const to { ctx.tag, ctx.numbering == Numbering::uid, target.map.get() };
        if (wanted.save)
            if (auto const saved = save_result(ctx, wanted, found); !saved)
                co_return saved.error();
        if (program.names_mod_seq)
            for (auto const& hit : found.hits)
                ctx.mailbox().show(hit.mod_seq);
        if (!wanted.extended)
            co_await tell_numbers(ctx, "SORT", to, found, program.names_mod_seq);
        else if (wanted.tells())
            co_await tell_esearch(ctx, to, wanted, found, program.names_mod_seq);
        if (wanted.update)
            follow(ctx, std::move(args), std::move(matches.uids), std::move(sorted), *target.map);
        co_return Result<void> {};
    }

} // namespace

awaitable<Result<void>> run_sort(Context& ctx, Parser& in)
{
    return search_command<SortArgs, parse_sort, sort>(ctx, in);
}

} // namespace mail::imap
