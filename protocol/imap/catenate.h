// Parts of which CATENATE puts a message together (RFC 4469 §3).
#pragma once

#include "protocol/imap/extract.h"
#include "protocol/imap/failure.h"
#include "storage/store.h"

#include <string>
#include <string_view>

namespace mail::imap {

class Context;
class Parser;

inline constexpr std::size_t max_cat_parts = 10'000; ///< of one message; more is refused

struct CatPart {
    enum class Kind : std::uint8_t {
        end, ///< ")"
        text, ///< TEXT: its octets follow
        utf8, ///< UTF8 (RFC 6855 §4): likewise, and then a ")"
        url,
    };
    Kind kind = Kind::end;
    std::string url {};
};

/// cat-part with the space in front of it, or the ")" behind the last one.
enum class CatPlace { first, later };
CatPart parse_cat_part(Parser& in, CatPlace place);

/// Octets of a message in the store.
struct CatSource {
    storage::Account owner;
    Extract octets;
};

/// What a relative URL names, in the selected mailbox or by the mailbox's name. NO with BADURL: it
/// names nothing that this session could FETCH.
Result<CatSource> open_cat_url(Context& ctx, std::string_view url);

} // namespace mail::imap
