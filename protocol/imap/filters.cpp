// Filters are annotations of the server (RFC 5464).
#include "protocol/imap/filters.h"

#include "protocol/imap/context.h"
#include "storage/ascii.h"
#include "storage/metadata.h"

#include <algorithm>

namespace mail::imap {

std::optional<std::string> find_filter(Context& ctx, std::string_view name)
{
    // Case does not count (RFC 5464 §3.2).
    auto const entry = "/filters/values/" + ascii::lower_case(name);
    storage::Place const server { ctx.account(), {} };
    return ctx.session.read([&](storage::ReadTxn const& txn) -> std::optional<std::string> {
        for (auto const& [scope, viewer] :
            { std::pair { "/private", ctx.account() }, { "/shared", storage::AccountId {} } }) {
            auto const entries = storage::read_metadata(txn, { server, viewer });
            if (auto const found = entries.find(scope + entry); found != entries.end())
                return found->second;
        }
        return std::nullopt;
    });
}

} // namespace mail::imap
