// What the criteria of SORT compare of a message.
#pragma once

#include "protocol/imap/comparator.h"
#include "protocol/imap/search_run.h"
#include "protocol/imap/sort_key.h"
#include "protocol/mime/sort_keys.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mail::imap {

bool is_name(SortCriterion::Key key); ///< of somebody, as the message's addresses have it
bool is_text(SortCriterion::Key key); ///< a name or the subject
bool falls(SortCriterion const& criterion, Comparator comparator); ///< the greatest comes first

std::string_view name_of(SortCriterion::Key key, mime::NameKeys const& names);
mime::SortText const& text_of(SortCriterion::Key key, mime::HeaderKeys const& header);
/// A number that orders hits as the criterion does. Not for texts.
std::uint64_t number_of(SortCriterion::Key key, Hit const& hit);

/// Of one message, criterion by criterion: a number, or a text of which octets are compared.
struct SortValues {
    std::vector<std::uint64_t> numbers;
    std::vector<std::string> texts;
    storage::Uid uid;
};

/// Reads them from the store, also of a message that is expunged and still kept.
SortValues read_sort_values(storage::ReadTxn const& txn, storage::Viewpoint const& from,
    storage::Uid uid, std::span<SortCriterion const> criteria, Comparator comparator);

/// Whether `a` stands before `b`. Messages that are equal stand in mailbox order.
bool stands_before(SortValues const& a, SortValues const& b,
    std::span<SortCriterion const> criteria, Comparator comparator);

} // namespace mail::imap
