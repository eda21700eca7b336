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
    message.search_fields = std::move(digest.search_fields);
    message.preview = std::move(digest.preview);
    message.keys = std::move(digest.sort_keys);
    if (auto const& sent = digest.header.sent)
        message.sent = { sent->seconds, sent->zone_minutes };
    message.thread_links = thread_links(digest.header);
    message_id_ = std::move(digest.header.message_id);
    return message;
}

} // namespace mail::session
