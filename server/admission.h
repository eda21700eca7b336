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

    /// A client's place among the sessions, from its connection to its end. Given back when this
    /// dies; the Admission must outlive it.
    class Visit {
    public:
        Visit() = default;
        explicit Visit(Admission& admission);
        Visit(Visit&& other) noexcept { *this = std::move(other); }
        Visit& operator=(Visit&& other) noexcept;
        ~Visit();

        /// Who it is, once that is known; at most once.
        Verdict come_from(Peer const& peer);
        /// Admission::take_login_place.
        std::shared_ptr<void> take_login_place(Peer const& peer)
        {
            return admission_->take_login_place(peer);
        }

    private:
        Admission* admission_ = nullptr;
        std::string address_;
        bool is_beyond_limit_ = false;
    };

    /// Counts a client that has just connected, whoever it is.
    Visit enter() { return Visit(*this); }
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
