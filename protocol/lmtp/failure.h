// Why an LMTP command or a delivery is refused: reply code, enhanced code (RFC 3463) and words.
#pragma once

#include "protocol/session/settings.h"
#include "storage/error.h"

#include <boost/system/result.hpp>

#include <string>
#include <string_view>

namespace mail::lmtp {

class Failure {
public:
    Failure() = default; // result::error() of Boost 1.81 needs it
    /// `code` as "550", `enhanced` as "5.1.1"; both static.
    Failure(std::string_view code, std::string_view enhanced, std::string text)
        : code_(code)
        , enhanced_(enhanced)
        , text_(std::move(text))
    {
    }
    std::string_view code() const { return code_; }
    std::string_view enhanced() const { return enhanced_; }
    std::string const& text() const { return text_; }
    /// The same, after which the connection is closed.
    static Failure closing(std::string_view code, std::string_view enhanced, std::string text)
    {
        Failure failure(code, enhanced, std::move(text));
        failure.closes_ = true;
        return failure;
    }
    bool closes() const { return closes_; }
    /// The command itself was wrong (500 to 504, 555): too many of these in a row end the session.
    bool is_bad_command() const { return code_.starts_with("50") || code_ == "555"; }

private:
    std::string_view code_;
    std::string_view enhanced_;
    std::string text_;
    bool closes_ = false;
};

template <class T> using Result = boost::system::result<T, Failure>;

/// Of one recipient's delivery. Temporary, but where the administrator wants it otherwise for an
/// account without room.
Failure to_failure(storage::Errc error, session::OverQuota over_quota = session::OverQuota::defer);
Failure broken_store(); ///< the store failed in a way that nobody foresaw; temporary
[[noreturn]] void throw_exception_from_error(Failure const& failure, boost::source_location const&);

} // namespace mail::lmtp
