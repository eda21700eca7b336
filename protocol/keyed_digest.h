// Digests that only this server can make: of names, addresses and passwords that are to be found
// again, but not to be read.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string_view>

struct evp_mac_ctx_st;

namespace mail {

/// HMAC-SHA-256 (RFC 2104) under one key, which is set up once: a digest then costs half a
/// microsecond. Thread-safe.
class KeyedDigest {
public:
    using Octets = std::array<unsigned char, 32>;
    using Parts = std::initializer_list<std::string_view>;

    explicit KeyedDigest(std::string_view key);
    /// Under a random key, which nobody knows. Throws std::runtime_error when there are no random
    /// octets.
    static KeyedDigest of_this_process();

    /// Of the parts with a NUL between them: no two lists of parts without NULs have the same.
    Octets of(Parts parts) const;
    /// Its first octets as a key for tables; never 0.
    std::uint64_t number_of(Parts parts) const;

private:
    struct Free {
        void operator()(evp_mac_ctx_st* context) const;
    };
    using Context = std::unique_ptr<evp_mac_ctx_st, Free>;

    Context begun_; ///< with the key, before the first octet
};

} // namespace mail
