// From the client's keys to a program.
#include "protocol/imap/search_parser.h"

#include "protocol/imap/context.h"
#include "protocol/imap/filters.h"
#include "protocol/imap/object_id.h"
#include "protocol/imap/parser.h"
#include "protocol/mime/charset.h"
#include "storage/messages.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

namespace mail::imap {

namespace {

    using Kind = SearchKey::Kind;
    using storage::Flags;

    constexpr std::size_t max_filters = 50; ///< that one command refers to, also by others
    constexpr std::size_t max_filter_depth = 10; ///< of filters that refer to filters

    enum class Argument : std::uint8_t {
        nothing,
        flag,
        unflag,
        keyword,
        unkeyword,
        date,
        number,
        uid,
        seconds,
        pattern,
        header,
        mod_seq,
        object_id,
        uids,
        filter,
        old,
        fresh
    };

    struct SearchKeyName {
        std::string_view name;
        Kind kind;
        Argument argument = Argument::nothing;
        std::uint8_t flag = 0;
        Capability needs = Capability::imap4rev1;
    };

    // clang-format off
    constexpr auto search_key_names = std::to_array<SearchKeyName>({
        {"ALL",               Kind::all},
        {"ANSWERED",          Kind::flag,         Argument::flag,   Flags::answered},
        {"BCC",               Kind::bcc,          Argument::pattern},
        {"BEFORE",            Kind::before,       Argument::date},
        {"BODY",              Kind::body,         Argument::pattern},
        {"CC",                Kind::cc,           Argument::pattern},
        {"DELETED",           Kind::flag,         Argument::flag,   Flags::deleted},
        {"DRAFT",             Kind::flag,         Argument::flag,   Flags::draft},
        {"EMAILID",           Kind::email_id,     Argument::object_id, 0, Capability::objectid},
        {"FILTER",            Kind::all,          Argument::filter,    0, Capability::filters},
        {"FLAGGED",           Kind::flag,         Argument::flag,   Flags::flagged},
        {"FROM",              Kind::from,         Argument::pattern},
        {"HEADER",            Kind::header,       Argument::header},
        {"KEYWORD",           Kind::keyword,      Argument::keyword},
        {"LARGER",            Kind::larger,       Argument::number},
        {"MODSEQ",            Kind::mod_seq,      Argument::mod_seq,   0, Capability::condstore},
        {"NEW",               Kind::recent,       Argument::fresh},
        {"OLD",               Kind::recent,       Argument::old},
        {"OLDER",             Kind::older,        Argument::seconds,   0, Capability::within},
        {"ON",                Kind::on,           Argument::date},
        {"RECENT",            Kind::recent},
        {"SAVEDATESUPPORTED", Kind::all,          Argument::nothing,   0, Capability::save_date},
        {"SAVEDBEFORE",       Kind::saved_before, Argument::date,      0, Capability::save_date},
        {"SAVEDON",           Kind::saved_on,     Argument::date,      0, Capability::save_date},
        {"SAVEDSINCE",        Kind::saved_since,  Argument::date,      0, Capability::save_date},
        {"SEEN",              Kind::flag,         Argument::flag,   Flags::seen},
        {"SENTBEFORE",        Kind::sent_before,  Argument::date},
        {"SENTON",            Kind::sent_on,      Argument::date},
        {"SENTSINCE",         Kind::sent_since,   Argument::date},
        {"SINCE",             Kind::since,        Argument::date},
        {"SMALLER",           Kind::smaller,      Argument::number},
        {"SUBJECT",           Kind::subject,      Argument::pattern},
        {"TEXT",              Kind::text,         Argument::pattern},
        {"THREADID",          Kind::thread_id,    Argument::object_id, 0, Capability::objectid},
        {"TO",                Kind::to,           Argument::pattern},
        {"UID",               Kind::uid,          Argument::uids},
        {"UIDAFTER",          Kind::uid_after,    Argument::uid,       0, Capability::message_limit},
        {"UIDBEFORE",         Kind::uid_before,   Argument::uid,       0, Capability::message_limit},
        {"UNANSWERED",        Kind::flag,         Argument::unflag, Flags::answered},
        {"UNDELETED",         Kind::flag,         Argument::unflag, Flags::deleted},
        {"UNDRAFT",           Kind::flag,         Argument::unflag, Flags::draft},
        {"UNFLAGGED",         Kind::flag,         Argument::unflag, Flags::flagged},
        {"UNKEYWORD",         Kind::keyword,      Argument::unkeyword},
        {"UNSEEN",            Kind::flag,         Argument::unflag, Flags::seen},
        {"YOUNGER",           Kind::younger,      Argument::seconds,   0, Capability::within},
    });
    // clang-format on
    static_assert(std::ranges::is_sorted(search_key_names, {}, &SearchKeyName::name));

