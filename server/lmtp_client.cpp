// Speaks LMTP to our own server.
#include "server/lmtp_client.h"

#include "server/listening_socket.h"

#include <fmt/format.h>

#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace mail::server {

LmtpClient::LmtpClient(config::Endpoint const& endpoint)
    : socket_(connect_to(endpoint))
{
    if (socket_ < 0)
        throw NobodyListens(fmt::format("cannot connect to the LMTP listener at {}: {}",
            endpoint.text(), std::strerror(errno)));
    timeval const limit { 60, 0 };
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    try {
        reply("the connection", '2');
    } catch (...) {
        ::close(socket_);
        throw;
    }
}

LmtpClient::~LmtpClient() { ::close(socket_); }

void LmtpClient::send(std::string_view octets)
{
    while (!octets.empty()) {
        auto const n = ::send(socket_, octets.data(), octets.size(), MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            throw std::runtime_error(
                fmt::format("the LMTP server is gone: {}", std::strerror(errno)));
        octets.remove_prefix(static_cast<std::size_t>(n));
    }
}

std::string LmtpClient::reply(std::string_view to, char expected)
{
    constexpr std::size_t longest = 64 * 1024;
    for (;;) {
        // Lines "250-..." go on; "250 ..." is the last.
        for (auto end = input_.find("\r\n"); end != std::string::npos; end = input_.find("\r\n")) {
            auto const line = input_.substr(0, end);
            input_.erase(0, end + 2);
            if (line.size() > 3 && line[3] == '-')
                continue;
            if (line.empty() || line.front() != expected)
                throw std::runtime_error(
                    fmt::format("refused by the server after {}: {}", to, line));
            return line;
        }
        char block[4096];
        auto const got = ::recv(socket_, block, sizeof block, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0 || input_.size() > longest)
            throw std::runtime_error(fmt::format("no reply of the LMTP server to {}: {}", to,
                got == 0 ? "it closed the connection" : std::strerror(errno)));
        input_.append(block, static_cast<std::size_t>(got));
    }
}

std::string LmtpClient::command(std::string_view line, char expected)
{
    send(fmt::format("{}\r\n", line));
    return reply(line, expected);
}

std::string LmtpClient::deliver(
    std::string_view recipient, std::function<std::string()> const& read)
{
    command("LHLO localhost", '2');
    command("MAIL FROM:<>", '2');
    command(fmt::format("RCPT TO:<{}>", recipient), '2');
    command("DATA", '3');
    bool at_line_start = true;
    for (auto octets = read(); !octets.empty(); octets = read()) {
        std::string stuffed;
        for (char const c : octets) {
            if (at_line_start && c == '.')
                stuffed += '.';
            stuffed += c;
            at_line_start = c == '\n';
        }
        send(stuffed);
    }
    send(at_line_start ? ".\r\n" : "\r\n.\r\n");
    auto const answer = reply("the message", '2');
    send("QUIT\r\n");
    return answer;
}

} // namespace mail::server
