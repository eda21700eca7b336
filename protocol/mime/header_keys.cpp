// One walk over the fields of a header.

#include "protocol/mime/header_keys.h"

#include "protocol/mime/address.h"
#include "protocol/mime/base_subject.h"
#include "protocol/mime/charset.h"
#include "protocol/mime/encoded_word.h"
#include "protocol/mime/header.h"

#include <algorithm>
#include <utility>

namespace mail::mime {

namespace {

    constexpr std::size_t longest_text = 48 * 1024; ///< of a field for SEARCH, octets
    constexpr std::size_t longest_raw = 4 * longest_text; ///< of a field that is looked at
    constexpr std::size_t longest_key = 1000;
    constexpr std::size_t most_references = 200;

    SortText sort_text(std::string_view raw_value)
    {
        auto decoded = decode_text_strictly(raw_value);
        SortText key { std::move(decoded.text), decoded.is_valid };
        key.text.resize(key.is_valid ? cut_utf8(key.text, longest_key).size()
                                     : std::min(key.text.size(), longest_key));
        return key;
    }

    void add_text(std::string& text, std::string_view raw_value)
    {
        if (!text.empty())
            text += '\n'; // a search never matches across two fields
        if (text.size() < longest_text)
            text += decode_text(raw_value.substr(0, longest_raw));
        text.resize(cut_utf8(text, longest_text).size());
    }

    /// An address field: all of it as text, and its first address.
    struct AddressField {
        std::string text;
        std::optional<Address> first;

        void add(std::string_view raw_value)
        {
            add_text(text, raw_value);
            Address address;
            if (!first && AddressReader(raw_value).next(address))
                first = std::move(address);
        }

        SortText mailbox() const
        {
            if (!first)
                return {};
            bool const is_group = first->kind == Address::Kind::group_begin;
            return sort_text(is_group ? first->name : first->local);
        }

        SortText display() const
        {
            if (!first)
                return {};
            auto name = sort_text(first->name);
            if (!name.text.empty())
                return name;
            return sort_text(
                first->domain.empty() ? first->local : first->local + '@' + first->domain);
        }
    };

    /// A msg-id without quoting and blanks: <"a b"@c> and <a\ b@c> are one (RFC 5256 §3).
    std::string normalised_id(std::string_view raw)
    {
        std::string id;
        bool is_quoted = false;
        for (std::size_t i = 0; i < raw.size(); ++i) {
            char const c = raw[i];
            if (c == '"')
                is_quoted = !is_quoted;
            else if (c == '\\' && is_quoted && i + 1 < raw.size())
                id += raw[++i];
            else if (c != ' ' && c != '\t' && c != '\r' && c != '\n' && c != '\0')
                id += c;
        }
        return id;
    }

    /// Calls `each` with the ids of a field until it returns false.
    template <class Each> void for_each_id(std::string_view raw_value, Each each)
    {
        std::size_t at = 0;
        while (true) {
            auto const begin = raw_value.find('<', at);
            auto const end
                = begin == raw_value.npos ? begin : raw_value.find_first_of("<>", begin + 1);
            if (end == raw_value.npos)
                return;
            at = raw_value[end] == '>' ? end + 1 : end;
            if (raw_value[end] != '>' || end - begin > longest_key)
                continue;
            auto id = normalised_id(raw_value.substr(begin + 1, end - begin - 1));
            if (!id.empty() && !each(std::move(id)))
                return;
        }
    }

    std::string first_id(std::string_view raw_value)
    {
        std::string first;
        for_each_id(raw_value, [&](std::string id) {
            first = std::move(id);
            return false;
        });
        return first;
    }

    /// Message-ID; mail that forgets "<" and ">" still means one.
    std::string own_id(std::string_view raw_value)
    {
        auto id = first_id(raw_value);
        if (id.empty()) {
            id = unfold(raw_value);
            if (id.find_first_of(" \t<>") != id.npos || id.size() > longest_key)
                id.clear();
        }
        return id;
    }

    void drop_middle(std::vector<std::string>& references)
    {
        if (references.size() > most_references)
            references.erase(references.begin() + 1,
                references.end() - static_cast<std::ptrdiff_t>(most_references - 1));
    }

    void add_references(std::vector<std::string>& references, std::string_view raw_value)
    {
        for_each_id(raw_value, [&](std::string id) {
            references.push_back(std::move(id));
            if (references.size() >= 2 * most_references)
                drop_middle(references);
            return true;
        });
    }

    struct KeyCollector {
        HeaderKeys keys;
        AddressField from, to, cc;
        bool has_subject = false;

        void take(Field const& field)
        {
            auto const is = [&](std::string_view name) { return equal_no_case(field.name, name); };
            switch (field.name.size()) {
            case 2:
                if (is("To"))
                    to.add(field.value);
                else if (is("Cc"))
                    cc.add(field.value);
                return;
            case 3:
                if (is("Bcc"))
                    add_text(keys.bcc, field.value);
                return;
            case 4:
                if (is("From"))
                    from.add(field.value);
                else if (is("Date") && !keys.sent)
                    keys.sent = parse_date(field.value);
                return;
            case 7:
                if (is("Subject"))
                    take_subject(field.value);
                return;
            case 10:
                if (is("Message-ID") && keys.message_id.empty())
                    keys.message_id = own_id(field.value);
                else if (is("References"))
                    add_references(keys.references, field.value);
                return;
            case 11:
                if (is("In-Reply-To") && keys.in_reply_to.empty())
                    keys.in_reply_to = first_id(field.value);
                return;
            default:
                return;
            }
        }

        void take_subject(std::string_view raw_value)
        {
            add_text(keys.subject, raw_value); // SEARCH HEADER looks into each
            if (std::exchange(has_subject, true))
                return;
            auto const decoded = decode_text_strictly(raw_value.substr(0, longest_raw));
            auto base = base_subject(decoded.text);
            keys.is_reply_or_forward = base.is_reply_or_forward;
            base.text.resize(decoded.is_valid ? cut_utf8(base.text, longest_key).size()
                                              : std::min(base.text.size(), longest_key));
            keys.base_subject = { std::move(base.text), decoded.is_valid };
        }

        HeaderKeys finish()
        {
            drop_middle(keys.references);
            keys.from_mailbox = from.mailbox();
            keys.to_mailbox = to.mailbox();
            keys.cc_mailbox = cc.mailbox();
            keys.from_display = from.display();
            keys.to_display = to.display();
            keys.from = std::move(from.text);
            keys.to = std::move(to.text);
            keys.cc = std::move(cc.text);
            return std::move(keys);
        }
    };

} // namespace

HeaderKeys read_header_keys(std::string_view header_block)
{
    KeyCollector collector;
    for (Fields fields(header_block); fields.next();)
        collector.take(fields.field());
    return collector.finish();
}

std::uint64_t hash_message_id(std::string_view id)
{
    std::uint64_t hash = 0xcbf29ce484222325;
    for (char const c : id) {
        hash ^= static_cast<std::uint8_t>(c);
        hash *= 0x100000001b3;
    }
    return hash != 0 ? hash : 1;
}

} // namespace mail::mime
