// Three-valued evaluation: a program is decided with the cheapest evidence that suffices.
#include "protocol/imap/search_match.h"

#include "protocol/mime/date.h"
#include "protocol/mime/encoded_word.h"
#include "protocol/mime/fold.h"
#include "protocol/mime/header.h"

#include <algorithm>
#include <cstdlib>

namespace mail::imap {

namespace {

    using Kind = SearchKey::Kind;

    constexpr unsigned best = 100; ///< score

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

    std::string_view field_of(Kind kind, mime::SearchFields const& fields)
    {
        switch (kind) {
        case Kind::from:
            return fields.from;
        case Kind::to:
            return fields.to;
        case Kind::cc:
            return fields.cc;
        case Kind::bcc:
            return fields.bcc;
        default:
            return fields.subject;
        }
    }

    /// The day that a date key compares; nothing: the message has no such date.
    std::optional<std::int64_t> day_of(Kind kind, storage::HotRecord const& hot)
    {
        switch (kind) {
        case Kind::sent_before:
        case Kind::sent_on:
        case Kind::sent_since: // without a Date it was sent on no day that could be told
            if (hot.sent.seconds == storage::no_date)
                return std::nullopt;
            return local_day(hot.sent);
        case Kind::saved_before:
        case Kind::saved_on:
        case Kind::saved_since:
            return local_day({ hot.save_date, 0 });
        default:
            return local_day(hot.internal_date);
        }
    }

    /// How far the message is from what the key asks for, in the unit of the key; 0: it matches.
    std::optional<std::int64_t> distance(SearchKey const& key, storage::HotRecord const& hot)
    {
        auto const clamp
            = [](std::uint64_t n) { return static_cast<std::int64_t>(std::min(n, 1UL << 62)); };
        auto const above = [](std::int64_t n) { return std::max<std::int64_t>(n, 0); };
        switch (key.kind) {
        case Kind::older:
            return above(hot.internal_date.seconds - key.moment);
        case Kind::younger:
            return above(key.moment - hot.internal_date.seconds);
        case Kind::larger:
            return above(clamp(key.number) - clamp(hot.size) + 1);
        case Kind::smaller:
            return above(clamp(hot.size) - clamp(key.number) + 1);
        default:
            break;
        }
        auto const day = day_of(key.kind, hot);
        if (!day)
            return std::nullopt;
        switch (key.kind) {
        case Kind::before:
        case Kind::sent_before:
        case Kind::saved_before:
            return above(*day - key.day + 1);
        case Kind::on:
        case Kind::sent_on:
        case Kind::saved_on:
            return std::abs(*day - key.day);
        default: // since
            return above(key.day - *day);
        }
    }

    /// How far a message may be from what a fuzzy key asks for: a week, or a quarter.
    std::int64_t tolerance(SearchKey const& key)
    {
        switch (key.kind) {
        case Kind::older:
        case Kind::younger:
        case Kind::larger:
        case Kind::smaller:
            return static_cast<std::int64_t>(std::min(key.number, 1UL << 62) / 4);
        default:
            return 7;
        }
    }

    /// 100 to 1 the farther the message is, then 0.
    unsigned nearness(SearchKey const& key, storage::HotRecord const& hot)
    {
        auto const far = distance(key, hot);
        auto const most = key.fuzzy ? tolerance(key) : 0;
        if (!far || *far > most)
            return 0;
        if (*far == 0)
            return best;
        auto const part = static_cast<double>(*far) / static_cast<double>(most);
        return best - 1 - static_cast<unsigned>(part * (best - 2));
    }

    unsigned match_text(
        std::string_view folded_text, std::string_view pattern, mime::FuzzyPattern const* words)
    {
        if (words)
            return mime::fuzzy_score(folded_text, *words);
        return mime::contains(folded_text, pattern) ? best : 0;
    }

