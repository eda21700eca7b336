// An MTA that asks one of the services for it, in a test.
#pragma once

#include "tests/support/memory_stream.h"
#include "tests/support/test_services.h"

#include <boost/asio/co_spawn.hpp>

#include <gtest/gtest.h>

#include <exception>
#include <string>
#include <string_view>

namespace mail::mta {

template <class Service> class Client {
public:
    /// `more`: what else the service takes.
    template <class... More>
    explicit Client(test::TestServices& around, session::Services& services, More const&... more)
        : around_(around)
        , stream(around.io, false)
        , service(services, stream, more...)
    {
        stream.mutable_peer() = { "local", 0, true };
        boost::asio::co_spawn(around.io, service.run(), [this](std::exception_ptr failure) {
            ended_by = failure;
            has_ended = true;
        });
    }
    ~Client()
    {
        stream.hang_up();
        around_.run_until([this] { return has_ended; });
    }
    Client(Client const&) = delete;
    Client& operator=(Client const&) = delete;

    /// Sends octets and gives what the service says before it waits for more.
    std::string say(std::string_view octets)
    {
        stream.push(octets);
        return listen();
    }
    std::string listen()
    {
        EXPECT_TRUE(around_.run_until([this] {
            return has_ended || (stream.is_waiting() && !stream.has_input());
        })) << "the service is stuck";
        return stream.take_output();
    }
    /// Until the service has said something with `text` in it; gives all that it said.
    std::string listen_for(std::string_view text)
    {
        EXPECT_TRUE(around_.run_until([&] {
            return has_ended || stream.output().find(text) != std::string::npos;
        })) << text;
        return stream.take_output();
    }
    /// Whether the service hung up by itself, without having failed.
    bool has_hung_up() const { return has_ended && !ended_by; }

private:
    test::TestServices& around_;

public:
    test::MemoryStream stream;
    Service service;
    bool has_ended = false;
    std::exception_ptr ended_by;
};

} // namespace mail::mta
