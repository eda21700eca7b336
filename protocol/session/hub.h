// The notification hub: commits of the writer threads ring the bells of the sessions that watch.
#pragma once

#include "protocol/byte_stream.h"
#include "protocol/session/maildrops.h"
#include "protocol/session/uid_map.h"
#include "protocol/session/view_cache.h"
#include "storage/store.h"

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

namespace mail::session {

/// Rung from writer threads when something changed; looked at by one session on its I/O thread.
class Bell : public std::enable_shared_from_this<Bell> {
public:
    explicit Bell(ByteStream& stream)
        : executor_(stream.executor())
        , stream_(&stream)
    {
    }

    void ring() noexcept; ///< any thread; wakes the stream's wait_input when armed, else only marks

    bool take()
    {
        return rung_.exchange(false, std::memory_order_acq_rel);
    } ///< was it rung since the last take?
    bool is_rung() const { return rung_.load(std::memory_order_acquire); }
    /// While armed, a ring interrupts the stream's wait_input. Arm, then check is_rung() once
    /// before waiting.
    void arm(bool on) { armed_.store(on, std::memory_order_release); }
    void detach() { stream_ = nullptr; } ///< before the stream dies; on its executor

private:
    boost::asio::any_io_executor executor_;
    ByteStream* stream_;
    std::atomic<bool> rung_ = false;
    std::atomic<bool> armed_ = false;
};

class Hub {
public:
    using Place = storage::Place;

    /// Rings the bell at each commit that changes `place` until it dies; with mailbox 0 at each
    /// that changes the account; with account 0 when one more shares mailboxes with somebody. O(1).
    class Watch {
    public:
        Watch() = default;
        Watch(Hub& hub, Place place, std::shared_ptr<Bell> bell);
        ~Watch() { end(); }
        Watch(Watch&&) noexcept;
        Watch& operator=(Watch&&) noexcept;
        void end();

    private:
        Hub* hub_ = nullptr;
        Place place_ {};
        std::shared_ptr<Bell> bell_;
    };

    void committed(std::span<storage::Committed const> commits); ///< Store::on_commit's callback

    /// The UID map of the mailbox in this state, when a session holds it or opened it not long ago
    /// (ViewCache).
    std::shared_ptr<UidMap const> find_map(Place place, Uid uid_next, std::uint32_t messages);
    /// Shares a map with sessions that come to the same state.
    void share_map(Place place, Uid uid_next, std::shared_ptr<UidMap const> const& map);

    ViewCache& views() { return views_; }

    /// The UID from which on no session was told of messages as \Recent; `stored` is
    /// Mailbox::recent_from.
    Uid recent_from(Place place, Uid stored);
    /// The same, and gives all below `uid_next` to the caller alone.
    Uid claim_recent(Place place, Uid stored, Uid uid_next);

    Maildrops& maildrops() { return maildrops_; }

private:
    friend class Watch;
    /// Lives while a bell hangs here: without a watching session there is nobody to share with.
    struct Entry {
        std::vector<std::shared_ptr<Bell>> bells;
        std::weak_ptr<UidMap const> map;
        Uid map_uid_next;
        Uid recent_claimed;
    };
    struct Shard {
        std::mutex mutex;
        std::unordered_map<Place, Entry> entries;
    };
    Shard& shard_of(Place place) { return shards_[std::hash<Place> {}(place) % shards_.size()]; }
    void ring(Place place);

    std::array<Shard, 64> shards_;
    ViewCache views_;
    Maildrops maildrops_;
};

} // namespace mail::session
