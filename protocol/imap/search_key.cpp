// The grammar of SEARCH's keys, and what can be known of a program before it runs.
#include "protocol/imap/search_key.h"

#include "protocol/imap/parser.h"
#include "protocol/mime/charset.h"
#include "protocol/mime/fold.h"
#include "protocol/mime/header.h"
#include "storage/messages.h"

#include <algorithm>
#include <array>

namespace mail::imap {

namespace {

    using Kind = SearchKey::Kind;
    using storage::Flags;

    enum class Argument : std::uint8_t {
        nothing,
        flag,
        unflag,
        keyword,
        unkeyword,
        date,
        number,
        pattern,
        header,
        mod_seq,
        uids,
        old,
        fresh
    };

    struct Name {
        std::string_view name;
        Kind kind;
        Argument argument = Argument::nothing;
        std::uint8_t flag = 0;
        Capability needs = Capability::imap4rev1;
    };

    // clang-format off
    constexpr auto names = std::to_array<Name>({
        {"ALL",        Kind::all},
        {"ANSWERED",   Kind::flag,        Argument::flag,   Flags::answered},
        {"BCC",        Kind::bcc,         Argument::pattern},
        {"BEFORE",     Kind::before,      Argument::date},
        {"BODY",       Kind::body,        Argument::pattern},
        {"CC",         Kind::cc,          Argument::pattern},
        {"DELETED",    Kind::flag,        Argument::flag,   Flags::deleted},
        {"DRAFT",      Kind::flag,        Argument::flag,   Flags::draft},
        {"FLAGGED",    Kind::flag,        Argument::flag,   Flags::flagged},
        {"FROM",       Kind::from,        Argument::pattern},
        {"HEADER",     Kind::header,      Argument::header},
        {"KEYWORD",    Kind::keyword,     Argument::keyword},
        {"LARGER",     Kind::larger,      Argument::number},
        {"MODSEQ",     Kind::mod_seq,     Argument::mod_seq, 0, Capability::condstore},
        {"NEW",        Kind::recent,      Argument::fresh},
        {"OLD",        Kind::recent,      Argument::old},
        {"ON",         Kind::on,          Argument::date},
        {"RECENT",     Kind::recent},
        {"SEEN",       Kind::flag,        Argument::flag,   Flags::seen},
        {"SENTBEFORE", Kind::sent_before, Argument::date},
        {"SENTON",     Kind::sent_on,     Argument::date},
        {"SENTSINCE",  Kind::sent_since,  Argument::date},
        {"SINCE",      Kind::since,       Argument::date},
        {"SMALLER",    Kind::smaller,     Argument::number},
        {"SUBJECT",    Kind::subject,     Argument::pattern},
        {"TEXT",       Kind::text,        Argument::pattern},
        {"TO",         Kind::to,          Argument::pattern},
        {"UID",        Kind::uid,         Argument::uids},
        {"UNANSWERED", Kind::flag,        Argument::unflag, Flags::answered},
        {"UNDELETED",  Kind::flag,        Argument::unflag, Flags::deleted},
        {"UNDRAFT",    Kind::flag,        Argument::unflag, Flags::draft},
        {"UNFLAGGED",  Kind::flag,        Argument::unflag, Flags::flagged},
        {"UNKEYWORD",  Kind::keyword,     Argument::unkeyword},
        {"UNSEEN",     Kind::flag,        Argument::unflag, Flags::seen},
    });
    // clang-format on
    static_assert(std::ranges::is_sorted(names, {}, &Name::name));

    /// The row of a key's name, in any case.
    Name const* find_name(std::string_view word)
    {
        auto const row = std::ranges::find_if(
            names, [&](Name const& n) { return equal_without_case(n.name, word); });
        return row == names.end() ? nullptr : &*row;
    }

    class KeyParser {
    public:
        KeyParser(Parser& in, std::string_view charset, SearchProgram& program)
            : in_(in)
            , charset_(charset)
            , program_(program)
        {
        }

