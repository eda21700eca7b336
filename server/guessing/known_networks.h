// From which networks which accounts have logged in: what is known there is not held up when others
// guess the account's password elsewhere. Kept across restarts, in a file of bounded size.
#pragma once

#include "protocol/keyed_digest.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace mail::server {

/// Thread-safe. Holds keyed digests only: the file tells nobody who logs in from where.
class KnownNetworks {
public:
    static constexpr std::size_t capacity = 128 * 1024; ///< 16 octets each; the oldest go first

    /// Reads the file when there is one; one that cannot be read is logged and begun anew.
    /// `secret` is the same after a restart. Networks are forgotten after `days` without a login.
    KnownNetworks(std::filesystem::path file, std::string_view secret, unsigned days);

    /// `today`: days since 1970.
    bool contains(std::string_view account, std::string_view network, unsigned today) const;
    void remember(std::string_view account, std::string_view network, unsigned today);

    /// Writes what is new since the last time, atomically. What goes wrong is logged, once. Writes
    /// 2 MiB: on a worker.
    void save();

private:
    struct Login {
        std::uint64_t key = 0; ///< of account and network; 0: none
        std::uint32_t day = 0; ///< of the last one
        std::uint32_t unused = 0;
    };
    static constexpr std::size_t ways = 16;

    std::uint64_t key_of(std::string_view account, std::string_view network) const;
    std::size_t set_of(std::uint64_t key) const { return key % (capacity / ways) * ways; }
    void read();

    std::filesystem::path file_;
    KeyedDigest digest_;
    unsigned days_;
    mutable std::mutex mutex_;
    std::vector<Login> logins_; ///< sets of `ways`
    bool is_changed_ = false;
    bool was_told_ = false; ///< that it cannot be written
};

unsigned today();

} // namespace mail::server
