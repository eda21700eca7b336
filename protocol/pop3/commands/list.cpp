// LIST: sizes, those of the stored octets (RFC 1939 §5).
#include "protocol/pop3/commands.h"
#include "protocol/pop3/listing.h"

#include <fmt/format.h>

#include <iterator>

namespace mail::pop3 {

namespace {

    void append_size(std::string& out, Maildrop const& maildrop, std::size_t number)
    {
        fmt::format_to(std::back_inserter(out), "{}", maildrop.message(number).size);
    }

} // namespace

awaitable<Result<void>> list(Context& ctx, OptionalMessageNumber args)
{
    return send_listing(ctx, args, append_size);
}

} // namespace mail::pop3
