// Binary parts of a message made fit for IMAP, whose literals carry no NUL (RFC 3516 §4.4, §6).
#pragma once

#include "protocol/byte_stream.h"
#include "storage/messages.h"
#include "storage/store.h"

#include <boost/asio/any_io_executor.hpp>

namespace mail::session {

/// Encodes the parts of Content-Transfer-Encoding "binary" that have NULs in base64; all else stays
/// as it is. Reads the message a second time, frame by frame. no_space; the message is then lost.
awaitable<storage::Result<storage::NewMessage>> encode_binary_parts(
    storage::Volume& volume, boost::asio::any_io_executor executor, storage::NewMessage message);

} // namespace mail::session