    unsigned match_header(SearchKey const& key, Known const& known)
    {
        if (!key.words)
            return has_field(*known.header, key.field, key.text, known.collation) ? best : 0;
        unsigned score = 0;
        for (mime::Fields fields(*known.header); fields.next();)
            if (mime::equal_no_case(fields.field().name, key.field))
                score = std::max(score,
                    mime::fuzzy_score(
                        mime::fold(mime::decode_text(fields.field().value), known.collation),
                        *key.words));
        return score;
    }

    /// 0 for no match, 100 for a full one, between them for a fuzzy one; nothing when it is not
    /// known. For keys that have no keys below them, without regard to their negation.
    std::optional<unsigned> score(SearchKey const& key, Known const& known)
    {
        auto const& hot = known.hot;
        auto const all_or_none = [](bool value) { return value ? best : 0; };
        switch (key.kind) {
        case Kind::all:
            return best;
        case Kind::none:
        case Kind::both:
        case Kind::either:
            return 0;
        case Kind::sequence:
        case Kind::uid:
            return all_or_none(
                key.uids.contains(hot.uid) || (key.saved && key.saved->contains(hot.uid)));
        case Kind::uid_after:
            return all_or_none(hot.uid.value > key.number);
        case Kind::uid_before:
            return all_or_none(hot.uid.value < key.number);
        case Kind::flag:
            return all_or_none((hot.flags.system & key.number) != 0);
        case Kind::keyword:
            return all_or_none(
                key.number < storage::max_keywords && hot.flags.has_keyword(key.number));
        case Kind::recent:
            return all_or_none(known.recent);
        case Kind::mod_seq:
            return all_or_none(hot.mod_seq.value >= key.number);
        case Kind::email_id:
            if (!known.cold)
                return std::nullopt;
            return all_or_none(known.cold->email_id.value == key.number);
        case Kind::thread_id:
            if (!known.cold)
                return std::nullopt;
            return all_or_none(known.cold->thread_id == key.number);
        case Kind::from:
        case Kind::to:
        case Kind::cc:
        case Kind::bcc:
        case Kind::subject:
            if (!known.fields)
                return std::nullopt;
            return match_text(field_of(key.kind, *known.fields), key.text, key.words.get());
        case Kind::header:
            if (!known.header)
                return std::nullopt;
            return match_header(key, known);
        case Kind::body:
        case Kind::text:
            if (!known.found)
                return std::nullopt;
            return (*known.found)[key.pattern];
        default: // dates, sizes
            return nearness(key, hot);
        }
    }

    bool is_list(SearchKey const& key)
    {
        return key.kind == Kind::both || key.kind == Kind::either;
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

    /// The mean of those that all must match, the best of those of which one must; nothing when no
    /// key is fuzzy, and known.
    std::optional<unsigned> fuzzy_part(SearchKey const& key, Known const& known)
    {
        if (!is_list(key)) {
            if (!key.fuzzy || key.negated)
                return std::nullopt;
            return score(key, known);
        }
        unsigned sum = 0, count = 0, most = 0;
        for (auto const& each : key.keys)
            if (auto const part = fuzzy_part(each, known)) {
                sum += *part;
                most = std::max(most, *part);
                ++count;
            }
        if (count == 0 || key.negated)
            return std::nullopt;
        return key.kind == Kind::both ? sum / count : most;
    }

} // namespace

Truth match(SearchKey const& key, Known const& known)
{
    Truth result;
    if (is_list(key)) {
        result = match_list(key, known);
    } else {
        auto const value = score(key, known);
        result = value ? truth(*value != 0) : Truth::unknown;
    }
    return key.negated ? negation(result) : result;
}

unsigned relevancy(SearchProgram const& program, Known const& known)
{
    return std::max(fuzzy_part(program.root, known).value_or(best), 1U);
}

bool has_field(std::string_view header_block, std::string_view name, std::string_view folded_text,
    mime::Collation collation)
{
    for (mime::Fields fields(header_block); fields.next();) {
        auto const& field = fields.field();
        if (!mime::equal_no_case(field.name, name))
            continue;
        if (folded_text.empty()
            || mime::contains(mime::fold(mime::decode_text(field.value), collation), folded_text))
            return true;
    }
    return false;
}

} // namespace mail::imap
