// One login that an MTA lets us check: a SASL exchange over what the MTA tells of its client.
#pragma once

#include "protocol/mta/auth_line.h"
#include "protocol/sasl/exchange.h"
#include "protocol/session/session.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace mail::mta {

/// By the name of this protocol such attempts stand in the journal, and the accounts know them.
inline constexpr std::string_view attempt_protocol = "smtp";

/// The MTA's client. There is no way to bind a login to its TLS.
class MtaClient final : public Channel {
public:
    MtaClient(Peer peer, bool is_secured, std::string certified_name)
        : peer_(std::move(peer))
        , is_secured_(is_secured)
        , certified_name_(std::move(certified_name))
    {
    }
    bool is_encrypted() const override { return is_secured_; }
    std::string channel_binding(std::string_view) const override { return {}; }
    std::vector<std::string> certified_names() const override
    {
        return certified_name_.empty() ? std::vector<std::string> {}
                                       : std::vector { certified_name_ };
    }
    Peer const& peer() const override { return peer_; }

private:
    Peer peer_;
    bool is_secured_;
    std::string certified_name_;
};

class AuthRequest final : session::Journal {
public:
    using Clock = std::chrono::steady_clock;

    /// `services` outlives this.
    AuthRequest(session::Services& services, sasl::MechanismRow const& mechanism, AuthBegin begin,
        Peer peer, bool allows_plain_text);

    /// Goes one step on with a response in base64; at first nullopt is none. One call at a time.
    awaitable<sasl::Reply> step(std::optional<std::string> response);

    std::uint32_t id() const { return id_; }
    Clock::time_point begun() const { return begun_; }
    std::string_view name() const { return name_; } ///< who was refused; empty: not known
    bool is_for_another() const { return is_for_another_; } ///< who was refused named an authzid
    bool had_bad_base64() const { return had_bad_base64_; } ///< in the last step

    bool is_running = false; ///< step() is under way
    bool is_cancelled = false; ///< its end is not told to anybody

private:
    // Journal: passes all on, and keeps what is told of a refusal.
    void logged_in(session::Attempt const& attempt, session::User const& user) override;
    void login_refused(
        session::Attempt const& attempt, std::string_view name, session::Refusal why) override;
    void delivered(Peer const& peer, std::string_view recipient, std::string_view sender,
        std::uint64_t octets, std::string_view result) override;

    std::uint32_t id_;
    session::Journal& journal_;
    MtaClient client_;
    session::Login login_;
    sasl::Exchange exchange_;
    Clock::time_point begun_ = Clock::now();
    std::string name_;
    bool is_for_another_ = false;
    bool had_bad_base64_ = false;
    bool has_started_ = false;
};

} // namespace mail::mta
