// A POP3 client of one test.
#pragma once

#include "protocol/pop3/conversation.h"
#include "tests/support/line_client.h"
#include "tests/support/messages.h"

namespace mail::pop3 {

struct Client : test::LineClient<Conversation> {
    explicit Client(test::TestServices& services, bool encrypted = true)
        : LineClient(services, session::Session::Protocol::pop3, encrypted)
    {
    }
    Client& login(std::string const& name = "alice")
    {
        start();
        auto const said = say("USER " + name + "\r\nPASS secret\r\n");
        EXPECT_TRUE(test::matches(said, "+OK *\r\n+OK *\r\n+OK * messages *\r\n")) << said;
        return *this;
    }
    /// The line of CAPA that begins with `name`; empty: there is none.
    std::string capability(std::string_view name)
    {
        auto const lines = "\r\n" + say("CAPA\r\n");
        auto const begin = lines.find("\r\n" + std::string(name));
        if (begin == lines.npos)
            return {};
        return lines.substr(begin + 2, lines.find("\r\n", begin + 2) - begin - 2);
    }
};

} // namespace mail::pop3
