// Bodies in the store: their frames, references, and what was staged (docs/storage-format.md §5).
#include "storage/body.h"
#include "storage/encoding.h"
#include "storage/staged_body.h"

#include <fmt/format.h>
#include <zstd.h>

#include <algorithm>
#include <memory>

namespace mail::storage {
namespace {

    inline constexpr std::uint8_t body_version = 1;
    inline constexpr char staged_prefix = 's'; // of keys in Table::meta
    inline constexpr char codec_zstd = 1;

    Key body_key(BodyId body) { return Key().u64(body.value); }

    Key frame_key(BodyId body, std::uint64_t offset) { return Key().u64(body.value).u64(offset); }

    Key staged_key(BodyId body)
    {
        return Key().u8(static_cast<std::uint8_t>(staged_prefix)).u64(body.value);
    }

    /// §5.1: what stands at body_key.
    struct BodyHeader {
        std::uint64_t size = 0;
        std::uint32_t inline_length = 0; ///< octets of plain text in `frame`; 0: there is none
        std::string_view frame;
    };

    std::string encode_header(std::uint64_t size, Frame const* frame)
    {
        std::string value;
        RecordWriter out(value);
        out.number(body_version)
            .number(std::uint16_t { 12 })
            .number(size)
            .number(frame != nullptr ? frame->length : 0);
        if (frame != nullptr)
            value += frame->octets;
        return value;
    }

    Result<BodyHeader> load_header(ReadTxn const& txn, BodyId body)
    {
        auto const value = txn.get(Table::bodies, body_key(body));
        if (!value)
            return value.error();
        RecordReader reader(*value);
        auto const version = reader.number<std::uint8_t>();
        if (version != body_version)
            throw Damaged(
                fmt::format("body {} has version {}: update this program", body.value, version));
        RecordReader fixed(reader.take(reader.number<std::uint16_t>()));
        BodyHeader header;
        header.size = fixed.number<std::uint64_t>();
        header.inline_length = fixed.number<std::uint32_t>();
        header.frame = reader.rest();
        return header;
    }

    /// Appends `limit` octets of the frame's plain text, from `skip` on. The checksum is in zstd's
    /// frame.
    void unpack(BodyId body, std::string_view frame, std::uint64_t skip, std::uint64_t limit,
        std::string& out)
    {
        struct Free {
            void operator()(ZSTD_DCtx* context) const { ::ZSTD_freeDCtx(context); }
        };
        thread_local std::unique_ptr<ZSTD_DCtx, Free> const context(::ZSTD_createDCtx());
        thread_local std::string scratch;

        auto const damaged = [&](char const* why) {
            return Damaged(
                fmt::format("body {} is damaged ({}): restore it from a backup", body.value, why));
        };
        if (frame.empty() || frame[0] != codec_zstd)
            throw damaged("unknown codec");
        frame.remove_prefix(1);
        auto const length = ::ZSTD_getFrameContentSize(frame.data(), frame.size());
        if (length > frame_size || skip > length)
            throw damaged("wrong length");
        auto const wanted = std::min<std::uint64_t>(length - skip, limit);
        bool const whole = wanted == length;
        auto& to = whole ? out : scratch;
        auto const begin = whole ? out.size() : 0;
        to.resize(begin + length);
        auto const got = ::ZSTD_decompressDCtx(
            context.get(), to.data() + begin, length, frame.data(), frame.size());
        if (::ZSTD_isError(got) != 0 || got != length) {
            to.resize(begin);
            throw damaged(::ZSTD_isError(got) != 0 ? ::ZSTD_getErrorName(got) : "cut short");
        }
        if (!whole)
            out.append(scratch, skip, wanted);
    }

    /// As unpack, for the frame in Table::bodies that has the octet at `offset`.
    void read_frame(ReadTxn const& txn, BodyId body, std::uint64_t offset, std::uint64_t limit,
        std::string& out)
    {
        Cursor cursor(txn, Table::bodies);
        if (!cursor.seek_last_below(frame_key(body, offset).u8(0)) || cursor.key().size() != 16
            || !cursor.key().starts_with(body_key(body).view()))
            throw Damaged(
                fmt::format("body {} lacks a frame: restore it from a backup", body.value));
        auto const frame_offset = load_big_endian(cursor.key().substr(8));
        unpack(body, cursor.value(), offset - frame_offset, limit, out);
    }

    void put_frames(WriteTxn& txn, BodyId body, std::span<Frame const> frames)
    {
        for (auto const& frame : frames)
            txn.put(Table::bodies, frame_key(body, frame.offset), frame.octets);
    }

    void erase_body(WriteTxn& txn, BodyId body)
    {
        auto const prefix = body_key(body);
        for (;;) {
            std::string key;
            {
                Cursor cursor(txn, Table::bodies);
                if (!cursor.seek(prefix) || !cursor.key().starts_with(prefix.view()))
                    return;
                key = cursor.key();
            }
            txn.erase(Table::bodies, key);
        }
    }

