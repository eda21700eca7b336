// Octets through zlib, fairly and in little memory.
#include "protocol/deflate_stream.h"

#include "protocol/deflate.h"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/intrusive/list.hpp>

#include <algorithm>
#include <cstring>
#include <optional>
#include <stdexcept>

namespace mail {
namespace {

    namespace intrusive = boost::intrusive;

    constexpr std::size_t raw_chunk = 16 * 1024; ///< compressed octets that are read at once
    constexpr std::size_t write_chunk = 32 * 1024; ///< octets that are compressed at once
    constexpr std::size_t awake_states = 32; ///< that a thread keeps
    /// Octets after which a client whose input never ends gives way to others: a little of it may
    /// expand to very much.
    constexpr std::size_t octets_in_a_row = 256 * 1024;

    using Hook = intrusive::list_base_hook<intrusive::link_mode<intrusive::auto_unlink>>;

} // namespace

struct DeflateStream::State : Hook {
    Deflater deflater;
    Inflater inflater;
    std::string raw; ///< octets from below; empty while the client is silent
    std::size_t raw_begin = 0; ///< those before were taken
    std::optional<char>
        peeked; ///< an octet that wait_input() had to expand to learn that it is there
    std::size_t done_in_a_row = 0; ///< octets, since others had their turn
    bool is_ending = false; ///< the last block is written; the client's has to end
    bool has_ended = false; ///< what is in `raw` is not compressed

    void keep_awake();
    void put_to_rest()
    {
        deflater.rest();
        inflater.rest();
    }

