// Refusals of IMAP commands as values: what becomes the tagged NO or BAD (RFC 9051 §7.1, RFC 5530).
#pragma once

#include "protocol/session/authenticator.h"
#include "storage/error.h"

#include <boost/system/result.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace mail::imap {

/// The condition of a status response (RFC 9051 §7.1).
enum class Status { ok, no, bad, bye };

/// What stands between the brackets of a status response, "TRYCREATE" or "APPENDUID 1 2"; empty for
/// none.
class ResponseCode {
public:
    ResponseCode() = default;
    ResponseCode(char const* text)
        : text_(text)
    {
    }
    ResponseCode(std::string text)
        : text_(std::move(text))
    {
    }

    bool empty() const { return text_.empty(); }
    std::string const& text() const { return text_; }

private:
    std::string text_;
};

/// Why a command was refused. The text is for people: it says what to do.
class Failure {
public:
    Failure() = default; // result::error() of Boost 1.81 needs it
    Failure(Status status, ResponseCode code, std::string text)
        : status_(status)
        , code_(std::move(code))
        , text_(std::move(text))
    {
    }

    Status status() const { return status_; }
    ResponseCode const& code() const { return code_; }
    std::string const& text() const { return text_; }

private:
    Status status_ = Status::no;
    ResponseCode code_;
    std::string text_;
};

template <class T> using Result = boost::system::result<T, Failure>;

[[noreturn]] void throw_exception_from_error(
    Failure const& failure, boost::source_location const& where);

/// The only mappings of refusals to response codes (RFC 5530).
Failure to_failure(storage::Errc error);
Failure to_failure(session::Refusal refusal);

/// As to_failure, for the mailbox that a message is to go to: not_found invites the client to
/// create it (TRYCREATE, RFC 9051 §6.3.12 and §6.4.7).
Failure to_target_failure(storage::Errc error);

/// A mailbox cannot be made under this name of another namespace. The same whatever the reason is:
/// who may not look there learns nothing.
Failure may_not_create();

inline Failure bad(std::string text) { return { Status::bad, {}, std::move(text) }; }
inline Failure no(ResponseCode code, std::string text)
{
    return { Status::no, std::move(code), std::move(text) };
}

} // namespace mail::imap
