// A naive reader of raw messages for tests: it knows what tests/imap/oracle/mail_generator.h
// writes, takes its time, and shares no code with the server.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace mail::test::oracle {

using Fields = std::vector<std::pair<std::string, std::string>>; ///< unfolded, as they came

inline std::string lower(std::string text)
{
    for (auto& c : text)
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c + 32);
    return text;
}

inline std::string trimmed(std::string const& text)
{
    auto const begin = text.find_first_not_of(" \t\r\n");
    auto const end = text.find_last_not_of(" \t\r\n");
    return begin == std::string::npos ? "" : text.substr(begin, end - begin + 1);
}

/// The header up to the blank line; `rest` becomes what follows it.
inline Fields read_fields(std::string const& octets, std::string& rest)
{
    Fields fields;
    std::istringstream in(octets);
    std::string line;
    std::size_t taken = 0;
    while (std::getline(in, line)) {
        taken += line.size() + 1;
        if (line == "\r")
            break;
        line.pop_back();
        if (line[0] == ' ' || line[0] == '\t')
            fields.back().second += line;
        else if (auto const colon = line.find(':'); colon != std::string::npos)
            fields.emplace_back(lower(trimmed(line.substr(0, colon))), line.substr(colon + 1));
    }
    rest = octets.substr(std::min(taken, octets.size()));
    return fields;
}

inline std::vector<std::string> all_of(Fields const& fields, std::string const& name)
{
    std::vector<std::string> values;
    for (auto const& [field, value] : fields)
        if (field == name)
            values.push_back(value);
    return values;
}

inline std::string first_of(Fields const& fields, std::string const& name)
{
    auto const values = all_of(fields, name);
    return values.empty() ? "" : values[0];
}

// ---- Encodings ----------------------------------------------------------------------------------

inline void add_utf8(std::string& out, unsigned c)
{
    if (c < 0x80) {
        out += static_cast<char>(c);
    } else if (c < 0x800) {
        out += static_cast<char>(0xc0 | c >> 6);
        out += static_cast<char>(0x80 | (c & 63));
    } else {
        out += static_cast<char>(0xe0 | c >> 12);
        out += static_cast<char>(0x80 | (c >> 6 & 63));
        out += static_cast<char>(0x80 | (c & 63));
    }
}

inline std::string base64_decoded(std::string const& text)
{
    static std::string const alphabet
        = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    unsigned bits = 0;
    int have = 0;
    for (char const c : text) {
        auto const value = alphabet.find(c);
        if (value == std::string::npos)
            continue;
        bits = bits << 6 | static_cast<unsigned>(value);
        if ((have += 6) >= 8)
            out += static_cast<char>(bits >> (have -= 8) & 255);
    }
    return out;
}

inline std::string quoted_decoded(std::string const& text, bool in_header)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (in_header && text[i] == '_')
            out += ' ';
        else if (text.compare(i, 3, "=\r\n") == 0)
            i += 2;
        else if (text[i] == '=') {
            out += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
            i += 2;
        } else
            out += text[i];
    }
    return out;
}

/// UTF-8, ISO-8859-1 and of KOI8-R the letters.
inline std::string in_utf8(std::string const& charset, std::string const& octets)
{
    static std::u32string const koi8
        = U"юабцдефгхийклмнопярстужвьызшэщчъЮАБЦДЕФГХИЙКЛМНОПЯРСТУЖВЬЫЗШЭЩЧЪ";
    if (lower(charset) == "utf-8" || lower(charset) == "us-ascii" || charset.empty())
        return octets;
    std::string out;
    for (char const c : octets) {
        auto const octet = static_cast<unsigned char>(c);
        bool const is_letter = lower(charset) == "koi8-r" && octet >= 0xc0;
        add_utf8(out, is_letter ? static_cast<unsigned>(koi8[octet - 0xc0]) : octet);
    }
    return out;
}

