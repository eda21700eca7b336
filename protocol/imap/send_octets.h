// Streams an Extract outside of FETCH: frame by frame, each in a short transaction of its own.
#pragma once

#include "protocol/imap/context.h"
#include "protocol/imap/extract.h"
#include "protocol/imap/yield.h"

namespace mail::imap {

/// Measures it to the end.
awaitable<Extract> measure(Context& ctx, storage::Account owner, Extract octets);

/// Writes "{n}" or, when decoded octets have NULs, "~{n}", and the octets; sends most of them.
awaitable<void> send_literal(Context& ctx, storage::Account owner, Extract octets);

} // namespace mail::imap
