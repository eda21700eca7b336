#include "protocol/mime/surrogate.h"

#include "protocol/mime/address.h"
#include "protocol/mime/charset.h"
#include "protocol/mime/content.h"
#include "protocol/mime/encoded_word.h"
#include "protocol/mime/header.h"
#include "protocol/sasl/base64.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace mail::mime {
namespace {

    constexpr std::string_view no_address = "invalid@internationalized-address.invalid";
    constexpr std::size_t longest_param = 700; ///< octets of it, encoded: a line has 998 at most

    bool is_ascii(std::string_view text)
    {
        return std::ranges::all_of(text, [](char c) { return (c & 0x80) == 0; });
    }

    template <std::size_t N>
    bool is_one_of(std::string_view name, std::array<std::string_view, N> const& names)
    {
        return std::ranges::any_of(
            names, [&](std::string_view each) { return equal_no_case(name, each); });
    }

    bool is_of_addresses(std::string_view name)
    {
        constexpr std::array<std::string_view, 14> names { "From", "Sender", "Reply-To", "To", "Cc",
            "Bcc", "Resent-From", "Resent-Sender", "Resent-Reply-To", "Resent-To", "Resent-Cc",
            "Resent-Bcc", "Return-Path", "Disposition-Notification-To" };
        return is_one_of(name, names);
    }

    bool is_of_text(std::string_view name)
    {
        constexpr std::array<std::string_view, 6> names { "Subject", "Comments", "Keywords",
            "Content-Description", "Organization", "Thread-Topic" };
        return is_one_of(name, names) || equal_no_case(name.substr(0, 2), "X-");
    }

    std::string with_question_marks(std::string_view text)
    {
        std::string ascii(text);
        std::ranges::replace_if(
            ascii, [](char c) { return (c & 0x80) != 0; }, '?');
        return ascii;
    }

    /// Encoded words on lines of their own (RFC 2047 §2: 75 octets each).
    void append_words(std::string& out, std::string_view utf8)
    {
        constexpr std::size_t octets_in_word = 45;
        for (bool is_first = true; !utf8.empty(); is_first = false) {
            auto const piece = cut_utf8(utf8, octets_in_word);
            utf8.remove_prefix(piece.size());
            out += is_first ? "=?utf-8?B?" : "\r\n =?utf-8?B?";
            sasl::append_base64(out, piece);
            out += "?=";
        }
    }

    /// What was decoded may have line ends: they must not end the field.
    char visible(char c) { return (c >= 0 && c < 0x20) || c == 0x7f ? ' ' : c; }

    void append_quoted(std::string& out, std::string_view text)
    {
        out += '"';
        for (char const c : text) {
            if (c == '"' || c == '\\')
                out += '\\';
            out += visible(c);
        }
        out += '"';
    }

    /// A display name, decoded.
    void append_phrase(std::string& out, std::string_view utf8)
    {
        if (is_ascii(utf8))
            append_quoted(out, utf8);
        else
            append_words(out, utf8);
    }

    bool is_dot_atom(std::string_view text)
    {
        return !text.empty() && std::ranges::all_of(text, [](char c) {
            return c > 0x20 && c < 0x7f
                && std::string_view("()<>[]:;@\\,\"").find(c) == std::string_view::npos;
        });
    }

    void append_mailbox(std::string& out, Address const& address)
    {
        auto name = decode_text(address.name);
        auto const real = address.domain.empty()
            ? address.local
            : fmt::format("{}@{}", address.local, address.domain);
        bool const is_plain = is_ascii(real);
        if (!is_plain)
            name = repair_utf8(
                name.empty() ? fmt::format("<{}>", real) : fmt::format("{} <{}>", name, real));
        if (!name.empty()) {
            append_phrase(out, name);
            out += ' ';
        }
        out += '<';
        if (!is_plain) {
            out += no_address;
        } else if (!real.empty()) {
            if (is_dot_atom(address.local))
                out += address.local;
            else
                append_quoted(out, address.local);
            if (!address.domain.empty())
                out += '@';
            std::ranges::transform(address.domain, std::back_inserter(out), visible);
        }
        out += '>';
    }

    std::string downgrade_addresses(std::string_view raw_value)
    {
        std::string out;
        bool needs_comma = false;
        AddressReader addresses(raw_value);
        for (Address address; addresses.next(address);) {
            if (address.kind == Address::Kind::group_end) {
                out += ';';
                needs_comma = true;
                continue;
            }
            if (needs_comma)
                out += ",\r\n ";
            bool const is_group = address.kind == Address::Kind::group_begin;
            needs_comma = !is_group;
            if (is_group) {
                append_phrase(out, decode_text(address.name));
                out += ": ";
            } else {
                append_mailbox(out, address);
            }
        }
        return out;
    }

