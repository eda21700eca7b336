#include "server/tokens/https_post.h"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <fmt/format.h>
#include <openssl/ssl.h>

#include <optional>
#include <stdexcept>

namespace mail::server {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace ssl = boost::asio::ssl;

struct HttpsClient::Context {
    ssl::context tls { ssl::context::tls_client };
};

namespace {

    using asio::ip::tcp;
    using Clock = std::chrono::steady_clock;
    using TlsStream = ssl::stream<beast::tcp_stream>;

    /// A name that is being looked up. The system's resolver cannot be interrupted: who does not
    /// want to wait any longer leaves this behind.
    struct Lookup {
        explicit Lookup(asio::any_io_executor const& executor)
            : resolver(executor)
            , timer(executor)
        {
        }
        tcp::resolver resolver;
        asio::steady_timer timer;
        std::optional<boost::system::error_code> outcome;
        tcp::resolver::results_type addresses;
    };

    asio::awaitable<tcp::resolver::results_type> resolve(
        std::string host, std::uint16_t port, Clock::time_point deadline)
    {
        auto const executor = co_await asio::this_coro::executor;
        auto const lookup = std::make_shared<Lookup>(executor);
        lookup->timer.expires_at(deadline);
        lookup->resolver.async_resolve(host, std::to_string(port), tcp::resolver::numeric_service,
            [lookup](boost::system::error_code error, tcp::resolver::results_type found) {
                lookup->outcome = error;
                lookup->addresses = std::move(found);
                lookup->timer.cancel();
            });
        boost::system::error_code ignored;
        co_await lookup->timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        if (!lookup->outcome)
            throw boost::system::system_error(asio::error::timed_out, "looking up " + host);
        if (*lookup->outcome)
            throw boost::system::system_error(*lookup->outcome, "looking up " + host);
        co_return lookup->addresses;
    }

    /// What the server must show to be `host`, and the name by which it chooses its certificate.
    void expect_host(TlsStream& stream, std::string const& host)
    {
        stream.set_verify_mode(ssl::verify_peer);
        stream.set_verify_callback(ssl::host_name_verification(host));
        boost::system::error_code not_numeric;
        asio::ip::make_address(host, not_numeric);
        if (not_numeric) // RFC 6066 §3: names only
            SSL_set_tlsext_host_name(stream.native_handle(), host.c_str());
    }

    http::request<http::string_body> to_message(HttpsRequest request)
    {
        auto const& url = request.url;
        bool const is_v6 = url.host.find(':') != std::string::npos;
        http::request<http::string_body> message(http::verb::post, url.target, 11);
        message.set(http::field::host,
            fmt::format("{}{}{}{}", is_v6 ? "[" : "", url.host, is_v6 ? "]" : "",
                url.port == 443 ? "" : ":" + std::to_string(url.port)));
        message.set(http::field::accept, "application/json");
        message.set(http::field::connection, "close");
        message.set(http::field::content_type, request.content_type);
        if (!request.authorization.empty())
            message.set(http::field::authorization, request.authorization);
        message.body() = std::move(request.body);
        message.prepare_payload();
        return message;
    }

} // namespace

HttpsClient::HttpsClient(std::filesystem::path const& ca_file)
    : context_(std::make_unique<Context>())
{
    auto& tls = context_->tls;
    tls.set_options(ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1);
    boost::system::error_code error;
    if (ca_file.empty())
        tls.set_default_verify_paths(error);
    else
        tls.load_verify_file(ca_file.string(), error);
    if (error)
        throw std::runtime_error(fmt::format("{}: has no certificates of authorities: {}",
            ca_file.empty() ? "the system's folder" : ca_file.string(), error.message()));
}

HttpsClient::~HttpsClient() = default;

asio::awaitable<HttpsResponse> HttpsClient::post(HttpsRequest request, std::chrono::seconds limit)
{
    auto const deadline = Clock::now() + limit;
    auto const host = request.url.host;
    auto const addresses = co_await resolve(host, request.url.port, deadline);
    auto const executor = co_await asio::this_coro::executor;
    TlsStream stream(executor, context_->tls);
    auto& connection = beast::get_lowest_layer(stream);
    connection.expires_at(deadline); // for all that follows
    co_await connection.async_connect(addresses, asio::use_awaitable);
    expect_host(stream, host);
    co_await stream.async_handshake(ssl::stream_base::client, asio::use_awaitable);
    auto const message = to_message(std::move(request));
    co_await http::async_write(stream, message, asio::use_awaitable);
    http::response_parser<http::string_body> parser;
    parser.body_limit(max_body);
    beast::flat_buffer buffer(max_body);
    co_await http::async_read(stream, buffer, parser, asio::use_awaitable);
    // The connection just ends: the response told its length, or the parser would complain.
    HttpsResponse response;
    response.status = parser.get().result_int();
    response.body = std::move(parser.get().body());
    co_return response;
}

} // namespace mail::server
