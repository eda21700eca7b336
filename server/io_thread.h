// One I/O thread: an event loop, the connections that live on it, and the sweep of their time
// limits.
#pragma once

#include "server/connection.h"
#include "server/patience.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <chrono>
#include <thread>

namespace mail::server {

class IoThread {
public:
    IoThread();
    ~IoThread() { join(); }
    IoThread(IoThread const&) = delete;
    IoThread& operator=(IoThread const&) = delete;

    void start(); ///< on a thread of its own
    void run(); ///< on the calling thread, until finish()
    void finish() { io_.stop(); } ///< any thread
    void join();

    boost::asio::io_context& io() { return io_; }
    unsigned sessions() const { return sessions_.load(std::memory_order_relaxed); } ///< any thread

    /// On this thread: a session's connection is watched until it dies.
    void enter(Connection& connection);
    /// Counts a session that was handed over to this thread; any thread.
    void count_session(int by)
    {
        sessions_.fetch_add(static_cast<unsigned>(by), std::memory_order_relaxed);
    }
    /// On this thread: ends all waits, of later connections too.
    void stop_connections(std::chrono::seconds grace);

private:
    void run_some();
    void sweep();

    boost::asio::io_context io_ { 1 };
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    boost::asio::steady_timer timer_;
    Connections connections_;
    Patience patience_;
    std::atomic<unsigned> sessions_ = 0;
    bool stopping_ = false;
    std::chrono::seconds grace_ {};
    std::thread thread_;
};

} // namespace mail::server
