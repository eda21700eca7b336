// Puts many messages in order, one criterion after the other.
#pragma once

#include "protocol/imap/text_column.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace mail::imap {

enum class Direction : std::uint8_t { ascending, descending };

/// An order of things 0, 1, 2 ... that is refined by stable sorts: the criterion that counts most
/// comes last. Time grows with the things and the octets in which they differ.
class SortOrder {
public:
    explicit SortOrder(std::size_t count);

    void by_number(std::span<std::uint64_t const> keys, Direction direction);
    void by_text(TextColumn const& keys, Direction direction); ///< octets as unsigned numbers

    std::span<std::uint32_t const> order() const { return order_; }

private:
    template <class Keys> void by_keys(Keys const& keys, Direction direction);

    std::vector<std::uint32_t> order_;
};

} // namespace mail::imap
