// The grammar of sort criteria.
#include "protocol/imap/sort_key.h"

#include "protocol/imap/parser.h"

#include <algorithm>
#include <array>

namespace mail::imap {

namespace {

    using Key = SortCriterion::Key;

    struct SortKeyName {
        std::string_view name;
        Key key;
        Capability needs = Capability::sort;
    };

    constexpr auto sort_key_names = std::to_array<SortKeyName>({
        { "ARRIVAL", Key::arrival },
        { "CC", Key::cc },
        { "DATE", Key::date },
        { "DISPLAYFROM", Key::display_from, Capability::sort_display },
        { "DISPLAYTO", Key::display_to, Capability::sort_display },
        { "FROM", Key::from },
        { "RELEVANCY", Key::relevancy, Capability::search_fuzzy },
        { "SIZE", Key::size },
        { "SUBJECT", Key::subject },
        { "TO", Key::to },
    });

} // namespace

std::vector<SortCriterion> parse_sort_criteria(Parser& in)
{
    std::vector<SortCriterion> criteria;
    in.list([&] {
        bool const reverse = in.accept_word("REVERSE");
        if (reverse)
            in.space();
        auto const word = in.atom();
        auto const name = std::ranges::find_if(sort_key_names,
            [&](SortKeyName const& each) { return equal_without_case(each.name, word); });
        if (name == sort_key_names.end() || !in.offers(name->needs))
            return in.fail("ARRIVAL, CC, DATE, FROM, SIZE, SUBJECT or TO, or one with REVERSE");
        if (std::ranges::find(criteria, name->key, &SortCriterion::key) == criteria.end())
            criteria.push_back({ name->key, reverse });
    });
    return criteria;
}

} // namespace mail::imap
