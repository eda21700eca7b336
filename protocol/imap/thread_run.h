// Threads what a search found.
#pragma once

#include "protocol/byte_stream.h"
#include "protocol/imap/failure.h"
#include "protocol/imap/long_work.h"
#include "protocol/imap/search_run.h"
#include "protocol/mime/fold.h"

#include <cstdint>
#include <span>
#include <string>

namespace mail::imap {

class Context;

enum class ThreadAlgorithm : std::uint8_t {
    ordered_subject, ///< RFC 5256
    references, ///< RFC 5256
    refs, ///< draft-ietf-morg-inthread: without subjects, threads by their newest message
};

/// The threads as THREAD's response has them. `numbers` are what the messages are called, by their
/// places among the matches, which have hits. Long work is done by a worker. NO [LIMIT] when the
/// references are too entangled.
awaitable<Result<std::string>> thread_matches(Context& ctx, LongWork& work,
    SearchTarget const& target, Matches const& matches, std::span<std::uint32_t const> numbers,
    ThreadAlgorithm algorithm, mime::Collation collation);

} // namespace mail::imap
