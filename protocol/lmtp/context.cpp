#include "protocol/lmtp/context.h"

#include <fmt/format.h>

#include <iterator>

namespace mail::lmtp {

void Context::reply(std::string_view line)
{
    out.buffer() += line;
    out.buffer() += "\r\n";
}

void Context::refuse(Failure const& failure)
{
    fmt::format_to(std::back_inserter(out.buffer()), "{} {} {}\r\n", failure.code(),
        failure.enhanced(), failure.text());
}

} // namespace mail::lmtp