        /// search-key *(SP search-key), up to ")" or the end.
        SearchKey conjunction()
        {
            SearchKey all { Kind::both };
            do
                add(all, key());
            while (has_more());
            return all;
        }

    private:
        bool has_more()
        {
            if (in_.failed() || in_.at_end() || !in_.is_next(' '))
                return false;
            in_.space();
            return !in_.is_next(')');
        }

        /// Takes a key into a list of the same kind without another level.
        static void add(SearchKey& list, SearchKey&& key)
        {
            if (key.kind == list.kind && !key.negated)
                std::ranges::move(key.keys, std::back_inserter(list.keys));
            else
                list.keys.push_back(std::move(key));
        }

        SearchKey key()
        {
            if (++program_.key_count > max_search_keys)
                in_.refuse(no("LIMIT", "Too many search keys: ask for at most 5000 in one SEARCH"));
            if (in_.failed())
                return {};
            bool negated = false;
            while (in_.accept_word("NOT")) { // no recursion, however many there are
                negated = !negated;
                in_.space();
            }
            SearchKey result;
            if (in_.accept('('))
                result = parenthesized();
            else if (in_.accept_word("OR"))
                result = disjunction();
            else
                result = simple();
            result.negated ^= negated;
            return result;
        }

        bool enter()
        {
            if (++depth_ > max_search_depth)
                in_.refuse(
                    no("LIMIT", "Search keys are nested too deeply: 100 levels are the limit"));
            return !in_.failed();
        }

        SearchKey parenthesized()
        {
            SearchKey result;
            if (enter())
                result = conjunction();
            --depth_;
            in_.close();
            if (result.keys.size() == 1) {
                auto only = std::move(result.keys.front());
                return only;
            }
            return result;
        }

        /// OR a OR b OR c d is one list: clients write long ones.
        SearchKey disjunction()
        {
            SearchKey any { Kind::either };
            if (enter()) {
                do {
                    in_.space();
                    add(any, key());
                    in_.space();
                } while (!in_.failed() && in_.accept_word("OR"));
                add(any, key());
            }
            --depth_;
            return any;
        }

        SearchKey simple()
        {
            auto const next = in_.rest();
            if (!next.empty()
                && ((next.front() >= '0' && next.front() <= '9') || next.front() == '*'))
                return set_key(Kind::sequence);
            auto const* const name = find_name(in_.atom());
            if (!name || !in_.offers(name->needs)) {
                in_.fail("a search key such as ALL, UNSEEN, SINCE, FROM or a sequence set");
                return {};
            }
            return with_argument(*name);
        }

        SearchKey set_key(Kind kind)
        {
            SearchKey key { kind };
            key.set = in_.sequence_set();
            return key;
        }

        SearchKey with_argument(Name const& name)
        {
            SearchKey key { name.kind };
            switch (name.argument) {
            case Argument::nothing:
                break;
            case Argument::old:
                key.negated = true;
                break;
            case Argument::fresh:
                key = SearchKey { Kind::both };
                key.keys
                    = { SearchKey { Kind::recent }, SearchKey { Kind::flag, true, Flags::seen } };
                break;
            case Argument::flag:
            case Argument::unflag:
                key.number = name.flag;
                key.negated = name.argument == Argument::unflag;
                break;
            case Argument::keyword:
            case Argument::unkeyword:
                in_.space();
                key.text = in_.atom();
                key.negated = name.argument == Argument::unkeyword;
                break;
            case Argument::date:
                in_.space();
                key.day = in_.date().time_since_epoch().count();
                break;
            case Argument::number:
                in_.space();
                key.number = in_.number64();
                break;
            case Argument::header:
                in_.space();
                key.field = in_.astring();
                [[fallthrough]];
            case Argument::pattern:
                in_.space();
                key.text = pattern();
                name_pattern(key);
                break;
            case Argument::mod_seq:
                in_.space();
                key.number = mod_seq();
                break;
            case Argument::uids:
                in_.space();
                return set_key(Kind::uid);
            }
            return key;
        }