    std::size_t read(std::span<char> buffer);
    bool has_input();
    bool is_passed() const { return has_ended && raw.empty() && !peeked; }

private:
    void pass_end();
    std::size_t read_behind_end(std::span<char> buffer);
    std::size_t expand(std::span<char> buffer);
    std::string_view raw_left() const { return std::string_view(raw).substr(raw_begin); }
    void take_raw(std::size_t octets);
};

/// A thread has a list of its states that are awake, the one that was used last in front. A state
/// is at work only while one of its functions runs: between two calls it may be put to rest.
void DeflateStream::State::keep_awake()
{
    thread_local intrusive::list<State, intrusive::constant_time_size<false>> awake;
    unlink();
    awake.push_front(*this);
    if (awake.size() <= awake_states)
        return;
    auto& longest_silent = awake.back();
    awake.pop_back();
    longest_silent.put_to_rest();
}

void DeflateStream::State::take_raw(std::size_t octets)
{
    raw_begin += octets;
    if (raw_begin != raw.size())
        return;
    std::string().swap(raw);
    raw_begin = 0;
}

/// What octets that are here expand to, up to where the client flushed.
std::size_t DeflateStream::State::expand(std::span<char> buffer)
{
    keep_awake();
    try {
        auto left = raw_left();
        auto const before = left.size();
        auto const octets = inflater.expand(left, buffer);
        take_raw(before - left.size());
        return octets;
    } catch (std::invalid_argument const&) {
        throw DamagedInput();
    }
}

/// Passes over what is left of the client's last block: the octets of its flush, or of its end. An
/// octet of these that begins a block is a control; a command begins with none.
void DeflateStream::State::pass_end()
{
    while (!has_ended) {
        auto const left = raw_left();
        has_ended = inflater.is_over()
            || (inflater.is_between_blocks() && !left.empty()
                && static_cast<unsigned char>(left.front()) >= 0x20);
        if (has_ended || left.empty())
            return;
        char octet = 0;
        if (expand({ &octet, 1 }) != 0)
            throw DamagedInput(); // it goes on compressing
    }
}

/// What can be read without more octets from below.
std::size_t DeflateStream::State::read(std::span<char> buffer)
{
    if (peeked && !buffer.empty()) {
        buffer.front() = *std::exchange(peeked, std::nullopt);
        // With what belongs to it; behind a flush there may be something else than blocks.
        auto const rest = buffer.subspan(1);
        return 1 + (is_ending || inflater.is_between_blocks() ? 0 : expand(rest));
    }
    if (is_ending)
        return read_behind_end(buffer);
    for (;;) { // some blocks have no octets
        if (inflater.is_over())
            throw DamagedInput(); // it ended, and nobody asked it to
        auto const octets = expand(buffer);
        if (octets != 0 || (raw.empty() && !inflater.is_over()))
            return octets;
    }
}

std::size_t DeflateStream::State::read_behind_end(std::span<char> buffer)
{
    pass_end();
    if (!has_ended)
        return 0;
    auto const plain = raw_left().substr(0, buffer.size());
    std::ranges::copy(plain, buffer.begin());
    take_raw(plain.size());
    return plain.size();
}

bool DeflateStream::State::has_input()
{
    if (!peeked) {
        char octet = 0;
        if (read({ &octet, 1 }) != 0)
            peeked = octet;
    }
    return peeked.has_value();
}

DamagedInput::DamagedInput()
    : system_error(make_error_code(boost::system::errc::illegal_byte_sequence),
        "the client's compressed octets are damaged")
{
}

DeflateStream::DeflateStream(ByteStream& below)
    : below_(below)
{
}

DeflateStream::~DeflateStream() = default;

bool DeflateStream::is_compressing() const { return state_ && !state_->is_ending; }

void DeflateStream::start(std::string_view early)
{
    auto fresh = std::make_unique<State>();
    fresh->raw = early;
    if (state_) // octets from behind the end of a compression before
        fresh->raw.append(state_->raw, state_->raw_begin);
    state_ = std::move(fresh);
}

awaitable<void> DeflateStream::finish()
{
    std::string last;
    state_->deflater.end(last);
    state_->is_ending = true;
    co_await below_.write(last);
}

std::string DeflateStream::wrap(std::string_view octets) const
{
    if (!is_compressing())
        return std::string(octets);
    std::string wrapped;
    Deflater::store(octets, wrapped);
    return wrapped;
}

awaitable<void> DeflateStream::write(std::string_view octets)
{
    return is_compressing() ? write_compressed(octets) : below_.write(octets);
}

awaitable<void> DeflateStream::write_compressed(std::string_view octets)
{
    while (!octets.empty()) {
        auto const chunk = octets.substr(0, write_chunk);
        octets.remove_prefix(chunk.size());
        std::string compressed;
        state_->keep_awake();
        state_->deflater.compress(chunk, compressed);
        co_await below_.write(compressed);
    }
}

awaitable<std::size_t> DeflateStream::read_some(std::span<char> buffer)
{
    return state_ ? read_expanded(buffer) : below_.read_some(buffer);
}

awaitable<std::size_t> DeflateStream::read_expanded(std::span<char> buffer)
{
    while (!state_->is_passed()) {
        auto const octets = state_->read(buffer);
        co_await give_way(octets);
        if (octets != 0)
            co_return octets;
        if (!state_->is_passed())
            co_await read_raw();
    }
    state_.reset();
    co_return co_await below_.read_some(buffer);
}

awaitable<ByteStream::Wake> DeflateStream::wait_input()
{
    return state_ ? wait_expanded() : below_.wait_input();
}

awaitable<ByteStream::Wake> DeflateStream::wait_expanded()
{
    while (!state_->is_passed()) {
        if (state_->has_input())
            co_return Wake::input;
        auto const wake = co_await below_.wait_input();
        if (wake == Wake::interrupted)
            co_return wake;
        co_await read_raw();
    }
    state_.reset();
    co_return co_await below_.wait_input();
}

awaitable<void> DeflateStream::read_raw()
{
    std::string chunk(raw_chunk, '\0');
    auto const octets = co_await below_.read_some(chunk);
    co_await give_way(octets);
    chunk.resize(octets);
    state_->raw = std::move(chunk);
    state_->raw_begin = 0;
}

/// Counts octets that were read; after many of them, others have their turn.
awaitable<void> DeflateStream::give_way(std::size_t octets)
{
    state_->done_in_a_row += octets;
    if (state_->done_in_a_row < octets_in_a_row)
        co_return;
    state_->done_in_a_row = 0;
    co_await boost::asio::post(executor(), boost::asio::use_awaitable);
}

} // namespace mail
