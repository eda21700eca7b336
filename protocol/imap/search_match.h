// Decides search keys for one message, from what is known of it so far.
#pragma once

#include "protocol/imap/search_program.h"
#include "protocol/mime/search_fields.h"
#include "storage/messages.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace mail::imap {

enum class Truth : std::uint8_t { no, yes, unknown };

/// What is known of a message. What is not there leaves the keys that need it `unknown`.
struct Known {
    storage::HotRecord const& hot;
    bool recent = false;
    storage::ColdRecord const* cold = nullptr;
    std::optional<mime::SearchFields> fields {}; ///< folded as the program's patterns are
    std::optional<std::string_view> header {}; ///< the message's header block
    std::optional<std::span<std::uint8_t const>> found {}; ///< scores of SearchProgram::patterns
    mime::Collation collation = mime::Collation::unicode_casemap; ///< the program's
};

Truth match(SearchKey const& key, Known const& known);

/// How well a message that matches does so, 1 to 100 (RFC 6203 §4): keys without FUZZY do not
/// count.
unsigned relevancy(SearchProgram const& program, Known const& known);

/// Whether the header block has the field with the text in it (SEARCH HEADER); any field of that
/// name when it is empty.
bool has_field(std::string_view header_block, std::string_view name, std::string_view folded_text,
    mime::Collation collation = mime::Collation::unicode_casemap);

} // namespace mail::imap
