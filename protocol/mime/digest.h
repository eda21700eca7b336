// What delivery keeps of a message besides its octets: one pass gives all that the cold record
// holds.
#pragma once

#include "protocol/mime/reader.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace mail::mime {

/// The texts of storage::NewMessage.
struct Digested {
    std::string envelope; ///< envelope_of()
    std::string structure; ///< encode_structure()
    std::string sort_keys; ///< encode_sort_keys()
    std::string preview; ///< preview_of()
    std::uint64_t size = 0; ///< octets fed
    std::uint64_t lines = 0;
};

/// Fed with the octets of a message as they come in, by LMTP or APPEND. Some 20 microseconds for a
/// message of 4 KiB; see Reader for memory.
class Digest {
public:
    explicit Digest(Limits limits = {})
        : reader_(limits)
    {
    }
    void feed(std::string_view octets) { reader_.feed(octets); }
    Digested finish(); ///< once

private:
    Reader reader_;
};

} // namespace mail::mime
