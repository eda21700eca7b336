// The grammar of LIST: that of RFC 5258 beside the plain one, as far as this client is offered it.
#include "protocol/imap/list_args.h"

#include "protocol/imap/annotations.h"
#include "protocol/imap/parser.h"

namespace mail::imap {
namespace {

    // They bound the work of one command: all patterns are compared with all names, all entries
    // looked for at all mailboxes.
    constexpr std::size_t max_patterns = 50;
    constexpr std::size_t max_entries = 50;

    bool knows_extended(Parser const& in)
    {
        return in.offers(Capability::list_extended) || in.terms().is_rev2();
    }
    bool knows_status(Parser const& in)
    {
        return in.offers(Capability::list_status) || in.terms().is_rev2();
    }

    void parse_selection(Parser& in, ListArgs& args)
    {
        args.is_extended = true;
        bool const extended = knows_extended(in);
        auto const option = [&] {
            if (extended && in.accept_word("SUBSCRIBED"))
                args.select_subscribed = true;
            else if (in.accept_word("SPECIAL-USE", Capability::special_use))
                args.select_special_use = true;
            else if (extended && in.accept_word("RECURSIVEMATCH"))
                args.recursive_match = true;
            else if (!(extended && in.accept_word("REMOTE"))) // there are no mailboxes elsewhere
                in.fail("SUBSCRIBED, SPECIAL-USE, RECURSIVEMATCH or REMOTE");
        };
        if (extended)
            in.list_or_empty(option);
        else
            in.list(option);
        if (args.recursive_match && !args.has_criteria())
            in.fail("SUBSCRIBED or SPECIAL-USE beside RECURSIVEMATCH"); // RFC 5258 §3.1
        in.space();
    }

    void parse_return_option(Parser& in, ListArgs& args)
    {
        bool const extended = knows_extended(in);
        if (extended && in.accept_word("SUBSCRIBED")) {
            args.return_subscribed = true;
        } else if (extended && in.accept_word("CHILDREN")) {
            args.return_children = true;
        } else if (in.accept_word("SPECIAL-USE", Capability::special_use)) {
            // told always
        } else if (in.accept_word("MYRIGHTS", Capability::list_myrights)) {
            args.return_my_rights = true;
        } else if (knows_status(in) && in.accept_word("STATUS")) {
            in.space();
            parse_status_items(in, args.return_status);
        } else if (in.accept_word("METADATA", Capability::list_metadata)) {
            in.space();
            in.list([&] {
                if (args.return_metadata.size() == max_entries)
                    in.refuse(no("LIMIT", "Too many entries; ask for fewer at a time"));
                args.return_metadata.push_back(parse_entry(in, Entries::named));
            });
        } else {
            in.fail("SUBSCRIBED, CHILDREN, SPECIAL-USE, STATUS, MYRIGHTS or METADATA");
        }
    }

    void parse_return(Parser& in, ListArgs& args)
    {
        args.is_extended = true;
        in.space();
        if (!in.accept_word("RETURN"))
            return in.fail("RETURN");
        in.space();
        auto const option = [&] { parse_return_option(in, args); };
        if (knows_extended(in))
            in.list_or_empty(option);
        else
            in.list(option);
    }

    void parse_pattern(Parser& in, ListArgs& args)
    {
        auto pattern = in.list_mailbox();
        if (args.patterns.size() == max_patterns)
            in.refuse(no("LIMIT", "Too many patterns; list fewer at a time"));
        args.patterns.push_back(std::move(pattern));
    }

} // namespace

Result<ListArgs> parse_list(Parser& in)
{
    ListArgs args;
    in.space();
    if (in.is_next('('))
        parse_selection(in, args);
    args.reference = in.list_mailbox();
    in.space();
    if (in.is_next('(') && knows_extended(in)) {
        args.is_extended = true;
        in.list([&] { parse_pattern(in, args); });
    } else {
        parse_pattern(in, args);
    }
    if (!in.at_end())
        parse_return(in, args);
    in.end();
    return in.finish(std::move(args));
}

Result<ListArgs> parse_plain_list(Parser& in)
{
    ListArgs args;
    in.space();
    args.reference = in.list_mailbox();
    in.space();
    parse_pattern(in, args);
    in.end();
    return in.finish(std::move(args));
}

Patterns::Patterns(ListArgs const& args)
{
    for (auto const& pattern : args.patterns)
        if (!pattern.empty())
            patterns_.push_back({ Wildcard(args.reference + pattern), pattern.ends_with('%') });
}

void Patterns::match(std::size_t i, std::string_view name, Match& match) const
{
    if (match.level || (match.name && !patterns_[i].matches_levels)
        || !patterns_[i].wildcard.matches(name))
        return;
    match.name = true;
    match.level = patterns_[i].matches_levels;
}

} // namespace mail::imap
