// The server: builds the parts from the config, connects them, runs until it is told to stop.
#pragma once

#include "config/reader.h"
#include "protocol/session/hub.h"
#include "protocol/session/session.h"
#include "server/acceptor.h"
#include "server/admission.h"
#include "server/io_thread.h"
#include "server/log_journal.h"
#include "server/serve.h"
#include "server/tls/context.h"

#include <boost/asio/thread_pool.hpp>

#include <functional>
#include <memory>
#include <vector>

namespace mail::server {

class Accounts;
class AppPasswordAccounts;
class GuardedAccounts;

session::Settings settings_from(config::Config const& config);
config::Checks config_checks(); ///< what the protocols say to values of the config

class Server {
public:
    /// Opens the store and all listeners; clients wait for run(). Throws with one clear line when
    /// something is not usable: a port taken, the store locked, a certificate unreadable.
    /// `converse` replaces the protocols in tests. `bound` is called when all ports are taken
    /// and keys are read, before the first thread starts and the store is opened.
    explicit Server(config::Config config, Converse converse = nullptr,
        std::function<void(config::Config const&)> const& bound = nullptr);
    ~Server();

    /// Serves on this thread and others until stop(). True when every session came to its end in
    /// time, and no source of accounts keeps a thread; after false the process must end without
    /// destroying the server: sessions still hold its parts.
    bool run();

    /// Stops taking clients in, tells those that are here, lets commits finish; run() returns
    /// within five seconds. Any thread; again does nothing.
    void stop();
    void reload(); ///< reads certificates anew, now; any thread

    std::vector<config::Listener> listeners() const; ///< with the ports that are really used
    storage::Store& store() { return *store_; }

private:
    void bind_listeners();
    void listen();
    void take_in(config::Listener const& listener, int socket, int family, Peer peer);
    void adopt(IoThread& thread, config::Listener const& listener, int socket, int family,
        Peer peer, Admission::Visit visit);
    void look_at_tls(tls::Context::Look how);
    void every_two_seconds();
    void begin_shutdown();
    void await_sessions(Clock::time_point deadline);
    void every_minute();
    void sweep_store();
    void save_logins(); ///< what is to be remembered of them after a restart

    config::Config config_;
    session::Settings settings_;
    Admission admission_;
    LogJournal journal_;
    session::Hub hub_;
    std::unique_ptr<tls::Context> tls_;
    std::vector<Network> proxies_; ///< whose PROXY headers are believed
    std::vector<std::unique_ptr<IoThread>> threads_; // before what holds their executors
    std::unique_ptr<boost::asio::thread_pool> workers_;
    std::unique_ptr<Accounts> accounts_;
    std::unique_ptr<AppPasswordAccounts> app_passwords_; // before accounts_
    std::unique_ptr<GuardedAccounts> guard_; // before both
    std::unique_ptr<storage::Store> store_;
    std::unique_ptr<session::Services> services_;
    std::vector<std::unique_ptr<Acceptor>> acceptors_;
    std::unique_ptr<boost::asio::steady_timer> minute_timer_;
    std::unique_ptr<boost::asio::steady_timer> files_timer_;
    std::unique_ptr<boost::asio::steady_timer> shutdown_timer_;
    Converse converse_;
    unsigned minutes_ = 0;
    bool stopping_ = false;
    bool drained_ = true;
};

} // namespace mail::server
