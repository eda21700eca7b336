// The grammar of FETCH's data items.
#include "protocol/imap/fetch_items.h"

#include "protocol/imap/parser.h"

#include <algorithm>
#include <fmt/format.h>

namespace mail::imap {

using ItemKind = FetchItem::Kind;

bool FetchItems::has(ItemKind kind) const
{
    return std::ranges::any_of(list, [kind](FetchItem const& item) { return item.kind == kind; });
}

void FetchItems::add(ItemKind kind)
{
    if (has(kind))
        return;
    // Not in the order asked for: many clients read the UID before anything else.
    list.insert(kind == ItemKind::uid ? list.begin() : list.end(), FetchItem { kind });
}

void FetchItems::add(FetchItem item)
{
    auto const same = [&](FetchItem const& other) {
        auto const octets = [](FetchItem const& i) { return i.partial ? i.partial->octets : 0; };
        return other.kind == item.kind && other.label == item.label
            && octets(other) == octets(item);
    };
    if (auto const known = std::ranges::find_if(list, same); known != list.end())
        known->sets_seen |= item.sets_seen;
    else
        list.push_back(std::move(item));
}

bool FetchItems::set_seen() const { return std::ranges::any_of(list, &FetchItem::sets_seen); }

bool FetchItems::needs_cold() const
{
    return std::ranges::any_of(list, [](FetchItem const& item) {
        switch (item.kind) {
        case ItemKind::envelope:
        case ItemKind::body:
        case ItemKind::body_structure:
        case ItemKind::preview:
        case ItemKind::email_id:
        case ItemKind::thread_id:
        case ItemKind::binary:
        case ItemKind::binary_size:
            return true;
        case ItemKind::section: // the whole message lies where its size says
            return !item.section.path.empty() || item.section.text != Section::Text::whole;
        default:
            return false;
        }
    });
}

storage::Columns FetchItems::columns() const
{
    bool const flags_suffice = std::ranges::all_of(list, [](FetchItem const& item) {
        return item.kind == ItemKind::uid || item.kind == ItemKind::flags
            || item.kind == ItemKind::mod_seq;
    });
    return flags_suffice ? storage::Columns::flags : storage::Columns::all;
}

bool FetchItems::has_binary() const
{
    return std::ranges::any_of(list, [](FetchItem const& item) { return item.is_binary(); });
}

namespace {

    bool is_word(char c)
    {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }

    /// Letters, digits and dots: an item's name up to its bracket. Not an atom, which takes "[" as
    /// well.
    std::string_view dotted_word(Parser& in)
    {
        auto const rest = in.rest();
        std::size_t end = 0;
        while (end < rest.size() && (is_word(rest[end]) || rest[end] == '.'))
            ++end;
        in.skip(end);
        return rest.substr(0, end);
    }

    void parse_field_names(Parser& in, Section& section)
    {
        in.space();
        in.list([&] {
            auto const name = in.astring();
            if (name.empty())
                in.fail("the name of a header field");
            section.fields.emplace_back(name);
        });
    }

    /// section-text, behind the part numbers.
    void parse_section_text(Parser& in, Section& section)
    {
        auto const name = dotted_word(in);
        if (equal_without_case(name, "HEADER"))
            section.text = Section::Text::header;
        else if (equal_without_case(name, "TEXT"))
            section.text = Section::Text::text;
        else if (equal_without_case(name, "HEADER.FIELDS"))
            section.text = Section::Text::fields;
        else if (equal_without_case(name, "HEADER.FIELDS.NOT"))
            section.text = Section::Text::all_but_fields;
        else if (equal_without_case(name, "MIME") && !section.path.empty())
            section.text = Section::Text::mime;
        else
            in.fail("HEADER, HEADER.FIELDS, HEADER.FIELDS.NOT, TEXT, a part number, or MIME behind "
                    "one");
        if (section.selects_fields())
            parse_field_names(in, section);
    }

    std::optional<Partial> parse_partial(Parser& in)
    {
        if (!in.accept('<'))
            return std::nullopt;
        Partial partial;
        partial.offset = in.number64();
        in.expect('.');
        partial.octets = in.number64();
        if (partial.octets == 0)
            in.fail("a number of octets above 0");
        in.expect('>');
        return partial;
    }

    void parse_body(Parser& in, FetchItems& items, bool sets_seen)
    {
        FetchItem item { ItemKind::section };
        item.section = parse_section(in);
        item.partial = parse_partial(in);
        item.label = "BODY[";
        append_section(item.label, item.section);
        item.label += ']';
        if (item.partial)
            item.label += fmt::format("<{}>", item.partial->offset);
        item.sets_seen = sets_seen;
        items.add(std::move(item));
    }

    /// section-binary and, but for the size, partial (RFC 3516 §7).
    void parse_binary(Parser& in, FetchItems& items, ItemKind kind, bool sets_seen)
    {
        FetchItem item { kind };
        item.section = parse_section(in);
        if (item.section.text != Section::Text::whole)
            in.fail("a part's number alone: what is decoded is a part");
        if (kind == ItemKind::binary)
            item.partial = parse_partial(in);
        item.label = kind == ItemKind::binary ? "BINARY[" : "BINARY.SIZE[";
        append_section(item.label, item.section);
        item.label += ']';
        if (item.partial)
            item.label += fmt::format("<{}>", item.partial->offset);
        item.sets_seen = sets_seen;
        items.add(std::move(item));
    }

