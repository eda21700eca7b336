// UIDL: ids that stay with the messages for ever (RFC 1939 §7).
#include "protocol/pop3/commands.h"
#include "protocol/pop3/listing.h"

namespace mail::pop3 {

namespace {

    void append_unique_id(std::string& out, Maildrop const& maildrop, std::size_t number)
    {
        maildrop.append_unique_id(out, number);
    }

} // namespace

awaitable<Result<void>> uidl(Context& ctx, OptionalMessageNumber args)
{
    return send_listing(ctx, args, append_unique_id);
}

} // namespace mail::pop3
