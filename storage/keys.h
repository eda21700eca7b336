// What SORT and THREAD compare, read one column at a time (docs/storage-format.md §4.15).
#pragma once

#include "storage/encoding.h"
#include "storage/messages.h"
#include "storage/txn.h"

#include <string_view>

namespace mail::storage {

/// Reads one column of the keys of a mailbox's messages (NewMessage::keys). Dies with the
/// transaction.
class KeyReader {
public:
    KeyReader(ReadTxn const& txn, Place place, std::size_t column);

    /// The message's key; empty when the store has none. In ascending order this is one walk over
    /// the mailbox: nanoseconds for each message. The view dies with the transaction.
    std::string_view find(Uid uid)
    {
        if (uid <= asked_ || uid > last_)
            enter_block(uid);
        asked_ = uid;
        for (; left_ != 0; pass())
            if (auto const at = uid_here(); at >= uid)
                return at == uid ? key_here() : std::string_view {};
        return {};
    }

private:
    void enter_block(Uid uid);
    bool is_inside() const;
    [[noreturn]] static void throw_damaged();

    Uid uid_here() const { return Uid { load<std::uint32_t>(uids_) }; }
    void pass()
    {
        keys_ += key_here().size() + prefix_;
        uids_ += sizeof(std::uint32_t);
        --left_;
    }
    /// The key at keys_; prefix_ becomes the octets of its length.
    std::string_view key_here()
    {
        std::size_t size = 0;
        prefix_ = 0;
        for (unsigned shift = 0; shift < 32; shift += 7) {
            if (keys_ + prefix_ == end_)
                break;
            auto const octet = static_cast<unsigned char>(keys_[prefix_++]);
            size |= std::size_t { octet & 0x7FU } << shift;
            if (octet < 0x80 && size <= static_cast<std::size_t>(end_ - keys_) - prefix_)
                return { keys_ + prefix_, size };
            if (octet < 0x80)
                break;
        }
        throw_damaged();
    }

    Cursor cursor_;
    Key prefix_key_; ///< of all blocks of the mailbox
    std::size_t column_;
    Uid asked_ {};
    Uid last_ {}; ///< of the block
    std::size_t left_ = 0; ///< records of the block from here on
    std::size_t prefix_ = 0;
    char const* uids_ = nullptr;
    char const* keys_ = nullptr;
    char const* end_ = nullptr; ///< of the column
};

} // namespace mail::storage
