#include "protocol/lmtp/parameters.h"

#include <algorithm>

namespace mail::lmtp {

void skip_spaces(std::string_view& in)
{
    in.remove_prefix(std::min(in.find_first_not_of(' '), in.size()));
}

bool take_keyword(std::string_view& in, std::string_view upper_case)
{
    if (!equal_without_case(in.substr(0, upper_case.size()), upper_case))
        return false;
    in.remove_prefix(upper_case.size());
    skip_spaces(in);
    return true;
}

Parameter take_parameter(std::string_view& in)
{
    auto const whole = in.substr(0, in.find(' '));
    in.remove_prefix(whole.size());
    skip_spaces(in);
    auto const sign = whole.find('=');
    if (sign == whole.npos)
        return { whole, {}, false };
    return { whole.substr(0, sign), whole.substr(sign + 1), true };
}

Failure unknown_parameter(std::string_view keyword)
{
    std::string text = "A parameter is not known here: ";
    for (char const c : keyword.substr(0, 32))
        text += c > 32 && c < 127 ? c : '?';
    return { "555", "5.5.4", std::move(text) };
}

Failure repeated_parameter(std::string_view keyword)
{
    return { "501", "5.5.4", std::string(keyword) + " is there twice: send it once" };
}

} // namespace mail::lmtp
