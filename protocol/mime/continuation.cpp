// Parameters that are cut into pieces.

#include "protocol/mime/continuation.h"
#include "storage/ascii.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <fmt/format.h>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace mail::mime {

namespace {

    struct Piece {
        std::string base; ///< in lower case
        std::size_t number = 0;
        bool encoded = false;
        std::size_t index = 0; ///< in the list of parameters
    };

    using ascii::lower;

    std::optional<Piece> piece_of(std::string_view name)
    {
        auto const star = name.find('*');
        if (star == name.npos || star == 0)
            return std::nullopt;
        Piece piece;
        std::ranges::transform(name.substr(0, star), std::back_inserter(piece.base), lower);
        auto digits = name.substr(star + 1);
        piece.encoded = digits.ends_with('*');
        digits.remove_suffix(piece.encoded ? 1 : 0);
        if (digits.empty() || (digits.size() > 1 && digits.front() == '0'))
            return std::nullopt;
        auto const end = digits.data() + digits.size();
        auto const [stop, error] = std::from_chars(digits.data(), end, piece.number);
        return error == std::errc() && stop == end ? std::optional(piece) : std::nullopt;
    }

    /// attribute-char of RFC 2231 §7.
    bool is_plain(char c)
    {
        return c > ' ' && c < 0x7f
            && std::string_view("*'%()<>@,;:\\\"/[]?=").find(c) == std::string_view::npos;
    }

    void append_encoded(std::string& out, std::string_view value)
    {
        for (char const c : value) {
            if (is_plain(c))
                out += c;
            else
                fmt::format_to(std::back_inserter(out), "%{:02X}", static_cast<unsigned char>(c));
        }
    }

    /// The pieces must be in order, without gaps.
    Param join(std::span<Piece const> pieces, Params const& params)
    {
        bool const encoded = std::ranges::any_of(pieces, &Piece::encoded);
        Param joined { params[pieces.front().index].name, {} };
        joined.name.resize(pieces.front().base.size());
        if (encoded)
            joined.name += '*';
        if (encoded && !pieces.front().encoded)
            joined.value = "''"; // no charset is given
        for (auto const& piece : pieces) {
            auto const& value = params[piece.index].value;
            if (encoded && !piece.encoded)
                append_encoded(joined.value, value);
            else
                joined.value += value;
        }
        return joined;
    }

    std::vector<Piece> pieces_of(Params const& params)
    {
        std::vector<Piece> pieces;
        for (std::size_t i = 0; i < params.size(); ++i)
            if (auto piece = piece_of(params[i].name)) {
                piece->index = i;
                pieces.push_back(*piece);
            }
        std::ranges::stable_sort(pieces, [](Piece const& a, Piece const& b) {
            return std::tie(a.base, a.number) < std::tie(b.base, b.number);
        });
        return pieces;
    }

    /// How many of the pieces at the front are of the same parameter.
    std::size_t run_length(std::span<Piece const> pieces)
    {
        auto const other = [&](Piece const& piece) { return piece.base != pieces.front().base; };
        return static_cast<std::size_t>(std::ranges::find_if(pieces, other) - pieces.begin());
    }

    bool is_complete(std::span<Piece const> pieces)
    {
        for (std::size_t i = 0; i < pieces.size(); ++i)
            if (pieces[i].number != i)
                return false;
        return true;
    }

} // namespace

bool is_continuation(std::string_view name) { return piece_of(name).has_value(); }

Params join_continuations(Params params)
{
    auto const pieces = pieces_of(params);
    if (pieces.empty())
        return params;
    std::vector<bool> gone(params.size(), false);
    std::vector<std::pair<std::size_t, Param>> joined;
    for (std::span<Piece const> rest = pieces; !rest.empty();) {
        auto const run = rest.first(run_length(rest));
        rest = rest.subspan(run.size());
        if (!is_complete(run))
            continue;
        for (auto const& piece : run)
            gone[piece.index] = true;
        joined.emplace_back(std::ranges::min(run, {}, &Piece::index).index, join(run, params));
    }
    for (auto& [index, param] : joined) {
        params[index] = std::move(param);
        gone[index] = false;
    }
    std::size_t index = 0;
    std::erase_if(params, [&](Param const&) { return gone[index++]; });
    return params;
}

} // namespace mail::mime
