// Blocking clients for the benchmarks, over TCP or TLS, that cost little beside the server they
// measure. They work with any IMAP and LMTP server. Failures are exceptions: a benchmark then ends
// with a message.
#pragma once

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace bench {

using Clock = std::chrono::steady_clock;

inline double seconds_since(Clock::time_point start)
{
    return std::chrono::duration<double>(Clock::now() - start).count();
}

/// "--name value" pairs of the command line; a name that no call asked for is not noticed.
class Options {
public:
    Options(int argc, char** argv)
    {
        for (int i = 1; i + 1 < argc; i += 2) {
            if (std::strncmp(argv[i], "--", 2) != 0)
                throw std::runtime_error(std::string("expected --name value, not ") + argv[i]);
            values_[argv[i] + 2] = argv[i + 1];
        }
        if (argc % 2 == 0)
            throw std::runtime_error("expected --name value pairs");
    }
    std::string text(std::string const& name, std::string fallback = {}) const
    {
        auto const found = values_.find(name);
        return found == values_.end() ? std::move(fallback) : found->second;
    }
    int number(std::string const& name, int fallback) const
    {
        auto const found = values_.find(name);
        return found == values_.end() ? fallback : std::stoi(found->second);
    }
    std::uint16_t port(std::string const& name) const
    {
        int const value = number(name, 0);
        if (value <= 0 || value > 65535)
            throw std::runtime_error("--" + name + " PORT is missing");
        return static_cast<std::uint16_t>(value);
    }
    /// The name of account `index`: --user with "%d" replaced by the index modulo --accounts.
    std::string user(int index) const
    {
        std::string name = text("user", "user%d@example.org");
        if (auto const at = name.find("%d"); at != std::string::npos)
            name.replace(at, 2, std::to_string(index % number("accounts", 1)));
        return name;
    }
    std::string password() const { return text("password", "Geheim-7391-wort"); }

private:
    std::map<std::string, std::string> values_;
};

inline SSL_CTX* tls_context()
{
    static SSL_CTX* const context = [] {
        SSL_CTX* made = SSL_CTX_new(TLS_client_method());
        SSL_CTX_set_mode(made, SSL_MODE_RELEASE_BUFFERS);
        return made;
    }();
    return context;
}

/// The client's side of COMPRESS=DEFLATE, in as little memory as zlib allows.
class Deflate {
public:
    Deflate()
    {
        deflateInit2(&out_, 1, Z_DEFLATED, -9, 1, Z_DEFAULT_STRATEGY);
        inflateInit2(&in_, -15);
    }
    ~Deflate()
    {
        deflateEnd(&out_);
        inflateEnd(&in_);
    }
    Deflate(Deflate const&) = delete;
    Deflate& operator=(Deflate const&) = delete;

    std::string compress(std::string_view octets)
    {
        std::string result(octets.size() + octets.size() / 8 + 64, '\0');
        out_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(octets.data()));
        out_.avail_in = static_cast<uInt>(octets.size());
        out_.next_out = reinterpret_cast<Bytef*>(result.data());
        out_.avail_out = static_cast<uInt>(result.size());
        deflate(&out_, Z_SYNC_FLUSH);
        result.resize(result.size() - out_.avail_out);
        return result;
    }

    void expand(std::string_view octets, std::string& to)
    {
        in_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(octets.data()));
        in_.avail_in = static_cast<uInt>(octets.size());
        do {
            char part[16 * 1024];
            in_.next_out = reinterpret_cast<Bytef*>(part);
            in_.avail_out = sizeof part;
            if (inflate(&in_, Z_SYNC_FLUSH) == Z_DATA_ERROR)
                throw std::runtime_error("the server's compressed octets are damaged");
            to.append(part, sizeof part - in_.avail_out);
        } while (in_.avail_out == 0);
    }

private:
    z_stream out_ {};
    z_stream in_ {};
};

