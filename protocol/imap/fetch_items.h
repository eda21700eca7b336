// What FETCH asks for: data items, read once into a list that is cheap to walk for every message
// (fetch-att of RFC 9051 §9).
#pragma once

#include "protocol/imap/section.h"
#include "storage/messages.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mail::imap {

class Parser;

struct FetchItem {
    enum class Kind : std::uint8_t {
        uid,
        flags,
        internal_date,
        size,
        mod_seq,
        envelope,
        body, ///< BODY without brackets
        body_structure,
        save_date, ///< RFC 8514
        preview, ///< RFC 8970
        email_id, ///< RFC 8474
        thread_id,
        binary, ///< BINARY[...] (RFC 3516)
        binary_size, ///< BINARY.SIZE[...]
        section, ///< BODY[...], RFC822, RFC822.HEADER, RFC822.TEXT
    };
    Kind kind;
    Section section {};
    std::optional<Partial> partial {};
    bool sets_seen = false; ///< showing it marks the message as \Seen
    std::string label {}; ///< of a section in the response: "BODY[1.2]<0>", "RFC822.TEXT"

    bool is_binary() const { return kind == Kind::binary || kind == Kind::binary_size; }
};

/// In the order asked for, but UID first, each once.
struct FetchItems {
    std::vector<FetchItem> list;

    bool has(FetchItem::Kind kind) const;
    bool set_seen() const; ///< some item does
    void add(FetchItem::Kind kind); ///< without repeating it
    void add(FetchItem item);
    bool needs_cold() const; ///< more than the hot records
    storage::Columns columns() const; ///< what of the hot records
    bool has_binary() const; ///< items that some messages cannot give (UNKNOWN-CTE)
};

inline constexpr std::size_t max_fetch_items = 1000; ///< of one command; more is refused

/// section, with its brackets.
Section parse_section(Parser& in);

/// "ALL" / "FULL" / "FAST" / fetch-att / "(" fetch-att *(SP fetch-att) ")"
FetchItems parse_fetch_items(Parser& in);

} // namespace mail::imap