/// RFC 2047: blanks between two encoded words are none.
inline std::string decoded(std::string const& value)
{
    std::string out;
    std::string blanks;
    bool after_word = false;
    for (std::size_t i = 0; i < value.size();) {
        if (value[i] == ' ' || value[i] == '\t') {
            blanks += value[i++];
            continue;
        }
        if (value.compare(i, 2, "=?") == 0) {
            auto const encoding = value.find('?', i + 2);
            auto const text = encoding + 3;
            auto const end = value.find("?=", text);
            if (encoding != std::string::npos && end != std::string::npos) {
                auto const inner = value.substr(text, end - text);
                out += after_word ? "" : blanks;
                blanks.clear();
                out += in_utf8(value.substr(i + 2, encoding - i - 2),
                    (value[encoding + 1] | 32) == 'b' ? base64_decoded(inner)
                                                      : quoted_decoded(inner, true));
                i = end + 2;
                after_word = true;
                continue;
            }
        }
        out += blanks;
        blanks.clear();
        out += value[i++];
        after_word = false;
    }
    return out;
}

/// RFC 5051 for the letters that the generator writes: capitals, then decomposed.
inline std::string folded(std::string const& utf8)
{
    static std::map<unsigned, std::u32string> const special { { 0xe9, U"E\u0301" },
        { 0xc9, U"E\u0301" }, { 0xfc, U"U\u0308" }, { 0xdc, U"U\u0308" }, { 0xe4, U"A\u0308" },
        { 0xc4, U"A\u0308" }, { 0x3c9, U"\u03a9" }, { 0x439, U"\u0418\u0306" },
        { 0x419, U"\u0418\u0306" } };
    std::string out;
    for (std::size_t i = 0; i < utf8.size();) {
        auto const lead = static_cast<unsigned char>(utf8[i]);
        std::size_t const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : 3;
        unsigned c = lead < 0x80 ? lead : lead < 0xe0 ? lead & 31 : lead & 15;
        for (std::size_t k = 1; k < length; ++k)
            c = c << 6 | (static_cast<unsigned char>(utf8[i + k]) & 63);
        i += length;
        if (c >= 'a' && c <= 'z')
            c -= 32;
        if (c >= 0x430 && c <= 0x44f && c != 0x439)
            c -= 32;
        auto const found = special.find(c);
        if (found == special.end())
            add_utf8(out, c);
        else
            for (auto const part : found->second)
                add_utf8(out, static_cast<unsigned>(part));
    }
    return out;
}

// ---- Subjects, addresses, dates, message ids ----------------------------------------------------

struct BaseSubject {
    std::string text;
    bool is_reply_or_forward = false;
};

/// RFC 5256 §2.1, step by step.
inline BaseSubject base_subject(std::string const& subject)
{
    BaseSubject base;
    auto& text = base.text;
    for (char const c : decoded(subject)) { // 1
        bool const is_blank = c == ' ' || c == '\t';
        if (!is_blank || text.empty() || text.back() != ' ')
            text += is_blank ? ' ' : c;
    }
    auto const begins
        = [&](std::string const& with) { return lower(text.substr(0, with.size())) == with; };
    auto const ends = [&](std::string const& with) {
        return text.size() >= with.size() && lower(text.substr(text.size() - with.size())) == with;
    };
    /// Behind a subj-blob that begins at `at`; `at` when there is none.
    auto const behind_blob = [&](std::size_t at) {
        if (at >= text.size() || text[at] != '[')
            return at;
        auto const end = text.find_first_of("[]", at + 1);
        if (end == std::string::npos || text[end] != ']')
            return at;
        auto const next = text.find_first_not_of(' ', end + 1);
        return next == std::string::npos ? text.size() : next;
    };
    for (;;) {
        for (;;) { // 2
            if (ends("(fwd)")) {
                text.resize(text.size() - 5);
                base.is_reply_or_forward = true;
            } else if (ends(" "))
                text.pop_back();
            else
                break;
        }
        for (bool more = true; more;) { // 5
            more = false;
            if (begins(" ")) { // 3
                text.erase(0, 1);
                more = true;
                continue;
            }
            std::size_t at = 0;
            for (auto next = behind_blob(at); next != at; next = behind_blob(at))
                at = next;
            auto const word = lower(text.substr(at, 3));
            std::size_t length = word == "fwd"                     ? 3
                : word.starts_with("re") || word.starts_with("fw") ? 2
                                                                   : 0;
            if (length != 0) {
                auto end = std::min(text.find_first_not_of(' ', at + length), text.size());
                end = behind_blob(end);
                if (end < text.size() && text[end] == ':') {
                    text.erase(0, end + 1);
                    base.is_reply_or_forward = true;
                    more = true;
                    continue;
                }
            }
            if (auto const end = behind_blob(0); end != 0 && end < text.size()) { // 4
                text.erase(0, end);
                more = true;
            }
        }
        if (!begins("[fwd:") || !ends("]")) // 6
            return base;
        text = text.substr(5, text.size() - 6);
        base.is_reply_or_forward = true;
    }
}

