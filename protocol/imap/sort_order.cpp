// Stable sorts, one after the other.
#include "protocol/imap/sort_order.h"

#include "protocol/imap/radix_sort.h"

namespace mail::imap {

SortOrder::SortOrder(std::size_t count)
    : order_(count)
{
    std::iota(order_.begin(), order_.end(), 0U);
}

template <class Keys> void SortOrder::by_keys(Keys const& keys, Direction direction)
{
    struct Nothing { };
    using Item = SortItem<Nothing>;
    using Key = std::ranges::range_value_t<Keys>;
    auto const flip = direction == Direction::descending ? static_cast<Key>(~Key {}) : Key {};
    std::vector<Item> items;
    items.reserve(order_.size());
    for (auto const index : order_)
        items.push_back({ static_cast<Key>(keys[index] ^ flip), index, {} });
    std::vector<Item> scratch(items.size());
    radix_sort(std::span(items), std::span(scratch));
    std::ranges::transform(items, order_.begin(), &Item::index);
}

void SortOrder::by_number(std::span<std::uint64_t const> keys, Direction direction)
{
    by_keys(keys, direction);
}

void SortOrder::by_text(TextColumn const& keys, Direction direction)
{
    by_keys(keys.ranks(), direction);
}

} // namespace mail::imap
