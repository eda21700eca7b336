// An I/O thread's loop and sweep.
#include "server/io_thread.h"

#include "server/log.h"

namespace mail::server {

IoThread::IoThread()
    : work_(io_.get_executor())
    , timer_(io_)
{
    sweep();
}

void IoThread::run()
{
    while (!io_.stopped()) {
        try {
            run_some();
        } catch (std::exception const& failure) {
            // Sessions catch their own; this is a handler that had none.
            log::error("I/O thread: {}", failure.what());
        }
    }
}

/// Does what there is to do; looks for it as long as patience lasts, then lets the core sleep.
void IoThread::run_some()
{
    auto const begin = Clock::now();
    while (Clock::now() - begin < patience_.length()) {
        if (io_.poll() > 0)
            return;
        std::this_thread::yield(); // whoever has something to do goes first
    }
    io_.run_one();
    patience_.learn(Clock::now() - begin);
}

void IoThread::start()
{
    thread_ = std::thread([this] { run(); });
}

void IoThread::join()
{
    if (thread_.joinable())
        thread_.join();
}

void IoThread::sweep()
{
    auto const now = Clock::now();
    for (auto& connection : connections_)
        connection.check_deadlines(now);
    timer_.expires_after(std::chrono::seconds(1));
    timer_.async_wait([this](boost::system::error_code error) {
        if (!error)
            sweep();
    });
}

void IoThread::enter(Connection& connection)
{
    connections_.push_back(connection);
    if (stopping_)
        connection.stop(grace_);
}

void IoThread::stop_connections(std::chrono::seconds grace)
{
    stopping_ = true;
    grace_ = grace;
    for (auto& connection : connections_)
        connection.stop(grace);
}

} // namespace mail::server