    /// Drops the frames of a body that nobody appended; owns itself.
    class DropStaged final : public WriteJob {
    public:
        explicit DropStaged(BodyId body)
            : body_(body)
        {
        }
        Result<void> run(WriteTxn& txn) override
        {
            if (txn.erase(Table::meta, staged_key(body_)))
                erase_body(txn, body_);
            return {};
        }
        /// What could not be dropped now (no space, shutting down) is dropped when the store is
        /// opened.
        void done(Result<void>, std::exception_ptr) noexcept override { delete this; }

    private:
        BodyId body_;
    };

} // namespace

StagedBody::Impl::~Impl()
{
    if (spilled && !adopted)
        volume.submit(*new DropStaged(id)); // NOLINT: deletes itself
}

std::uint64_t StagedBody::size() const { return impl_ ? impl_->size : 0; }

std::size_t StagedBody::held() const { return impl_ ? impl_->held : 0; }

Result<void> adopt_body(WriteTxn& txn, StagedBody const& staged)
{
    if (staged.is_empty())
        throw std::logic_error("a message without a body was appended");
    auto& body = staged.impl();
    if (&body.volume != &txn.volume())
        throw std::logic_error("a body was staged in one volume and appended in another");
    if (txn.get(Table::bodies, body_key(body.id))) {
        add_reference(txn, body.id);
        return {};
    }
    bool const was_staged = txn.erase(Table::meta, staged_key(body.id));
    if (body.spilled && !was_staged)
        return Errc::not_found;
    std::span<Frame const> frames = body.frames;
    if (was_staged || frames.empty()) {
        txn.put(Table::bodies, body_key(body.id), encode_header(body.size, nullptr));
    } else {
        txn.put(Table::bodies, body_key(body.id), encode_header(body.size, &frames.front()));
        frames = frames.subspan(1);
    }
    put_frames(txn, body.id, frames);
    if (was_staged)
        txn.after_commit([staged] { staged.impl().adopted = true; });
    return {};
}

bool has_body(ReadTxn const& txn, BodyId body)
{
    return txn.get(Table::bodies, body_key(body)).has_value();
}

std::uint64_t count_references(ReadTxn const& txn, BodyId body)
{
    auto const value = txn.get(Table::references, body_key(body));
    return value ? RecordReader(*value).number<std::uint64_t>() : 1;
}

void add_reference(WriteTxn& txn, BodyId body)
{
    std::string value;
    RecordWriter(value).number(count_references(txn, body) + 1);
    txn.put(Table::references, body_key(body), value);
}

void drop_reference(WriteTxn& txn, BodyId body)
{
    auto const count = count_references(txn, body);
    if (count <= 1) {
        erase_body(txn, body);
        return;
    }
    if (count == 2) { // one is what no row means
        txn.erase(Table::references, body_key(body));
        return;
    }
    std::string value;
    RecordWriter(value).number(count - 1);
    txn.put(Table::references, body_key(body), value);
}

std::vector<BodyId> list_staged(ReadTxn const& txn)
{
    std::vector<BodyId> found;
    Cursor cursor(txn, Table::meta);
    auto const prefix = std::string_view(&staged_prefix, 1);
    for (bool more = cursor.seek(staged_key(BodyId {})); more && cursor.key().starts_with(prefix);
         more = cursor.next())
        found.push_back(BodyId { load_big_endian(cursor.key().substr(1)) });
    return found;
}

void drop_staged_leftovers(Volume& volume)
{
    for (auto const body : list_staged(volume.read())) {
        // no_space: they stay until the store is opened with room.
        (void)volume.write([&](WriteTxn& txn) { return DropStaged(body).run(txn); });
    }
}

BodyId last_body_id(ReadTxn const& txn)
{
    BodyId last;
    Cursor cursor(txn, Table::bodies);
    if (cursor.seek_last_below(frame_key(BodyId { UINT64_MAX }, UINT64_MAX)))
        last.value = load_big_endian(cursor.key().substr(0, 8));
    return last;
}

Result<std::uint64_t> body_size(ReadTxn const& txn, BodyId body)
{
    auto const header = load_header(txn, body);
    if (!header)
        return header.error();
    return header->size;
}

Result<void> read_body(
    ReadTxn const& txn, BodyId body, std::uint64_t offset, std::uint64_t limit, std::string& out)
{
    auto const header = load_header(txn, body);
    if (!header)
        return header.error();
    if (offset >= header->size || limit == 0)
        return {};
    if (offset < header->inline_length) {
        unpack(body, header->frame, offset, limit, out);
        return {};
    }
    read_frame(txn, body, offset, limit, out);
    return {};
}

Result<void> read_staged(ReadTxn const& txn, StagedBody const& staged, std::uint64_t offset,
    std::uint64_t limit, std::string& out)
{
    auto const& body = staged.impl();
    if (offset >= body.size || limit == 0)
        return {};
    auto const behind = std::ranges::upper_bound(body.frames, offset, {}, &Frame::offset);
    if (behind == body.frames.begin()) { // those in the store come before those in memory
        read_frame(txn, body.id, offset, limit, out);
        return {};
    }
    auto const& frame = *std::prev(behind);
    unpack(body.id, frame.octets, offset - frame.offset, limit, out);
    return {};
}

} // namespace mail::storage