    /// The row of a key's name, in any case.
    SearchKeyName const* find_name(std::string_view word)
    {
        auto const row = std::ranges::find_if(search_key_names,
            [&](SearchKeyName const& n) { return equal_without_case(n.name, word); });
        return row == search_key_names.end() ? nullptr : &*row;
    }

    bool is_unicode_or_ascii(std::string_view charset)
    {
        return charset.empty() || equal_without_case(charset, "UTF-8")
            || equal_without_case(charset, "US-ASCII");
    }

    /// The text of a filter, read in the place of the key that names it (RFC 5466 §3.1).
    struct Inserted {
        Inserted(std::string filter, std::string value, Agreement const& terms)
            : name(std::move(filter))
            , text(std::move(value))
            , in(text, terms)
        {
        }
        std::string name;
        std::string text;
        Parser in;
    };

    class KeyParser {
    public:
        KeyParser(Parser& in, SearchGrammar const& grammar, SearchProgram& program)
            : command_(in)
            , grammar_(grammar)
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
        /// For the text of a filter alone.
        KeyParser(
            Parser& in, SearchProgram& program, KeyParser const& outer, std::string_view filter)
            : command_(in)
            , grammar_(outer.grammar_)
            , program_(program)
            , open_filters_(outer.open_filters_)
            , filter_count_(outer.filter_count_)
        {
            open_filters_.emplace_back(filter);
        }

        /// What is read now: the command, or a filter's text.
        Parser& in() { return inserted_.empty() ? command_ : inserted_.back()->in; }
        bool failed() { return command_.failed() || in().failed(); }
        void refuse(Failure failure) { command_.refuse(std::move(failure)); }

        /// Goes on behind the keys that named the filters that are read to their ends.
        void leave_filters()
        {
            while (!inserted_.empty() && (in().failed() || in().at_end())) {
                if (auto const end = in().finish(0); !end)
                    refuse(end.error());
                inserted_.pop_back();
                open_filters_.pop_back();
            }
        }

        void space()
        {
            leave_filters();
            in().space();
        }

        bool has_more()
        {
            leave_filters();
            if (failed() || in().at_end() || !in().is_next(' '))
                return false;
            in().space();
            return !in().is_next(')');
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
                refuse(no("LIMIT", "Too many search keys: ask for at most 5000 in one SEARCH"));
            if (failed())
                return {};
            bool negated = false;
            bool const was_fuzzy = fuzzy_;
            for (;;) { // no recursion, however many there are
                if (in().accept_word("NOT"))
                    negated = !negated;
                else if (in().accept_word("FUZZY", Capability::search_fuzzy))
                    fuzzy_ = program_.is_fuzzy = true;
                else
                    break;
                in().space();
            }
            SearchKey result;
            if (in().accept('('))
                result = parenthesized();
            else if (in().accept_word("OR"))
                result = disjunction();
            else
                result = simple();
            result.negated ^= negated;
            fuzzy_ = was_fuzzy;
            return result;
        }

        bool enter()
        {
            if (++depth_ > max_search_depth)
                refuse(no("LIMIT", "Search keys are nested too deeply: 100 levels are the limit"));
            return !failed();
        }

        SearchKey parenthesized()
        {
            SearchKey result;
            if (enter())
                result = conjunction();
            --depth_;
            leave_filters();
            in().close();
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
                    space();
                    add(any, key());
                    space();
                } while (!failed() && in().accept_word("OR"));
                add(any, key());
            }
            --depth_;
            return any;
        }

