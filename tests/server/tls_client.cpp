// The tests' client.
#include "tests/server/tls_client.h"

#include "server/listening_socket.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <stdexcept>

namespace mail::test {

config::TlsFiles make_certificate(std::filesystem::path const& folder, std::string const& name)
{
    config::TlsFiles files;
    files.certificate = folder / "certificate.pem";
    files.private_key = folder / "key.pem";
    std::shared_ptr<EVP_PKEY> const key(EVP_EC_gen("P-256"), EVP_PKEY_free);
    std::shared_ptr<X509> const certificate(X509_new(), X509_free);
    X509_set_version(certificate.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
    X509_set_pubkey(certificate.get(), key.get());
    auto* const subject = X509_get_subject_name(certificate.get());
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
        reinterpret_cast<unsigned char const*>(name.c_str()), -1, -1, 0);
    X509_set_issuer_name(certificate.get(), subject);
    X509_sign(certificate.get(), key.get(), EVP_sha256());
    std::shared_ptr<FILE> file(std::fopen(files.certificate.c_str(), "w"), std::fclose);
    PEM_write_X509(file.get(), certificate.get());
    file.reset(std::fopen(files.private_key.c_str(), "w"), std::fclose);
    PEM_write_PrivateKey(file.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    return files;
}

Client::Client(int socket)
    : socket_(socket)
{
    std::signal(SIGPIPE, SIG_IGN); // as the program does: OpenSSL writes to closed sockets
    timeval const limit { 10, 0 };
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

Client Client::connect(config::Endpoint const& endpoint)
{
    int const socket = server::connect_to(endpoint);
    if (socket < 0)
        throw std::runtime_error("cannot connect to " + endpoint.text());
    return Client(socket);
}

Client::Client(Client&& other) noexcept
    : socket_(std::exchange(other.socket_, -1))
    , context_(std::move(other.context_))
    , ssl_(std::move(other.ssl_))
    , last_session_(std::move(other.last_session_))
{
}

Client::~Client() { close(); }

void Client::close()
{
    if (ssl_) // or OpenSSL would not let the session be resumed
        SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_get_shutdown(ssl_.get()));
    if (socket_ >= 0)
        ::close(std::exchange(socket_, -1));
}

bool Client::start_tls(int version, SSL_SESSION* session)
{
    context_.reset(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
    SSL_CTX_set_security_level(context_.get(), 0);
    SSL_CTX_set_min_proto_version(context_.get(), version);
    SSL_CTX_set_max_proto_version(context_.get(), version);
    ssl_.reset(SSL_new(context_.get()), SSL_free);
    SSL_set_fd(ssl_.get(), socket_);
    if (session)
        SSL_set_session(ssl_.get(), session);
    bool const good = SSL_connect(ssl_.get()) == 1;
    ERR_clear_error();
    return good;
}

std::shared_ptr<SSL_SESSION> Client::session() const
{
    return { SSL_get1_session(ssl_.get()), SSL_SESSION_free };
}

std::string Client::subject() const
{
    std::shared_ptr<X509> const certificate(SSL_get1_peer_certificate(ssl_.get()), X509_free);
    char name[256] = "";
    X509_NAME_get_text_by_NID(
        X509_get_subject_name(certificate.get()), NID_commonName, name, sizeof name);
    return name;
}

bool Client::send(std::string_view octets)
{
    if (ssl_)
        return SSL_write(ssl_.get(), octets.data(), static_cast<int>(octets.size()))
            == static_cast<int>(octets.size());
    return ::send(socket_, octets.data(), octets.size(), MSG_NOSIGNAL)
        == static_cast<ssize_t>(octets.size());
}

int Client::read_some(char* into, int size)
{
    int const got = ssl_
        ? SSL_read(ssl_.get(), into, size)
        : static_cast<int>(::recv(socket_, into, static_cast<std::size_t>(size), 0));
    ERR_clear_error();
    return got;
}

std::string Client::read_line()
{
    std::string line;
    char c = 0;
    while (c != '\n' && read_some(&c, 1) == 1)
        line += c;
    return line;
}

std::string Client::read(std::size_t octets)
{
    std::string all;
    char block[16384];
    while (all.size() < octets) {
        int const got
            = read_some(block, static_cast<int>(std::min(sizeof block, octets - all.size())));
        if (got <= 0)
            break;
        all.append(block, static_cast<std::size_t>(got));
    }
    return all;
}

std::string Client::read_all() { return read(static_cast<std::size_t>(-1)); }

} // namespace mail::test
