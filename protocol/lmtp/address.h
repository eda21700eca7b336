// Addresses of an SMTP envelope (RFC 5321 §4.1.2) and what follows them on a line.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mail::lmtp {

inline constexpr std::size_t max_address
    = 384; ///< octets; RFC 5321 §4.5.3.1.3 asks for 256, and replies hold 512

/// Local part and domain, quoting undone where there need be none.
struct Address {
    std::string
        local; ///< quoted, with its quotes, when it is no dot-string; empty: the null sender
    std::string domain; ///< empty: none was given

    bool is_null() const { return local.empty(); }
    bool is_ascii() const; ///< needs no SMTPUTF8 (RFC 6531)
    std::string text() const; ///< "local@domain", "local", or ""
};

/// Reads `"<" [route ":"] [address] ">"` from the front of `in`. A source route is read and
/// forgotten (RFC 5321 §4.1.1.3). Octets beyond ASCII are taken where they are UTF-8 (RFC 6531
/// §3.3); whether SMTPUTF8 allows them is the caller's matter. Nothing, and `in` as it was, when
/// that is not what stands there.
std::optional<Address> take_path(std::string_view& in);

bool is_ascii(std::string_view text);

/// The address as accounts may know it: as it is, then composed (Unicode's NFC), with its domain in
/// U-labels and in A-labels ("xn--"; RFC 5890), as far as these differ.
std::vector<Address> spellings_of(Address const& address);

/// The address without its detail: user+detail@domain.
struct Detailed {
    Address base;
    std::string detail;
};

/// Splits the local part at the first of `delimiters` that has something before it. Nothing when
/// there is none, or when the local part is quoted.
std::optional<Detailed> split_detail(Address const& address, std::string_view delimiters);

} // namespace mail::lmtp
