// Puts many messages in order, one criterion after the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mail::imap {

/// Texts of many messages in one piece of memory.
class TextColumn {
public:
    void reserve(std::size_t texts) { begins_.reserve(texts + 1); }
    void add(std::string_view text)
    {
        octets_ += text;
        begins_.push_back(octets_.size());
    }
    std::size_t size() const { return begins_.size() - 1; }
    std::string_view operator[](std::size_t i) const
    {
        return std::string_view(octets_).substr(begins_[i], begins_[i + 1] - begins_[i]);
    }

private:
    std::string octets_;
    std::vector<std::size_t> begins_ { 0 };
};

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
    std::vector<std::uint32_t> order_;
};

} // namespace mail::imap
