// The client's side of SCRAM (RFC 5802 §3), which can be bent at each step.
#pragma once

#include "protocol/sasl/base64.h"
#include "protocol/sasl/scram_keys.h"

#include <string>
#include <string_view>

namespace mail::test {

inline std::string encoded(std::string_view octets)
{
    std::string out;
    sasl::append_base64(out, octets);
    return out;
}

inline std::string decoded(std::string_view text)
{
    return sasl::decode_base64(text, 4096).value();
}

/// A client: what it sends can be bent at each step.
struct ScramClient {
    sasl::ScramHash hash = sasl::ScramHash::sha256;
    std::string header = "n,,";
    std::string name = "alice";
    std::string password = "secret";
    std::string binding {}; ///< of the channel
    std::string nonce = "fyko+d2lbbFgONRv9qkxdawL";
    bool changes_nonce = false;

    std::string first() const { return header + bare(); }
    std::string bare() const { return "n=" + name + ",r=" + nonce; }

    std::string last(std::string const& challenge) const
    {
        auto const value = [&](std::string const& key) {
            auto const at = challenge.find(key) + key.size();
            return challenge.substr(at, challenge.find(',', at) - at);
        };
        auto const keys = sasl::derive_scram_keys(hash, password, decoded(value("s=")),
            static_cast<std::uint32_t>(std::stoul(value("i="))));
        auto const without_proof
            = "c=" + encoded(header + binding) + ",r=" + value("r=") + (changes_nonce ? "x" : "");
        auto const message = bare() + "," + challenge + "," + without_proof;
        // The client's key is not among what a server keeps: made from the password again.
        auto proof = client_key(decoded(value("s=")), std::stoul(value("i=")));
        auto const signature = sasl::scram_hmac(hash, keys.stored_key, message);
        for (std::size_t i = 0; i < proof.size(); ++i)
            proof[i] = static_cast<char>(proof[i] ^ signature[i]);
        return without_proof + ",p=" + encoded(proof);
    }

    /// Hi() as RFC 5802 §2.2 writes it down.
    std::string client_key(std::string const& salt, std::size_t iterations) const
    {
        auto block = sasl::scram_hmac(hash, password, salt + std::string("\0\0\0\1", 4));
        auto salted = block;
        for (std::size_t i = 1; i < iterations; ++i) {
            block = sasl::scram_hmac(hash, password, block);
            for (std::size_t at = 0; at < salted.size(); ++at)
                salted[at] = static_cast<char>(salted[at] ^ block[at]);
        }
        return sasl::scram_hmac(hash, salted, "Client Key");
    }
};

} // namespace mail::test
