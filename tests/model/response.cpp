// Grammar, read octet by octet.
#include "tests/model/response.h"

#include <algorithm>

namespace mail::model {
namespace {

    class Reader {
    public:
        explicit Reader(std::string_view text)
            : text_(text)
            , rest_(text)
        {
        }

        [[noreturn]] void fail(std::string const& why) const
        {
            throw Illegal(why + " at octet " + std::to_string(text_.size() - rest_.size())
                + " of \"" + std::string(text_) + "\"");
        }
        bool at_end() const { return rest_.empty(); }
        bool accept(std::string_view token)
        {
            if (!rest_.starts_with(token))
                return false;
            rest_.remove_prefix(token.size());
            return true;
        }
        void expect(std::string_view token)
        {
            if (!accept(token))
                fail("expected \"" + std::string(token) + "\"");
        }
        std::uint64_t number()
        {
            auto const digits = take([](char c) { return c >= '0' && c <= '9'; });
            if (digits.empty() || digits.size() > 19 || (digits.size() > 1 && digits[0] == '0'))
                fail("expected a number");
            return std::stoull(std::string(digits));
        }
        std::uint32_t nz_number()
        {
            auto const value = number();
            if (value == 0 || value > UINT32_MAX)
                fail("expected a number of 32 bits, not 0");
            return static_cast<std::uint32_t>(value);
        }
        std::string atom()
        {
            auto const word = take([](char c) {
                return c > 0x20 && c < 0x7f
                    && std::string_view("(){%*\"\\]").find(c) == std::string_view::npos;
            });
            if (word.empty())
                fail("expected an atom");
            return std::string(word);
        }
        std::string set()
        {
            auto const word = take(
                [](char c) { return (c >= '0' && c <= '9') || c == ':' || c == ',' || c == '$'; });
            if (word.empty())
                fail("expected a set");
            return std::string(word);
        }
        std::string flag()
        {
            std::string name = accept("\\") ? "\\" : "";
            if (name == "\\" && accept("*"))
                return "\\*";
            name += atom();
            std::ranges::transform(name, name.begin(),
                [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
            return name;
        }
        FlagSet flag_list()
        {
            FlagSet flags;
            expect("(");
            if (accept(")"))
                return flags;
            do
                if (auto name = flag(); name != "\\recent")
                    if (!flags.insert(name).second)
                        fail("the flag " + name + " is there twice");
            while (accept(" "));
            expect(")");
            return flags;
        }
        std::string astring() { return rest_.starts_with('"') ? quoted() : atom(); }
        std::string quoted()
        {
            std::string value;
            expect("\"");
            while (!accept("\"")) {
                accept("\\");
                if (rest_.empty())
                    fail("a quoted string does not end");
                value += rest_.front();
                rest_.remove_prefix(1);
            }
            return value;
        }
        std::string literal()
        {
            expect("{");
            auto const octets = number();
            expect("}\r\n");
            if (octets > rest_.size())
                fail("a literal that does not end");
            std::string value(rest_.substr(0, octets));
            rest_.remove_prefix(octets);
            return value;
        }
        /// "[CODE]" and text to the end of the line.
        std::string response_text()
        {
            std::string code;
            if (accept("[")) {
                auto const end = rest_.find(']');
                if (end == std::string_view::npos || end == 0)
                    fail("a response code does not end");
                code = rest_.substr(0, end);
                rest_.remove_prefix(end + 1);
                expect(" ");
            }
            if (rest_.empty() || rest_.find_first_of("\r\n") != std::string_view::npos)
                fail("expected text on one line");
            rest_ = {};
            return code;
        }
        std::string_view rest() const { return rest_; }
        void skip_rest() { rest_ = {}; }

    private:
        template <class Is> std::string_view take(Is is)
        {
            std::size_t end = 0;
            while (end < rest_.size() && is(rest_[end]))
                ++end;
            auto const word = rest_.substr(0, end);
            rest_.remove_prefix(end);
            return word;
        }

        std::string_view text_;
        std::string_view rest_;
    };

    void read_fetch(Reader& in, Response& response)
    {
        constexpr auto header = "BODY[HEADER.FIELDS (SUBJECT)]";
        std::set<std::string> seen;
        in.expect(" (");
        do {
            auto const item = in.accept(header) ? header : in.atom();
            if (!seen.insert(item).second)
                in.fail("the item " + item + " is there twice");
            in.expect(" ");
            if (item == "UID")
                response.uid = in.nz_number();
            else if (item == "FLAGS")
                response.flag_set = in.flag_list();
            else if (item == "MODSEQ") {
                in.expect("(");
                response.mod_seq = in.number();
                if (*response.mod_seq == 0)
                    in.fail("MODSEQ is 0");
                in.expect(")");
            } else if (item == "RFC822.SIZE")
                in.number();
            else if (item == "INTERNALDATE")
                in.quoted();
            else if (item == header)
                response.header = in.literal();
            else
                in.fail("an item that nobody asked for");
        } while (in.accept(" "));
        in.expect(")");
    }

    void read_esearch(Reader& in, Response& response)
    {
        response.kind = Response::Kind::search;
        if (in.accept(" (TAG ")) {
            response.tag = in.quoted();
            in.expect(")");
        }
        response.names_uids = in.accept(" UID");
        while (in.accept(" ")) {
            auto const name = in.atom();
            in.expect(" ");
            if (name == "ALL")
                response.numbers = parse_set(in.set());
            else if (name == "MODSEQ")
                response.mod_seq = in.number();
            else if (name == "COUNT" || name == "MIN" || name == "MAX")
                in.number();
            else
                in.fail("an item of ESEARCH that nobody asked for");
        }
    }

    void read_search(Reader& in, Response& response)
    {
        response.kind = Response::Kind::search;
        while (in.accept(" ")) {
            if (in.accept("(MODSEQ ")) {
                response.mod_seq = in.number();
                in.expect(")");
                break;
            }
            response.numbers.push_back(in.nz_number());
        }
    }

    void read_sort(Reader& in, Response& response)
    {
        response.kind = Response::Kind::sort;
        while (in.accept(" "))
            response.numbers.push_back(in.nz_number());
    }

    void read_status(Reader& in, Response& response)
    {
        response.kind = Response::Kind::status;
        in.expect(" ");
        response.mailbox = in.astring();
        in.expect(" (");
        do {
            auto const item = in.atom();
            in.expect(" ");
            if (!response.counts.emplace(item, in.number()).second)
                in.fail("the item " + item + " is there twice");
        } while (in.accept(" "));
        in.expect(")");
    }

    void read_list(Reader& in, Response& response)
    {
        response.kind = Response::Kind::list;
        in.expect(" ");
        response.attributes = in.flag_list();
        in.expect(" \"/\" ");
        response.mailbox = in.astring();
        if (!in.accept(" ("))
            return;
        in.expect("\"OLDNAME\" (");
        response.old_name = in.astring();
        in.expect("))");
    }

    void read_numbered(Reader& in, Response& response)
    {
        auto const number = in.number();
        if (number > UINT32_MAX)
            in.fail("expected a number of 32 bits");
        response.number = static_cast<std::uint32_t>(number);
        in.expect(" ");
        auto const name = in.atom();
        using Kind = Response::Kind;
        if (name == "EXISTS")
            response.kind = Kind::exists;
        else if (name == "RECENT")
            response.kind = Kind::recent;
        else if (name == "EXPUNGE")
            response.kind = Kind::expunge;
        else if (name == "FETCH" || name == "UIDFETCH") {
            response.kind = Kind::fetch;
            response.is_uid_fetch = name == "UIDFETCH";
            read_fetch(in, response);
        } else
            in.fail("an unknown response");
        if (response.number == 0
            && (response.kind == Kind::expunge || response.kind == Kind::fetch))
            in.fail("message number 0");
    }

    void skip_words(Reader& in)
    {
        while (in.accept(" "))
            in.atom();
    }

    void read_named(Reader& in, Response& response)
    {
        using Kind = Response::Kind;
        auto const name = in.atom();
        if (name == "OK" || name == "NO" || name == "BAD" || name == "BYE") {
            response.kind = Kind::condition;
            response.condition = name;
            in.expect(" ");
            response.code = in.response_text();
        } else if (name == "FLAGS") {
            response.kind = Kind::flags;
            in.expect(" ");
            response.flag_set = in.flag_list();
        } else if (name == "VANISHED") {
            response.kind = Kind::vanished;
            response.is_earlier = in.accept(" (EARLIER)");
            in.expect(" ");
            response.numbers = parse_set(in.set());
        } else if (name == "SEARCH") {
            read_search(in, response);
        } else if (name == "ESEARCH") {
            read_esearch(in, response);
        } else if (name == "SORT") {
            read_sort(in, response);
        } else if (name == "ENABLED" || name == "CAPABILITY") {
            response.kind = name == "ENABLED" ? Kind::enabled : Kind::other;
            skip_words(in);
        } else if (name == "STATUS") {
            read_status(in, response);
        } else if (name == "LIST") {
            read_list(in, response);
        } else {
            in.fail("an unknown response");
        }
    }

} // namespace

Numbers parse_set(std::string_view text)
{
    Numbers numbers;
    Reader in(text);
    do {
        auto const first = in.nz_number();
        auto const last = in.accept(":") ? in.nz_number() : first;
        if (last < first || last - first > 1'000'000
            || (!numbers.empty() && first <= numbers.back()))
            in.fail("a set that does not ascend");
        for (auto number = first; number <= last; ++number)
            numbers.push_back(number);
    } while (in.accept(","));
    if (!in.at_end())
        in.fail("more than a set");
    return numbers;
}

std::optional<std::uint64_t> Response::code_number(std::string_view name) const
{
    if (!code.starts_with(std::string(name) + " "))
        return std::nullopt;
    return std::stoull(code.substr(name.size() + 1));
}

std::optional<Numbers> Response::code_set(std::string_view name) const
{
    if (!code.starts_with(std::string(name) + " "))
        return std::nullopt;
    return parse_set(std::string_view(code).substr(name.size() + 1));
}

std::optional<std::string> take_response(std::string& octets)
{
    std::size_t from = 0;
    for (;;) {
        auto const end = octets.find("\r\n", from);
        if (end == std::string::npos)
            return std::nullopt;
        auto const open = octets.rfind('{', end);
        if (end == 0 || octets[end - 1] != '}' || open == std::string::npos || open < from) {
            auto response = octets.substr(0, end);
            octets.erase(0, end + 2);
            return response;
        }
        from = end + 2 + std::stoul(octets.substr(open + 1));
        if (octets.size() < from)
            return std::nullopt;
    }
}

Response parse_response(std::string_view text)
{
    Response response;
    Reader in(text);
    if (in.accept("+ ")) {
        response.kind = Response::Kind::continuation;
        in.skip_rest();
    } else if (in.accept("* ")) {
        if (!in.rest().empty() && in.rest().front() >= '0' && in.rest().front() <= '9')
            read_numbered(in, response);
        else
            read_named(in, response);
    } else {
        response.kind = Response::Kind::tagged;
        response.tag = in.atom();
        in.expect(" ");
        response.condition = in.atom();
        if (response.condition != "OK" && response.condition != "NO" && response.condition != "BAD")
            in.fail("expected OK, NO or BAD");
        in.expect(" ");
        response.code = in.response_text();
    }
    if (!in.at_end())
        in.fail("more than a response");
    return response;
}

} // namespace mail::model
