// Message-IDs to links of threads.
#include "protocol/session/thread_links.h"

#include <algorithm>

namespace mail::session {
namespace {

    constexpr std::size_t most_links = 20; ///< bounds what a hostile message makes the store do

    /// FNV-1a, 64 bits. The hash is on disk: it must never change.
    std::uint64_t hash_id(std::string_view id)
    {
        std::uint64_t hash = 0xcbf29ce484222325;
        for (char const c : id) {
            hash ^= static_cast<std::uint8_t>(c);
            hash *= 0x100000001b3;
        }
        return hash;
    }

} // namespace

std::vector<std::uint64_t> thread_links(mime::SortKeysView const& keys)
{
    std::vector<std::string_view> ids { keys.message_id, keys.in_reply_to };
    auto const before = ids.size();
    auto references = keys.references;
    for (std::string_view id; references.next(id);)
        ids.push_back(id);
    std::reverse(ids.begin() + static_cast<std::ptrdiff_t>(before), ids.end());
    std::vector<std::uint64_t> links;
    for (auto const id : ids) {
        if (id.empty())
            continue;
        auto const link = hash_id(id);
        if (links.size() < most_links && std::ranges::find(links, link) == links.end())
            links.push_back(link);
    }
    return links;
}

} // namespace mail::session
