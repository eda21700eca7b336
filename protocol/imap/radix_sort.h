// A stable sort by 64-bit keys.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <numeric>
#include <span>
#include <utility>

namespace mail::imap {

template <class Value> struct SortItem {
    std::uint64_t key;
    std::uint32_t index;
    [[no_unique_address]] Value value;
};

/// Sorts by key, stably, in time that grows with the number of items. `scratch` is as large.
template <class Item> void radix_sort(std::span<Item> items, std::span<Item> scratch)
{
    constexpr std::size_t few = 24; // for them insertion is fastest
    constexpr std::size_t many = 400; // fewer are not worth the counters
    constexpr std::size_t digits = sizeof(std::uint64_t);
    if (items.size() <= few) {
        for (std::size_t i = 1; i < items.size(); ++i) {
            auto const item = items[i];
            auto to = i;
            for (; to != 0 && item.key < items[to - 1].key; --to)
                items[to] = items[to - 1];
            items[to] = item;
        }
        return;
    }
    if (items.size() < many) {
        std::ranges::stable_sort(items, {}, &Item::key);
        return;
    }
    std::array<std::array<std::uint32_t, 256>, digits> counts {};
    for (auto const& item : items)
        for (std::size_t digit = 0; digit < digits; ++digit)
            ++counts[digit][item.key >> (8 * digit) & 0xff];
    auto from = items;
    auto to = scratch.first(items.size());
    for (std::size_t digit = 0; digit < digits; ++digit) {
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

} // namespace mail::imap
