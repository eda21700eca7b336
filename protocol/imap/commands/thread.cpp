// THREAD and UID THREAD: finds messages and groups them in conversations (RFC 5256,
// draft-ietf-morg-inthread for REFS).
#include "protocol/imap/commands.h"
#include "protocol/imap/context.h"
#include "protocol/imap/parser.h"
#include "protocol/imap/search_answer.h"
#include "protocol/imap/search_parser.h"
#include "protocol/imap/thread_run.h"

#include <algorithm>
#include <array>

namespace mail::imap {

namespace {

    struct ThreadArgs {
        ThreadAlgorithm algorithm = ThreadAlgorithm::references;
        SearchProgram program;
    };

    struct AlgorithmName {
        std::string_view name;
        ThreadAlgorithm algorithm;
        Capability needs;
    };
    constexpr auto algorithm_names = std::to_array<AlgorithmName>({
        { "ORDEREDSUBJECT", ThreadAlgorithm::ordered_subject, Capability::thread_ordered_subject },
        { "REFERENCES", ThreadAlgorithm::references, Capability::thread_references },
        { "REFS", ThreadAlgorithm::refs, Capability::thread_refs },
    });

    bool is_offered(Parser const& in)
    {
        return std::ranges::any_of(
            algorithm_names, [&](AlgorithmName const& name) { return in.offers(name.needs); });
    }

    ThreadAlgorithm parse_algorithm(Parser& in)
    {
        auto const word = in.atom();
        auto const name = std::ranges::find_if(algorithm_names,
            [&](AlgorithmName const& each) { return equal_without_case(each.name, word); });
        if (name != algorithm_names.end() && in.offers(name->needs))
            return name->algorithm;
        in.fail("a threading algorithm that is offered: see THREAD= in CAPABILITY");
        return {};
    }

    Result<ThreadArgs> parse_thread(Context& ctx, Parser& in)
    {
        ThreadArgs args;
        if (!is_offered(in))
            return bad("Unknown command; see CAPABILITY for what is offered");
        in.space();
        args.algorithm = parse_algorithm(in);
        in.space();
        auto grammar = grammar_of(ctx);
        grammar.charset = parse_charset(in);
        in.space();
        args.program = parse_search_keys(in, grammar);
        return in.finish(std::move(args));
    }

    /// What the messages are called in the answer.
    std::vector<std::uint32_t> numbers_of(
        Matches const& matches, Numbering numbering, session::UidMap const& map)
    {
        std::vector<std::uint32_t> numbers;
        numbers.reserve(matches.hits.size());
        for (auto const& hit : matches.hits)
            numbers.push_back(
                numbering == Numbering::uid ? hit.uid.value : map.seq_of(hit.uid)->value);
        return numbers;
    }

    awaitable<Result<void>> thread(Context& ctx, ThreadArgs args)
    {
        auto& program = args.program;
        if (auto const may = begin_search(ctx, program); !may)
            co_return may.error();
        auto const target = target_of(ctx.mailbox());
        LongWork work(ctx, target.map->count());
        SearchExtent const extent { .all_or_nothing = true }; // RFC 9738 §3.3
        auto const matches = co_await search_mailbox(ctx, work, target, program, extent);
        if (matches.cut)
            co_return too_many_messages(*matches.cut);
        auto const numbers = numbers_of(matches, ctx.numbering, *target.map);
        auto const threads = co_await thread_matches(
            ctx, work, target, matches, numbers, args.algorithm, program.collation);
        if (!threads)
            co_return threads.error();
        auto& out = ctx.out.buffer();
        out += "* THREAD";
        out += threads->empty() ? "" : " ";
        for (std::string_view rest = *threads; !rest.empty();) {
            auto const piece = rest.substr(0, Output::high_water);
            out += piece;
            rest.remove_prefix(piece.size());
            if (ctx.out.is_full())
                co_await ctx.out.flush();
        }
        out += "\r\n";
        co_return Result<void> {};
    }

} // namespace

awaitable<Result<void>> run_thread(Context& ctx, Parser& in)
{
    auto args = parse_thread(ctx, in);
    if (!args)
        co_return args.error();
    co_return co_await thread(ctx, std::move(*args));
}

} // namespace mail::imap
