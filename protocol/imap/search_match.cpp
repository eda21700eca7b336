// Three-valued evaluation: a program is decided with the cheapest evidence that suffices.
#include "protocol/imap/search_match.h"

#include "protocol/mime/encoded_word.h"
#include "protocol/mime/fold.h"
#include "protocol/mime/header.h"

namespace mail::imap {

namespace {

    using Kind = SearchKey::Kind;

    Truth truth(bool value) { return value ? Truth::yes : Truth::no; }

    Truth negation(Truth value)
    {
        return value == Truth::unknown ? value : truth(value == Truth::no);
    }

    /// The day in the date's own zone: time and zone are disregarded (RFC 9051 §6.4.4).
    std::int64_t local_day(storage::InternalDate date)
    {
        return mime::SentDate { date.seconds, date.zone_minutes }.local_day();
    }

    Truth match_sent(SearchKey const& key, Known const& known)
    {
        auto const& sent = known.hot.sent;
        if (sent.seconds == storage::no_date) // it was sent on no day that could be told
            return Truth::no;
        auto const day = local_day(sent);
        if (key.kind == Kind::sent_on)
            return truth(day == key.day);
        return truth(key.kind == Kind::sent_before ? day < key.day : day >= key.day);
    }

    Truth match_address(SearchKey const& key, Known const& known)
    {
        if (!known.fields)
            return Truth::unknown;
        auto const& fields = *known.fields;
        auto const text = key.kind == Kind::from ? fields.from
            : key.kind == Kind::to               ? fields.to
            : key.kind == Kind::cc               ? fields.cc
            : key.kind == Kind::bcc              ? fields.bcc
                                                 : fields.subject;
        return truth(mime::contains(text, key.text));
    }

    Truth match_list(SearchKey const& key, Known const& known)
    {
        auto const decisive = key.kind == Kind::both ? Truth::no : Truth::yes;
        auto result = negation(decisive);
        for (auto const& each : key.keys) {
            auto const one = match(each, known);
            if (one == decisive)
                return decisive;
            if (one == Truth::unknown)
                result = Truth::unknown;
        }
        return result;
    }

    Truth match_positive(SearchKey const& key, Known const& known)
    {
        auto const& hot = known.hot;
        switch (key.kind) {
        case Kind::all:
            return Truth::yes;
        case Kind::none:
            return Truth::no;
        case Kind::both:
        case Kind::either:
            return match_list(key, known);
        case Kind::sequence:
        case Kind::uid:
            return truth(key.uids.contains(hot.uid));
        case Kind::flag:
            return truth((hot.flags.system & key.number) != 0);
        case Kind::keyword:
            return truth(hot.flags.has_keyword(key.number));
        case Kind::recent:
            return truth(known.recent);
        case Kind::before:
            return truth(local_day(hot.internal_date) < key.day);
        case Kind::on:
            return truth(local_day(hot.internal_date) == key.day);
        case Kind::since:
            return truth(local_day(hot.internal_date) >= key.day);
        case Kind::larger:
            return truth(hot.size > key.number);
        case Kind::smaller:
            return truth(hot.size < key.number);
        case Kind::mod_seq:
            return truth(hot.mod_seq.value >= key.number);
        case Kind::sent_before:
        case Kind::sent_on:
        case Kind::sent_since:
            return match_sent(key, known);
        case Kind::from:
        case Kind::to:
        case Kind::cc:
        case Kind::bcc:
        case Kind::subject:
            return match_address(key, known);
        case Kind::header:
            return known.header ? truth(has_field(*known.header, key.field, key.text))
                                : Truth::unknown;
        case Kind::body:
        case Kind::text:
            return known.found ? truth((*known.found)[key.pattern]) : Truth::unknown;
        }
        return Truth::no;
    }

} // namespace

Truth match(SearchKey const& key, Known const& known)
{
    auto const result = match_positive(key, known);
    return key.negated ? negation(result) : result;
}

bool has_field(std::string_view header_block, std::string_view name, std::string_view folded_text)
{
    for (mime::Fields fields(header_block); fields.next();) {
        auto const& field = fields.field();
        if (!mime::equal_no_case(field.name, name))
            continue;
        if (folded_text.empty()
            || mime::contains(mime::fold(mime::decode_text(field.value)), folded_text))
            return true;
    }
    return false;
}

} // namespace mail::imap
