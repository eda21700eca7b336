// Drives OpenSSL with a BIO of our own: it reads from the socket and writes into the caller's
// buffer.
#include "server/tls/stream.h"

#include "server/tls/certified_names.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <new>

namespace mail::server::tls {

/// The functions of the BIO; its data is the Stream.
struct SocketBio {
    static int write(BIO* bio, char const* data, int length)
    {
        auto* const stream = static_cast<Stream*>(::BIO_get_data(bio));
        if (!stream->out_ || length <= 0)
            return -1;
        stream->out_->append(data, static_cast<std::size_t>(length));
        return length;
    }

    static int read(BIO* bio, char* data, int length)
    {
        auto* const stream = static_cast<Stream*>(::BIO_get_data(bio));
        ::BIO_clear_retry_flags(bio);
        for (;;) {
            auto const got = ::recv(stream->socket_, data, static_cast<std::size_t>(length), 0);
            if (got >= 0)
                return static_cast<int>(got);
            if (errno == EINTR)
                continue;
            if (errno == EAGAIN || errno == EWOULDBLOCK)
                ::BIO_set_retry_read(bio);
            return -1;
        }
    }

    static long control(BIO*, int command, long, void*)
    {
        return command == BIO_CTRL_FLUSH ? 1 : 0;
    }

    static int create(BIO* bio)
    {
        ::BIO_set_init(bio, 1);
        return 1;
    }

    static BIO_METHOD const* method()
    {
        static BIO_METHOD* const made = [] {
            auto* const m
                = ::BIO_meth_new(::BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "mailroom socket");
            ::BIO_meth_set_write(m, write);
            ::BIO_meth_set_read(m, read);
            ::BIO_meth_set_ctrl(m, control);
            ::BIO_meth_set_create(m, create);
            return m;
        }();
        return made;
    }
};

Stream::Stream(
    std::shared_ptr<Credentials const> credentials, config::Protocol protocol, int socket)
    : credentials_(std::move(credentials))
    , ssl_(::SSL_new(credentials_->default_context()), ::SSL_free)
    , socket_(socket)
    , protocol_(protocol)
{
    auto* const bio = ::BIO_new(SocketBio::method());
    if (!ssl_ || !bio)
        throw std::bad_alloc();
    ::BIO_set_data(bio, this);
    ::SSL_set_bio(ssl_.get(), bio, bio);
    ::SSL_set_accept_state(ssl_.get());
    if (protocol_ == config::Protocol::lmtp && credentials_->asks_clients()) {
        ::SSL_set_verify(ssl_.get(), SSL_VERIFY_NONE, nullptr);
        // Or its sessions, which have no certificate, could be resumed where one is required.
        static constexpr unsigned char id[] = "lmtp";
        ::SSL_set_session_id_context(ssl_.get(), id, sizeof id - 1);
    }
}

Stream::~Stream() = default;

Stream::Step Stream::outcome(int result)
{
    int const saved_errno = errno;
    switch (::SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_NONE:
        return Step::done;
    case SSL_ERROR_WANT_READ:
        return Step::want_input;
    case SSL_ERROR_ZERO_RETURN:
        return Step::closed;
    case SSL_ERROR_SYSCALL:
        failure_ = saved_errno != 0 ? std::strerror(saved_errno) : "connection closed";
        return Step::closed;
    default:
        break;
    }
    if (failure_.empty())
        failure_ = reason();
    ::ERR_clear_error(); // the queue is the thread's: the next connection must not find ours
    return Step::failed;
}

std::string Stream::reason() const
{
    auto const code = ::ERR_peek_error();
    auto const* text = ::ERR_reason_error_string(code);
    if (ERR_GET_LIB(code) != ERR_LIB_SSL || ERR_GET_REASON(code) != SSL_R_CERTIFICATE_VERIFY_FAILED)
        return text ? text : "TLS protocol error";
    return fmt::format("the client's certificate is refused: {}",
        ::X509_verify_cert_error_string(::SSL_get_verify_result(ssl_.get())));
}

Stream& Stream::of(ssl_st* ssl)
{
    return *static_cast<Stream*>(::BIO_get_data(::SSL_get_rbio(ssl)));
}

Stream::Step Stream::handshake(std::string& out)
{
    out_ = &out;
    ::ERR_clear_error();
    errno = 0;
    int const result = ::SSL_do_handshake(ssl_.get());
    out_ = nullptr;
    if (result != 1)
        return outcome(result);
    ::SSL_set_tlsext_status_ocsp_resp(ssl_.get(), nullptr, 0); // frees it: it was sent
    ::SSL_free_buffers(ssl_.get()); // unless the client's first octets are in them
    return Step::done;
}

bool Stream::has_only_ticket_to_send() const { return ::SSL_version(ssl_.get()) >= TLS1_3_VERSION; }

Stream::Step Stream::read(std::span<char> into, std::size_t& octets, std::string& out)
{
    out_ = &out; // answers to the client's KeyUpdate and alerts
    ::ERR_clear_error();
    errno = 0;
    int const result = ::SSL_read_ex(ssl_.get(), into.data(), into.size(), &octets);
    out_ = nullptr;
    return result == 1 ? Step::done : outcome(result);
}

Stream::Step Stream::write(std::string_view octets, std::string& out)
{
    out_ = &out;
    ::ERR_clear_error();
    errno = 0;
    Step step = Step::done;
    while (!octets.empty() && step == Step::done) {
        std::size_t taken = 0;
        int const result = ::SSL_write_ex(ssl_.get(), octets.data(), octets.size(), &taken);
        if (result != 1)
            step = outcome(result);
        octets.remove_prefix(taken);
    }
    out_ = nullptr;
    return step;
}

void Stream::close(std::string& out)
{
    bool const was_told = (::SSL_get_shutdown(ssl_.get()) & SSL_SENT_SHUTDOWN) != 0;
    if (was_told || !::SSL_is_init_finished(ssl_.get()) || !failure_.empty())
        return;
    out_ = &out;
    ::ERR_clear_error();
    ::SSL_shutdown(ssl_.get());
    ::ERR_clear_error();
    out_ = nullptr;
}

bool Stream::has_buffered() const { return ::SSL_has_pending(ssl_.get()) == 1; }

std::vector<std::string> Stream::certified_names() const
{
    auto* const certificate = ::SSL_get0_peer_certificate(ssl_.get());
    if (!certificate || !::SSL_is_init_finished(ssl_.get())
        || ::SSL_get_verify_result(ssl_.get()) != X509_V_OK)
        return {};
    // A resumed session's was checked when that session began.
    if (::X509_cmp_current_time(::X509_get0_notAfter(certificate)) <= 0)
        return {};
    return tls::certified_names(certificate, credentials_->client_names());
}

bool Stream::is_resumed() const { return ::SSL_session_reused(ssl_.get()) == 1; }

TlsFacts Stream::facts() const
{
    auto const* cipher = ::SSL_get_current_cipher(ssl_.get());
    if (!cipher)
        return {};
    return { ::SSL_get_version(ssl_.get()), ::SSL_CIPHER_get_name(cipher),
        ::SSL_CIPHER_get_bits(cipher, nullptr) };
}

namespace {

