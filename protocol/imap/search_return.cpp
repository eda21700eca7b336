// The grammar of return options.
#include "protocol/imap/search_return.h"

#include "protocol/imap/parser.h"

namespace mail::imap {

namespace {

    /// Contexts of the command that is read.
    bool offers_context(Parser const& in, Searching what)
    {
        return in.offers(
            what == Searching::sort ? Capability::context_sort : Capability::context_search);
    }

    void parse_partial(Parser& in, SearchReturn& wanted)
    {
        if (wanted.partial)
            in.fail("PARTIAL just once");
        in.space();
        auto const before = in.rest();
        wanted.partial = parse_partial_range(in);
        if (in.failed())
            return;
        if (wanted.partial->from_end && !in.offers(Capability::partial)) // RFC 5267 has no such
            in.fail("a range like 1:500");
        wanted.partial_text = before.substr(0, before.size() - in.rest().size());
    }

    /// With NOTIFY it takes a list of fetch-att (RFC 5465 §8: modifier-update).
    void parse_update(Parser& in, SearchReturn& wanted)
    {
        wanted.update = true;
        if (!in.offers(Capability::notify) || !in.rest().starts_with(" ("))
            return;
        in.space();
        wanted.update_items = parse_fetch_items(in);
    }

    void parse_option(Parser& in, Searching what, SearchReturn& wanted)
    {
        bool const has_context = offers_context(in, what);
        if (in.accept_word("MIN"))
            wanted.min = true;
        else if (in.accept_word("MAX"))
            wanted.max = true;
        else if (in.accept_word("ALL"))
            wanted.all = true;
        else if (in.accept_word("COUNT"))
            wanted.count = true;
        else if (in.takes_saved() && in.accept_word("SAVE"))
            wanted.save = true;
        else if (in.accept_word("RELEVANCY", Capability::search_fuzzy))
            wanted.relevancy = true;
        else if ((has_context || in.offers(Capability::partial)) && in.accept_word("PARTIAL"))
            parse_partial(in, wanted);
        else if (has_context && in.accept_word("UPDATE"))
            parse_update(in, wanted);
        else if (has_context && in.accept_word("CONTEXT")) { // a hint, of which nothing is made
        } else
            in.fail("MIN, MAX, ALL, COUNT or another return option that is offered");
        if (wanted.all && wanted.partial)
            in.fail("either ALL or PARTIAL"); // RFC 9394 §3.1
    }

} // namespace

SearchReturn parse_search_return(Parser& in, Searching what)
{
    SearchReturn wanted;
    bool const is_offered = what == Searching::sort
        ? in.offers(Capability::esort)
        : in.offers(Capability::esearch) || in.terms().is_rev2();
    if (!is_offered || !in.accept_word("RETURN")) {
        wanted.extended = wanted.all
            = what == Searching::multisearch || (what == Searching::search && in.terms().is_rev2());
        return wanted;
    }
    wanted.extended = true;
    in.space();
    in.open();
    wanted.all = in.is_next(')');
    while (!in.failed() && !in.is_next(')')) {
        parse_option(in, what, wanted);
        if (!in.is_next(')'))
            in.space();
    }
    in.close();
    in.space();
    return wanted;
}

SearchExtent extent_of(SearchReturn const& wanted)
{
    SearchExtent extent;
    if (!wanted.tells() || wanted.all || wanted.count || wanted.update
        || (wanted.save && wanted.saves_all()))
        return extent;
    if (wanted.min + wanted.max + wanted.partial.has_value() != 1) // or RELEVANCY alone
        return extent;
    extent.enough = wanted.partial ? wanted.partial->last : 1;
    extent.from_end = wanted.max || (wanted.partial && wanted.partial->from_end);
    return extent;
}

} // namespace mail::imap