        SearchKey simple()
        {
            auto const next = in().rest();
            if (!next.empty()
                && (next.front() == '*' || (next.front() >= '0' && next.front() <= '9')
                    || (next.front() == '$' && in().takes_saved())))
                return numbers();
            auto const* const name = find_name(in().atom());
            if (!name || !in().offers(name->needs)) {
                in().fail("a search key such as ALL, UNSEEN, SINCE, FROM or a sequence set");
                return {};
            }
            return with_argument(*name);
        }

        SearchKey numbers()
        {
            auto key = set_key(Kind::sequence);
            if (key.set.ranges.empty())
                return key; // "$" alone
            program_.names_numbers = true;
            if (in().terms().uids_only())
                refuse(Failure(Status::bad, "UIDREQUIRED",
                    "Messages are named by UIDs only on this connection: write UID before the "
                    "set"));
            return key;
        }

        SearchKey set_key(Kind kind)
        {
            SearchKey key { kind };
            key.set = in().sequence_set();
            return key;
        }

        SearchKey with_argument(SearchKeyName const& name)
        {
            if (name.argument != Argument::nothing && name.argument != Argument::flag
                && name.argument != Argument::unflag && name.argument != Argument::old
                && name.argument != Argument::fresh)
                in().space();
            SearchKey key { name.kind };
            key.fuzzy = fuzzy_;
            switch (name.argument) {
            case Argument::nothing:
                break;
            case Argument::old:
                key.negated = true;
                break;
            case Argument::fresh:
                key = SearchKey { Kind::both };
                key.keys.resize(2);
                key.keys[0].kind = Kind::recent;
                key.keys[1].kind = Kind::flag;
                key.keys[1].negated = true;
                key.keys[1].number = Flags::seen;
                break;
            case Argument::flag:
            case Argument::unflag:
                key.number = name.flag;
                key.negated = name.argument == Argument::unflag;
                break;
            case Argument::keyword:
            case Argument::unkeyword:
                key.text = in().atom();
                key.negated = name.argument == Argument::unkeyword;
                break;
            case Argument::date:
                key.day = in().date().time_since_epoch().count();
                break;
            case Argument::number:
                key.number = in().number64();
                break;
            case Argument::uid:
                key.number = in().nz_number();
                break;
            case Argument::seconds:
                key.number = in().nz_number();
                program_.depends_on_time = true;
                break;
            case Argument::header:
                key.field = in().astring();
                in().space();
                [[fallthrough]];
            case Argument::pattern:
                key.text = pattern();
                if (fuzzy_)
                    key.words = std::make_shared<mime::FuzzyPattern const>(key.text);
                name_pattern(key);
                break;
            case Argument::mod_seq:
                key.number = mod_seq();
                break;
            case Argument::object_id:
                take_object_id(key);
                break;
            case Argument::uids:
                return set_key(Kind::uid);
            case Argument::filter:
                return filter();
            }
            return key;
        }

        std::string pattern()
        {
            auto const octets = in().astring();
            auto const charset = inserted_.empty() ? grammar_.charset : "UTF-8";
            return mime::fold(
                charset.empty() ? mime::repair_utf8(octets) : mime::to_utf8(charset, octets),
                grammar_.collation);
        }

        /// Files the patterns that are looked for in bodies; finds cheaper keys for common fields.
        void name_pattern(SearchKey& key)
        {
            if (key.kind == Kind::body || key.kind == Kind::text) {
                key.pattern = program_.patterns.size();
                program_.patterns.push_back({ key.text, key.kind == Kind::text, key.words });
                if (program_.patterns.size() > max_search_patterns)
                    refuse(
                        no("LIMIT", "Too many texts: ask for at most 100 BODY and TEXT at once"));
            }
            if (key.kind == Kind::header || key.words)
                if (++program_.dear_keys > max_dear_keys)
                    refuse(no("LIMIT",
                        "Too many texts: ask for at most 500 with HEADER or FUZZY at once"));
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
            if (in().is_next('"')) {
                in().string();
                in().space();
                if (!in().accept_word("shared") && !in().accept_word("priv")
                    && !in().accept_word("all"))
                    in().fail("shared, priv or all");
                in().space();
            }
            return in().number64();
        }

        /// What names nothing of this server matches nothing.
        void take_object_id(SearchKey& key)
        {
            auto const text = in().atom();
            std::optional<std::uint64_t> number;
            if (key.kind == Kind::thread_id)
                number = parse_thread_id(text);
            else if (auto const email = parse_email_id(text))
                number = email->value;
            if (!number)
                key.kind = Kind::none;
            key.number = number.value_or(0);
        }

