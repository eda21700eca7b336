// From a message's records and keys to what is compared.
#include "protocol/imap/sort_values.h"

#include "protocol/imap/key_walk.h"

#include <algorithm>

namespace mail::imap {
namespace {

    using Key = SortCriterion::Key;
    using mime::Collation;
    using mime::SortColumn;

    std::string_view stored(
        storage::ReadTxn const& txn, storage::Place place, storage::Uid uid, SortColumn column)
    {
        return storage::KeyReader(txn, place, static_cast<std::size_t>(column)).find(uid);
    }

    std::string text_in_store(
        storage::ReadTxn const& txn, storage::Place place, storage::Uid uid, Key key)
    {
        if (is_name(key)) {
            auto const blob = stored(txn, place, uid, SortColumn::names);
            return std::string(name_of(key, mime::NameKeys(blob)));
        }
        auto const blob = stored(txn, place, uid, SortColumn::subject);
        return std::string(mime::SubjectKey(blob).base);
    }

} // namespace

bool is_name(Key key)
{
    return key == Key::from || key == Key::to || key == Key::cc || key == Key::display_from
        || key == Key::display_to;
}

bool is_text(Key key) { return is_name(key) || key == Key::subject; }

bool falls(SortCriterion const& criterion, Comparator comparator)
{
    return criterion.reverse != (is_text(criterion.key) && comparator.is_inverted);
}

std::string_view name_of(Key key, mime::NameKeys const& names)
{
    switch (key) {
    case Key::from:
        return names.from;
    case Key::to:
        return names.to;
    case Key::cc:
        return names.cc;
    case Key::display_from:
        return names.from_display;
    default:
        return names.to_display;
    }
}

mime::SortText const& text_of(Key key, mime::HeaderKeys const& header)
{
    switch (key) {
    case Key::from:
        return header.from_mailbox;
    case Key::to:
        return header.to_mailbox;
    case Key::cc:
        return header.cc_mailbox;
    case Key::display_from:
        return header.from_display;
    case Key::display_to:
        return header.to_display;
    default:
        return header.base_subject;
    }
}

std::uint64_t number_of(Key key, Hit const& hit)
{
    auto const ordered = [](std::int64_t signed_number) {
        return static_cast<std::uint64_t>(signed_number) ^ std::uint64_t { 1 } << 63;
    };
    switch (key) {
    case Key::arrival:
        return ordered(hit.internal_date);
    case Key::date: // RFC 5256 §2.2
        return ordered(hit.sent == storage::no_date ? hit.internal_date : hit.sent);
    case Key::size:
        return hit.size;
    default: // relevancy: the highest comes first
        return 100 - std::min(hit.relevancy, 100U);
    }
}

SortValues read_sort_values(storage::ReadTxn const& txn, storage::Viewpoint const& from,
    storage::Uid uid, std::span<SortCriterion const> criteria, Comparator comparator)
{
    SortValues values { {}, {}, uid };
    bool const is_stored = comparator.collation == Collation::unicode_casemap;
    mime::HeaderKeys header;
    if (!is_stored && std::ranges::any_of(criteria, is_text, &SortCriterion::key)) {
        std::span<storage::Uid const> const one(&uid, 1);
        KeyWalk(one).read_headers(txn, from, [&](mime::HeaderKeys const& read) { header = read; });
    }
    Hit hit { uid };
    if (auto const hot = storage::MailboxView(txn, from).get_kept(uid)) {
        hit.internal_date = hot->internal_date.seconds;
        hit.sent = hot->sent.seconds;
        hit.size = hot->size;
    }
    for (auto const& criterion : criteria) {
        bool const text = is_text(criterion.key);
        values.numbers.push_back(text ? 0 : number_of(criterion.key, hit));
        values.texts.emplace_back();
        if (text && is_stored)
            values.texts.back() = text_in_store(txn, from.place, uid, criterion.key);
        else if (text)
            values.texts.back()
                = mime::collation_key(text_of(criterion.key, header), comparator.collation);
    }
    return values;
}

bool stands_before(SortValues const& a, SortValues const& b,
    std::span<SortCriterion const> criteria, Comparator comparator)
{
    for (std::size_t i = 0; i < criteria.size(); ++i) {
        auto order = a.numbers[i] <=> b.numbers[i];
        if (order == 0)
            order = a.texts[i].compare(b.texts[i]) <=> 0;
        if (order != 0)
            return falls(criteria[i], comparator) ? order > 0 : order < 0;
    }
    return a.uid < b.uid;
}

} // namespace mail::imap
