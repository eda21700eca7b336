// CANCELUPDATE: no further changes of these searches' results (RFC 5267 §4.3.5).
#include "protocol/imap/commands.h"
#include "protocol/imap/context.h"
#include "protocol/imap/parser.h"

#include <algorithm>

namespace mail::imap {
namespace {

    Result<std::vector<std::string>> parse_cancelupdate(Parser& in)
    {
        std::vector<std::string> tags;
        // Of either capability, which a row of the table cannot say.
        if (!in.offers(Capability::context_search) && !in.offers(Capability::context_sort))
            in.refuse(bad("Unknown command; see CAPABILITY for what is offered"));
        do {
            in.space();
            tags.emplace_back(in.string());
        } while (!in.failed() && !in.at_end());
        return in.finish(std::move(tags));
    }

    Result<void> cancelupdate(Context& ctx, std::vector<std::string> tags)
    {
        auto const known = [&](std::string const& tag) { return ctx.live_searches.has(tag); };
        if (!std::ranges::all_of(tags, known))
            return no({},
                "No search of this tag is followed: give the tag of a SEARCH or SORT with "
                "UPDATE");
        for (auto const& tag : tags)
            ctx.live_searches.cancel(tag);
        return {};
    }

} // namespace

awaitable<Result<void>> run_cancelupdate(Context& ctx, Parser& in)
{
    return command<parse_cancelupdate, cancelupdate>(ctx, in);
}

} // namespace mail::imap
