// Radix sorts.
#include "protocol/imap/sort_order.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <numeric>

namespace mail::imap {

namespace {

    struct Item {
        std::uint64_t key;
        std::uint32_t index;
    };
    using Items = std::vector<Item>;

    constexpr std::size_t window = sizeof(std::uint64_t); ///< octets of a text that are one key

    /// Sorts by key, stably. `scratch` is as large as `items`.
    void radix_sort(std::span<Item> items, Items& scratch)
    {
        constexpr std::size_t small = 200; // below this the counters cost more
        if (items.size() < small) {
            std::ranges::stable_sort(items, {}, &Item::key);
            return;
        }
        std::array<std::array<std::uint32_t, 256>, window> counts {};
        for (auto const& item : items)
            for (std::size_t digit = 0; digit < window; ++digit)
                ++counts[digit][item.key >> (8 * digit) & 0xff];
        auto from = items;
        std::span to(scratch.data(), items.size());
        for (std::size_t digit = 0; digit < window; ++digit) {
            auto& places = counts[digit];
            if (places[from[0].key >> (8 * digit) & 0xff] == from.size())
                continue; // the same in all of them
            std::exclusive_scan(places.begin(), places.end(), places.begin(), 0U);
            for (auto const& item : from)
                to[places[item.key >> (8 * digit) & 0xff]++] = item;
            std::swap(from, to);
        }
        if (from.data() != items.data())
            std::ranges::copy(from, items.begin());
    }

    class TextSort {
    public:
        TextSort(TextColumn const& texts, Direction direction, std::size_t count)
            : texts_(texts)
            , flip_(direction == Direction::descending ? ~std::uint64_t {} : 0)
            , scratch_(count)
        {
        }

        /// Sorts texts that are equal up to octet `from`, and all longer than that or `from` is 0.
        void sort(std::span<Item> items, std::size_t from)
        {
            for (auto& item : items)
                item.key = key(item.index, from);
            radix_sort(items, scratch_);
            for (auto begin = items.begin(); begin != items.end();) {
                auto const end = std::find_if(
                    begin, items.end(), [&](Item const& item) { return item.key != begin->key; });
                if (end - begin > 1)
                    sort_equal({ begin, end }, from + window);
                begin = end;
            }
        }

    private:
        /// The octets behind `from`, so that numbers are ordered as texts are.
        std::uint64_t key(std::uint32_t index, std::size_t from) const
        {
            auto const text = texts_[index].substr(from);
            std::uint64_t key = 0;
            std::memcpy(&key, text.data(), std::min(text.size(), window));
            static_assert(std::endian::native == std::endian::little, "keys are big-endian");
            return __builtin_bswap64(key) ^ flip_;
        }

        /// Those whose windows are equal: the ones that end in it come first, the shorter the
        /// earlier, for NUL looks like the end.
        void sort_equal(std::span<Item> items, std::size_t from)
        {
            bool differ = false;
            bool any_longer = false;
            auto const first = texts_[items.front().index].size();
            for (auto const& item : items) {
                auto const size = texts_[item.index].size();
                any_longer |= size > from;
                differ |= std::min(size, from + 1) != std::min(first, from + 1);
            }
            if (differ) {
                for (auto& item : items)
                    item.key = std::min(texts_[item.index].size(), from + 1) ^ flip_;
                std::ranges::stable_sort(items, {}, &Item::key);
            }
            if (!any_longer)
                return;
            auto const longer = std::ranges::partition_point(
                items, [&](Item const& item) { return is_longer(item, from) == (flip_ != 0); });
            auto const rest
                = flip_ == 0 ? std::span(longer, items.end()) : std::span(items.begin(), longer);
            if (rest.size() > 1)
                sort(rest, from);
        }

        bool is_longer(Item const& item, std::size_t from) const
        {
            return texts_[item.index].size() > from;
        }

        TextColumn const& texts_;
        std::uint64_t flip_; ///< all ones: the other way round
        Items scratch_;
    };

} // namespace

SortOrder::SortOrder(std::size_t count)
    : order_(count)
{
    std::iota(order_.begin(), order_.end(), 0U);
}

void SortOrder::by_number(std::span<std::uint64_t const> keys, Direction direction)
{
    auto const flip = direction == Direction::descending ? ~std::uint64_t {} : 0;
    Items items;
    items.reserve(order_.size());
    for (auto const index : order_)
        items.push_back({ keys[index] ^ flip, index });
    Items scratch(items.size());
    radix_sort(items, scratch);
    std::ranges::transform(items, order_.begin(), &Item::index);
}

void SortOrder::by_text(TextColumn const& keys, Direction direction)
{
    Items items;
    items.reserve(order_.size());
    for (auto const index : order_)
        items.push_back({ 0, index });
    TextSort(keys, direction, items.size()).sort(items, 0);
    std::ranges::transform(items, order_.begin(), &Item::index);
}

} // namespace mail::imap
