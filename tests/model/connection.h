// A connection in memory to the real conversation over the real store, compressed or not.
#pragma once

#include "protocol/imap/conversation.h"
#include "tests/support/deflate_client.h"
#include "tests/support/memory_stream.h"
#include "tests/support/test_services.h"

#include <boost/asio/co_spawn.hpp>

#include <memory>
#include <optional>
#include <string>

namespace mail::model {

class Connection {
public:
    explicit Connection(test::TestServices& services)
        : services_(services)
        , stream_(services.io)
        , session_(services.services, stream_, session::Session::Protocol::imap)
        , conversation_(session_)
    {
        auto run = [this] { return conversation_.run(); };
        boost::asio::co_spawn(services.io, run, [this](std::exception_ptr thrown) {
            has_ended_ = true;
            try {
                if (thrown)
                    std::rethrow_exception(thrown);
            } catch (boost::system::system_error const&) {
                // The client went away.
            } catch (std::exception const& failure) {
                failure_ = failure.what();
            }
        });
    }

    void push(std::string const& octets)
    {
        stream_.push(deflate_ ? deflate_->compress(octets) : octets);
    }
    std::string take()
    {
        auto octets = stream_.take_output();
        return deflate_ ? deflate_->expand(octets) : octets;
    }
    /// From here on. What has come already behind the answer to COMPRESS is compressed.
    std::string compress(std::string const& come) { return deflate_.emplace().expand(come); }
    void end_compression() { deflate_.reset(); }
    bool is_compressed() const { return deflate_.has_value(); }

    /// False: the server does not notice.
    bool end()
    {
        stream_.hang_up();
        return services_.run_until([this] { return has_ended_; });
    }
    std::string const& failure() const { return failure_; } ///< of the server; empty: none

private:
    test::TestServices& services_;
    test::MemoryStream stream_;
    session::Session session_;
    imap::Conversation conversation_;
    std::optional<test::DeflateClient> deflate_;
    bool has_ended_ = false;
    std::string failure_;
};

} // namespace mail::model
