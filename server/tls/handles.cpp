// Files and errors of OpenSSL.
#include "server/tls/handles.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace mail::server::tls {

namespace {

    constexpr std::size_t max_file = 1u << 20;

    std::string text_of(X509_NAME* name)
    {
        BioPtr const out(::BIO_new(::BIO_s_mem()));
        ::X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
        char* octets = nullptr;
        auto const size = BIO_get_mem_data(out.get(), &octets);
        return std::string(octets, static_cast<std::size_t>(size));
    }

    class Descriptor {
    public:
        explicit Descriptor(std::filesystem::path const& file)
            : fd_(::open(file.c_str(), O_RDONLY | O_CLOEXEC))
        {
        }
        ~Descriptor()
        {
            if (fd_ >= 0)
                ::close(fd_);
        }
        Descriptor(Descriptor const&) = delete;
        Descriptor& operator=(Descriptor const&) = delete;
        int get() const { return fd_; }

    private:
        int fd_;
    };

} // namespace

void fail(std::string const& what)
{
    auto const code = ::ERR_peek_error();
    auto const* reason = ERR_SYSTEM_ERROR(code) ? std::strerror(ERR_GET_REASON(code))
                                                : ::ERR_reason_error_string(code);
    auto const text = fmt::format("{}: {}", what, reason ? reason : "unknown reason");
    ::ERR_clear_error();
    throw std::runtime_error(text);
}

std::string read_file(std::filesystem::path const& file)
{
    auto const fail_with = [&](char const* why) {
        throw std::runtime_error(fmt::format("cannot read {}: {}", file.string(), why));
    };
    Descriptor const descriptor(file);
    std::string text;
    if (descriptor.get() < 0)
        fail_with(std::strerror(errno));
    for (;;) {
        auto const had = text.size();
        text.resize(had + 16 * 1024);
        auto const got = ::read(descriptor.get(), text.data() + had, text.size() - had);
        if (got < 0)
            fail_with(std::strerror(errno));
        text.resize(had + static_cast<std::size_t>(got));
        if (got == 0)
            return text;
        if (text.size() > max_file)
            fail_with("it is larger than 1 MiB");
    }
}

BioPtr reader_of(std::string_view octets)
{
    return BioPtr(::BIO_new_mem_buf(octets.data(), static_cast<int>(octets.size())));
}

CertificatesPtr read_certificates(std::string_view pem, std::filesystem::path const& file)
{
    ::ERR_clear_error();
    auto const in = reader_of(pem);
    CertificatesPtr all(sk_X509_new_null());
    while (auto* const one = ::PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr))
        sk_X509_push(all.get(), one);
    auto const code = ::ERR_peek_last_error();
    bool const is_end
        = ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE;
    if (!is_end)
        fail(fmt::format("{} is broken or half written", file.string()));
    ::ERR_clear_error();
    if (sk_X509_num(all.get()) == 0)
        throw std::runtime_error(fmt::format(
            "{} has no certificate in PEM form (-----BEGIN CERTIFICATE-----)", file.string()));
    return all;
}

std::string subject_of(X509* certificate) { return text_of(::X509_get_subject_name(certificate)); }
std::string issuer_of(X509* certificate) { return text_of(::X509_get_issuer_name(certificate)); }

} // namespace mail::server::tls
