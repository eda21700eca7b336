// A plain LMTP client, enough to hand a message to our own server (RFC 2033).
#pragma once

#include "config/config.h"

#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace mail::server {

/// Blocking, with a time limit of a minute for each reply. All throw std::runtime_error with one
/// line.
class LmtpClient {
public:
    explicit LmtpClient(config::Endpoint const& endpoint); ///< connects and reads the greeting
    ~LmtpClient();
    LmtpClient(LmtpClient const&) = delete;
    LmtpClient& operator=(LmtpClient const&) = delete;

    /// Delivers to one recipient; returns the server's reply. `read` gives the next octets of the
    /// message, lines ending in CRLF, and nothing at its end. Throws with the server's words when
    /// it refuses.
    std::string deliver(std::string_view recipient, std::function<std::string()> const& read);

private:
    std::string command(std::string_view line, char expected);
    std::string reply(std::string_view to, char expected);
    void send(std::string_view octets);

    int socket_;
    std::string input_;
};

/// Could not connect: nobody listens there (now).
class NobodyListens : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

} // namespace mail::server
