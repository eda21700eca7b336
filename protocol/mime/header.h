// Header blocks: their fields one by one, as stored, without copying (RFC 5322 §2.2).
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace mail::mime {

/// A field as it stands in the block.
struct Field {
    std::string_view name; ///< without the white space that old mail has before the colon
    std::string_view value; ///< after the colon up to the last line end, folding included
    std::size_t begin = 0; ///< of the field in the block, octets
    std::size_t end = 0; ///< behind its last line end
};

/// Walks the fields of a header block: `for (Fields fields(block); fields.next();) fields.field()`.
/// Lines end with CRLF or LF; with CR when the first line end of the block is a lone CR and none is
/// a lone LF: a stray CR in a line must not hide the fields behind it. A blank line ends the walk.
/// Lines that are no field (an mbox "From " line, garbage) are passed over. Linear.
class Fields {
public:
    explicit Fields(std::string_view block);
    bool next(); ///< false at the end
    Field const& field() const { return field_; }

private:
    std::size_t line_end(std::size_t from) const;

    std::string_view block_;
    std::size_t at_ = 0;
    bool lone_cr_ = false;
    Field field_;
};

/// Whether a line begins a field: a name without blanks or control characters, and a colon.
bool is_field_line(std::string_view line);

/// True when both are equal but for the case of ASCII letters.
bool equal_no_case(std::string_view a, std::string_view b);

/// The raw value of the first field of this name.
std::optional<std::string_view> find_field(std::string_view header_block, std::string_view name);

/// The value on one line: line ends and NULs are left out, outer white space is cut (RFC 5322
/// §2.2.3).
std::string unfold(std::string_view raw_value);
void unfold_to(std::string_view raw_value, std::string& out); ///< replaces `out`

enum class Select { these, all_but_these };

/// What FETCH HEADER.FIELDS and HEADER.FIELDS.NOT return: the fields, octet for octet and in their
/// order, and the blank line behind them (RFC 9051 §6.4.5.1).
std::string select_fields(
    std::string_view header_block, std::span<std::string const> names, Select which);

} // namespace mail::mime
