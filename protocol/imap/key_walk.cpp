// Headers of stored messages.
#include "protocol/imap/key_walk.h"

#include "protocol/imap/search_text.h"
#include "protocol/mime/structure.h"

namespace mail::imap {

mime::HeaderKeys KeyWalk::header_keys_of(
    storage::ReadTxn const& txn, storage::MailboxView const& view, storage::Uid uid)
{
    constexpr std::uint64_t max_header = 1 << 20;
    auto const hot = view.get_kept(uid);
    auto const cold = view.get_cold(uid);
    if (!hot || !cold)
        return {};
    mime::StructureView const structure(cold->structure);
    auto const header = structure.valid() ? structure.root().header : mime::Range { 0, hot->size };
    StoredText text(txn, hot->body);
    return mime::read_header_keys(text.read_whole(header, max_header));
}

} // namespace mail::imap
