// What LIST and UIDL have in common: one line, or one for each message that is not deleted.
#pragma once

#include "protocol/pop3/arguments.h"
#include "protocol/pop3/context.h"

namespace mail::pop3 {

using AppendColumn = void (*)(std::string& out, Maildrop const& maildrop, std::size_t number);

awaitable<Result<void>> send_listing(Context& ctx, OptionalMessageNumber args, AppendColumn append);

} // namespace mail::pop3
