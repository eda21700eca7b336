// The catalogue, put together from its tables. The English texts stand in the sources where they
// are said; tests/imap/language_test.cpp finds those that lack a translation.
#include "protocol/texts.h"

#include "protocol/texts/tables.h"

#include <algorithm>
#include <vector>

namespace mail {
namespace {

    std::vector<Text> join_tables()
    {
        std::vector<Text> joined;
        for (auto const table :
            { texts::connection(), texts::mailboxes(), texts::messages(), texts::notify(),
                texts::pop3(), texts::rights(), texts::search(), texts::syntax(), texts::urls() })
            joined.insert(joined.end(), table.begin(), table.end());
        std::ranges::sort(joined, {}, &Text::english);
        return joined;
    }

} // namespace

std::span<Text const> whole_texts()
{
    static std::vector<Text> const all = join_tables();
    return all;
}

std::span<Text const> texts_with_gaps() { return texts::with_gaps(); }

} // namespace mail