        std::string pattern()
        {
            auto const octets = in_.astring();
            return mime::fold(
                charset_.empty() ? mime::repair_utf8(octets) : mime::to_utf8(charset_, octets));
        }

        /// Files the patterns that are looked for in bodies; finds cheaper keys for common fields.
        void name_pattern(SearchKey& key)
        {
            if (key.kind == Kind::body || key.kind == Kind::text) {
                key.pattern = program_.patterns.size();
                program_.patterns.push_back({ key.text, key.kind == Kind::text });
            }
            if (key.kind != Kind::header
                || key.text.empty()) // an empty one asks whether the field is there
                return;
            for (auto const& [field, kind] : { std::pair { "From", Kind::from }, { "To", Kind::to },
                     { "Cc", Kind::cc }, { "Bcc", Kind::bcc }, { "Subject", Kind::subject } })
                if (equal_without_case(key.field, field))
                    key.kind = kind;
        }

        /// [entry-name SP entry-type SP] mod-sequence-valzer: one mod-sequence stands for all flags
        /// here.
        std::uint64_t mod_seq()
        {
            program_.names_mod_seq = true;
            if (in_.is_next('"')) {
                in_.string();
                in_.space();
                if (!in_.accept_word("shared") && !in_.accept_word("priv")
                    && !in_.accept_word("all"))
                    in_.fail("shared, priv or all");
                in_.space();
            }
            return in_.number64();
        }

        Parser& in_;
        std::string_view charset_;
        SearchProgram& program_;
        std::size_t depth_ = 0;
    };

    Evidence needs_of(Kind kind)
    {
        switch (kind) {
        case Kind::from:
        case Kind::to:
        case Kind::cc:
        case Kind::bcc:
        case Kind::subject:
            return Evidence::cold;
        case Kind::header:
            return Evidence::header;
        case Kind::body:
        case Kind::text:
            return Evidence::text;
        default:
            return Evidence::hot;
        }
    }

    Result<void> bind_key(SearchProgram& program, SearchKey& key, session::UidMap const& map,
        std::span<std::string const> keywords)
    {
        for (auto& each : key.keys)
            if (auto const bound = bind_key(program, each, map, keywords); !bound)
                return bound;
        key.needs = needs_of(key.kind);
        program.has[static_cast<std::size_t>(key.needs)] = true;
        for (auto const& each : key.keys)
            key.needs = std::max(key.needs, each.needs);
        std::ranges::stable_sort(key.keys, {}, &SearchKey::needs);

        if (key.kind == Kind::sequence || key.kind == Kind::uid) {
            auto uids = resolve(
                key.set, key.kind == Kind::uid ? Numbering::uid : Numbering::sequence, map);
            if (!uids)
                return uids.error();
            key.uids = std::move(*uids);
        } else if (key.kind == Kind::keyword) {
            auto const found = std::ranges::find_if(keywords,
                [&](std::string const& keyword) { return equal_without_case(keyword, key.text); });
            if (found == keywords.end())
                key.kind = Kind::none;
            else
                key.number = static_cast<std::uint64_t>(found - keywords.begin());
        }
        return {};
    }

} // namespace

SearchProgram parse_search_keys(Parser& in, std::string_view charset)
{
    SearchProgram program;
    program.root = KeyParser(in, charset, program).conjunction();
    in.end();
    return program;
}

Result<void> make_ready(
    SearchProgram& program, session::UidMap const& map, std::span<std::string const> keywords)
{
    return bind_key(program, program.root, map, keywords);
}

storage::UidSet candidates(SearchProgram const& program, storage::UidSet const& all)
{
    auto result = all;
    for (auto const& key : program.root.keys)
        if ((key.kind == Kind::sequence || key.kind == Kind::uid) && !key.negated)
            result = result.intersection(key.uids);
    return result;
}

} // namespace mail::imap
