// What a client believes of its selected mailbox after all that it was told, and what the server
// may tell it in that state: every response that RFC 9051 §7 or RFC 7162 forbids throws Illegal.
#pragma once

#include "tests/model/response.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace mail::model {

/// What the client switched on.
struct Modes {
    bool condstore = false;
    bool qresync = false;
    bool uid_only = false;
    bool rev2 = false;
    bool tells_vanished() const { return qresync || uid_only; }
};

struct KnownMessage {
    std::optional<std::uint32_t>
        uid; ///< of new messages that were not fetched yet nothing is known
    std::optional<FlagSet> flags;
    std::uint64_t mod_seq = 0;
    unsigned times_told = 0; ///< its flags
    bool has_data = false; ///< told with the items that NOTIFY asked for
};

/// What the server may tell now (RFC 9051 §7.5.1, RFC 5465 §5). Of FETCH the client judges itself.
struct Licence {
    bool exists = true;
    bool expunge = true;
};

class Belief {
public:
    std::vector<KnownMessage> messages; ///< by sequence number
    std::uint64_t highest_mod_seq = 0; ///< what the client would ask from, when it came again
    std::uint32_t uid_validity = 0;
    std::uint32_t uid_next = 0; ///< as told by SELECT

    /// An untagged response that concerns the mailbox.
    void hear(Response const& response, Modes const& modes, Licence const& licence);
    /// HIGHESTMODSEQ of an untagged OK: counts at the end of the command, whatever was shown.
    void hear_highest_mod_seq(std::uint64_t mod_seq) { told_mod_seq_ = mod_seq; }
    /// The end of a command: RFC 7162 §6 says what the client may take for its HIGHESTMODSEQ.
    void end_command(Response const& tagged, Modes const& modes);

    KnownMessage* find(std::uint32_t uid);
    std::optional<std::uint32_t> last_uid() const;

private:
    KnownMessage& at(std::uint32_t number);
    /// Of a UID: known, or one of the new ones.
    KnownMessage& place(std::uint32_t uid, Modes const& modes);
    void hear_fetch(Response const& response, Modes const& modes);
    void hear_vanished(Response const& response, Modes const& modes, Licence const& licence);
    void check_order() const;

    std::optional<std::uint64_t> told_mod_seq_; ///< since the last tagged response
    std::uint64_t shown_mod_seq_ = 0; ///< highest MODSEQ since the last tagged response
};

} // namespace mail::model