struct Address {
    std::string name, local, domain;
    bool is_group = false;
};

/// The first of an address list.
inline std::optional<Address> first_address(std::string const& list)
{
    std::string text; // without comments, quoted strings kept apart
    std::string name;
    Address address;
    auto const take_domain = [&](std::string const& spec) {
        auto const at = spec.find('@');
        address.local = trimmed(spec.substr(0, at));
        address.domain = at == std::string::npos ? "" : trimmed(spec.substr(at + 1));
    };
    int depth = 0;
    for (std::size_t i = 0; i <= list.size(); ++i) {
        char const c = i < list.size() ? list[i] : ',';
        if (c == '(')
            ++depth;
        else if (c == ')' && depth > 0)
            --depth;
        else if (depth > 0)
            continue;
        else if (c == '"') {
            for (++i; i < list.size() && list[i] != '"'; ++i)
                text += list[i] == '\\' ? list[++i] : list[i];
        } else if (c == ':') {
            address.name = trimmed(text);
            address.is_group = true;
            return address;
        } else if (c == '<') {
            address.name = trimmed(text);
            auto const end = list.find('>', i);
            take_domain(list.substr(i + 1, end - i - 1));
            return address;
        } else if (c == ',' && trimmed(text).empty()) {
            text.clear();
        } else if (c == ',') {
            take_domain(text);
            return address;
        } else
            text += c;
    }
    return std::nullopt;
}

inline std::string mailbox_key(std::vector<std::string> const& fields)
{
    for (auto const& field : fields)
        if (auto const address = first_address(field))
            return decoded(address->is_group ? address->name : address->local);
    return {};
}

inline std::string display_key(std::vector<std::string> const& fields)
{
    for (auto const& field : fields)
        if (auto const address = first_address(field)) {
            auto const name = decoded(address->name);
            return !name.empty() ? name : address->local + "@" + address->domain;
        }
    return {};
}

inline std::int64_t days_of(int year, int month, int day)
{
    static int const before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
    bool const leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    std::int64_t days = 0;
    for (int y = 1970; y < year; ++y)
        days += (y % 4 == 0 && y % 100 != 0) || y % 400 == 0 ? 366 : 365;
    return days + before[month - 1] + (leap && month > 2 ? 1 : 0) + day - 1;
}

struct Date {
    std::int64_t day; ///< as it is written
    std::int64_t seconds; ///< since the Unix epoch
};

