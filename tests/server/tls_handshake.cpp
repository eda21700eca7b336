// Both ends of a socket pair, the client on a thread of its own.
#include "tests/server/tls_handshake.h"

#include "server/tls/stream.h"

#include <openssl/err.h>

#include <sys/socket.h>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <csignal>
#include <thread>

namespace mail::test {

using server::tls::ContextPtr;
using server::tls::Credentials;
using server::tls::Free;
using server::tls::Stream;

namespace {

    int last_alert;

    /// Blocking client with time limits.
    void run_client(int socket, Prepare const& prepare, Outcome& outcome)
    {
        timeval const limit { 10, 0 };
        ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        ContextPtr const context(::SSL_CTX_new(::TLS_client_method()));
        std::unique_ptr<SSL, Free<SSL_free>> const ssl(::SSL_new(context.get()));
        ::SSL_set_info_callback(ssl.get(), [](SSL const*, int where, int what) {
            if ((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT)
                last_alert = what & 0xff;
        });
        last_alert = 0;
        ::SSL_set_fd(ssl.get(), socket);
        if (prepare)
            prepare(ssl.get());
        char octet = 'x';
        outcome.is_good = ::SSL_connect(ssl.get()) == 1 && ::SSL_write(ssl.get(), &octet, 1) == 1
            && ::SSL_read(ssl.get(), &octet, 1) == 1;
        outcome.alert = last_alert;
        ::ERR_clear_error();
        if (outcome.is_good) {
            auto* const certificate = ::SSL_get0_peer_certificate(ssl.get());
            char name[256] = "";
            ::X509_NAME_get_text_by_NID(
                ::X509_get_subject_name(certificate), NID_commonName, name, sizeof name);
            outcome.subject = name;
            outcome.key_kind = ::EVP_PKEY_get_base_id(::X509_get0_pubkey(certificate));
            unsigned char const* text = nullptr;
            unsigned int size = 0;
            ::SSL_get0_alpn_selected(ssl.get(), &text, &size);
            outcome.application_protocol.assign(reinterpret_cast<char const*>(text), size);
            if (auto const got = SSL_get_tlsext_status_ocsp_resp(ssl.get(), &text); got > 0)
                outcome.ocsp_response.assign(
                    reinterpret_cast<char const*>(text), static_cast<std::size_t>(got));
            outcome.is_resumed = ::SSL_session_reused(ssl.get()) == 1;
            outcome.cipher = ::SSL_get_cipher_name(ssl.get());
            ::SSL_set_shutdown(ssl.get(), SSL_SENT_SHUTDOWN); // or the session could not be resumed
            outcome.session = { ::SSL_get1_session(ssl.get()), ::SSL_SESSION_free };
        }
        ::shutdown(socket, SHUT_RDWR);
    }

    void send_all(int socket, std::string& out)
    {
        ::send(socket, out.data(), out.size(), MSG_NOSIGNAL);
        out.clear();
    }

    void run_server(int socket, std::shared_ptr<Credentials const> credentials,
        config::Protocol protocol, Outcome& outcome)
    {
        Stream stream(std::move(credentials), protocol, socket);
        std::string out;
        char octet = 0;
        std::size_t got = 0;
        auto step = Stream::Step::want_input;
        auto const until_done = [&](auto const& attempt) {
            for (int i = 0; i < 100 && step == Stream::Step::want_input; ++i) {
                step = attempt();
                send_all(socket, out);
                pollfd readable { socket, POLLIN, 0 };
                if (step == Stream::Step::want_input && ::poll(&readable, 1, 10'000) != 1)
                    break;
            }
        };
        until_done([&] { return stream.handshake(out); });
        if (step == Stream::Step::done) {
            outcome.names = stream.certified_names();
            step = Stream::Step::want_input;
            until_done([&] { return stream.read(std::span(&octet, 1), got, out); });
            stream.write(std::string_view(&octet, 1), out);
            send_all(socket, out);
        }
        outcome.failure = stream.failure();
        ::shutdown(socket, SHUT_WR);
    }

} // namespace

Outcome shake(std::shared_ptr<Credentials const> credentials, Prepare const& prepare,
    config::Protocol protocol)
{
    std::signal(SIGPIPE, SIG_IGN);
    int sockets[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets), 0);
    EXPECT_EQ(::fcntl(sockets[0], F_SETFL, O_NONBLOCK), 0);
    Outcome outcome;
    std::thread client([&] { run_client(sockets[1], prepare, outcome); });
    run_server(sockets[0], std::move(credentials), protocol, outcome);
    client.join();
    ::close(sockets[0]);
    ::close(sockets[1]);
    return outcome;
}

Prepare asking_for(std::string const& name)
{
    return [name](SSL* ssl) { SSL_set_tlsext_host_name(ssl, name.c_str()); };
}

Prepare offering(std::vector<std::string> const& protocols)
{
    std::string wire;
    for (auto const& each : protocols)
        wire += static_cast<char>(each.size()) + each;
    return [wire](SSL* ssl) {
        ::SSL_set_alpn_protos(ssl, reinterpret_cast<unsigned char const*>(wire.data()),
            static_cast<unsigned>(wire.size()));
    };
}

Prepare showing(config::TlsFiles const& files)
{
    return [files](SSL* ssl) {
        ::SSL_use_certificate_file(ssl, files.certificate.c_str(), SSL_FILETYPE_PEM);
        ::SSL_use_PrivateKey_file(ssl, files.private_key.c_str(), SSL_FILETYPE_PEM);
    };
}

} // namespace mail::test
