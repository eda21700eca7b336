// The TLS side of the server as it is now: loads certificates and what belongs to them, and takes
// renewed files into use while sessions go on.
#pragma once

#include "config/config.h"
#include "server/log.h"
#include "server/tls/credentials.h"
#include "server/tls/watched_files.h"

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace mail::server::tls {

/// Something for the log.
struct Remark {
    log::level::level_enum level;
    std::string text;
};

class Context {
public:
    enum class Look {
        at_changes, ///< reads files that changed and have come to rest
        at_all ///< reads all anew
    };

    /// Throws std::runtime_error when a certificate, a key, an authority or a name of a suite
    /// cannot be used: a line for each that is wrong. What only spoils the use (an OCSP response
    /// that is old, a chain that is incomplete, a certificate that expired) the first look says.
    explicit Context(config::TlsSettings settings, Time now = std::chrono::system_clock::now());
    ~Context();

    /// For a new connection. Thread-safe.
    std::shared_ptr<Credentials const> get() const;

    /// To be called every few seconds. Takes renewed files into use; files that are no good (yet)
    /// change nothing and are told once. Says at the first look and then daily what expires within
    /// two weeks. Thread-safe; may read files.
    std::vector<Remark> look(Time now, Look how = Look::at_changes);

private:
    struct Pair;
    void load(Pair& pair, Time now);
    void load_response(Pair& pair, Time now);
    bool look_at(Pair& pair, Time now, Look how); ///< true: there is something new to show
    bool look_at_trust(Look how);
    void report(Time now);
    void remark(log::level::level_enum level, std::string text);
    std::shared_ptr<Credentials const> build() const;

    config::TlsSettings const settings_;
    std::shared_ptr<TicketKeys> const tickets_;
    std::mutex looking_; ///< of what look() works on
    std::vector<Pair> pairs_;
    std::optional<WatchedFiles> trust_files_;
    std::shared_ptr<ClientTrust const> trust_;
    std::vector<Remark> remarks_; ///< not told yet
    Time last_report_ {};
    mutable std::mutex mutex_; ///< of the following
    std::shared_ptr<Credentials const> credentials_;
};

} // namespace mail::server::tls
