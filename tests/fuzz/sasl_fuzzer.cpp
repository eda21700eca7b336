// Any lines as what a client sends to each SASL mechanism: nobody gets in without the keys, and no
// exchange goes on for ever.
#include "protocol/sasl/mechanism.h"
#include "protocol/sasl/scram.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

using namespace mail::sasl;

namespace {

constexpr std::size_t most_lines = 16;

ScramKeys const& keys_of_nobody(ScramHash hash)
{
    static std::array<ScramKeys, scram_hashes> const keys = [] {
        std::array<ScramKeys, scram_hashes> made;
        for (std::size_t i = 0; i < made.size(); ++i) {
            auto const size = key_size(static_cast<ScramHash>(i));
            made[i] = { "salt", 4096, std::string(size, 's'), std::string(size, 'k') };
        }
        return made;
    }();
    return keys[static_cast<std::size_t>(hash)];
}

void run(Mechanism& mechanism, ScramHash hash, std::string_view lines)
{
    for (std::size_t i = 0; i < most_lines; ++i) {
        auto const line = lines.substr(0, lines.find('\n'));
        lines.remove_prefix(std::min(lines.size(), line.size() + 1));
        auto step = mechanism.feed(line);
        if (std::holds_alternative<KeysWanted>(step)) {
            if (std::get<KeysWanted>(step).name.empty())
                std::abort();
            step = mechanism.take_keys(keys_of_nobody(hash));
        }
        if (std::holds_alternative<Proven>(step))
            std::abort();
        if (!std::holds_alternative<Challenge>(step))
            return;
    }
    std::abort(); // no mechanism asks so often
}

} // namespace

namespace {

/// A connection on which nothing is known of the client.
class NobodysChannel final : public mail::Channel {
public:
    bool is_encrypted() const override { return true; }
    std::string channel_binding(std::string_view) const override { return {}; }
    std::vector<std::string> certified_names() const override { return {}; }
    mail::Peer const& peer() const override { return peer_; }

private:
    mail::Peer peer_;
};

/// The mechanisms that end with a claim: it is checked afterwards, so anything well-formed may
/// come.
void run_claims(std::string_view lines)
{
    NobodysChannel const channel;
    for (auto const* name :
        { "EXTERNAL", "OAUTHBEARER", "XOAUTH2", "PLAIN", "LOGIN", "ANONYMOUS" }) {
        auto const mechanism = find_mechanism(name)->make(channel);
        auto rest = lines;
        bool is_over = false;
        for (std::size_t i = 0; i < most_lines && !is_over; ++i) {
            auto const line = rest.substr(0, rest.find('\n'));
            rest.remove_prefix(std::min(rest.size(), line.size() + 1));
            auto const step = mechanism->feed(line);
            is_over = !std::holds_alternative<Challenge>(step);
            if (std::holds_alternative<Proven>(step))
                std::abort();
            auto const* password = std::get_if<PasswordClaim>(&step);
            if (password && (password->name.empty() || password->password.empty()))
                std::abort();
            auto const* token = std::get_if<TokenClaim>(&step);
            if (token && token->token.find_first_of("\1\r\n ") != std::string::npos)
                std::abort();
        }
        if (!is_over)
            std::abort();
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* octets, std::size_t size)
{
    std::string_view const input(reinterpret_cast<char const*>(octets), size);
    auto const binding = [](std::string_view type) {
        return type == "tls-exporter" ? std::string("bound") : std::string {};
    };
    for (auto const hash : { ScramHash::sha1, ScramHash::sha256, ScramHash::sha512 })
        for (bool const binds : { false, true }) {
            Scram scram(
                hash, { .is_bound = binds, .could_bind = binds, .binding = binding }, "nonce");
            run(scram, hash, input);
        }
    run_claims(input);
    return 0;
}
