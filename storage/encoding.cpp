// Variable-length fields of records (docs/storage-format.md §2).
#include "storage/encoding.h"

namespace mail::storage {

RecordWriter& RecordWriter::varint(std::uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        out_.push_back(static_cast<char>(value | 0x80));
    out_.push_back(static_cast<char>(value));
    return *this;
}

RecordWriter& RecordWriter::string(std::string_view text)
{
    varint(text.size());
    out_.append(text);
    return *this;
}

RecordWriter& RecordWriter::uids(UidSet const& set)
{
    varint(set.ranges().size());
    std::uint64_t after = 0; // the last UID that is written
    for (auto const& range : set.ranges()) {
        varint(range.first.value - after);
        varint(range.last.value - range.first.value);
        after = range.last.value;
    }
    return *this;
}

std::string_view RecordReader::take(std::size_t octets)
{
    if (octets > in_.size())
        throw Damaged("a record of the store is cut short: restore the store from a backup");
    auto const taken = in_.substr(0, octets);
    in_.remove_prefix(octets);
    return taken;
}

std::uint64_t RecordReader::varint()
{
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        auto const octet = static_cast<std::uint8_t>(take(1)[0]);
        value |= static_cast<std::uint64_t>(octet & 0x7f) << shift;
        if (octet < 0x80)
            return value;
    }
    throw Damaged("a number in a record of the store is too long: restore the store from a backup");
}

std::string_view RecordReader::string() { return take(varint()); }

UidSet RecordReader::uids()
{
    UidSet set;
    std::uint64_t after = 0;
    for (auto left = varint(); left > 0; --left) {
        auto const first = after + varint();
        auto const last = first + varint();
        if (last > UINT32_MAX)
            throw Damaged(
                "a UID in a record of the store is too large: restore the store from a backup");
        set.add(UidRange {
            Uid { static_cast<std::uint32_t>(first) }, Uid { static_cast<std::uint32_t>(last) } });
        after = last;
    }
    return set;
}

std::uint64_t hash_name(std::string_view name)
{
    std::uint64_t hash = 0xcbf29ce484222325;
    for (char const c : name)
        hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3;
    return hash;
}

} // namespace mail::storage
