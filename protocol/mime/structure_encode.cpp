// The part tree written as a blob; structure_view.cpp reads it.

#include "protocol/mime/structure.h"

#include "protocol/mime/blob.h"
#include "protocol/mime/structure_format.h"

namespace mail::mime {

namespace {

    void put_params(std::string& out, Params const& params)
    {
        put_number(out, params.size());
        for (auto const& param : params) {
            put_string(out, param.name);
            put_string(out, param.value);
        }
    }

    void put_part(std::string& out, Part const& part)
    {
        using namespace structure_format;
        auto flags = static_cast<unsigned>(part.kind);
        flags |= part.content_id.empty() ? 0U : has_id;
        flags |= part.description.empty() ? 0U : has_description;
        flags |= part.md5.empty() ? 0U : has_md5;
        flags |= part.disposition.empty() ? 0U : has_disposition;
        flags |= part.languages.empty() ? 0U : has_languages;
        flags |= part.location.empty() ? 0U : has_location;
        out += static_cast<char>(flags);
        put_number(out, part.depth);
        put_number(out, part.header_begin);
        put_number(out, part.body_begin - part.header_begin);
        put_number(out, part.body_end - part.body_begin);
        put_number(out, part.lines);
        put_string(out, part.type);
        put_string(out, part.subtype);
        put_string(out, part.encoding);
        put_params(out, part.params);
        if ((flags & has_id) != 0)
            put_string(out, part.content_id);
        if ((flags & has_description) != 0)
            put_string(out, part.description);
        if ((flags & has_md5) != 0)
            put_string(out, part.md5);
        if ((flags & has_disposition) != 0) {
            put_string(out, part.disposition);
            put_params(out, part.disposition_params);
        }
        if ((flags & has_languages) != 0) {
            put_number(out, part.languages.size());
            for (auto const& language : part.languages)
                put_string(out, language);
        }
        if ((flags & has_location) != 0)
            put_string(out, part.location);
        if (part.kind == PartKind::message)
            put_string(out, part.envelope);
    }

} // namespace

std::string encode_structure(Message const& message)
{
    std::string out;
    out.reserve(16 + 96 * message.parts.size());
    out += structure_format::version;
    put_number(out, message.size);
    put_number(out, message.lines);
    put_number(out, message.parts.size());
    for (auto const& part : message.parts)
        put_part(out, part);
    return out;
}

} // namespace mail::mime
