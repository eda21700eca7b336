// How numbers and strings are laid out in keys (big-endian, so that they sort) and in records
// (little-endian): docs/storage-format.md §2.
#pragma once

#include "storage/error.h"
#include "storage/ids.h"
#include "storage/uid_set.h"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace mail::storage {

/// What a row of Table::index is; the octet after its AccountId (docs/storage-format.md §4).
enum class Kind : std::uint8_t {
    account = 0x01,
    mailbox = 0x02,
    mailbox_name = 0x03,
    subscription = 0x04,
    deleted_mailbox = 0x05,
    acl = 0x06,
    metadata = 0x07,
    url_key = 0x08,
    facts = 0x10,
    cold = 0x11,
    seen = 0x12,
    keys = 0x13,
    flags = 0x14,
    pop3_uidl = 0x15,
    kept = 0x20,
    expiry = 0x21,
    change = 0x30,
    thread = 0x40,
    delivered = 0x50,
    delivered_until = 0x51,
};

/// A key under construction; lives on the stack.
class Key {
public:
    Key() = default;
    Key(AccountId account, Kind kind) { u64(account.value).u8(static_cast<std::uint8_t>(kind)); }
    Key(AccountId account, Kind kind, MailboxId mailbox)
        : Key(account, kind)
    {
        u64(mailbox.value);
    }
    Key(AccountId account, Kind kind, MailboxId mailbox, Uid uid)
        : Key(account, kind, mailbox)
    {
        u32(uid.value);
    }

    Key& u8(std::uint8_t value)
    {
        octets_[size_++] = static_cast<char>(value);
        return *this;
    }
    Key& u16(std::uint16_t value) { return big_endian(value, 2); }
    Key& u32(std::uint32_t value) { return big_endian(value, 4); }
    Key& u64(std::uint64_t value) { return big_endian(value, 8); }

    std::string_view view() const { return { octets_.data(), size_ }; }
    operator std::string_view() const { return view(); } // NOLINT: a key is its octets

private:
    Key& big_endian(std::uint64_t value, unsigned octets)
    {
        for (unsigned i = octets; i-- > 0;)
            u8(static_cast<std::uint8_t>(value >> (8 * i)));
        return *this;
    }

    std::array<char, 48> octets_; // the longest key has 34
    std::size_t size_ = 0;
};

inline std::uint64_t load_big_endian(std::string_view octets)
{
    std::uint64_t value = 0;
    for (char const c : octets)
        value = (value << 8) | static_cast<std::uint8_t>(c);
    return value;
}

inline Uid uid_in_key(std::string_view key) ///< of rows whose keys end in one
{
    return Uid { static_cast<std::uint32_t>(load_big_endian(key.substr(key.size() - 4))) };
}

template <class T> T load(char const* from) ///< little-endian
{
    static_assert(
        std::endian::native == std::endian::little, "records are little-endian: swap here");
    T value;
    std::memcpy(&value, from, sizeof value);
    return value;
}

template <class T> void store(char* to, T value) ///< little-endian
{
    std::memcpy(to, &value, sizeof value);
}

/// Appends the fields of a record.
class RecordWriter {
public:
    explicit RecordWriter(std::string& out)
        : out_(out)
    {
    }
    template <class T> RecordWriter& number(T value)
    {
        char octets[sizeof value];
        store(octets, value);
        out_.append(octets, sizeof value);
        return *this;
    }
    RecordWriter& varint(std::uint64_t value);
    RecordWriter& string(std::string_view text); ///< length as a varint, octets
    RecordWriter& uids(UidSet const& set); ///< docs/storage-format.md §2.3

private:
    std::string& out_;
};

/// Takes the fields of a record; throws Damaged when it is too short.
class RecordReader {
public:
    explicit RecordReader(std::string_view in)
        : in_(in)
    {
    }
    template <class T> T number() { return load<T>(take(sizeof(T)).data()); }
    std::uint64_t varint();
    std::string_view string();
    UidSet uids();
    std::string_view take(std::size_t octets);
    std::string_view rest() const { return in_; }

private:
    std::string_view in_;
};

/// FNV-1a of 64 bits: places names, which may be longer than a key, in Table::index. Names with
/// equal hashes stand beside each other and are told apart by their rows' values.
std::uint64_t hash_name(std::string_view name);

} // namespace mail::storage