/// One connection, read by lines and octets. Not copyable; movable.
class Connection {
public:
    Connection() = default;
    /// `resumed`: a TLS session to take up again, if the server still can.
    Connection(std::string const& host, std::uint16_t port, bool tls,
        std::string const& source = {}, SSL_SESSION* resumed = nullptr)
    {
        fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        require(fd_ >= 0, "socket");
        int const on = 1;
        ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        timeval const limit { 120, 0 };
        ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        if (!source.empty()) {
            ::setsockopt(fd_, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
            sockaddr_in const from = address(source, 0);
            require(
                ::bind(fd_, reinterpret_cast<sockaddr const*>(&from), sizeof from) == 0, "bind");
        }
        sockaddr_in const to = address(host, port);
        require(::connect(fd_, reinterpret_cast<sockaddr const*>(&to), sizeof to) == 0, "connect");
        if (tls) {
            ssl_ = SSL_new(tls_context());
            SSL_set_fd(ssl_, fd_);
            if (resumed)
                SSL_set_session(ssl_, resumed);
            require(SSL_connect(ssl_) == 1, "TLS handshake");
        }
    }
    Connection(Connection&& other) noexcept { *this = std::move(other); }
    Connection& operator=(Connection&& other) noexcept
    {
        std::swap(fd_, other.fd_);
        std::swap(ssl_, other.ssl_);
        std::swap(deflate_, other.deflate_);
        std::swap(buffer_, other.buffer_);
        std::swap(read_, other.read_);
        return *this;
    }
    ~Connection() { close(); }

    /// The last that the server gave; it comes with the first data.
    std::shared_ptr<SSL_SESSION> tls_session() const
    {
        return { SSL_get1_session(ssl_), SSL_SESSION_free };
    }
    bool is_resumed() const { return SSL_session_reused(ssl_) == 1; }

    void close()
    {
        if (ssl_) {
            // As if the server had been told: a session that just broke off is not resumed.
            SSL_set_shutdown(ssl_, SSL_SENT_SHUTDOWN);
            SSL_free(std::exchange(ssl_, nullptr));
        }
        if (fd_ >= 0)
            ::close(std::exchange(fd_, -1));
    }

    void start_deflate() { deflate_ = std::make_unique<Deflate>(); } ///< COMPRESS was answered OK

    void send(std::string_view data)
    {
        std::string compressed;
        if (deflate_) {
            compressed = deflate_->compress(data);
            data = compressed;
        }
        while (!data.empty()) {
            auto const n = ssl_ ? SSL_write(ssl_, data.data(),
                               static_cast<int>(std::min(data.size(), std::size_t { 1 } << 20)))
                                : ::send(fd_, data.data(), data.size(), MSG_NOSIGNAL);
            require(n > 0, "send");
            data.remove_prefix(static_cast<std::size_t>(n));
        }
    }

    /// The next line without its CRLF; the view is valid until the next read.
    std::string_view line()
    {
        std::size_t from = read_;
        for (;;) {
            auto const end = buffer_.find('\n', from);
            if (end != std::string::npos) {
                std::string_view found(buffer_.data() + read_, end - read_);
                read_ = end + 1;
                if (!found.empty() && found.back() == '\r')
                    found.remove_suffix(1);
                return found;
            }
            from = buffer_.size() - read_;
            fill();
            from += read_;
        }
    }

    void skip(std::size_t octets)
    {
        while (buffer_.size() - read_ < octets) {
            octets -= buffer_.size() - read_;
            read_ = buffer_.size();
            fill();
        }
        read_ += octets;
    }

    /// True when something can be read within the limit.
    bool readable(int milliseconds)
    {
        if (read_ < buffer_.size() || (ssl_ && SSL_pending(ssl_) > 0))
            return true;
        pollfd waiting { fd_, POLLIN, 0 };
        return ::poll(&waiting, 1, milliseconds) > 0;
    }

    /// Gives back the memory of the read buffer while nothing is in it.
    void shrink()
    {
        if (read_ == buffer_.size()) {
            buffer_ = {};
            read_ = 0;
        }
    }

private:
    static sockaddr_in address(std::string const& host, std::uint16_t port)
    {
        sockaddr_in made {};
        made.sin_family = AF_INET;
        made.sin_port = htons(port);
        if (::inet_pton(AF_INET, host.c_str(), &made.sin_addr) != 1)
            throw std::runtime_error("not an IPv4 address: " + host);
        return made;
    }

    static void require(bool ok, char const* what)
    {
        if (!ok)
            throw std::runtime_error(std::string(what) + ": " + std::strerror(errno));
    }

    void fill()
    {
        constexpr std::size_t chunk = 64 * 1024;
        if (read_ > 0) {
            buffer_.erase(0, read_);
            read_ = 0;
        }
        std::size_t const old = buffer_.size();
        buffer_.resize(old + chunk);
        auto const n = ssl_ ? SSL_read(ssl_, buffer_.data() + old, chunk)
                            : ::recv(fd_, buffer_.data() + old, chunk, 0);
        buffer_.resize(old + static_cast<std::size_t>(std::max<long>(0, static_cast<long>(n))));
        if (n <= 0)
            throw std::runtime_error("the server closed the connection or was silent for 120 s");
        if (deflate_) {
            auto const compressed = buffer_.substr(old);
            buffer_.resize(old);
            deflate_->expand(compressed, buffer_);
        }
    }

    int fd_ = -1;
    SSL* ssl_ = nullptr;
    std::unique_ptr<Deflate> deflate_;
    std::string buffer_;
    std::size_t read_ = 0;
};

/// A command that the server answered NO or BAD; says both.
class Refused : public std::runtime_error {
public:
    Refused(std::string_view command, std::string_view reply)
        : std::runtime_error(std::string(command).append(" was answered ").append(reply))
    {
    }
};

/// An IMAP session; --imap-port and --imap-tls ("yes" by default) say where.
class Imap {
public:
    Imap() = default;
    explicit Imap(
        Options const& options, std::string const& source = {}, SSL_SESSION* resumed = nullptr)
        : wire(options.text("host", "127.0.0.1"), options.port("imap-port"),
            options.text("imap-tls", "yes") == "yes", source, resumed)
    {
        wire.line();
    }

