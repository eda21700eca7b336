// Compresses bodies frame by frame as they come in.
#include "storage/encoding.h"
#include "storage/staged_body.h"

#include <zstd.h>

#include <algorithm>
#include <new>
#include <stdexcept>

namespace mail::storage {
namespace {

    inline constexpr int compression_level = 1;
    inline constexpr std::size_t spill_threshold
        = 1024 * 1024; // octets of compressed frames in memory

    /// One zstd frame with its checksum. What does not compress zstd stores as it is, in raw
    /// blocks: 19 octets more for 256 KiB, and unpacked by a copy.
    std::string compress(std::string_view plain)
    {
        struct Free {
            void operator()(ZSTD_CCtx* context) const { ::ZSTD_freeCCtx(context); }
        };
        thread_local std::unique_ptr<ZSTD_CCtx, Free> const context = [] {
            std::unique_ptr<ZSTD_CCtx, Free> made(::ZSTD_createCCtx());
            if (!made)
                throw std::bad_alloc();
            ::ZSTD_CCtx_setParameter(made.get(), ZSTD_c_compressionLevel, compression_level);
            ::ZSTD_CCtx_setParameter(made.get(), ZSTD_c_checksumFlag, 1);
            return made;
        }();
        thread_local std::string packed(1 + ZSTD_COMPRESSBOUND(frame_size), '\0');
        packed[0] = 1; // codec: zstd
        auto const size = ::ZSTD_compress2(
            context.get(), packed.data() + 1, packed.size() - 1, plain.data(), plain.size());
        if (::ZSTD_isError(size) != 0)
            throw std::runtime_error(
                std::string("a body cannot be compressed: ") + ::ZSTD_getErrorName(size));
        return packed.substr(0, 1 + size);
    }

    /// Compresses `plain`, whose last octet is the body's octet before `end`.
    void add_frame(StagedBody::Impl& body, std::string_view plain, std::uint64_t end)
    {
        body.frames.push_back({ .offset = end - plain.size(),
            .length = static_cast<std::uint32_t>(plain.size()),
            .octets = compress(plain) });
        body.held += body.frames.back().octets.size();
    }

    Result<void> spill_frames(WriteTxn& txn, std::shared_ptr<StagedBody::Impl> const& body)
    {
        if (body->frames.empty())
            return {};
        txn.put(Table::meta, Key().u8('s').u64(body->id.value), {});
        for (auto const& frame : body->frames)
            txn.put(Table::bodies, Key().u64(body->id.value).u64(frame.offset), frame.octets);
        // The frames in memory go when those on disk are safe: the job may be undone or run again.
        txn.after_commit([body, end = body->frames.back().offset] {
            std::erase_if(body->frames, [end](Frame const& frame) { return frame.offset <= end; });
            body->held = 0;
            for (auto const& frame : body->frames)
                body->held += frame.octets.size();
            body->spilled = true;
        });
        return {};
    }

} // namespace

BodyWriter::BodyWriter(Volume& volume)
    : impl_(std::make_shared<StagedBody::Impl>(volume))
{
}

BodyWriter::~BodyWriter() = default;
BodyWriter::BodyWriter(BodyWriter&&) noexcept = default;
BodyWriter& BodyWriter::operator=(BodyWriter&&) noexcept = default;

void BodyWriter::append(std::string_view plain)
{
    auto& body = *impl_;
    while (!plain.empty()) {
        auto const taken = plain.substr(0, frame_size - body.plain.size());
        plain.remove_prefix(taken.size());
        body.size += taken.size();
        if (taken.size() == frame_size) { // a whole frame: without a copy
            add_frame(body, taken, body.size);
            continue;
        }
        body.plain += taken;
        if (body.plain.size() == frame_size)
            cut_frame();
    }
}

void BodyWriter::cut_frame()
{
    auto& body = *impl_;
    if (body.plain.empty())
        return;
    add_frame(body, body.plain, body.size);
    body.plain.clear();
}

bool BodyWriter::wants_spill() const { return impl_->held >= spill_threshold; }

Result<void> BodyWriter::spill(WriteTxn& txn) { return spill_frames(txn, impl_); }

Result<void> spill(WriteTxn& txn, StagedBody const& body)
{
    return body.is_empty() ? Result<void> {} : spill_frames(txn, body.shared_impl());
}

StagedBody BodyWriter::finish()
{
    cut_frame();
    impl_->plain.shrink_to_fit();
    auto& volume = impl_->volume;
    StagedBody finished(std::move(impl_));
    impl_ = std::make_shared<StagedBody::Impl>(volume);
    return finished;
}

} // namespace mail::storage