    /// "PREVIEW" [SP "(" preview-mod *(SP preview-mod) ")"] (RFC 8970 §6). Previews are made when a
    /// message comes: none is ever late, so LAZY changes nothing.
    void parse_preview(Parser& in, FetchItems& items)
    {
        // A modifier of the whole command may follow as well.
        if (equal_without_case(in.rest().substr(0, 6), " (LAZY")) {
            in.space();
            in.list([&] {
                if (!in.accept_word("LAZY"))
                    in.fail("LAZY");
            });
        }
        items.add(ItemKind::preview);
    }

    void add_rfc822(FetchItems& items, char const* name, Section::Text text, bool sets_seen)
    {
        FetchItem item { ItemKind::section };
        item.section.text = text;
        item.label = name;
        item.sets_seen = sets_seen;
        items.add(std::move(item));
    }

    /// IMAP4rev2 has these items without the extension (RFC 9051, appendix B).
    bool offers_binary(Parser const& in)
    {
        return in.offers(Capability::binary) || in.terms().is_rev2();
    }

    void parse_item(Parser& in, FetchItems& items)
    {
        auto const name = dotted_word(in);
        auto const is = [name](std::string_view other) { return equal_without_case(name, other); };
        if (is("FLAGS"))
            items.add(ItemKind::flags);
        else if (is("UID"))
            items.add(ItemKind::uid);
        else if (is("INTERNALDATE"))
            items.add(ItemKind::internal_date);
        else if (is("RFC822.SIZE"))
            items.add(ItemKind::size);
        else if (is("ENVELOPE"))
            items.add(ItemKind::envelope);
        else if (is("BODYSTRUCTURE"))
            items.add(ItemKind::body_structure);
        else if (is("MODSEQ") && in.offers(Capability::condstore))
            items.add(ItemKind::mod_seq);
        else if (is("SAVEDATE") && in.offers(Capability::save_date))
            items.add(ItemKind::save_date);
        else if (is("PREVIEW") && in.offers(Capability::preview))
            parse_preview(in, items);
        else if (is("EMAILID") && in.offers(Capability::objectid))
            items.add(ItemKind::email_id);
        else if (is("THREADID") && in.offers(Capability::objectid))
            items.add(ItemKind::thread_id);
        else if (is("BINARY") && offers_binary(in))
            parse_binary(in, items, ItemKind::binary, true);
        else if (is("BINARY.PEEK") && offers_binary(in))
            parse_binary(in, items, ItemKind::binary, false);
        else if (is("BINARY.SIZE") && offers_binary(in))
            parse_binary(in, items, ItemKind::binary_size, false);
        else if (is("BODY") && !in.is_next('['))
            items.add(ItemKind::body);
        else if (is("BODY"))
            parse_body(in, items, true);
        else if (is("BODY.PEEK"))
            parse_body(in, items, false);
        else if (is("RFC822"))
            add_rfc822(items, "RFC822", Section::Text::whole, true);
        else if (is("RFC822.HEADER"))
            add_rfc822(items, "RFC822.HEADER", Section::Text::header, false);
        else if (is("RFC822.TEXT"))
            add_rfc822(items, "RFC822.TEXT", Section::Text::text, true);
        else
            in.fail("a data item such as FLAGS, UID, ENVELOPE, BODYSTRUCTURE or BODY[]");
        if (items.list.size() > max_fetch_items)
            in.refuse(no("LIMIT", "Too many data items: ask for at most 1000 in one FETCH"));
    }

    void add_macro(FetchItems& items, bool envelope, bool body)
    {
        items.add(ItemKind::flags);
        items.add(ItemKind::internal_date);
        items.add(ItemKind::size);
        if (envelope)
            items.add(ItemKind::envelope);
        if (body)
            items.add(ItemKind::body);
    }

} // namespace

Section parse_section(Parser& in)
{
    Section section;
    in.expect('[');
    while (!in.failed() && !in.is_next(']')) {
        auto const next = in.rest();
        if (next.empty() || next.front() < '0' || next.front() > '9') {
            parse_section_text(in, section);
            break;
        }
        section.path.push_back(in.nz_number());
        if (section.path.size() > max_section_depth)
            in.fail("at most 128 part numbers");
        if (!in.accept('.'))
            break;
        if (in.is_next(']'))
            in.fail("a part number, HEADER, TEXT or MIME behind the dot");
    }
    in.expect(']');
    return section;
}

FetchItems parse_fetch_items(Parser& in)
{
    FetchItems items;
    if (in.accept_word("ALL"))
        add_macro(items, true, false);
    else if (in.accept_word("FULL"))
        add_macro(items, true, true);
    else if (in.accept_word("FAST"))
        add_macro(items, false, false);
    else if (in.is_next('('))
        in.list([&] { parse_item(in, items); });
    else
        parse_item(in, items);
    return items;
}

} // namespace mail::imap
