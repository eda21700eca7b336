// A strict reader of IMAP responses: what is not in the grammar of RFC 9051 §9 (and of the
// extensions that the model test uses) throws Illegal. It shares nothing with the server's own
// code.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace mail::model {

/// The server sent what it must not send.
class Illegal : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

using Numbers = std::vector<std::uint32_t>; ///< a sequence-set or uid-set, spelled out, ascending
using FlagSet = std::set<std::string>;

struct Response {
    enum class Kind {
        tagged,
        continuation,
        condition, ///< untagged OK, NO, BAD, BYE
        exists,
        recent,
        expunge,
        fetch, ///< also UIDFETCH: see is_uid_fetch
        vanished,
        flags,
        search, ///< also ESEARCH
        sort,
        status,
        list,
        enabled,
        other, ///< CAPABILITY and the like
    };
    Kind kind = Kind::other;
    std::string tag; ///< of tagged, and of ESEARCH
    std::string condition; ///< "OK"
    std::string code; ///< between the brackets
    std::uint32_t number = 0; ///< of exists, recent, expunge, fetch
    Numbers numbers; ///< of vanished and search; of sort in the order in which they came
    bool is_earlier = false; ///< of vanished
    bool is_uid_fetch = false;
    bool names_uids = false; ///< of ESEARCH
    std::optional<std::uint64_t> mod_seq; ///< of fetch, search
    std::optional<std::uint32_t> uid; ///< of fetch
    std::optional<FlagSet> flag_set; ///< of fetch, flags; lower case, without \Recent
    std::optional<std::string> header; ///< of fetch: BODY[HEADER.FIELDS (SUBJECT)]
    std::string mailbox; ///< of list, status
    std::string old_name; ///< of list
    std::set<std::string> attributes; ///< of list; lower case
    std::map<std::string, std::uint64_t> counts; ///< of status

    /// The number behind a code's name: "UIDNEXT 7".
    std::optional<std::uint64_t> code_number(std::string_view name) const;
    /// The set behind a code's name: "MODIFIED 1:3".
    std::optional<Numbers> code_set(std::string_view name) const;
};

/// Takes one response, literals included, off the front; nullopt when it is not complete yet.
std::optional<std::string> take_response(std::string& octets);

Response parse_response(std::string_view response);

Numbers parse_set(std::string_view text);

} // namespace mail::model
