// ENVELOPE as it goes out on the wire.

#include "protocol/mime/envelope.h"

#include "protocol/mime/address.h"
#include "protocol/mime/header.h"
#include "protocol/mime/wire.h"

#include <array>
#include <optional>

namespace mail::mime {

namespace {

    constexpr std::size_t most_addresses = 8192; ///< in one field of the envelope

    enum Slot {
        date,
        subject,
        from,
        sender,
        reply_to,
        to,
        cc,
        bcc,
        in_reply_to,
        message_id,
        slots
    };

    constexpr std::array<std::string_view, slots> names { "date", "subject", "from", "sender",
        "reply-to", "to", "cc", "bcc", "in-reply-to", "message-id" };

    Slot slot_of(std::string_view name)
    {
        for (std::size_t i = 0; i < slots; ++i)
            if (name.size() == names[i].size() && equal_no_case(name, names[i]))
                return static_cast<Slot>(i);
        return slots;
    }

    bool is_blank(std::string_view raw_value)
    {
        return raw_value.find_first_not_of(" \t\r\n") == raw_value.npos;
    }

    void write_address(std::string& out, Address const& address)
    {
        switch (address.kind) {
        case Address::Kind::group_begin:
            out += "(NIL NIL ";
            append_string(out, address.name);
            out += " NIL)";
            return;
        case Address::Kind::group_end:
            out += "(NIL NIL NIL NIL)";
            return;
        case Address::Kind::mailbox:
            break;
        }
        out += '(';
        append_nstring(out, address.name);
        out += ' ';
        append_nstring(out, address.route);
        out += ' ';
        append_string(
            out, address.local.empty() ? std::string_view("MISSING_MAILBOX") : address.local);
        out += ' ';
        append_string(
            out, address.domain.empty() ? std::string_view("MISSING_DOMAIN") : address.domain);
        out += ')';
    }

    /// A list while it grows: fields that are repeated are joined.
    struct List {
        std::string text;
        std::size_t count = 0;

        void add(std::string_view raw_value, Address& scratch)
        {
            AddressReader reader(raw_value);
            bool in_group = false;
            while (reader.next(scratch)) {
                bool const ends_group = scratch.kind == Address::Kind::group_end;
                if (count >= most_addresses && !(in_group && ends_group))
                    continue;
                in_group = scratch.kind == Address::Kind::group_begin || (in_group && !ends_group);
                ++count;
                write_address(text, scratch);
            }
        }
    };

    void write_list(std::string& out, std::string const& addresses)
    {
        if (addresses.empty()) {
            out += "NIL";
            return;
        }
        out += '(';
        out += addresses;
        out += ')';
    }

} // namespace

std::string envelope_of(std::string_view header_block)
{
    std::array<std::optional<std::string_view>, slots> texts;
    std::array<List, slots> lists;
    Address scratch;
    for (Fields fields(header_block); fields.next();) {
        auto const& field = fields.field();
        auto const slot = slot_of(field.name);
        if (slot == slots)
            continue;
        bool const is_list = slot >= from && slot <= bcc;
        if (!is_list) {
            if (!texts[slot] || is_blank(*texts[slot]))
                texts[slot] = field.value;
        } else if (lists[slot].text.empty() || slot >= to) {
            lists[slot].add(field.value, scratch);
        }
    }
    for (auto const slot : { sender, reply_to })
        if (lists[slot].text.empty())
            lists[slot].text = lists[from].text;

    std::string out, line;
    out.reserve(256 + header_block.size() / 4);
    for (std::size_t slot = 0; slot < slots; ++slot) {
        out += slot == 0 ? '(' : ' ';
        if (slot >= from && slot <= bcc) {
            write_list(out, lists[slot].text);
        } else if (texts[slot]) { // empty is not NIL: RFC 9051 §7.5.2
            unfold_to(*texts[slot], line);
            append_string(out, line);
        } else {
            out += "NIL";
        }
    }
    out += ')';
    return out;
}

} // namespace mail::mime
