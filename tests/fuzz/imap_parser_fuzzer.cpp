// Any octets as arguments: every rule ends, reads nothing beyond them, and what it accepts can be
// written and read again.

#include "protocol/imap/annotations.h"
#include "protocol/imap/catenate.h"
#include "protocol/imap/comparator.h"
#include "protocol/imap/date_time.h"
#include "protocol/imap/fetch_items.h"
#include "protocol/imap/incoming.h"
#include "protocol/imap/list_args.h"
#include "protocol/imap/mutf7.h"
#include "protocol/imap/notify_request.h"
#include "protocol/imap/parser.h"
#include "protocol/imap/partial_range.h"
#include "protocol/imap/response.h"
#include "protocol/imap/rights.h"
#include "protocol/imap/search_match.h"
#include "protocol/imap/search_parser.h"
#include "protocol/imap/search_return.h"
#include "protocol/imap/search_sources.h"
#include "protocol/imap/search_target.h"
#include "protocol/imap/sort_key.h"
#include "protocol/imap/special_use.h"
#include "protocol/imap/wildcard.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace mail::imap;

namespace {

void require(bool holds)
{
    if (!holds)
        std::abort();
}

void check_mailbox(std::string_view text)
{
    Parser in(text);
    auto const name = in.mailbox();
    if (in.failed())
        return;
    std::string written;
    append_mailbox(written, name, Spelling::mutf7);
    Parser again(written);
    require(again.mailbox() == name && again.at_end());
    require(Wildcard(name).matches(name));
}

void check_string(std::string_view text)
{
    Parser in(text);
    auto const octets = in.astring();
    if (in.failed())
        return;
    std::string written;
    append_string(written, octets);
    Parser again(written);
    require(again.string() == octets && again.at_end());
}

/// LIST's arguments, as they follow the command's name.
void check_list(std::string_view text)
{
    Parser in(text);
    auto const args = parse_list(in);
    require(args.has_value() != in.failed());
    if (!args)
        return;
    require(args->patterns.size() <= 50 && args->return_metadata.size() <= 50);
    require(!args->recursive_match || args->has_criteria());
    require(!args->is_extended || !args->asks_for_root());
    Patterns const patterns(*args);
    Patterns::Match match;
    for (std::size_t i = 0; i < patterns.size(); ++i)
        patterns.match(i, "INBOX/a", match);
    require(match.name || !match.level);
    Parser plain(text);
    require(parse_plain_list(plain).has_value() != plain.failed());
}

void check_annotation(std::string_view text)
{
    for (auto const which : { Entries::named, Entries::above }) {
        Parser in(text);
        auto const entry = parse_entry(in, which);
        if (in.failed())
            continue;
        require(entry.size() <= max_entry_name && entry.find_first_of("*%") == entry.npos);
        std::string written;
        Line(written).astring(entry);
        Parser again(std::string_view(written).substr(1, written.size() - 3));
        require(parse_entry(again, which) == entry && again.at_end());
    }
    Parser in(text);
    auto const value = in.nstring8();
    if (in.failed())
        return;
    std::string written;
    {
        Line line(written);
        tell_annotation(line, "/private/x", value);
    }
    Parser again(std::string_view(written).substr(12, written.size() - 14));
    require(again.nstring8() == value && again.at_end());
}

void check_uses_and_rights(std::string_view text)
{
    Parser in(text);
    auto const uses = parse_special_uses(in);
    in.end();
    if (!in.failed()) {
        auto const written = special_use_list(uses);
        Parser again(written);
        require(parse_special_uses(again) == uses && again.at_end());
    }
    if (auto const rights = parse_rights(text)) {
        std::string letters;
        append_rights(letters, *rights);
        // The old letters "c" and "d" are told for a part of what they stand for (RFC 4314 §2.1.1).
        auto const again = parse_rights(letters);
        require(again && again->has(*rights));
    }
}

void check_date(std::string_view text)
{
    Parser in(text);
    auto const date = in.date_time();
    if (in.failed())
        return;
    std::string written;
    append_date_time(written, date);
    Parser again(written);
    auto const same = again.date_time();
    // Near the year 0 and after 9999 the zone may push the moment out of what the wire can say.
    constexpr std::int64_t margin = 100 * 3600;
    if (date.seconds > -62167219200 + 366 * 86400 + margin && date.seconds < 253402300799 - margin)
        require(!again.failed() && same == date);
}

void check_set(std::string_view text)
{
    Parser in(text);
    auto const set = in.sequence_set();
    if (in.failed())
        return;
    mail::storage::UidSet uids;
    uids.add(mail::storage::UidRange { { 3 }, { 9 } });
    uids.add(mail::storage::UidRange { { 12 }, { 4000000000 } });
    mail::session::UidMap const map(uids);
    for (auto const numbering : { Numbering::sequence, Numbering::uid }) {
        auto const found = resolve(set, numbering, map);
        if (!found)
            continue;
        require(map.present(*found) == *found);
        std::string written;
        append_set(written, *found);
        if (found->empty())
            continue;
        Parser again(written);
        auto const same = resolve(again.sequence_set(), Numbering::uid, map);
        require(same && *same == *found);
    }
}

/// A page of a set is part of it, and no larger than was asked for.
void check_page(Parser& in)
{
    auto const range = parse_partial_range(in);
    if (in.failed())
        return;
    mail::storage::UidSet uids;
    uids.add(mail::storage::UidRange { { 3 }, { 9 } });
    uids.add(mail::storage::UidRange { { 12 }, { 4000000000 } });
    auto const page = page_of(uids, range);
    require(page.intersection(uids) == page && page.count() <= range.size());
}

std::optional<std::string> find_filter(std::string_view name)
{
    if (name == "a")
        return "UNSEEN FILTER b";
    if (name == "b")
        return "OR FUZZY SUBJECT x (1:3 BODY y)";
    return name == "c" ? std::optional<std::string>("FILTER c") : std::nullopt;
}

/// What is decided by little evidence stays so with more, and all of it decides everything.
void check_evidence(SearchProgram& program)
{
    mail::storage::UidSet uids;
    uids.add(mail::storage::UidRange { { 3 }, { 9 } });
    SearchTarget target { {}, {}, std::make_shared<mail::session::UidMap const>(uids), { 10 } };
    target.saved = uids;
    std::vector<std::string> const keywords { "k", "$Junk" };
    make_ready(program, target, keywords, 1'700'000'000);
    require(uids.intersection(candidates(program, uids)) == candidates(program, uids));
    octets_of(program);
    mail::storage::HotRecord hot;
    hot.uid = { 4 };
    hot.size = 1000;
    mail::storage::ColdRecord const cold;
    std::vector<std::uint8_t> const found(program.patterns.size());
    Known known { hot };
    known.collation = program.collation;
    auto decided = match(program.root, known);
    auto const learn = [&] {
        auto const now = match(program.root, known);
        require(decided == Truth::unknown || decided == now);
        decided = now;
    };
    known.cold = &cold;
    known.fields.emplace();
    learn();
    known.header = "Subject: x\r\nX-Tag: y\r\n";
    learn();
    known.found = found;
    learn();
    require(decided != Truth::unknown);
    if (decided == Truth::yes)
        require(relevancy(program, known) >= 1 && relevancy(program, known) <= 100);
}

void check_search(std::string_view text)
{
    for (auto const what : { Searching::search, Searching::sort, Searching::multisearch }) {
        Parser in(text);
        SearchGrammar grammar;
        grammar.find_filter = find_filter;
        auto const sources
            = what == Searching::multisearch ? parse_search_sources(in) : SearchSources {};
        auto const wanted = parse_search_return(in, what);
        if (what == Searching::sort) {
            require(parse_sort_criteria(in).size() <= 20);
            in.space();
            grammar.collation = mail::mime::Collation::octet;
            grammar.charset = parse_charset(in);
            in.space();
        } else
            grammar.charset = parse_optional_charset(in);
        auto program = parse_search_keys(in, grammar);
        if (in.failed())
            continue;
        require(!(wanted.all && wanted.partial));
        require(program.key_count <= max_search_keys);
        require(program.patterns.size() <= max_search_patterns);
        std::size_t names = 0;
        for (auto const& filter : sources.others) {
            names += filter.names.size();
            takes(filter, { "INBOX/a", true, true, true });
        }
        require(names <= max_filter_names);
        check_evidence(program);
    }
    Parser in(text);
    require(parse_notify(in).has_value() != in.failed());
}

void check_comparator(std::string_view text)
{
    auto const found = find_comparators(text);
    if (!found)
        return;
    for (auto const each : *found) {
        auto const again = find_comparators(name_of(each));
        require(again && again->size() == 1 && again->front() == each);
    }
}

/// Rules in the order that the input asks for.
void check_rules(std::string_view rules, std::string_view text)
{
    Parser in(text);
    for (char const rule : rules) {
        switch (static_cast<unsigned char>(rule) % 16) {
        case 0:
            in.atom();
            break;
        case 1:
            in.astring();
            break;
        case 2:
            in.nstring();
            break;
        case 3:
            in.number();
            break;
        case 4:
            in.number64();
            break;
        case 5:
            in.list_mailbox();
            break;
        case 6:
            in.flags();
            break;
        case 7:
            in.sequence_set();
            break;
        case 8:
            in.date();
            break;
        case 9:
            in.list_or_empty([&] { in.string(); });
            break;
        case 10:
            in.streamed_literal();
            break;
        case 11:
            in.space();
            break;
        case 12:
            parse_message_head(in);
            break;
        case 13:
            parse_cat_part(in, CatPlace::first);
            break;
        case 14:
            parse_fetch_items(in);
            break;
        case 15:
            check_page(in);
            break;
        }
        require(in.position() <= text.size());
    }
    in.end();
    auto const result = in.finish(0);
    require(result.has_value() != in.failed());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    std::string_view const input(reinterpret_cast<char const*>(data), size);
    check_mailbox(input);
    check_string(input);
    check_list(input);
    check_annotation(input);
    check_uses_and_rights(input);
    check_date(input);
    check_set(input);
    check_search(input);
    check_comparator(input);
    if (auto const utf8 = decode_mutf7(input))
        require(is_utf8(*utf8) && encode_mutf7(*utf8) == input);
    if (is_utf8(input))
        encode_mutf7(input);
    auto const rules = input.substr(0, std::min<std::size_t>(6, input.size()));
    check_rules(rules, input.substr(rules.size()));
    auto const cut = input.find('\n');
    if (cut != std::string_view::npos && cut < 2000)
        Wildcard(input.substr(0, cut)).matches(input.substr(cut + 1, 500));
    return 0;
}