        /// The first key of the filter's text; what follows it there is read before the command
        /// goes on.
        SearchKey filter()
        {
            std::string const name(in().atom());
            if (name.find('/') != std::string::npos)
                in().fail("the name of a filter, without \"/\"");
            if (!is_unicode_or_ascii(grammar_.charset))
                refuse(Failure(Status::bad, "BADCHARSET (UTF-8 US-ASCII)",
                    "Filters are in UTF-8: leave CHARSET out"));
            if (++filter_count_ > max_filters)
                refuse(no("LIMIT", "Too many filters: use at most 50 in one SEARCH"));
            if (failed())
                return {};
            bool const is_open = std::ranges::find(open_filters_, name) != open_filters_.end();
            std::optional<std::string> text;
            if (!is_open && open_filters_.size() < max_filter_depth && grammar_.find_filter)
                text = grammar_.find_filter(name);
            if (!text || !is_program(name, *text)) {
                if (!command_.failed())
                    refuse(no("UNDEFINED-FILTER " + name,
                        text ? "The filter's value is no complete search program: store a complete "
                               "one"
                             : "There is no filter of this name, or it refers to itself: set it "
                               "with SETMETADATA"));
                return {};
            }
            open_filters_.push_back(name);
            inserted_.push_back(std::make_unique<Inserted>(name, *text, in().terms()));
            return key();
        }

        /// Whether the text is search keys from its begin to its end.
        bool is_program(std::string const& name, std::string const& text)
        {
            SearchProgram scratch;
            scratch.key_count = program_.key_count;
            Parser in(text, command_.terms());
            KeyParser inner(in, scratch, *this, name);
            inner.conjunction();
            in.end();
            program_.key_count = scratch.key_count;
            filter_count_ = inner.filter_count_;
            // A limit, or a filter within this one, has a refusal of its own.
            if (auto const read = in.finish(0); !read && !read.error().code().empty())
                refuse(read.error());
            return !in.failed();
        }

        Parser& command_;
        SearchGrammar const& grammar_;
        SearchProgram& program_;
        std::vector<std::unique_ptr<Inserted>> inserted_;
        std::vector<std::string> open_filters_; ///< whose texts are being read
        std::size_t filter_count_ = 0;
        std::size_t depth_ = 0;
        bool fuzzy_ = false;
    };

} // namespace

SearchGrammar grammar_of(Context& ctx)
{
    SearchGrammar grammar;
    grammar.collation = ctx.comparator.collation;
    grammar.find_filter = [&ctx](std::string_view name) { return find_filter(ctx, name); };
    return grammar;
}

SearchProgram parse_search_keys(Parser& in, SearchGrammar const& grammar)
{
    SearchProgram program;
    program.collation = grammar.collation;
    program.root = KeyParser(in, grammar, program).conjunction();
    in.end();
    return program;
}

std::string_view parse_charset(Parser& in)
{
    auto const charset = in.astring();
    if (in.failed())
        return {};
    if (!mime::is_supported_charset(charset))
        in.refuse(no("BADCHARSET (US-ASCII UTF-8 ISO-8859-1 ISO-8859-2 ISO-8859-15 "
                     "WINDOWS-1251 WINDOWS-1252 KOI8-R "
                     "ISO-2022-JP SHIFT_JIS EUC-JP GB18030 BIG5 EUC-KR)",
            "This charset is not known here: use UTF-8"));
    else if (in.terms().is_enabled(Capability::utf8_accept) && !is_unicode_or_ascii(charset))
        in.refuse(bad("All strings are UTF-8 since ENABLE UTF8=ACCEPT: use UTF-8")); // RFC 9755 §3
    return charset;
}

std::string_view parse_optional_charset(Parser& in)
{
    if (!in.accept_word("CHARSET"))
        return {};
    if (in.terms().is_enabled(Capability::utf8_accept)) // RFC 9755 §3
        in.refuse(bad("All strings are UTF-8 since ENABLE UTF8=ACCEPT: leave CHARSET out"));
    in.space();
    auto const charset = parse_charset(in);
    in.space();
    return charset;
}

} // namespace mail::imap
