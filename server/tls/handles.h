// OpenSSL's objects, each freed by its own function; and what OpenSSL says went wrong.
#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ocsp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace mail::server::tls {

template <auto free> struct Free {
    template <class Object> void operator()(Object* object) const { free(object); }
};
inline void free_stack(STACK_OF(X509) * stack) { sk_X509_pop_free(stack, X509_free); }

using BasicResponsePtr = std::unique_ptr<OCSP_BASICRESP, Free<OCSP_BASICRESP_free>>;
using BioPtr = std::unique_ptr<BIO, Free<BIO_free_all>>;
using CertificatePtr = std::unique_ptr<X509, Free<X509_free>>;
using CertificatesPtr = std::unique_ptr<STACK_OF(X509), Free<free_stack>>;
using ContextPtr = std::unique_ptr<SSL_CTX, Free<SSL_CTX_free>>;
using CrlPtr = std::unique_ptr<X509_CRL, Free<X509_CRL_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using ResponsePtr = std::unique_ptr<OCSP_RESPONSE, Free<OCSP_RESPONSE_free>>;
using StorePtr = std::unique_ptr<X509_STORE, Free<X509_STORE_free>>;

/// Throws std::runtime_error: `what`, then OpenSSL's first reason, which says most: the later ones
/// only say through which layers it went. Empties the thread's queue of errors.
[[noreturn]] void fail(std::string const& what);

/// A whole file; throws std::runtime_error, "cannot read FILE: why", also when it exceeds 1 MiB.
std::string read_file(std::filesystem::path const& file);
/// Reads `octets`, which must outlive it.
BioPtr reader_of(std::string_view octets);

/// The certificates of a PEM text, in order; other objects in it are passed over. Throws
/// std::runtime_error, naming `file`, when there is none or one is broken.
CertificatesPtr read_certificates(std::string_view pem, std::filesystem::path const& file);

std::string subject_of(X509* certificate); ///< "CN=..., O=...", for people
std::string issuer_of(X509* certificate);

} // namespace mail::server::tls
