// Message-IDs to links of threads.
#include "protocol/session/thread_links.h"

#include <algorithm>

namespace mail::session {

std::vector<std::uint64_t> thread_links(mime::HeaderKeys const& header)
{
    constexpr std::size_t most_links = 20; // bounds what a hostile message makes the store do
    std::vector<std::uint64_t> links;
    auto const add = [&](std::string const& id) {
        auto const link = mime::hash_message_id(id);
        if (!id.empty() && links.size() < most_links
            && std::ranges::find(links, link) == links.end())
            links.push_back(link);
    };
    add(header.message_id);
    add(header.in_reply_to);
    std::for_each(header.references.rbegin(), header.references.rend(), add);
    return links;
}

} // namespace mail::session
