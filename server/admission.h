// How many sessions there may be: in all, from one address, of one account. Thread-safe.
#pragma once

#include "config/config.h"
#include "protocol/byte_stream.h"

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace mail::server {

class Admission {
public:
    enum class Verdict {
        admitted,
        too_many, ///< sessions in all
        too_many_from_address
    };

    explicit Admission(config::Limits const& limits)
        : limits_(limits)
    {
    }

    /// A new client asks to come in. leave() must follow, whatever the verdict.
    Verdict enter(Peer const& peer);
    void leave(Peer const& peer);
    unsigned sessions() const;

    /// A place among the sessions of this address that have not logged in, given back when the last
    /// copy dies: at the login, or with the session. Null when all are taken. The Admission must
    /// outlive it.
    std::shared_ptr<void> take_login_place(Peer const& peer);
    /// A place among the account's sessions, given back when the last copy dies; null when all are
    /// taken. The Admission must outlive it.
    std::shared_ptr<void> take_account_place(std::string const& account);

private:
    using Counts = std::unordered_map<std::string, unsigned>;
    std::shared_ptr<void> take_place(Counts& counts, std::string key, unsigned places);
    static void lower(Counts& counts, std::string const& key);

    config::Limits limits_;
    mutable std::mutex mutex_;
    unsigned sessions_ = 0;
    Counts by_address_;
    Counts by_account_;
    Counts logging_in_; ///< by address
};

} // namespace mail::server
