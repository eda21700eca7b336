// Keys for SORT, THREAD and SEARCH, written at delivery and read in place.

#include "protocol/mime/sort_keys.h"

#include "protocol/mime/address.h"
#include "protocol/mime/blob.h"
#include "protocol/mime/encoded_word.h"
#include "protocol/mime/fold.h"
#include "protocol/mime/header.h"

#include <algorithm>
#include <vector>

namespace mail::mime {

namespace {

    // version, octet of flags; with a date the numbers seconds and zone (zigzag); strings: base
    // subject, From, To and Cc mailbox, From and To display, Message-ID, In-Reply-To; number and
    // strings of References; strings from, to, cc, bcc, subject.
    constexpr char version = 1;
    constexpr unsigned has_date = 1;
    constexpr unsigned is_reply = 2;

    constexpr std::size_t longest_text = 48 * 1024; ///< of a field for SEARCH, octets
    constexpr std::size_t longest_key = 1000;
    constexpr std::size_t most_references = 200;

    std::uint64_t zigzag(std::int64_t number)
    {
        return (static_cast<std::uint64_t>(number) << 1) ^ static_cast<std::uint64_t>(number >> 63);
    }
    std::int64_t unzigzag(std::uint64_t number)
    {
        return static_cast<std::int64_t>(number >> 1) ^ -static_cast<std::int64_t>(number & 1);
    }

    /// At most `limit` octets, cut between characters.
    std::string_view cut(std::string_view utf8, std::size_t limit)
    {
        if (utf8.size() <= limit)
            return utf8;
        while (limit > 0 && (static_cast<unsigned char>(utf8[limit]) & 0xC0) == 0x80)
            --limit;
        return utf8.substr(0, limit);
    }

    std::string folded(std::string_view raw_value) { return fold(decode_text(raw_value)); }

    /// An address field: its first address, and all of it as text.
    struct AddressKeys {
        std::string text, mailbox, display;
        bool has_first = false;

        void add(std::string_view raw_value)
        {
            if (!text.empty())
                text += '\n'; // a search never matches across two fields
            if (text.size() < longest_text)
                text += folded(raw_value.substr(0, 4 * longest_text));
            Address address;
            if (has_first || !AddressReader(raw_value).next(address))
                return;
            has_first = true;
            bool const is_group = address.kind == Address::Kind::group_begin;
            mailbox = folded(is_group ? address.name : address.local);
            if (!address.name.empty())
                display = folded(address.name);
            else
                display = folded(
                    address.domain.empty() ? address.local : address.local + '@' + address.domain);
        }
    };

    /// Calls `each` with the ids of a field, without "<" and ">", until it returns false.
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
            std::string id(raw_value.substr(begin + 1, end - begin - 1));
            std::erase_if(id, [](char c) {
                return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\0' || c == '"';
            });
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

    void add_references(std::vector<std::string>& references, std::string_view raw_value)
    {
        for_each_id(raw_value, [&](std::string id) {
            references.push_back(std::move(id));
            if (references.size() >= 2 * most_references)
                references.erase(references.begin() + 1, references.end() - (most_references - 1));
            return true;
        });
    }

    struct Keys {
        AddressKeys from, to, cc, bcc;
        std::string subject, message_id, in_reply_to;
        std::vector<std::string> references;
        std::optional<SentDate> sent;
        bool has_subject = false;
    };

    void take_field(Keys& keys, Field const& field)
    {
        auto const is = [&](std::string_view name) { return equal_no_case(field.name, name); };
        switch (field.name.size()) {
        case 2:
            if (is("To"))
                keys.to.add(field.value);
            else if (is("Cc"))
                keys.cc.add(field.value);
            return;
        case 3:
            if (is("Bcc"))
                keys.bcc.add(field.value);
            return;
        case 4:
            if (is("From"))
                keys.from.add(field.value);
            else if (is("Date") && !keys.sent)
                keys.sent = parse_date(field.value);
            return;
        case 7:
            if (is("Subject") && !keys.has_subject) {
                keys.has_subject = true;
                keys.subject = folded(field.value.substr(0, 4 * longest_text));
            }
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

} // namespace

std::string encode_sort_keys(std::string_view header_block)
{
    Keys keys;
    for (Fields fields(header_block); fields.next();)
        take_field(keys, fields.field());
    if (keys.references.size() > most_references)
        keys.references.erase(
            keys.references.begin() + 1, keys.references.end() - (most_references - 1));
    bool reply = false;
    std::string const base = base_subject(keys.subject, reply);

    std::string out;
    out.reserve(64 + 2 * (keys.subject.size() + keys.from.text.size() + keys.to.text.size()));
    out += version;
    out += static_cast<char>((keys.sent ? has_date : 0U) | (reply ? is_reply : 0U));
    if (keys.sent) {
        put_number(out, zigzag(keys.sent->seconds));
        put_number(out, zigzag(keys.sent->zone_minutes));
    }
    for (std::string const* key : std::initializer_list<std::string const*> { &base,
             &keys.from.mailbox, &keys.to.mailbox, &keys.cc.mailbox, &keys.from.display,
             &keys.to.display, &keys.message_id, &keys.in_reply_to })
        put_string(out, cut(*key, longest_key));
    put_number(out, keys.references.size());
    for (auto const& id : keys.references)
        put_string(out, id);
    for (auto const* text :
        { &keys.from.text, &keys.to.text, &keys.cc.text, &keys.bcc.text, &keys.subject })
        put_string(out, cut(*text, longest_text));
    return out;
}

bool StringsView::next(std::string_view& text)
{
    if (count_ == 0)
        return false;
    --count_;
    BlobReader in(blob_);
    text = in.string();
    blob_.remove_prefix(in.at());
    return true;
}

SortKeysView::SortKeysView(std::string_view blob)
{
    if (blob.size() < 2 || blob[0] != version)
        return;
    auto const flags = static_cast<unsigned char>(blob[1]);
    BlobReader in(blob, 2);
    SortKeysView read { std::string_view() };
    if ((flags & has_date) != 0) {
        auto const seconds = unzigzag(in.number());
        read.sent = SentDate { seconds, static_cast<std::int16_t>(unzigzag(in.number())) };
    }
    read.is_reply_or_forward = (flags & is_reply) != 0;
    for (std::string_view* key :
        { &read.base_subject, &read.from_mailbox, &read.to_mailbox, &read.cc_mailbox,
            &read.from_display, &read.to_display, &read.message_id, &read.in_reply_to })
        *key = in.string();
    auto const count = in.number();
    read.references = StringsView(in.strings(count), in.failed() ? 0 : count);
    for (std::string_view* text : { &read.from, &read.to, &read.cc, &read.bcc, &read.subject })
        *text = in.string();
    if (!in.failed())
        *this = read;
}

} // namespace mail::mime
