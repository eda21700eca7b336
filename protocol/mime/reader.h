// The MIME reader: finds the parts of a message in one pass over its octets (RFC 2045, 2046).
#pragma once

#include "protocol/mime/message.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace mail::mime {

/// Bounds of what is read from one message. What goes beyond is not an error: it is read as text.
struct Limits {
    std::size_t parts
        = 10'000; ///< boundaries behind the last one are text of the part they stand in
    std::uint32_t depth = 100; ///< deeper multiparts and messages become application/octet-stream
    std::size_t header_octets = std::size_t { 1 } << 20; ///< looked at in one header block
    std::size_t all_header_octets = std::size_t { 4 } << 20; ///< and in all blocks of the message
    std::size_t text_prefix = 8 * 1024; ///< octets of the first text part kept for the preview
};

/// Reads a message that comes in chunks, cut anywhere; the result does not depend on the cuts.
/// Never fails: every sequence of octets is some message. Holds the header block being read and at
/// most one line's beginning besides the result; time is linear in the octets.
class Reader {
public:
    explicit Reader(Limits limits = {});
    ~Reader();
    Reader(Reader&&) noexcept;
    Reader& operator=(Reader&&) noexcept;

    void feed(std::string_view octets);
    Message finish(); ///< once, after the last octet

private:
    class Machine;
    std::unique_ptr<Machine> machine_;
};

/// The whole message at once.
Message read_message(std::string_view octets, Limits limits = {});

} // namespace mail::mime
