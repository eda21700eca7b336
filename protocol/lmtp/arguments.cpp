// Arguments of commands that have none, or whose arguments mean nothing.
#include "protocol/lmtp/commands.h"

namespace mail::lmtp {

Result<NoArguments> parse_nothing(std::string_view arguments)
{
    if (arguments.find_first_not_of(' ') != arguments.npos)
        return Failure("501", "5.5.4", "This command takes no arguments");
    return NoArguments {};
}

Result<NoArguments> parse_anything(std::string_view) { return NoArguments {}; }

Result<NoArguments> parse_something(std::string_view arguments)
{
    if (arguments.find_first_not_of(' ') == arguments.npos)
        return Failure("501", "5.5.4", "This command takes a name or an address");
    return NoArguments {};
}

} // namespace mail::lmtp
