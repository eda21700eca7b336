// How unique ids are made of UIDVALIDITY and UID (RFC 1939 §7, UIDL), as the administrator says.
#pragma once

#include "storage/ids.h"

#include <string>
#include <string_view>
#include <vector>

namespace mail::pop3 {

inline constexpr std::size_t max_unique_id = 70; ///< octets, of printable ASCII without blanks

/// "%v-%u", "%08Xu%08Xv" and the like, with the words of Dovecot: %v is UIDVALIDITY, %u the UID;
/// in between a width ("08") and X or x for hexadecimal digits. "%%" is a "%".
class UniqueIdFormat {
public:
    /// Of a format that problem_of_uidl_format has nothing to say of.
    explicit UniqueIdFormat(std::string_view format);

    void append(std::string& out, storage::UidValidity uid_validity, storage::Uid uid) const;
    bool has_uid_validity() const; ///< ids of several mailboxes differ

    struct Piece {
        enum class Kind { text, uid_validity, uid };
        Kind kind = Kind::text;
        std::string text {};
        unsigned width = 0; ///< least number of digits
        char digits = 'd'; ///< of fmt: d, X, x
    };

private:
    std::vector<Piece> pieces_;
};

/// Empty when a maildrop's ids would all differ and be as RFC 1939 wants them; otherwise what is
/// wrong with the format.
std::string problem_of_uidl_format(std::string_view format);

} // namespace mail::pop3
