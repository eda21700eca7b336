// COMPARATOR: tells or changes how SEARCH, SORT and THREAD compare texts (RFC 5255 §4.7).
#include "protocol/imap/comparator.h"
#include "protocol/imap/commands.h"
#include "protocol/imap/context.h"
#include "protocol/imap/parser.h"

#include <algorithm>

namespace mail::imap {

namespace {

    /// All that the client's patterns match, those of earlier ones first.
    Result<std::vector<Comparator>> parse_comparator(Parser& in)
    {
        constexpr std::size_t most_patterns = 100;
        std::vector<Comparator> matching;
        bool is_asked = false;
        for (std::size_t patterns = 0; !in.failed() && !in.at_end(); ++patterns) {
            is_asked = true;
            in.space();
            auto const found = find_comparators(in.astring());
            if (!found)
                in.fail("a comparator like i;octet, with or without wildcards");
            else if (patterns == most_patterns)
                in.refuse(no("LIMIT", "Too many comparators: name at most 100"));
            else
                for (auto const each : *found)
                    if (std::ranges::find(matching, each) == matching.end())
                        matching.push_back(each);
        }
        if (is_asked && matching.empty())
            in.refuse(no("BADCOMPARATOR",
                "None of these comparators is here: there are i;unicode-casemap, i;ascii-casemap "
                "and i;octet"));
        return in.finish(std::move(matching));
    }

    Result<void> comparator(Context& ctx, std::vector<Comparator> matching)
    {
        if (!matching.empty())
            ctx.comparator = matching.front();
        auto line = ctx.out.untagged("COMPARATOR");
        line.atom(name_of(ctx.comparator));
        if (matching.size() > 1)
            line.list(matching, [&](Comparator each) { line.atom(name_of(each)); });
        return {};
    }

} // namespace

awaitable<Result<void>> run_comparator(Context& ctx, Parser& in)
{
    return command<parse_comparator, comparator>(ctx, in);
}

} // namespace mail::imap
