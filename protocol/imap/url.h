// IMAP URLs of messages and their parts (RFC 5092, RFC 2192), with the authorization of RFC 4467.
#pragma once

#include "protocol/imap/agreement.h"
#include "protocol/imap/failure.h"
#include "protocol/imap/section.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mail::imap {

/// Who may redeem a URL (RFC 4467 §3, RFC 5593 §4).
struct UrlAccess {
    enum class Kind : std::uint8_t {
        anonymous, ///< anybody
        authuser, ///< any user who is logged in
        user, ///< the user of this name
        application, ///< who acts for this application: "submit", "stream"
    };
    Kind kind = Kind::anonymous;
    std::string user {}; ///< behind "+"; with applications it is their own business
    std::string application {}; ///< in lower case
};

struct ImapUrl {
    /// What stands in front of the path.
    enum class Form : std::uint8_t {
        absolute, ///< imap://user@host/Drafts/;UID=20
        absolute_path, ///< /Drafts/;UID=20
        in_mailbox, ///< ;UID=20, in the mailbox that the base URL names
    };
    Form form = Form::absolute;
    std::string user {}; ///< of an absolute URL; empty: none is named
    std::string mailbox {}; ///< UTF-8, as mailbox_named() makes it; empty: the base URL's
    std::uint32_t uid_validity = 0; ///< 0: not given
    std::uint32_t uid = 0; ///< never 0
    Section section {};
    std::optional<Partial> partial {};

    std::optional<std::int64_t> expires {}; ///< seconds since the Unix epoch
    std::optional<UrlAccess> access {};
    std::string mechanism {}; ///< in upper case; empty: the URL is not authorized yet
    std::string token {}; ///< hexadecimal, as given
    std::size_t rump = 0; ///< octets of the URL in front of ":mechanism:token" (RFC 4467 §6)
};

/// Reads a URL of a message or a part of one; BAD says what is wrong with it, also with those of
/// servers, mailboxes and searches. PARTIAL is no grammar where URL-PARTIAL is switched off. Costs
/// O(octets).
Result<ImapUrl> parse_url(std::string_view url, Agreement const& terms);

} // namespace mail::imap
