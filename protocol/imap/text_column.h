// Texts of many messages, to be compared with each other.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace mail::imap {

/// Each message has a text. Equal texts that come not too far from each other are kept once: most
/// of a mailbox's subjects and names come again soon. Octets are laid out to be compared eight at a
/// time.
class TextColumn {
public:
    TextColumn();
    void reserve(std::size_t messages) { texts_.reserve(messages); }
    void add(std::string_view text);
    std::size_t size() const { return texts_.size(); }

    /// Octets that are equal for equal texts; not the text itself.
    std::string_view operator[](std::size_t message) const;
    bool is_empty(std::size_t message) const { return *words_of(texts_[message]) == 0; }

    /// For each message, how many different texts are below its own: equal for equal texts.
    std::vector<std::uint32_t> ranks() const;

private:
    using Word = std::uint64_t;
    struct Text {
        Word const* words; ///< the last, and no other, ends with NUL
        std::uint32_t count;
    };

    enum class LowOctets : bool { refused, allowed };
    bool keep(std::string_view text, LowOctets low_octets);
    Word* room_for(std::size_t words);
    Word const* words_of(std::uint32_t text) const { return kept_[text].words; }

    std::vector<std::unique_ptr<Word[]>> blocks_;
    std::span<Word> free_; ///< of the last block
    std::vector<Text> kept_;
    std::vector<std::uint32_t> texts_; ///< by message: which of kept_
    std::vector<std::uint32_t> recent_; ///< by hash: one of kept_
};

} // namespace mail::imap
