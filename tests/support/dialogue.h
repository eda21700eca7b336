// Plays scripts of "C:" and "S:" lines against a protocol in memory.
#pragma once

#include "tests/support/memory_stream.h"
#include "tests/support/test_services.h"

#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>

#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace mail::test {

/// "*" stands for any octets. A leading "* " and each "\*" stand for themselves: untagged responses
/// begin with the one, PERMANENTFLAGS has the other.
inline bool matches_line(std::string_view pattern, std::string_view line)
{
    if (pattern.starts_with("* ")) {
        if (!line.starts_with("* "))
            return false;
        pattern.remove_prefix(2);
        line.remove_prefix(2);
    }
    std::size_t p = 0;
    std::size_t l = 0;
    std::size_t star = std::string_view::npos;
    std::size_t resume = 0;
    while (l < line.size() || p < pattern.size()) {
        auto const is_star
            = p < pattern.size() && pattern[p] == '*' && (p == 0 || pattern[p - 1] != '\\');
        if (is_star) {
            star = p++;
            resume = l;
        } else if (l < line.size() && p < pattern.size() && pattern[p] == line[l]) {
            ++p;
            ++l;
        } else if (star != std::string_view::npos && resume < line.size()) {
            p = star + 1;
            l = ++resume;
        } else {
            return false;
        }
    }
    return true;
}

/// One connection. The protocol runs on the event loop of the services, and only while an
/// expectation waits for it.
class Dialogue {
public:
    Dialogue(std::shared_ptr<TestServices> services, bool encrypted)
        : services_(std::move(services))
        , stream_(std::make_unique<MemoryStream>(services_->io, encrypted))
    {
    }
    Dialogue(Dialogue&&) = default;
    Dialogue& operator=(Dialogue&&) = delete;

    TestServices& services() { return *services_; }
    MemoryStream& stream() { return *stream_; }

    /// Plays a script: "C: " lines are sent with CRLF, "S: " lines are what must come next, and
    /// before each "C:" and at the end nothing more may have come. Stops at the first failure.
    Dialogue& play(std::string_view script)
    {
        bool has_received = true;
        while (!script.empty() && !has_failed_) {
            auto const end = script.find('\n');
            auto line = script.substr(0, end);
            script.remove_prefix(end == std::string_view::npos ? script.size() : end + 1);
            line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
            if (line.empty())
                continue;
            auto const text = line.size() > 3 ? line.substr(3) : std::string_view();
            if (line.starts_with("C:")) {
                if (has_received)
                    expect_nothing();
                send(std::string(text) + "\r\n");
                has_received = false;
            } else if (line.starts_with("S:")) {
                expect(text);
                has_received = true;
            } else {
                fail("a script line begins with C: or S:, not like this: " + std::string(line));
            }
        }
        if (!has_failed_)
            expect_nothing();
        return *this;
    }

    Dialogue& send(std::string_view octets)
    {
        stream_->push(on_send_ ? on_send_(octets) : std::string(octets));
        return *this;
    }

    /// Changes the octets on their way, as a layer of the client does; null for none.
    using Layer = std::function<std::string(std::string_view)>;
    Dialogue& through(Layer on_send, Layer on_receive)
    {
        on_send_ = std::move(on_send);
        on_receive_ = std::move(on_receive);
        return *this;
    }

    /// The next line without its CRLF; fails the test when none comes.
    std::string read_line()
    {
        std::size_t end = std::string::npos;
        auto const has_line = [&] {
            receive();
            end = received_.find("\r\n");
            return end != std::string::npos || *has_ended_;
        };
        services_->run_until(has_line);
        if (end == std::string::npos) {
            fail("no line came; received: \"" + received_ + "\"");
            return {};
        }
        auto const line = received_.substr(0, end);
        received_.erase(0, end + 2);
        return line;
    }

    /// Takes `octets` octets of what comes next, such as a literal.
    std::string read_octets(std::size_t octets)
    {
        services_->run_until([&] {
            receive();
            return received_.size() >= octets || *has_ended_;
        });
        auto const taken = received_.substr(0, octets);
        received_.erase(0, taken.size());
        if (taken.size() != octets)
            fail("too few octets came");
        return taken;
    }

    Dialogue& expect(std::string_view pattern)
    {
        if (has_failed_)
            return *this;
        auto const line = read_line();
        if (!has_failed_ && !matches_line(pattern, line))
            fail("expected: " + std::string(pattern) + "\nreceived: " + line);
        return *this;
    }

    /// Nothing was sent that was not expected, and the protocol waits for the client or has ended.
    Dialogue& expect_nothing()
    {
        services_->io.restart();
        services_->io.poll(); // bells that were rung are heard
        auto const is_quiet = services_->run_until(
            [&] { return *has_ended_ || (stream_->is_waiting() && !stream_->has_input()); });
        receive();
        if (!is_quiet)
            fail("the server neither waits nor ends");
        if (!received_.empty())
            fail("more was sent than expected: " + received_);
        return *this;
    }

    Dialogue& expect_closed()
    {
        if (has_failed_)
            return *this;
        if (!services_->run_until([&] { return *has_ended_; }))
            fail("the connection was not closed");
        return expect_nothing();
    }

    bool has_ended() const { return *has_ended_; }
    std::exception_ptr failure() const { return *failure_; } ///< what the protocol ended with

protected:
    /// Runs the protocol. `serve` is called on the event loop.
    void start(std::function<awaitable<void>()> serve)
    {
        auto on_end = [ended = has_ended_, failure = failure_](std::exception_ptr thrown) {
            *failure = thrown;
            *ended = true;
        };
        boost::asio::co_spawn(services_->io, std::move(serve), on_end);
    }
    /// To be called by the destructor of what owns the protocol.
    void hang_up()
    {
        if (!stream_)
            return; // moved from
        stream_->hang_up();
        EXPECT_TRUE(services_->run_until([&] { return *has_ended_; }))
            << "the protocol did not end when the client hung up";
    }
    void fail(std::string const& message)
    {
        if (!has_failed_)
            ADD_FAILURE() << message;
        has_failed_ = true;
    }

private:
    void receive()
    {
        auto const octets = stream_->take_output();
        received_ += on_receive_ ? on_receive_(octets) : octets;
    }

    std::shared_ptr<TestServices> services_;
    std::unique_ptr<MemoryStream> stream_;
    Layer on_send_;
    Layer on_receive_;
    std::string received_;
    std::shared_ptr<bool> has_ended_ = std::make_shared<bool>(false);
    std::shared_ptr<std::exception_ptr> failure_ = std::make_shared<std::exception_ptr>();
    bool has_failed_ = false;
};

} // namespace mail::test
