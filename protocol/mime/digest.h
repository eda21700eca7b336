// What delivery keeps of a message besides its octets: one pass gives all of it.
#pragma once

#include "protocol/mime/header_keys.h"
#include "protocol/mime/reader.h"
#include "protocol/mime/sort_keys.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace mail::mime {

/// The texts of storage::NewMessage.
struct Digested {
    std::string envelope; ///< envelope_of()
    std::string structure; ///< encode_structure()
    std::string search_fields; ///< encode_search_fields()
    std::string preview; ///< preview_of()
    SortKeys sort_keys;
    HeaderKeys header;
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
