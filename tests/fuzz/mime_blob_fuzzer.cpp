// Any octets as a stored blob: a damaged store must not make its reader crash, hang or send broken
// lists.

#include "protocol/mime/search_fields.h"
#include "protocol/mime/sort_keys.h"
#include "protocol/mime/structure.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

using namespace mail::mime;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    std::string_view const blob(reinterpret_cast<char const*>(data), size);
    StructureView const view(blob);
    std::string out;
    view.write_bodystructure(out);
    view.write_body(out);
    auto part = view.root();
    std::size_t parts = 0;
    do {
        if (part.body.end > view.message_size() || part.header.begin > part.header.end)
            std::abort();
        part.charset();
        if (view.embedded(part).has_value() != (part.kind == PartKind::message))
            std::abort();
        ++parts;
    } while (parts < 100 && view.next(part));
    for (std::uint32_t a = 0; a < 4; ++a)
        for (std::uint32_t b = 0; b < 4; ++b) {
            std::vector<std::uint32_t> const path { a, b, 1 };
            view.find(path);
        }

    SearchFields const fields(blob);
    out += fields.subject;
    NameKeys const names(blob);
    out += names.to_display;
    IdKeys const ids(blob);
    for (std::size_t i = 0; i < ids.reference_count(); ++i)
        out += static_cast<char>(ids.reference(i));
    out += SubjectKey(blob).base;
    return 0;
}