    /// Runs one command; gives each untagged line to `each`, literals skipped. Throws Refused
    /// unless it is OK.
    void command(std::string_view text, std::function<void(std::string_view)> const& each = {})
    {
        wire.send(std::string("t ").append(text).append("\r\n"));
        finish(each, text);
    }

    void finish(std::function<void(std::string_view)> const& each = {}, std::string_view what = {})
    {
        for (;;) {
            std::string_view const line = wire.line();
            if (line.starts_with("t ")) {
                if (!line.starts_with("t OK"))
                    throw Refused(what, line);
                return;
            }
            if (each)
                each(line);
            if (line.ends_with('}')) // a literal; what follows it is read as a line of its own
                wire.skip(std::strtoul(line.data() + line.rfind('{') + 1, nullptr, 10));
        }
    }

    void login(std::string const& user, std::string const& password)
    {
        command("LOGIN \"" + user + "\" \"" + password + "\"");
    }

    void compress()
    {
        command("COMPRESS DEFLATE");
        wire.start_deflate();
    }

    void begin_idle()
    {
        wire.send("t IDLE\r\n");
        while (!wire.line().starts_with('+')) { }
    }

    Connection wire;
};

/// An LMTP session; --lmtp-port says where.
class Lmtp {
public:
    explicit Lmtp(Options const& options)
        : wire(options.text("host", "127.0.0.1"), options.port("lmtp-port"), false)
        , pipelining_(options.number("pipelining", 0) != 0)
    {
        reply("220");
        wire.send("LHLO bench.example\r\n");
        reply("250");
    }

    /// Delivers one message to one recipient: step by step, or with `--pipelining 1` the three
    /// commands at once, as Postfix sends them.
    /// `message` ends in CRLF and has no line that begins with a dot. `before_end` runs before the
    /// octets that end the message are sent.
    void deliver(std::string_view recipient, std::string_view message,
        std::function<void()> const& before_end = {})
    {
        std::string const commands[] = { "MAIL FROM:<sender@example.net>\r\n",
            std::string("RCPT TO:<").append(recipient).append(">\r\n"), "DATA\r\n" };
        if (pipelining_)
            wire.send(commands[0] + commands[1] + commands[2]);
        for (auto const& command : commands) {
            if (!pipelining_)
                wire.send(command);
            reply(&command == &commands[2] ? "354" : "250");
        }
        if (before_end)
            before_end();
        wire.send(std::string(message).append(".\r\n"));
        reply("250");
    }

