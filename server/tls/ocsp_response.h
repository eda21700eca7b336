// A statement of a certificate's authority that the certificate is not revoked (RFC 6960), handed
// to clients that ask for it in the handshake (RFC 6066 §8).
#pragma once

#include "server/tls/certificate.h"

#include <filesystem>
#include <string>

namespace mail::server::tls {

class OcspResponse {
public:
    /// Reads a file in DER form. Throws std::runtime_error with one line that says why it is of no
    /// use: not about this certificate, not signed by its authority, not "good", or out of date.
    OcspResponse(std::filesystem::path const& file, Certificate const& certificate, Time now);

    std::string const& octets() const { return octets_; }
    /// From then on it says nothing any more.
    Time next_update() const { return next_update_; }

private:
    std::string octets_;
    Time next_update_ = Time::max();
};

} // namespace mail::server::tls
