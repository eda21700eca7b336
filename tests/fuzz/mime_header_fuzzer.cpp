// Any octets as header block and as field value: envelope, addresses, dates, encoded words, sort
// keys, text.

#include "protocol/mime/address.h"
#include "protocol/mime/charset.h"
#include "protocol/mime/content.h"
#include "protocol/mime/date.h"
#include "protocol/mime/encoded_word.h"
#include "protocol/mime/envelope.h"
#include "protocol/mime/fold.h"
#include "protocol/mime/header.h"
#include "protocol/mime/preview.h"
#include "protocol/mime/search_fields.h"
#include "protocol/mime/sort_keys.h"
#include "protocol/mime/text_decoder.h"
#include "tests/mime/support.h"

#include <array>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

using namespace mail::mime;

namespace {

void require(bool holds)
{
    if (!holds)
        std::abort();
}

void check_addresses(std::string_view value)
{
    bool in_group = false;
    for (auto const& address : parse_addresses(value)) {
        if (address.kind == Address::Kind::group_begin)
            require(!in_group && !address.name.empty());
        if (address.kind == Address::Kind::group_end)
            require(in_group);
        in_group = address.kind == Address::Kind::group_begin
            || (in_group && address.kind != Address::Kind::group_end);
    }
    require(!in_group);
}

void check_fields(std::string_view block)
{
    std::size_t at = 0;
    for (Fields fields(block); fields.next();) {
        auto const& field = fields.field();
        require(field.begin >= at && field.end > field.begin && field.end <= block.size()
            && !field.name.empty());
        at = field.end;
    }
    std::vector<std::string> const names { "from", "x" };
    require(select_fields(block, names, Select::these).size() <= block.size() + 4);
    require(select_fields(block, names, Select::all_but_these).size() <= block.size() + 4);
}

/// Decodes in one piece and octet by octet: the same must come out.
void check_transfer(std::string_view octets)
{
    for (auto const encoding : { TransferEncoding::base64, TransferEncoding::quoted_printable }) {
        std::string pieces;
        TransferDecoder decoder(encoding);
        for (std::size_t i = 0; i < octets.size(); ++i)
            decoder.decode(octets.substr(i, 1), pieces);
        decoder.finish(pieces);
        require(pieces == decode_transfer(encoding, octets));
    }
    // One charset in each run: ICU's converters are slow to open.
    constexpr std::array<std::string_view, 8> charsets { "utf-8", "", "iso-2022-jp", "utf-7",
        "gb18030", "utf-16", "shift_jis", "hz-gb-2312" };
    auto const charset = charsets[octets.size() % charsets.size()];
    std::string pieces;
    CharsetDecoder decoder(charset);
    for (std::size_t i = 0; i < octets.size(); i += 3)
        decoder.decode(octets.substr(i, 3), pieces);
    decoder.finish(pieces);
    require(tests::is_utf8(pieces));
    require(pieces == to_utf8(charset, octets));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    std::string_view const octets(reinterpret_cast<char const*>(data), size);
    require(tests::is_wire_list(envelope_of(octets)));
    check_fields(octets);
    check_addresses(octets);
    check_transfer(octets);
    require(tests::is_utf8(decode_text(octets)));
    require(tests::is_utf8(fold(octets)));
    require(tests::is_utf8(preview_of_html(repair_utf8(octets))));
    if (auto const date = parse_date(octets))
        require(date->local_day() > -800'000 && date->local_day() < 3'000'000);

    auto const type = parse_content_type(octets);
    require(!type.type.empty() && !type.subtype.empty());
    param_value(type.params, "name");
    parse_disposition(octets);
    parse_languages(octets);

    auto const header = read_header_keys(octets);
    require(header.references.size() <= 200);
    for (auto const& id : header.references)
        require(!id.empty());
    auto const fields = encode_search_fields(header);
    SearchFields const view(fields);
    require(tests::is_utf8(view.subject) && tests::is_utf8(view.from));
    auto const keys = encode_sort_keys(header);
    require(IdKeys(keys[2]).reference_count() <= 200);
    require(!header.base_subject.is_valid || tests::is_utf8(SubjectKey(keys[0]).base));

    auto const half = octets.substr(0, size / 2);
    TextDecoder decoder(size % 2 == 0 ? "base64" : "8bit", "utf-8");
    std::string text;
    decoder.feed(half, text);
    decoder.feed(octets.substr(half.size()), text);
    decoder.finish(text);
    require(tests::is_utf8(text));
    return 0;
}
