// What a POP3 command sees: the session, the client's lines, the way to answer.
#pragma once

#include "protocol/line_reader.h"
#include "protocol/pop3/failure.h"
#include "protocol/pop3/maildrop.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace mail::pop3 {

/// RFC 1939 §3. UPDATE is what QUIT does; no command is valid in it.
enum class State { authorization, transaction, ended };

/// Of a session, for the log.
struct Totals {
    std::uint64_t retrieved = 0; ///< messages sent by RETR
    std::uint64_t deleted = 0; ///< messages expunged at QUIT
};

/// The longest command line, in octets: AUTH with the longest initial response of SASL fits
/// (RFC 2449 §4 asks for 255).
inline constexpr std::size_t max_line = 12'288 + 256;

struct Context {
    explicit Context(session::Session& s)
        : session(s)
        , in(s.stream())
        , out(s.stream())
        , lines(in, max_line)
        , login_deadline(std::chrono::steady_clock::now() + s.settings().limits.login_time)
    {
    }

    session::Session& session;
    Input in;
    Output out;
    LineReader lines;
    State state = State::authorization;
    std::chrono::steady_clock::time_point login_deadline;
    std::string user; ///< of USER, until PASS; empty: none
    int failed_logins = 0;
    bool is_utf8 = false; ///< the client said UTF8 (RFC 6856 §2.1)
    session::Pop3Policy policy; ///< of the account, in the transaction state
    std::unique_ptr<Maildrop> maildrop; ///< in the transaction state
    Totals totals;
    std::uint64_t unpacked = 0; ///< octets of bodies unpacked since the last turn given to others

    void ok(std::string_view text); ///< "+OK text", translated; an empty text is fine
    void error(Failure const& failure); ///< "-ERR [code] text", translated
    void line(std::string_view text); ///< of a multi-line response: no dot-stuffing needed
    void end_of_lines() { out.buffer() += ".\r\n"; }
    /// Writes what there is. Whoever takes it is not silent.
    awaitable<void> flush();
    /// Reads the next line; what is written so far goes out first. `nothing` when another session
    /// took the maildrop meanwhile.
    awaitable<LineReader::Found> next_line();
    bool has_lost_maildrop() const { return maildrop && maildrop->hold().is_lost(); }
};

} // namespace mail::pop3
