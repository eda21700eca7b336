// Any octets, cut in two ways, must give the same sound part tree, and its blob must read back as
// the same.

#include "protocol/mime/digest.h"
#include "protocol/mime/reader.h"
#include "protocol/mime/structure.h"
#include "tests/mime/support.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace mail::mime;

namespace {

void require(bool holds)
{
    if (!holds)
        std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    std::string_view const octets(reinterpret_cast<char const*>(data), size);
    Limits limits;
    // Small limits now and then, so that they are met.
    if (size != 0 && data[0] % 8 == 1)
        limits = { 5, 3, 200, 400, 20 };

    auto const whole = read_message(octets, limits);
    require(tests::fault_of(whole, size).empty());

    Reader reader(limits);
    std::size_t step = size != 0 ? 1 + data[size / 2] % 13 : 1;
    for (std::size_t at = 0; at < size; at += step)
        reader.feed(octets.substr(at, step));
    auto const pieces = reader.finish();
    auto const blob = encode_structure(whole);
    require(blob == encode_structure(pieces));
    require(whole.header == pieces.header && whole.text_prefix == pieces.text_prefix);
    require(whole.has_text == pieces.has_text && whole.text_part == pieces.text_part);

    StructureView const view(blob);
    require(view.valid() && view.part_count() == whole.parts.size());
    auto part = view.root();
    for (auto const& expected : whole.parts) {
        require(part.header == Range { expected.header_begin, expected.body_begin });
        require(part.body == Range { expected.body_begin, expected.body_end });
        require(part.kind == expected.kind && part.depth == expected.depth
            && part.envelope == expected.envelope);
        view.next(part);
    }
    std::string structure;
    view.write_bodystructure(structure);
    require(tests::is_wire_list(structure));
    structure.clear();
    view.write_body(structure);
    require(tests::is_wire_list(structure));

    Digest digest(limits);
    digest.feed(octets);
    auto const digested = digest.finish();
    require(tests::is_wire_list(digested.envelope));
    require(tests::is_utf8(digested.preview));
    return 0;
}
