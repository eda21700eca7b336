// Which mailboxes an ESEARCH looks into (RFC 7377 §2.2).
#pragma once

#include "protocol/byte_stream.h"
#include "protocol/imap/failure.h"
#include "protocol/imap/long_work.h"
#include "protocol/imap/mailbox_filter.h"
#include "storage/store.h"

#include <string>
#include <vector>

namespace mail::imap {

class Context;
class Parser;

struct SearchSources {
    bool selected = false; ///< the selected mailbox
    std::vector<MailboxFilter> others;
};

inline constexpr std::size_t max_search_sources = 5000; ///< mailboxes; more is NO [LIMIT]

/// ["IN" SP "(" source-mbox ")" SP]; without it, the selected mailbox.
SearchSources parse_search_sources(Parser& in);

struct SearchSource {
    std::string name; ///< the client's
    storage::Account owner;
    storage::Place place;
};

/// The mailboxes, each once: the selected one, those that are named, then INBOX and the others by
/// name. Those that are not there or that the user may not read are left out without a word; so are
/// those that the user may not look up, but for those that are named.
awaitable<Result<std::vector<SearchSource>>> find_sources(
    Context& ctx, LongWork& work, SearchSources const& sources);

/// Whether the user may still read it.
bool may_search(Context& ctx, SearchSource const& source);

} // namespace mail::imap