    Connection wire;

private:
    void reply(std::string_view code)
    {
        for (;;) {
            std::string_view const line = wire.line();
            if (!line.starts_with(code))
                throw std::runtime_error(
                    "expected " + std::string(code) + " but got " + std::string(line));
            if (line.size() < 4 || line[3] != '-')
                return;
        }
    }

    bool pipelining_;
};

/// A message of about `octets` with a realistic header; `number` makes it unlike the others.
inline std::string make_message(int number, std::size_t octets)
{
    std::string const n = std::to_string(number);
    std::string message = "Received: from mx.example.net (mx.example.net [192.0.2.7]) by "
                          "mail.example.org with ESMTPS id X"
        + n + "\r\n\tfor <user@example.org>; Tue, 10 Mar 2026 10:00:00 +0100\r\nFrom: \"Sender " + n
        + "\" <sender" + std::to_string(number % 997)
        + "@example.net>\r\nTo: \"First Recipient\" <user@example.org>, second@example.org\r\nCc: "
          "team@example.org\r\n"
          "Subject: Minutes of meeting "
        + n + " about the harbour\r\nDate: Tue, 10 Mar 2026 10:" + std::to_string(10 + number % 50)
        + ":00 +0100\r\nMessage-ID: <" + n + ".bench@example.net>\r\nIn-Reply-To: <"
        + std::to_string(number / 3) + ".bench@example.net>\r\nReferences: <"
        + std::to_string(number / 9) + ".bench@example.net> <" + std::to_string(number / 3)
        + ".bench@example.net>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; "
          "charset=utf-8\r\n\r\n";
    unsigned state = static_cast<unsigned>(number) * 2654435761u + 1;
    while (message.size() < octets) {
        state = state * 1664525u + 1013904223u;
        message += static_cast<char>('a' + (state >> 16) % 26);
        if ((state >> 8) % 6 == 0)
            message += ' ';
        if (message.size() % 72 == 0)
            message += "\r\n";
    }
    return message + "\r\n";
}

/// The value below which `part` (0 to 1) of the values lie.
inline double quantile(std::vector<double> values, double part)
{
    if (values.empty())
        return 0;
    std::sort(values.begin(), values.end());
    return values[std::min(
        values.size() - 1, static_cast<std::size_t>(part * static_cast<double>(values.size())))];
}

/// Runs `work(index)` in `count` threads; the first failure of any is thrown after all have ended.
inline void in_parallel(int count, std::function<void(int)> const& work)
{
    std::vector<std::string> failures(static_cast<std::size_t>(count));
    std::vector<std::thread> threads;
    for (int i = 0; i < count; ++i)
        threads.emplace_back([&, i] {
            try {
                work(i);
            } catch (std::exception const& failure) {
                failures[static_cast<std::size_t>(i)] = failure.what();
            }
        });
    for (auto& thread : threads)
        thread.join();
    for (auto const& failure : failures)
        if (!failure.empty())
            throw std::runtime_error(failure);
}

/// Prints the results as one line of JSON, which compare.py reads.
inline void report(std::vector<std::pair<std::string, double>> const& results)
{
    std::string line = "{";
    for (auto const& [name, value] : results) {
        char number[64];
        std::snprintf(number, sizeof number, "%s\"%s\": %.6g", line.size() > 1 ? ", " : "",
            name.c_str(), value);
        line += number;
    }
    std::printf("%s}\n", line.c_str());
}

/// The body of main: runs `work` with the options, and turns a failure into a message and exit
/// code 1.
inline int run(int argc, char** argv, std::function<void(Options const&)> const& work)
{
    try {
        work(Options(argc, argv));
        return 0;
    } catch (std::exception const& failure) {
        std::fprintf(stderr, "%s: %s\n", argv[0], failure.what());
        return 1;
    }
}

} // namespace bench
