// The part tree as it is kept with a message: written once at delivery, read in place by FETCH and
// SEARCH.
#pragma once

#include "protocol/mime/message.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace mail::mime {

/// Octets [begin, end) of the stored message.
struct Range {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    std::uint64_t size() const { return end - begin; }
    bool operator==(Range const&) const = default;
};

/// The tree as octets for storage::ColdRecord::structure; docs/storage-format.md describes them.
std::string encode_structure(Message const& message);

/// Walks a list of parameters in a blob.
class ParamsView {
public:
    ParamsView() = default;
    explicit ParamsView(std::string_view blob, std::uint32_t count)
        : blob_(blob)
        , count_(count)
    {
    }
    bool empty() const { return count_ == 0; }
    /// Calls `each(name, value)` in order.
    template <class Each> void for_each(Each each) const
    {
        auto rest = blob_;
        for (std::uint32_t i = 0; i < count_; ++i) {
            auto const name = take(rest);
            each(name, take(rest));
        }
    }
    /// Decoded (RFC 2231 §3, §4; RFC 2047 where mail misuses it) to UTF-8; nothing when not given.
    std::optional<std::string> find(std::string_view name) const;

private:
    static std::string_view take(std::string_view& rest);
    std::string_view blob_;
    std::uint32_t count_ = 0;
};

/// One part, its strings pointing into the blob.
struct PartView {
    PartKind kind = PartKind::leaf;
    std::uint32_t depth = 0;
    std::size_t index = 0; ///< in preorder
    Range header; ///< [n.MIME], blank line included
    Range body; ///< [n]
    std::uint64_t lines = 0;
    std::string_view type, subtype, encoding; ///< encoding empty: 7bit
    ParamsView params;
    std::string_view content_id, description, md5, disposition, location, envelope;
    ParamsView disposition_params;
    std::uint32_t language_count = 0;
    std::string_view languages; ///< length-prefixed strings
    std::size_t record = 0; ///< where it stands in the blob
    std::size_t next_record = 0; ///< where the next part stands

    bool is_text() const; ///< type text, whatever the subtype
    std::string charset() const; ///< of a text part, lower case; empty: not given
};

/// What clients are shown of message/global, which RFC 3501's grammar does not know (RFC 9755,
/// RFC 9051 §7.5.2).
enum class Globals { are_messages, are_leaves };

/// Reads a blob of encode_structure() in place. A blob that is damaged in any way is not valid():
/// it then has no parts, and its body structure is that of an empty text. The blob must outlive the
/// view.
class StructureView {
public:
    explicit StructureView(std::string_view blob);

    bool valid() const { return count_ != 0; }
    std::size_t part_count() const { return count_; }
    std::uint64_t message_size() const { return size_; }
    std::uint64_t message_lines() const { return lines_; }

    PartView root() const; ///< the message itself: HEADER is root().header, TEXT is root().body
    bool next(PartView& part) const; ///< moves to the next part in preorder; false at the end
    std::optional<PartView> embedded(
        PartView const& message) const; ///< its root, for [n.HEADER] and [n.TEXT]

    /// The part with this section number (RFC 9051 §6.4.5.1): [1] of a message that is no multipart
    /// is the message's text; numbers go through message/rfc822. An empty path finds the root.
    std::optional<PartView> find(std::span<std::uint32_t const> path) const;

    /// Appends FETCH BODYSTRUCTURE's value.
    void write_bodystructure(std::string& out, Globals globals = Globals::are_messages) const;
    /// Appends FETCH BODY's value: without extension data.
    void write_body(std::string& out, Globals globals = Globals::are_messages) const;

    // BODYPARTSTRUCTURE (RFC 5524 §3.2, RFC 5259 §8.2): one part, as BODYSTRUCTURE has it
    void write_part(std::string& out, PartView const& part) const;
    /// The message as if it were a part of another one.
    void write_as_part(std::string& out, std::string_view envelope) const;

private:
    PartView part_at(std::size_t record, std::size_t index) const;
    void write(std::string& out, PartView const& top, bool extended, Globals globals) const;
    std::optional<PartView> child(PartView const& parent, std::uint32_t number) const;

    std::string_view blob_;
    std::size_t first_ = 0;
    std::size_t count_ = 0;
    std::uint64_t size_ = 0;
    std::uint64_t lines_ = 0;
};

/// As StructureView::write_part for a leaf whose octets are sent decoded.
void write_decoded_leaf(std::string& out, PartView part, std::uint64_t octets, std::uint64_t lines);
/// The same for octets that are header fields (text/rfc822-headers, RFC 6522 §4).
void write_header_part(std::string& out, std::uint64_t octets, std::uint64_t lines);

} // namespace mail::mime