    /// RFC 9266 §2. Before TLS 1.3 only with the extended master secret: else another connection
    /// could have the same.
    std::string exporter_binding(ssl_st* ssl)
    {
        if (::SSL_version(ssl) < TLS1_3_VERSION && ::SSL_get_extms_support(ssl) != 1)
            return {};
        constexpr std::string_view label = "EXPORTER-Channel-Binding";
        std::string octets(32, '\0');
        bool const done
            = ::SSL_export_keying_material(ssl, reinterpret_cast<unsigned char*>(octets.data()),
                  octets.size(), label.data(), label.size(), nullptr, 0, 1)
            == 1;
        return done ? octets : std::string {};
    }

    /// RFC 5929 §4.1: the server's certificate, by the hash of its signature, or SHA-256 where that
    /// is MD5 or SHA-1. Nothing when the signature has no single hash, as that of Ed25519.
    std::string end_point_binding(ssl_st* ssl)
    {
        auto* const certificate = ::SSL_get_certificate(ssl);
        int digest = NID_undef;
        if (!certificate
            || ::X509_get_signature_info(certificate, &digest, nullptr, nullptr, nullptr) != 1
            || digest == NID_undef)
            return {};
        auto const* method = digest == NID_md5 || digest == NID_sha1
            ? ::EVP_sha256()
            : ::EVP_get_digestbynid(digest);
        unsigned int size = 0;
        std::string octets(EVP_MAX_MD_SIZE, '\0');
        if (!method
            || ::X509_digest(
                   certificate, method, reinterpret_cast<unsigned char*>(octets.data()), &size)
                != 1)
            return {};
        octets.resize(size);
        return octets;
    }

} // namespace

std::string Stream::channel_binding(std::string_view type) const
{
    if (!::SSL_is_init_finished(ssl_.get()))
        return {};
    if (type == "tls-exporter")
        return exporter_binding(ssl_.get());
    if (type == "tls-server-end-point")
        return end_point_binding(ssl_.get());
    return {};
}

} // namespace mail::server::tls
