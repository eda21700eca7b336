// Plays scripts of "C:" and "S:" lines against a protocol in memory.
#pragma once

#include "tests/support/memory_stream.h"
#include "tests/support/test_services.h"

#include <gtest/gtest.h>

#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace mail::test {

/// "*" stands for any octets. A leading "* " and each "\*" stand for themselves: untagged responses
/// begin with the one, PERMANENTFLAGS has the other.
bool matches_line(std::string_view pattern, std::string_view line);

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
    Dialogue& play(std::string_view script);

    Dialogue& send(std::string_view octets);

    /// Changes the octets on their way, as a layer of the client does; null for none.
    using Layer = std::function<std::string(std::string_view)>;
    Dialogue& through(Layer on_send, Layer on_receive);

    /// The next line without its CRLF; fails the test when none comes.
    std::string read_line();

    /// Takes `octets` octets of what comes next, such as a literal.
    std::string read_octets(std::size_t octets);

    Dialogue& expect(std::string_view pattern);

    /// Nothing was sent that was not expected, and the protocol waits for the client or has ended.
    Dialogue& expect_nothing();

    Dialogue& expect_closed();

    bool has_ended() const { return *has_ended_; }
    std::exception_ptr failure() const { return *failure_; } ///< what the protocol ended with

protected:
    /// Runs the protocol. `serve` is called on the event loop.
    void start(std::function<awaitable<void>()> serve);
    /// To be called by the destructor of what owns the protocol.
    void hang_up();
    void fail(std::string const& message);

private:
    void receive();

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
