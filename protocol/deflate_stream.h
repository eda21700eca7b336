// Compression between a protocol and the client's connection: what is written is deflated before it
// is encrypted, what is read is inflated after it was decrypted (RFC 4978 §3).
#pragma once

#include "protocol/byte_stream.h"

#include <boost/system/system_error.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace mail {

/// What the client sent cannot be expanded: nothing more can be read from it.
class DamagedInput : public boost::system::system_error {
public:
    DamagedInput();
};

/// Every session has one between itself and its connection: all passes through until start(), and
/// again after finish(). A thread keeps the working memory (110 KiB) of the few sessions on it that
/// spoke last; all others hold what their clients' next octets may refer back to, 32 KiB at most
/// and as a rule some hundred octets.
class DeflateStream final : public ByteStream {
public:
    explicit DeflateStream(ByteStream& below);
    ~DeflateStream() override;
    DeflateStream(DeflateStream const&) = delete;
    DeflateStream& operator=(DeflateStream const&) = delete;

    bool is_compressing() const;

    /// Compresses from the next octet on, both ways. `early` was read already, behind the command
    /// that asked for it: it is compressed as what follows it.
    void start(std::string_view early);

    /// Ends the compression, both ways, when all was written: the last block goes out now, and the
    /// client's ends behind the last octet that was read (RFC 8437 §4.1).
    awaitable<void> finish();

    /// Octets as they must be written below now, by somebody who has a last word but no time to
    /// wait.
    std::string wrap(std::string_view octets) const;

    // ByteStream
    awaitable<std::size_t> read_some(std::span<char> buffer) override;
    awaitable<Wake> wait_input() override; ///< `input` only when there is an octet to read
    void interrupt() override { below_.interrupt(); }
    awaitable<void> write(std::string_view octets) override;
    void end_with_next_write() override { below_.end_with_next_write(); }
    void set_time_limit(std::chrono::seconds limit) override { below_.set_time_limit(limit); }
    void fail_if_gone() const override { below_.fail_if_gone(); }
    bool is_encrypted() const override { return below_.is_encrypted(); }
    bool may_start_tls() const override { return below_.may_start_tls(); }
    awaitable<void> start_tls() override { return below_.start_tls(); }
    TlsFacts tls_facts() const override { return below_.tls_facts(); }
    std::string channel_binding(std::string_view type) const override
    {
        return below_.channel_binding(type);
    }
    std::vector<std::string> certified_names() const override { return below_.certified_names(); }
    Peer const& peer() const override { return below_.peer(); }
    boost::asio::any_io_executor executor() override { return below_.executor(); }

private:
    struct State;

    awaitable<std::size_t> read_expanded(std::span<char> buffer);
    awaitable<Wake> wait_expanded();
    awaitable<void> write_compressed(std::string_view octets);
    awaitable<void> read_raw();
    awaitable<void> give_way(std::size_t octets);

    ByteStream& below_;
    std::unique_ptr<State> state_; ///< null: all passes through
};

} // namespace mail
