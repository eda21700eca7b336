#include "protocol/sasl/scram.h"

#include "protocol/sasl/base64.h"
#include "protocol/sasl/gs2.h"
#include "protocol/sasl/saslprep.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <optional>
#include <stdexcept>
#include <utility>

namespace mail::sasl {

namespace {

    constexpr std::string_view not_scram = "That is no SCRAM message (RFC 5802)";
    constexpr std::string_view bad_binding
        = "The channel binding is not that of this connection: somebody may stand in between";

    std::string base64(std::string_view octets)
    {
        std::string text;
        append_base64(text, octets);
        return text;
    }

    /// Takes "x=value" off the front, up to a comma or the end; nullopt when it begins otherwise.
    std::optional<std::string_view> take(std::string_view& rest, std::string_view prefix)
    {
        if (!rest.starts_with(prefix))
            return std::nullopt;
        auto const end = std::min(rest.find(','), rest.size());
        auto const value = rest.substr(prefix.size(), end - prefix.size());
        rest.remove_prefix(std::min(end + 1, rest.size()));
        return value;
    }

    bool is_nonce(std::string_view text)
    {
        return !text.empty()
            && std::ranges::all_of(text, [](char c) { return c >= 0x21 && c <= 0x7e && c != ','; });
    }

} // namespace

Scram::Scram(ScramHash hash, Channel channel, std::string nonce)
    : hash_(hash)
    , channel_(std::move(channel))
    , nonce_(std::move(nonce))
{
}

Step Scram::feed(std::string_view response)
{
    switch (state_) {
    case State::first:
        return first(response);
    case State::last:
        return last(response);
    case State::acknowledgement: // of the server's signature, where the protocol has no place for
                                 // data beside the success (RFC 4422 §3.6)
        state_ = State::over;
        if (!response.empty())
            return Malformed { "After the server's signature comes an empty response" };
        return Proven { std::move(authzid_), std::move(name_) };
    case State::keys:
    case State::over:
        break;
    }
    return Malformed { not_scram };
}

/// gs2-header "," client-first-message-bare
Step Scram::first(std::string_view message)
{
    state_ = State::over;
    auto rest = message;
    std::string_view data_type;
    if (auto const type = take(rest, "p="); type) {
        if (!channel_.is_bound)
            return Malformed { "This mechanism has no channel binding: use the one with -PLUS" };
        data_type = *type;
    } else if (rest.starts_with("y,")) {
        rest.remove_prefix(2);
        if (channel_.is_bound)
            return Malformed { "This mechanism is for channel binding: begin with \"p=\"" };
        if (channel_.could_bind) // the offer of -PLUS was hidden from the client
            return Malformed { bad_binding };
    } else if (rest.starts_with("n,")) {
        rest.remove_prefix(2);
        if (channel_.is_bound)
            return Malformed { "This mechanism is for channel binding: begin with \"p=\"" };
    } else
        return Malformed { not_scram };
    if (rest.starts_with("a=")) {
        auto const identity = decode_saslname(*take(rest, "a="));
        if (!identity)
            return Malformed { not_scram };
        authzid_ = *identity;
    } else if (rest.starts_with(','))
        rest.remove_prefix(1);
    else
        return Malformed { not_scram };

    binding_ = message.substr(0, message.size() - rest.size());
    if (channel_.is_bound) {
        auto const data = channel_.binding(data_type);
        if (data.empty())
            return Malformed {
                "Bind to tls-exporter or tls-server-end-point: this connection has no other"
            };
        binding_ += data;
    }
    transcript_ = rest;
    if (rest.starts_with("m="))
        return Malformed { "Extensions of SCRAM that are mandatory are not spoken" };
    auto const user = take(rest, "n=");
    auto const name = user ? decode_saslname(*user) : std::nullopt;
    auto const nonce = take(rest, "r=");
    if (!name || !nonce || !is_nonce(*nonce))
        return Malformed { not_scram };
    auto const prepared = saslprep(*name);
    if (!prepared || prepared->empty())
        return Malformed { "The user name has characters that no name may have (RFC 4013)" };
    name_ = *prepared;
    nonce_.insert(0, *nonce);
    state_ = State::keys;
    return KeysWanted { name_, hash_ };
}

Step Scram::take_keys(ScramKeys const& keys)
{
    keys_ = keys;
    auto challenge = fmt::format("r={},s={},i={}", nonce_, base64(keys.salt), keys.iterations);
    transcript_ += ',';
    transcript_ += challenge;
    state_ = State::last;
    return Challenge { std::move(challenge) };
}

/// client-final-message
Step Scram::last(std::string_view message)
{
    state_ = State::over;
    auto const proof_at = message.rfind(",p=");
    if (proof_at == message.npos)
        return Malformed { not_scram };
    auto rest = message;
    auto const binding = take(rest, "c=");
    auto const nonce = take(rest, "r=");
    auto const proof = decode_base64(message.substr(proof_at + 3), max_response);
    if (!binding || !nonce || !proof)
        return Malformed { not_scram };
    auto const bound = decode_base64(*binding, max_response);
    if (!bound || *bound != binding_)
        return Malformed { bad_binding };
    if (*nonce != nonce_)
        return Malformed { "The nonce is not the one that was sent" };

    transcript_ += ',';
    transcript_ += message.substr(0, proof_at);
    auto const signature = scram_hmac(hash_, keys_.stored_key, transcript_);
    if (proof->size() != signature.size())
        return Malformed { not_scram };
    std::string client_key = *proof;
    std::ranges::transform(client_key, signature, client_key.begin(),
        [](char a, char b) { return static_cast<char>(a ^ b); });
    auto const digest = scram_digest(hash_, client_key);
    ::OPENSSL_cleanse(client_key.data(), client_key.size());
    if (digest.size() != keys_.stored_key.size()
        || ::CRYPTO_memcmp(digest.data(), keys_.stored_key.data(), digest.size()) != 0)
        return WrongProof { std::move(name_) };
    state_ = State::acknowledgement;
    return Challenge { "v=" + base64(scram_hmac(hash_, keys_.server_key, transcript_)) };
}

bool can_bind(Channel const& channel)
{
    // The cheaper one first: every greeting asks.
    return !channel.channel_binding("tls-server-end-point").empty()
        || !channel.channel_binding("tls-exporter").empty();
}

template <ScramHash hash, Binds binds> std::unique_ptr<Mechanism> make_scram(Channel const& channel)
{
    std::array<unsigned char, 18> random {};
    if (::RAND_bytes(random.data(), static_cast<int>(random.size())) != 1)
        throw std::runtime_error("no random octets for a nonce");
    auto nonce = base64({ reinterpret_cast<char const*>(random.data()), random.size() });
    return std::make_unique<Scram>(hash,
        Scram::Channel { .is_bound = binds == Binds::yes,
            .could_bind = can_bind(channel),
            .binding
            = [&channel](std::string_view type) { return channel.channel_binding(type); } },
        std::move(nonce));
}

template std::unique_ptr<Mechanism> make_scram<ScramHash::sha1, Binds::no>(Channel const&);
template std::unique_ptr<Mechanism> make_scram<ScramHash::sha1, Binds::yes>(Channel const&);
template std::unique_ptr<Mechanism> make_scram<ScramHash::sha256, Binds::no>(Channel const&);
template std::unique_ptr<Mechanism> make_scram<ScramHash::sha256, Binds::yes>(Channel const&);
template std::unique_ptr<Mechanism> make_scram<ScramHash::sha512, Binds::no>(Channel const&);
template std::unique_ptr<Mechanism> make_scram<ScramHash::sha512, Binds::yes>(Channel const&);

} // namespace mail::sasl
