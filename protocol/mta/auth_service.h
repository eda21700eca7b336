// The server's side of the Dovecot authentication protocol 1.x: Postfix (smtpd_sasl_type = dovecot)
// and Exim (driver = dovecot) let us check the logins of their clients.
#pragma once

#include "protocol/line_reader.h"
#include "protocol/mta/auth_request.h"

#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace mail::mta {

/// One connection of an MTA, on which any number of logins go on at once.
class AuthService {
public:
    /// Octets of a line: a response and what stands around it.
    static constexpr std::size_t max_line = 8 * 1024;
    /// Logins that wait for their client's next response. One more makes the oldest fail: MTAs do
    /// not tell of clients that went away.
    static constexpr std::size_t max_open = 64;
    /// Logins that are being checked at the same time. Further lines wait.
    static constexpr std::size_t max_running = 16;

    /// `allows_plain_text`: passwords of clients that have no TLS are taken, too.
    AuthService(session::Services& services, ByteStream& stream, bool allows_plain_text);
    AuthService(AuthService const&) = delete;
    AuthService& operator=(AuthService const&) = delete;

    /// Serves the MTA until it hangs up, breaks the protocol, or must be told that logins cannot be
    /// checked now. Throws as ByteStream does.
    awaitable<void> run();

    std::uint64_t logins() const { return logins_; }
    std::uint64_t refused() const { return refused_; }
    std::string_view problem() const { return problem_; } ///< empty: the MTA did nothing wrong

private:
    using RequestPtr = std::shared_ptr<AuthRequest>;

    awaitable<void> serve();
    // The lines
    void obey(AuthVersion const& version);
    void obey(AuthBegin& begin);
    void obey(AuthContinue& next);
    void obey(AuthCancel const& cancel);
    void obey(AuthIgnored const&) { }
    void obey(AuthBroken const& broken) { break_off(broken.why); }

    /// Drops requests whose clients let them down, so that there is room for one more.
    void make_room();
    /// Takes a request one step further, beside all others.
    void advance(RequestPtr request, std::optional<std::string> response);
    awaitable<void> step(RequestPtr request, std::optional<std::string> response);

    // The answers
    void answer(AuthRequest& request, sasl::Reply reply);
    void refuse(AuthRequest const& request, session::Refusal why);
    void fail(std::uint32_t id, std::string_view parameters, std::string_view reason);
    void fail_temporarily(std::uint32_t id, std::string_view reason);
    void break_off(std::string_view why);
    /// Writes what there is to say, unless that is going on already.
    awaitable<void> flush();
    awaitable<void> await_running(std::size_t most);

    session::Services& services_;
    ByteStream& stream_;
    Input in_;
    LineReader lines_;
    bool allows_plain_text_;
    std::optional<AuthVersion> client_;
    std::map<std::uint32_t, RequestPtr> requests_; ///< by their id
    std::size_t running_ = 0;
    session::Resumption* awaiting_ = nullptr; ///< of run(), which waits for requests to end
    std::string answers_;
    bool is_writing_ = false;
    bool is_ended_ = false;
    std::exception_ptr failure_; ///< of a request: ends the connection
    std::uint64_t logins_ = 0;
    std::uint64_t refused_ = 0;
    std::string_view problem_;
};

} // namespace mail::mta
