// Whether a token is good; for what is wrong with it, words for the log.
#pragma once

#include <boost/system/result.hpp>

#include <string>
#include <utility>

namespace mail::server {

class Rejection {
public:
    Rejection() = default; // result::error() of Boost 1.81 needs it
    /// The token is at fault.
    static Rejection invalid(std::string why) { return { std::move(why), false }; }
    /// Whoever knows could not be asked.
    static Rejection unavailable(std::string why) { return { std::move(why), true }; }

    bool is_temporary() const { return is_temporary_; }
    std::string const& why() const { return why_; } ///< may quote the token: escape it in a log

private:
    Rejection(std::string why, bool is_temporary)
        : why_(std::move(why))
        , is_temporary_(is_temporary)
    {
    }

    std::string why_;
    bool is_temporary_ = false;
};

template <class T> using TokenResult = boost::system::result<T, Rejection>;

[[noreturn]] void throw_exception_from_error(
    Rejection const& rejection, boost::source_location const& where);

} // namespace mail::server
