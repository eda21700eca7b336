// An LMTP client of one test.
#pragma once

#include "protocol/lmtp/conversation.h"
#include "tests/support/line_client.h"
#include "tests/support/messages.h"

namespace mail::lmtp {

struct Client : test::LineClient<Conversation> {
    explicit Client(test::TestServices& services, bool encrypted = false)
        : LineClient(services, session::Session::Protocol::lmtp, encrypted)
    {
        session.set_is_trusted(true);
    }
    /// Comes from where nobody is trusted. Before start().
    Client& distrust()
    {
        session.set_is_trusted(false);
        return *this;
    }
    Client& greet()
    {
        start();
        auto const said = say("LHLO mx.example.net\r\n");
        EXPECT_TRUE(test::matches(said, "220 *250-*250 ENHANCEDSTATUSCODES\r\n")) << said;
        return *this;
    }
    /// One transaction from sender@example.net; `data` is stuffed already and ends in CRLF "."
    /// CRLF.
    std::string deliver(std::vector<std::string> const& recipients, std::string_view data)
    {
        std::string commands = "MAIL FROM:<sender@example.net>\r\n";
        for (auto const& recipient : recipients)
            commands += "RCPT TO:<" + recipient + ">\r\n";
        auto const said = say(commands + "DATA\r\n");
        EXPECT_TRUE(said.ends_with("354 End the message with a line of one dot\r\n")) << said;
        return say(data);
    }
};

/// What the server put in front: the fields of trace.h.
inline std::string_view trace_of(std::string_view message)
{
    auto const received = message.find("Received: ");
    auto end = message.find("\r\n", received);
    while (end != message.npos && message.substr(end + 2).starts_with('\t'))
        end = message.find("\r\n", end + 2);
    return message.substr(0, end == message.npos ? end : end + 2);
}

/// The message without them: what the client sent.
inline std::string_view sent_of(std::string_view message)
{
    return message.substr(trace_of(message).size());
}

} // namespace mail::lmtp
