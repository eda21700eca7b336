// The Content- fields of a part, read as leniently as mail is written (RFC 2045 §5, RFC 2183).
#pragma once

#include "protocol/mime/message.h"

#include <string>
#include <string_view>
#include <vector>

namespace mail::mime {

struct ContentType {
    std::string type, subtype; ///< never empty
    Params params; ///< at most 200
};

/// Text that is no type at all counts as text/plain, "text" and "multipart" alone get their usual
/// subtype, and any other type without a subtype is application/octet-stream (RFC 2045 §5.2).
ContentType parse_content_type(std::string_view raw_value);

struct Disposition {
    std::string kind; ///< "attachment" when only parameters are given; empty: nothing usable
    Params params;
};
Disposition parse_disposition(std::string_view raw_value);

std::string parse_encoding(std::string_view raw_value); ///< the first token
std::vector<std::string> parse_languages(std::string_view raw_value); ///< RFC 3282, at most 50

} // namespace mail::mime
