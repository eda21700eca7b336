// Folded fields as octets.

#include "protocol/mime/search_fields.h"

#include "protocol/mime/blob.h"
#include "protocol/mime/charset.h"
#include "protocol/mime/fold.h"

namespace mail::mime {

namespace {
    constexpr char fields_version = 1;
    constexpr std::size_t longest_field = 48 * 1024; ///< octets
}

std::string encode_search_fields(HeaderKeys const& header)
{
    std::string out;
    out.reserve(
        16 + header.from.size() + header.to.size() + header.cc.size() + header.subject.size());
    out += fields_version;
    for (auto const* field : { &header.from, &header.to, &header.cc, &header.bcc, &header.subject })
        put_string(out, cut_utf8(fold(*field), longest_field));
    return out;
}

SearchFields::SearchFields(std::string_view blob)
{
    if (blob.empty() || blob[0] != fields_version)
        return;
    BlobReader in(blob, 1);
    SearchFields read;
    for (auto* field : { &read.from, &read.to, &read.cc, &read.bcc, &read.subject })
        *field = in.string();
    if (!in.failed())
        *this = read;
}

} // namespace mail::mime
