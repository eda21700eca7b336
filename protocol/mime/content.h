// The Content- fields of a part, read as leniently as mail is written (RFC 2045 §5, RFC 2183).
#pragma once

#include "protocol/mime/message.h"

#include <cstddef>
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

/// Takes the Content- fields of a header block into the part; those that are not there stay as they
/// are.
void read_content_fields(std::string_view header_block, Part& part);

/// The boundary of a multipart; empty when there is none, or one of more than `longest` octets.
std::string boundary_of(Params const& params, std::size_t longest);

std::string_view trim_end(std::string_view text); ///< without the white space at its end

} // namespace mail::mime
