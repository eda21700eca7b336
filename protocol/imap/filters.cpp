// Filters are annotations of the server (RFC 5464).
#include "protocol/imap/filters.h"

#include "protocol/imap/context.h"
#include "storage/metadata.h"

#include <algorithm>

namespace mail::imap {

std::optional<std::string> find_filter(Context& ctx, std::string_view name)
{
    std::string entry = "/filters/values/";
    std::ranges::transform(name, std::back_inserter(entry), // case does not count (RFC 5464 §3.2)
        [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
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
