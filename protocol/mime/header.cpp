// Header blocks field by field.

#include "protocol/mime/header.h"
#include "storage/ascii.h"

#include <algorithm>
#include <cstring>
#include <vector>

namespace mail::mime {

namespace {

    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

    using ascii::lower;

    bool is_less_no_case(std::string_view a, std::string_view b)
    {
        return std::ranges::lexicographical_compare(
            a, b, [](char x, char y) { return lower(x) < lower(y); });
    }

    /// Length of the field's name, without white space behind it; npos when the line is no field.
    std::size_t name_length(std::string_view line)
    {
        for (std::size_t i = 0; i < line.size(); ++i) {
            auto const c = static_cast<unsigned char>(line[i]);
            if (c == ':')
                return i == 0 ? std::string_view::npos : i;
            if (c == ' ' || c == '\t') {
                auto const next = line.find_first_not_of(" \t", i);
                return i != 0 && next != line.npos && line[next] == ':' ? i : line.npos;
            }
            if (c < 0x20 || c == 0x7f)
                return line.npos;
        }
        return line.npos;
    }

    bool has_lone_lf(std::string_view text)
    {
        for (auto at = text.find('\n'); at != text.npos; at = text.find('\n', at + 1))
            if (at == 0 || text[at - 1] != '\r')
                return true;
        return false;
    }

    bool is_blank_line(std::string_view line)
    {
        return line.find_first_not_of("\r\n") == line.npos;
    }

} // namespace

bool is_field_line(std::string_view line) { return name_length(line) != line.npos; }

bool equal_no_case(std::string_view a, std::string_view b)
{
    return ascii::equal_without_case(a, b);
}

Fields::Fields(std::string_view block)
    : block_(block)
{
    if (block_.starts_with(byte_order_mark))
        at_ = byte_order_mark.size();
    auto const lf = block_.find('\n');
    auto const cr = block_.substr(0, lf).find('\r');
    if (cr != block_.npos) {
        auto const behind = block_.find_first_not_of('\r', cr);
        lone_cr_ = (behind == block_.npos || block_[behind] != '\n') && !has_lone_lf(block_);
    }
}

std::size_t Fields::line_end(std::size_t from) const
{
    auto end = block_.find(lone_cr_ ? '\r' : '\n', from);
    if (end == block_.npos)
        return block_.size();
    ++end;
    if (lone_cr_ && end < block_.size() && block_[end] == '\n')
        ++end;
    return end;
}

bool Fields::next()
{
    while (at_ < block_.size()) {
        auto const begin = at_;
        auto end = line_end(begin);
        auto const line = block_.substr(begin, end - begin);
        if (is_blank_line(line))
            return false;
        auto const name = name_length(line);
        while (end < block_.size() && (block_[end] == ' ' || block_[end] == '\t'))
            end = line_end(end);
        at_ = end;
        if (name == line.npos)
            continue;
        auto value = block_.substr(begin, end - begin);
        value.remove_prefix(value.find(':') + 1);
        while (!value.empty() && (value.back() == '\n' || value.back() == '\r'))
            value.remove_suffix(1);
        field_ = { line.substr(0, name), value, begin, end };
        return true;
    }
    return false;
}

std::optional<std::string_view> find_field(std::string_view header_block, std::string_view name)
{
    for (Fields fields(header_block); fields.next();)
        if (equal_no_case(fields.field().name, name))
            return fields.field().value;
    return std::nullopt;
}

void unfold_to(std::string_view raw_value, std::string& out)
{
    auto const begin = raw_value.find_first_not_of(std::string_view(" \t\r\n\0", 5));
    if (begin == raw_value.npos) {
        out.clear();
        return;
    }
    raw_value.remove_prefix(begin);
    out = raw_value;
    if (raw_value.find_first_of(std::string_view("\r\n\0", 3)) != raw_value.npos)
        std::erase_if(out, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
    out.erase(out.find_last_not_of(" \t") + 1);
}

std::string unfold(std::string_view raw_value)
{
    std::string out;
    unfold_to(raw_value, out);
    return out;
}

std::string select_fields(
    std::string_view header_block, std::span<std::string const> names, Select which)
{
    // Both may be many: a header of a client's making, and a client's list.
    std::vector<std::string_view> sorted(names.begin(), names.end());
    std::ranges::sort(sorted, is_less_no_case);
    std::string out;
    for (Fields fields(header_block); fields.next();) {
        auto const& field = fields.field();
        bool const named = std::ranges::binary_search(sorted, field.name, is_less_no_case);
        if (named != (which == Select::these))
            continue;
        out += header_block.substr(field.begin, field.end - field.begin);
        if (out.back() != '\n' && out.back() != '\r')
            out += "\r\n"; // the message ends within this field
    }
    out += "\r\n";
    return out;
}

} // namespace mail::mime
