// One POST to a web service, whose certificate is verified.
#pragma once

#include "config/https_url.h"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

namespace mail::server {

struct HttpsRequest {
    config::HttpsUrl url;
    std::string authorization; ///< value of the field; empty: none
    std::string content_type;
    std::string body;
};

struct HttpsResponse {
    unsigned status = 0;
    std::string body;
};

/// Thread-safe.
class HttpsClient {
public:
    static constexpr std::size_t max_body = 64 * 1024; ///< octets of a response

    /// `ca_file`: of those who may vouch for the server; empty: whom the system trusts. Throws
    /// std::runtime_error when it cannot be read.
    explicit HttpsClient(std::filesystem::path const& ca_file);
    ~HttpsClient();

    /// Runs on the coroutine's executor. Throws boost::system::system_error: no connection, no
    /// trust, a response that is too long or no HTTP, `limit` exceeded by all of it together.
    /// Redirections are not followed.
    boost::asio::awaitable<HttpsResponse> post(HttpsRequest request, std::chrono::seconds limit);

private:
    struct Context;
    std::unique_ptr<Context> context_;
};

} // namespace mail::server
