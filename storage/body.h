// Message bodies: immutable, stored as independent compressed frames, shared by reference count.
#pragma once

#include "storage/error.h"
#include "storage/ids.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mail::storage {

class ReadTxn;
class WriteTxn;
class Volume;

/// A body that is compressed and ready for append_message; cheap to copy. Frames of a large body
/// may already be in the store, where they are dropped again when the last copy dies without an
/// append_message.
class StagedBody {
public:
    struct Impl;
    StagedBody() = default;
    explicit StagedBody(std::shared_ptr<Impl> impl)
        : impl_(std::move(impl))
    {
    }
    std::uint64_t size() const; ///< octets of plain text
    std::size_t held() const; ///< octets of it in memory
    bool is_empty() const { return impl_ == nullptr; } ///< made by default: cannot be appended
    Impl& impl() const { return *impl_; }
    std::shared_ptr<Impl> const& shared_impl() const { return impl_; }

private:
    std::shared_ptr<Impl> impl_;
};

/// Compresses a body as it comes in. Memory stays below about 2 MiB however long the body is, as
/// long as the caller writes out what is ready to spill. Not for use by two threads.
class BodyWriter {
public:
    explicit BodyWriter(Volume& volume);
    ~BodyWriter(); ///< drops what was spilled, unless finish() handed it on
    BodyWriter(BodyWriter&&) noexcept;
    BodyWriter& operator=(BodyWriter&&) noexcept;

    void append(std::string_view plain); ///< compresses whole frames; costs about 1 ms per 256 KiB
    /// Ends the current frame early, so that what is read alone (the header) is unpacked alone. For
    /// bodies that go on much longer.
    void cut_frame();

    bool wants_spill()
        const; ///< enough compressed frames are in memory: call spill in a write transaction now
    /// Moves the frames in memory into the store, as a staged body that nobody refers to. no_space.
    Result<void> spill(WriteTxn& txn);

    StagedBody finish(); ///< ends the body; the writer is then empty

private:
    std::shared_ptr<StagedBody::Impl> impl_;
};

/// Moves what a finished body still holds in memory into the store, as BodyWriter::spill does:
/// for many messages that are appended together. no_space.
Result<void> spill(WriteTxn& txn, StagedBody const& body);

/// Appends to `out` the octets of the body from `offset` to the end of the frame that holds it (at
/// most 256 KiB), or fewer when `limit` is smaller; nothing at the end of the body. Unpacks one
/// frame; checks its checksum (an exception when it is wrong). not_found.
Result<void> read_body(
    ReadTxn const& txn, BodyId body, std::uint64_t offset, std::uint64_t limit, std::string& out);

/// The same for a body that is not appended yet; not while it is written to.
Result<void> read_staged(ReadTxn const& txn, StagedBody const& body, std::uint64_t offset,
    std::uint64_t limit, std::string& out);

Result<std::uint64_t> body_size(ReadTxn const& txn, BodyId body);

} // namespace mail::storage
