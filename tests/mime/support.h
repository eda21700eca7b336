// What the tests and fuzzers of the MIME storey check of any result, and how tests get their
// messages.
#pragma once

#include "protocol/mime/message.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tests {

/// What is wrong with the part tree of a message of `size` octets; empty when it is sound.
inline std::string fault_of(mail::mime::Message const& message, std::size_t size)
{
    using mail::mime::PartKind;
    if (message.parts.empty() || message.size != size)
        return "no parts, or a wrong size";
    std::vector<std::pair<std::size_t, std::size_t>> ancestors; // index, children
    for (std::size_t i = 0; i < message.parts.size(); ++i) {
        auto const& part = message.parts[i];
        auto const where = "part " + std::to_string(i) + ": ";
        if (part.header_begin > part.body_begin || part.body_begin > part.body_end
            || part.body_end > size)
            return where + "offsets out of order";
        if (part.lines > part.body_end - part.body_begin || part.type.empty()
            || part.subtype.empty())
            return where + "too many lines, or no type";
        while (ancestors.size() > part.depth) {
            if (ancestors.back().second == 0)
                return where + "the part in front has no children";
            ancestors.pop_back();
        }
        if (ancestors.size() != part.depth || (part.depth == 0) != (i == 0))
            return where + "a wrong depth";
        if (i != 0) {
            auto& [index, children] = ancestors.back();
            auto const& parent = message.parts[index];
            if (++children > 1 && parent.kind == PartKind::message)
                return where + "a second child of a message";
            if (part.header_begin < parent.body_begin || part.body_end > parent.body_end)
                return where + "outside of its parent";
            if (parent.kind == PartKind::message
                && (part.header_begin != parent.body_begin || part.body_end != parent.body_end))
                return where + "not the whole of the embedded message";
        }
        if (part.kind != PartKind::leaf)
            ancestors.emplace_back(i, 0);
    }
    if (!ancestors.empty() && ancestors.back().second == 0)
        return "the last part has no children";
    if (message.parts[0].header_begin != 0 || message.parts[0].body_end != size)
        return "the root is not the whole message";
    return {};
}

/// Whether `text` is one parenthesised IMAP list: parentheses balance, atoms are separated, strings
/// are well formed.
inline bool is_wire_list(std::string_view text)
{
    int depth = 0;
    std::size_t at = 0;
    while (at < text.size()) {
        char const c = text[at];
        if (c == '(') {
            ++depth;
            ++at;
        } else if (c == ')') {
            if (--depth < 0)
                return false;
            ++at;
            if (depth == 0)
                return at == text.size();
        } else if (c == ' ') {
            if (at + 1 >= text.size() || text[at + 1] == ' ' || text[at + 1] == ')')
                return false;
            ++at;
        } else if (c == '"') {
            for (++at; at < text.size() && text[at] != '"'; ++at) {
                auto const octet = static_cast<unsigned char>(text[at]);
                if (octet == 0 || octet >= 0x80 || octet == '\r' || octet == '\n')
                    return false;
                if (octet == '\\' && (++at >= text.size() || (text[at] != '"' && text[at] != '\\')))
                    return false;
            }
            ++at;
        } else if (c == '{') {
            auto const end = text.find("}\r\n", at);
            if (end == text.npos)
                return false;
            auto const size = std::stoul(std::string(text.substr(at + 1, end - at - 1)));
            if (size > text.size() - end - 3 || text.substr(end + 3, size).find('\0') != text.npos)
                return false;
            at = end + 3 + size;
        } else if (text.substr(at, 3) == "NIL") {
            at += 3;
        } else if (c >= '0' && c <= '9') {
            while (at < text.size() && text[at] >= '0' && text[at] <= '9')
                ++at;
        } else
            return false;
        if (depth == 0)
            return false;
    }
    return false;
}

inline bool is_utf8(std::string_view text)
{
    for (std::size_t at = 0; at < text.size();) {
        auto const octet = [&](std::size_t i) {
            return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
        };
        auto const lead = octet(at);
        std::size_t const length = lead < 0x80 ? 1
            : lead >= 0xC2 && lead < 0xE0      ? 2
            : lead >= 0xE0 && lead < 0xF0      ? 3
            : lead >= 0xF0 && lead < 0xF5      ? 4
                                               : 0;
        if (length == 0)
            return false;
        for (std::size_t i = 1; i < length; ++i)
            if ((octet(at + i) & 0xC0) != 0x80)
                return false;
        if ((lead == 0xE0 && octet(at + 1) < 0xA0) || (lead == 0xED && octet(at + 1) > 0x9F)
            || (lead == 0xF0 && octet(at + 1) < 0x90) || (lead == 0xF4 && octet(at + 1) > 0x8F))
            return false;
        at += length;
    }
    return true;
}

} // namespace tests
