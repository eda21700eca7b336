// The parts of lines that several commands share: keywords and ESMTP parameters (RFC 5321 §4.1.2).
#pragma once

#include "protocol/lmtp/failure.h"
#include "storage/ascii.h"

#include <bitset>
#include <span>
#include <string_view>

namespace mail::lmtp {

using ascii::equal_without_case;

void skip_spaces(std::string_view& in);
/// "FROM:" or "TO:", and spaces, which some programs put behind it.
bool take_keyword(std::string_view& in, std::string_view upper_case);

struct Parameter {
    std::string_view keyword;
    std::string_view value;
    bool has_value = false; ///< there was a "="
};

/// A row of a command's table of parameters.
template <class Arguments> struct ParameterRow {
    std::string_view keyword; ///< upper case
    Result<void> (*read)(Parameter const& parameter, Arguments& args);
};

Parameter take_parameter(std::string_view& in); ///< with the spaces behind it
Failure unknown_parameter(std::string_view keyword); ///< 555 5.5.4
Failure repeated_parameter(std::string_view keyword); ///< 501 5.5.4

/// Reads all parameters that are left in `in`. Each may stand there once (RFC 3461 §4.5).
template <class Arguments, std::size_t count>
Result<void> read_parameters(
    std::string_view in, ParameterRow<Arguments> const (&table)[count], Arguments& args)
{
    std::bitset<count> seen;
    skip_spaces(in);
    while (!in.empty()) {
        auto const parameter = take_parameter(in);
        std::size_t at = 0;
        while (at < count && !equal_without_case(parameter.keyword, table[at].keyword))
            ++at;
        if (at == count)
            return unknown_parameter(parameter.keyword);
        if (seen.test(at))
            return repeated_parameter(table[at].keyword);
        seen.set(at);
        auto const read = table[at].read(parameter, args);
        if (!read)
            return read.error();
    }
    return {};
}

} // namespace mail::lmtp
