// Octets to parser and compressor side by side; the message is looked at once.
#include "protocol/session/intake.h"

#include "protocol/session/thread_links.h"
#include "protocol/session/write.h"

namespace mail::session {

Intake::Intake(storage::Volume& volume, boost::asio::any_io_executor executor)
    : volume_(volume)
    , executor_(std::move(executor))
    , body_(volume)
{
}

awaitable<storage::Result<void>> Intake::write(std::string_view octets)
{
    size_ += octets.size();
    digest_.feed(octets);
    body_.append(octets);
    if (body_.wants_spill()) {
        auto spill = [this](storage::WriteTxn& txn) { return body_.spill(txn); };
        auto const spilled = co_await session::write(volume_, executor_, spill);
        if (!spilled)
            co_return spilled.error();
    }
    co_return storage::Result<void> {};
}

storage::NewMessage Intake::finish()
{
    auto digest = digest_.finish();
    storage::NewMessage message;
    message.body = body_.finish();
    message.envelope = std::move(digest.envelope);
    message.structure = std::move(digest.structure);
    message.sort_keys = std::move(digest.sort_keys);
    message.preview = std::move(digest.preview);
    mime::SortKeysView const keys(message.sort_keys);
    if (keys.sent)
        message.sent = { keys.sent->seconds, keys.sent->zone_minutes };
    message.thread_links = thread_links(keys);
    return message;
}

} // namespace mail::session
