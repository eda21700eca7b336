// Why a POP3 command is refused: the text after "-ERR " and its response code (RFC 2449 §8, RFC
// 3206).
#pragma once

#include "protocol/session/authenticator.h"
#include "storage/error.h"

#include <boost/system/result.hpp>

#include <string>
#include <string_view>

namespace mail::pop3 {

/// The code tells programs whom to blame: a password, or the server, now or for good.
enum class Code {
    bad, ///< the command itself was wrong, or in the wrong place; too many of these end the session
    none, ///< a refusal without a code
    auth, ///< [AUTH]: the credentials; nothing else may look like this (RFC 3206 §5)
    in_use, ///< [IN-USE]: another session has the maildrop
    login_delay, ///< [LOGIN-DELAY]: too soon after the last login (RFC 2449 §8.1.1)
    sys_temp, ///< [SYS/TEMP]: try again later
    sys_perm, ///< [SYS/PERM]: an administrator must act
};

class Failure {
public:
    Failure() = default; // result::error() of Boost 1.81 needs it
    Failure(Code code, std::string text)
        : code_(code)
        , text_(std::move(text))
    {
    }
    Code code() const { return code_; }
    std::string const& text() const { return text_; }

private:
    Code code_ = Code::none;
    std::string text_;
};

template <class T> using Result = boost::system::result<T, Failure>;

std::string_view name_of(Code code); ///< "[AUTH] ", with the space; "" for none
Failure to_failure(session::Refusal refusal);
Failure to_failure(storage::Errc error);
[[noreturn]] void throw_exception_from_error(Failure const& failure, boost::source_location const&);

} // namespace mail::pop3