inline std::optional<Date> read_date(std::string const& field)
{
    static std::vector<std::string> const months { "jan", "feb", "mar", "apr", "may", "jun", "jul",
        "aug", "sep", "oct", "nov", "dec" };
    static std::map<std::string, int> const zones { { "ut", 0 }, { "gmt", 0 }, { "est", -500 },
        { "edt", -400 }, { "cst", -600 }, { "cdt", -500 }, { "mst", -700 }, { "mdt", -600 },
        { "pst", -800 }, { "pdt", -700 } };
    auto text = field.substr(0, field.find('('));
    if (auto const comma = text.find(','); comma != std::string::npos)
        text.erase(0, comma + 1);
    std::istringstream in(text);
    int day = 0, year = 0;
    std::string month, time, zone;
    if (!(in >> day >> month >> year >> time >> zone))
        return std::nullopt;
    auto const found = std::ranges::find(months, lower(month));
    int hour = 0, minute = 0, second = 0;
    if (found == months.end() || std::sscanf(time.c_str(), "%d:%d:%d", &hour, &minute, &second) < 2)
        return std::nullopt;
    if (year < 50)
        year += 2000;
    else if (year < 1000)
        year += 1900;
    auto const named = zones.find(lower(zone));
    int const offset = named != zones.end() ? named->second : std::atoi(zone.c_str());
    Date date {};
    date.day = days_of(year, static_cast<int>(found - months.begin()) + 1, day);
    date.seconds = date.day * 86400 + hour * 3600 + minute * 60 + second
        - (offset / 100 * 3600 + offset % 100 * 60);
    return date;
}

inline std::vector<std::string> message_ids(std::string const& text)
{
    std::vector<std::string> ids;
    for (auto begin = text.find('<'); begin != std::string::npos; begin = text.find('<', begin)) {
        auto const end = text.find_first_of("<>", begin + 1);
        if (end == std::string::npos)
            break;
        if (text[end] == '>') {
            std::string id;
            for (char const c : text.substr(begin + 1, end - begin - 1))
                if (c != '"' && c != ' ' && c != '\t')
                    id += c;
            ids.push_back(id);
        }
        begin = end;
    }
    return ids;
}

// ---- Bodies -------------------------------------------------------------------------------------

/// What SEARCH looks into.
struct Texts {
    std::string body; ///< texts of all parts that are text, and whole messages within
    std::string part_headers; ///< which only TEXT looks into
};

inline std::string parameter(std::string const& field, std::string const& name)
{
    auto const at = lower(field).find(name + "=");
    if (at == std::string::npos)
        return {};
    auto value = field.substr(at + name.size() + 1);
    if (value[0] == '"')
        return value.substr(1, value.find('"', 1) - 1);
    return trimmed(value.substr(0, value.find(';')));
}

inline std::string as_text(Fields const& fields)
{
    std::string text;
    for (auto const& [name, value] : fields)
        text += name + ": " + decoded(value) + "\n";
    return text;
}

inline void read_part(Fields const& fields, std::string const& octets, Texts& texts)
{
    auto const type_field = first_of(fields, "content-type");
    auto const type = type_field.empty()
        ? "text/plain"
        : lower(trimmed(type_field.substr(0, type_field.find(';'))));
    std::string rest;
    if (type.starts_with("multipart/")) {
        auto const delimiter = "\r\n--" + parameter(type_field, "boundary");
        auto const whole = "\r\n" + octets;
        for (auto at = whole.find(delimiter); at != std::string::npos;) {
            at += delimiter.size();
            auto const next = whole.find(delimiter, at);
            if (whole.compare(at, 2, "--") == 0 || next == std::string::npos)
                return;
            auto const inner = read_fields(whole.substr(at + 2, next - at - 2), rest);
            texts.part_headers += as_text(inner);
            auto const part = rest;
            read_part(inner, part, texts);
            at = next;
        }
        return;
    }
    if (type == "message/rfc822") {
        auto const inner = read_fields(octets, rest);
        texts.body += as_text(inner);
        auto const part = rest;
        read_part(inner, part, texts);
        return;
    }
    if (!type.starts_with("text/"))
        return;
    auto const encoding = lower(trimmed(first_of(fields, "content-transfer-encoding")));
    auto const plain = encoding == "base64" ? base64_decoded(octets)
        : encoding == "quoted-printable"    ? quoted_decoded(octets, false)
                                            : octets;
    texts.body += in_utf8(parameter(type_field, "charset"), plain) + "\n";
}

} // namespace mail::test::oracle
