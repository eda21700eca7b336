// SCRAM with SHA-1, SHA-256 and SHA-512, without and with channel binding (RFC 5802, RFC 7677,
// RFC 9266): the client proves that it knows the password, and the server that it has the keys.
#pragma once

#include "protocol/sasl/mechanism.h"
#include "protocol/sasl/scram_keys.h"

#include <functional>
#include <string>
#include <string_view>

namespace mail::sasl {

/// One exchange. Steps: KeysWanted after the client's first message, Proven after its last one.
class Scram final : public Mechanism {
public:
    /// What the connection binds to.
    struct Channel {
        bool is_bound = false; ///< the mechanism's name ends in -PLUS
        bool could_bind = false; ///< -PLUS was offered: a client that could use it and says it was
                                 ///< not was lied to (RFC 5802 §6)
        /// Channel::channel_binding.
        std::function<std::string(std::string_view type)> binding {};
    };

    Scram(ScramHash hash, Channel channel, std::string nonce);

    Step begin() override { return Challenge {}; }
    Step feed(std::string_view response) override;
    Step take_keys(ScramKeys const& keys) override;

private:
    Step first(std::string_view message);
    Step last(std::string_view message);

    enum class State { first, keys, last, acknowledgement, over };

    ScramHash hash_;
    Channel channel_;
    std::string nonce_; ///< the server's; behind the client's after its first message
    State state_ = State::first;
    std::string authzid_;
    std::string name_;
    std::string binding_; ///< what the client's "c=" has to say, decoded
    std::string transcript_; ///< AuthMessage so far
    ScramKeys keys_;
};

} // namespace mail::sasl
