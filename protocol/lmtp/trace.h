// The header fields that a delivery puts in front of a message (RFC 5321 §4.4).
#pragma once

#include "protocol/byte_stream.h"
#include "storage/messages.h"

#include <string>
#include <string_view>

namespace mail::lmtp {

/// What the fields tell. Each text is free of CR, LF and NUL.
struct Trace {
    std::string_view sender; ///< empty: the null sender
    /// The only recipient, or empty when there are several: Delivered-To and "for" would then
    /// differ between copies that are stored as one, and would show blind recipients to each other.
    std::string_view recipient;
    /// What ORCPT said of it (RFC 8098 §2.3): "rfc822;address"; empty: nothing.
    std::string_view original_recipient;
    std::string_view client_name; ///< as it called itself in LHLO; empty: a local program
    Peer const* peer = nullptr; ///< with client_name
    TlsFacts tls; ///< of its connection
    bool is_authenticated = false; ///< it logged in
    bool is_utf8 = false; ///< SMTPUTF8
    std::string_view hostname; ///< ours
    std::string_view id; ///< make_delivery_id()
    storage::InternalDate date;
};

/// Return-Path, Delivered-To and Original-Recipient (with a single recipient) and Received.
std::string trace_fields(Trace const& trace);

std::string make_delivery_id(); ///< 16 characters, different for each delivery
storage::InternalDate date_now(); ///< in the zone of the server
std::string format_date(storage::InternalDate date); ///< as RFC 5322 §3.3 has it

} // namespace mail::lmtp
