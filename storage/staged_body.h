// The inside of StagedBody, and references to stored bodies (docs/storage-format.md §5). Inside of
// storage/ only.
#pragma once

#include "storage/body.h"
#include "storage/store.h"

#include <cstdint>
#include <string>
#include <vector>

namespace mail::storage {

inline constexpr std::size_t frame_size
    = 256 * 1024; ///< octets of plain text in one frame, at most

struct Frame {
    std::uint64_t offset = 0; ///< in the plain text
    std::uint32_t length = 0; ///< of its plain text
    std::string octets; ///< codec, compressed text
};

struct StagedBody::Impl {
    explicit Impl(Volume& v)
        : volume(v)
        , id(v.new_body_id())
    {
    }
    Impl(Impl const&) = delete;
    Impl& operator=(Impl const&) = delete;
    ~Impl(); ///< has the writer drop what was spilled and not appended

    Volume& volume;
    BodyId id;
    std::uint64_t size = 0; ///< octets in `frames`, in the store and in `plain`
    std::string plain; ///< the frame that is not full yet
    std::vector<Frame> frames; ///< compressed, not in the store
    std::size_t held = 0; ///< octets in `frames`
    bool spilled = false; ///< frames before the first of `frames` are on disk
    bool adopted = false; ///< a message that refers to it is on disk
};

/// Adds a reference of a message to the body, and stores it when it is not there yet. not_found: it
/// was spilled, and dropped since.
Result<void> adopt_body(WriteTxn& txn, StagedBody const& body);

bool has_body(ReadTxn const& txn, BodyId body); ///< it is stored
void add_reference(WriteTxn& txn, BodyId body); ///< of one more message to a stored body
void drop_reference(WriteTxn& txn, BodyId body); ///< erases the body with its last reference
std::uint64_t count_references(ReadTxn const& txn, BodyId body); ///< of a stored body

void drop_staged_leftovers(Volume& volume); ///< what a crash left behind; when opening
BodyId last_body_id(ReadTxn const& txn); ///< the highest in use; 0 when there is none
std::vector<BodyId> list_staged(ReadTxn const& txn); ///< spilled bodies without a message

} // namespace mail::storage
