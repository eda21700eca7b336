// Decides search keys for one message, from what is known of it so far.
#pragma once

#include "protocol/imap/search_key.h"
#include "protocol/mime/search_fields.h"
#include "storage/messages.h"

#include <optional>
#include <string_view>
#include <vector>

namespace mail::imap {

enum class Truth : std::uint8_t { no, yes, unknown };

/// What is known of a message. What is not there leaves the keys that need it `unknown`.
struct Known {
    storage::HotRecord const& hot;
    bool recent = false;
    std::optional<mime::SearchFields> fields {};
    std::optional<std::string_view> header {}; ///< the message's header block
    std::vector<bool> const* found = nullptr; ///< which of SearchProgram::patterns are in its text
};

Truth match(SearchKey const& key, Known const& known);

/// Whether the header block has the field with the text in it (SEARCH HEADER); any field of that
/// name when it is empty.
bool has_field(std::string_view header_block, std::string_view name, std::string_view folded_text);

} // namespace mail::imap
