// HELP: what is spoken here (RFC 5321 §4.1.1.8).
#include "protocol/lmtp/commands.h"

namespace mail::lmtp {

awaitable<Result<void>> help(Context& ctx, NoArguments)
{
    std::string line = "214 2.0.0";
    for (auto const& command : commands()) {
        if (command.name == "EHLO" || command.name == "HELO")
            continue; // are there to be refused
        line += ' ';
        line += command.name;
    }
    ctx.reply(line);
    co_return Result<void> {};
}

} // namespace mail::lmtp
