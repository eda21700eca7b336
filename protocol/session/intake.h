// A message on its way into the store: parsed, compressed and, when it is long, written out while
// it still comes in. LMTP, APPEND and `mailroom deliver` use it.
#pragma once

#include "protocol/byte_stream.h"
#include "protocol/mime/digest.h"
#include "storage/body.h"
#include "storage/messages.h"
#include "storage/store.h"

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace mail::session {

class Intake {
public:
    Intake(storage::Volume& volume, boost::asio::any_io_executor executor);

    /// Takes the next octets of the message. Waits for the writer only when a long message has to
    /// be written out. no_space; the message is then lost and its staged frames are dropped.
    awaitable<storage::Result<void>> write(std::string_view octets);
    std::uint64_t size() const { return size_; }

    /// The message, without flags and dates: the caller adds them. Call once.
    storage::NewMessage finish();
    /// As the message has it, without "<" and ">"; empty: it has none. After finish().
    std::string const& message_id() const { return message_id_; }

private:
    storage::Volume& volume_;
    boost::asio::any_io_executor executor_;
    storage::BodyWriter body_;
    mime::Digest digest_;
    std::uint64_t size_ = 0;
    std::string message_id_;
};

} // namespace mail::session
