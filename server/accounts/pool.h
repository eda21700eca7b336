// Connections that wait for their next use.
#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace mail::server {

/// Thread-safe. Who takes a connection gives it back when it is still good, and otherwise lets it
/// die; so there are as many as there are users at the same time.
template <class Connection> class Pool {
public:
    /// The one that was used last; null when none waits.
    std::unique_ptr<Connection> take()
    {
        std::lock_guard const lock(mutex_);
        if (idle_.empty())
            return nullptr;
        auto connection = std::move(idle_.back());
        idle_.pop_back();
        return connection;
    }
    void give_back(std::unique_ptr<Connection> connection)
    {
        std::lock_guard const lock(mutex_);
        idle_.push_back(std::move(connection));
    }
    /// Those that wait are of no use any more: the server is another one, or was restarted.
    void clear()
    {
        std::vector<std::unique_ptr<Connection>> gone; // which takes a while, outside of the lock
        std::lock_guard const lock(mutex_);
        gone.swap(idle_);
    }

private:
    std::mutex mutex_;
    std::vector<std::unique_ptr<Connection>> idle_;
};

} // namespace mail::server
