// A client of a protocol that speaks in lines (POP3, LMTP), as a script or octet for octet.
#pragma once

#include "tests/support/memory_stream.h"
#include "tests/support/test_services.h"

#include <boost/asio/co_spawn.hpp>

#include <gtest/gtest.h>

#include <exception>
#include <string>
#include <string_view>

namespace mail::test {

/// Lines of a script match when they are equal; "*" in the expected one stands for anything.
inline bool matches(std::string_view text, std::string_view pattern)
{
    auto const star = pattern.find('*');
    if (star == pattern.npos)
        return text == pattern;
    if (!text.starts_with(pattern.substr(0, star)))
        return false;
    text.remove_prefix(star);
    pattern.remove_prefix(star + 1);
    for (std::size_t skip = 0; skip <= text.size(); ++skip)
        if (matches(text.substr(skip), pattern))
            return true;
    return false;
}

template <class Conversation> class LineClient {
public:
    LineClient(TestServices& services, session::Session::Protocol protocol, bool encrypted = true)
        : services_(services)
        , stream(services.io, encrypted)
        , session(services.services, stream, protocol)
        , conversation(session)
    {
    }
    ~LineClient()
    {
        stream.hang_up();
        services_.run_until([this] { return finished; });
    }
    LineClient(LineClient const&) = delete;
    LineClient& operator=(LineClient const&) = delete;

    /// Begins the conversation; its greeting is the first output. Settings must be made before.
    LineClient& start()
    {
        boost::asio::co_spawn(services_.io, conversation.run(), [this](std::exception_ptr failure) {
            ended_by = failure;
            finished = true;
        });
        return *this;
    }

    bool is_idle() const { return finished || (stream.is_waiting() && !stream.has_input()); }
    void settle() ///< until the server waits for the client, or has ended
    {
        EXPECT_TRUE(services_.run_until([this] { return is_idle(); })) << "the server is stuck";
    }
    /// Sends octets and returns what the server says before it waits again.
    std::string say(std::string_view octets)
    {
        stream.push(octets);
        settle();
        return stream.take_output();
    }

    /// Lines that begin with "C: " are sent, several at once as one packet; those that begin with
    /// "S: " are what the server says, and all that it says.
    LineClient& play(std::string_view script)
    {
        while (!script.empty()) {
            auto line = script.substr(0, script.find('\n'));
            script.remove_prefix(std::min(script.size(), line.size() + 1));
            line.remove_prefix(std::min(line.size(), line.find_first_not_of(' ')));
            if (line.starts_with("C: "))
                stream.push(std::string(line.substr(3)) + "\r\n");
            else if (line.starts_with("S: "))
                expect(line.substr(3));
            else if (!line.empty())
                ADD_FAILURE() << "not a line of a script: " << line;
        }
        settle();
        EXPECT_EQ(stream.take_output(), "") << "more than the script has";
        return *this;
    }

private:
    void expect(std::string_view wanted)
    {
        settle();
        auto const& output = stream.output();
        auto const end = output.find("\r\n");
        if (end == std::string::npos) {
            ADD_FAILURE() << "the server says no more; expected: " << wanted;
            return;
        }
        EXPECT_TRUE(matches(std::string_view(output).substr(0, end), wanted))
            << "expected: " << wanted << "\nit says:  " << output.substr(0, end);
        auto rest = stream.take_output();
        stream.put_back(rest.substr(end + 2));
    }

    TestServices& services_;

public:
    MemoryStream stream;
    session::Session session;
    Conversation conversation;
    bool finished = false;
    std::exception_ptr ended_by; ///< null when the conversation ended by itself
};

} // namespace mail::test
