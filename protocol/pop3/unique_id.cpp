#include "protocol/pop3/unique_id.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace mail::pop3 {

namespace {

    using Piece = UniqueIdFormat::Piece;

    /// Takes a word that begins with "%" from the front of `format`. False: there is none such.
    bool take_word(std::string_view& format, Piece& piece)
    {
        format.remove_prefix(1);
        auto const is_digit = [](char c) { return c >= '0' && c <= '9'; };
        while (!format.empty() && is_digit(format.front()) && piece.width <= max_unique_id) {
            piece.width = piece.width * 10 + static_cast<unsigned>(format.front() - '0');
            format.remove_prefix(1);
        }
        if (!format.empty() && (format.front() == 'X' || format.front() == 'x')) {
            piece.digits = format.front();
            format.remove_prefix(1);
        }
        if (format.empty() || (format.front() != 'u' && format.front() != 'v'))
            return false;
        piece.kind = format.front() == 'u' ? Piece::Kind::uid : Piece::Kind::uid_validity;
        format.remove_prefix(1);
        return true;
    }

    bool parse(std::string_view format, std::vector<Piece>& pieces)
    {
        while (!format.empty()) {
            Piece piece;
            bool const is_percent = format.starts_with("%%");
            if (format.front() == '%' && !is_percent) {
                if (!take_word(format, piece))
                    return false;
            } else {
                auto const size = is_percent ? 2 : std::min(format.find('%'), format.size());
                piece.text = is_percent ? "%" : format.substr(0, size);
                format.remove_prefix(size);
            }
            pieces.push_back(std::move(piece));
        }
        return true;
    }

    std::size_t longest(Piece const& piece)
    {
        if (piece.kind == Piece::Kind::text)
            return piece.text.size();
        return std::max<std::size_t>(piece.width, piece.digits == 'd' ? 10 : 8);
    }

    bool has_fixed_width(Piece const& piece)
    {
        return piece.width >= (piece.digits == 'd' ? 10U : 8U);
    }

    /// Whether it can be seen where the number before `at` ends and the next one begins.
    bool are_apart(std::vector<Piece> const& pieces, std::size_t at, std::size_t next)
    {
        if (has_fixed_width(pieces[at]) || has_fixed_width(pieces[next]))
            return true;
        constexpr std::string_view digits = "0123456789ABCDEFabcdef";
        for (auto i = at + 1; i < next; ++i)
            if (pieces[i].text.find_first_not_of(digits) != std::string::npos)
                return true;
        return false;
    }

    bool tells_numbers_apart(std::vector<Piece> const& pieces)
    {
        auto last = pieces.size();
        for (std::size_t i = 0; i < pieces.size(); ++i) {
            if (pieces[i].kind == Piece::Kind::text)
                continue;
            if (last != pieces.size() && !are_apart(pieces, last, i))
                return false;
            last = i;
        }
        return true;
    }

} // namespace

UniqueIdFormat::UniqueIdFormat(std::string_view format) { parse(format, pieces_); }

void UniqueIdFormat::append(
    std::string& out, storage::UidValidity uid_validity, storage::Uid uid) const
{
    for (auto const& piece : pieces_) {
        if (piece.kind == Piece::Kind::text) {
            out += piece.text;
            continue;
        }
        auto const number = piece.kind == Piece::Kind::uid ? uid.value : uid_validity.value;
        auto const to = std::back_inserter(out);
        if (piece.digits == 'X')
            fmt::format_to(to, "{:0{}X}", number, piece.width);
        else if (piece.digits == 'x')
            fmt::format_to(to, "{:0{}x}", number, piece.width);
        else
            fmt::format_to(to, "{:0{}d}", number, piece.width);
    }
}

bool UniqueIdFormat::has_uid_validity() const
{
    return std::ranges::any_of(
        pieces_, [](Piece const& piece) { return piece.kind == Piece::Kind::uid_validity; });
}

std::string problem_of_uidl_format(std::string_view format)
{
    std::vector<Piece> pieces;
    if (!parse(format, pieces))
        return "has a word that is none of %v and %u (or, for example, %08Xv and %08Xu); what "
               "other "
               "servers call %f, %m and %g comes along with the messages that are moved from there";
    auto const is_printable = [](char c) { return c > 0x20 && c < 0x7f; };
    if (!std::ranges::all_of(format, is_printable))
        return "has blanks or other characters than printable ASCII; write, for example, \"%v-%u\"";
    if (std::ranges::none_of(
            pieces, [](Piece const& piece) { return piece.kind == Piece::Kind::uid; }))
        return "lacks %u: ids of different messages would be the same";
    if (!tells_numbers_apart(pieces))
        return "puts numbers right behind each other, so that different ones look alike; write "
               "\"%v-%u\" or \"%08Xu%08Xv\"";
    std::size_t size = 0;
    for (auto const& piece : pieces)
        size += longest(piece);
    if (size > max_unique_id)
        return fmt::format("makes ids of up to {} characters; {} are allowed", size, max_unique_id);
    return {};
}

} // namespace mail::pop3