    void append_params(std::string& out, Params const& params)
    {
        for (auto const& param : params) {
            if (!is_ascii(param.name))
                continue;
            if (is_ascii(param.value)) {
                out.append(";\r\n ").append(param.name).append("=");
                append_quoted(out, param.value);
                continue;
            }
            std::string value;
            for (char const c : repair_utf8(param.value)) {
                bool const is_plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z')
                    || (c >= 'a' && c <= 'z') || c == '.' || c == '-' || c == '_';
                if (is_plain)
                    value += c;
                else
                    value += fmt::format("%{:02X}", static_cast<unsigned char>(c));
            }
            // A name with RFC 2231's marks has its own charset, and a value that breaks its rules.
            if (value.size() <= longest_param && param.name.find('*') == std::string::npos)
                out.append(";\r\n ").append(param.name).append("*=utf-8''").append(value);
        }
    }

    /// The value that goes in the place of one that is not ASCII; empty: the field is left out.
    std::string downgrade_value(std::string_view name, std::string_view raw_value)
    {
        std::string out;
        if (is_of_addresses(name))
            return downgrade_addresses(raw_value);
        if (is_of_text(name)) {
            append_words(out, decode_text(raw_value));
        } else if (equal_no_case(name, "Content-Type")) {
            auto const content = parse_content_type(raw_value);
            if (is_ascii(content.type) && is_ascii(content.subtype)) {
                out = content.type + "/" + content.subtype;
                append_params(out, content.params);
            }
        } else if (equal_no_case(name, "Content-Disposition")) {
            auto const disposition = parse_disposition(raw_value);
            if (is_ascii(disposition.kind) && !disposition.kind.empty()) {
                out = disposition.kind;
                append_params(out, disposition.params);
            }
        } else if (equal_no_case(name, "Date")) {
            out = with_question_marks(unfold(raw_value));
        }
        return out;
    }

} // namespace

std::string downgrade_header(std::string_view block)
{
    std::string out;
    std::size_t done = 0;
    for (Fields fields(block); fields.next();) {
        auto const& field = fields.field();
        // Lines between the fields are garbage or the blank one.
        out += with_question_marks(block.substr(done, field.begin - done));
        auto const text = block.substr(field.begin, field.end - field.begin);
        done = field.end;
        if (is_ascii(text)) {
            out += text;
            continue;
        }
        if (!is_ascii(field.name))
            continue;
        if (auto const value = downgrade_value(field.name, field.value); !value.empty())
            out.append(field.name).append(": ").append(value).append("\r\n");
    }
    return out += with_question_marks(block.substr(done));
}

std::vector<Range> header_ranges(std::string_view structure_blob)
{
    std::vector<Range> ranges;
    StructureView const structure(structure_blob);
    if (!structure.valid())
        return ranges;
    auto part = structure.root();
    do {
        bool const is_behind = ranges.empty() || ranges.back().end <= part.header.begin;
        if (is_behind && part.header.size() > 0)
            ranges.push_back(part.header);
    } while (structure.next(part));
    return ranges;
}

void Surrogate::write(std::string_view octets, std::string& out)
{
    while (!octets.empty()) {
        bool const is_last = next_ == headers_.size();
        if (is_last || position_ < headers_[next_].begin) {
            auto const left = is_last ? octets.size() : headers_[next_].begin - position_;
            auto const body = octets.substr(0, left);
            out += body;
            position_ += body.size();
            octets.remove_prefix(body.size());
            continue;
        }
        auto const piece = octets.substr(0, headers_[next_].end - position_);
        held_ += piece;
        position_ += piece.size();
        octets.remove_prefix(piece.size());
        if (position_ == headers_[next_].end) {
            end(out);
            ++next_;
        } else if (held_.size() > most_held) {
            flush_some(out);
        }
    }
}

void Surrogate::end(std::string& out)
{
    flush(held_, out);
    held_.clear();
}

void Surrogate::flush(std::string_view block, std::string& out)
{
    if (is_ascii(block)) {
        out += block;
        return;
    }
    is_changed_ = true;
    out += downgrade_header(block);
}

/// Lets go of whole fields; of a field that is itself too long, of what is there.
void Surrogate::flush_some(std::string& out)
{
    std::size_t cut = 0;
    for (auto at = held_.rfind('\n'); at != std::string::npos && at > 0 && cut == 0;
         at = held_.rfind('\n', at - 1))
        if (at + 1 < held_.size() && held_[at + 1] != ' ' && held_[at + 1] != '\t')
            cut = at + 1;
    if (cut == 0) {
        is_changed_ = is_changed_ || !is_ascii(held_);
        out += with_question_marks(held_);
        held_.clear();
        return;
    }
    flush(std::string_view(held_).substr(0, cut), out);
    held_.erase(0, cut);
}

} // namespace mail::mime
