// An account as a source of accounts describes it.
#pragma once

#include "protocol/byte_stream.h"
#include "protocol/network.h"
#include "protocol/sasl/scram_keys.h"
#include "protocol/session/pop3_policy.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mail::server {

struct UserEntry {
    bool may_come_from(Peer const& peer) const; ///< by `networks`
    bool may_act_for(UserEntry const& whom) const; ///< as a master, by `is_master` and `acts_for`

    std::string name; ///< lower case
    std::string hash; ///< "{SCHEME}..."; empty: nobody knows a password, or the source checks it
    std::array<std::optional<sasl::ScramKeys>, sasl::scram_hashes>
        scram; ///< by ScramHash; also when `hash` is such keys itself
    bool is_disabled = false; ///< may not log in; mail is taken
    std::vector<std::string> aliases; ///< lower case; of the users file only
    std::vector<std::string> groups;
    std::vector<std::string> capabilities_off; ///< of IMAP
    std::vector<std::string> applications; ///< session::User's
    session::Pop3Overrides pop3;
    bool is_administrator = false;
    bool is_master = false; ///< may act as any account
    std::vector<std::string> acts_for; ///< as these as well: accounts, in lower case, and "$group"
    std::vector<Network> networks; ///< from which it may log in; empty: all
    // 0: no bound; nullopt: what the config says
    std::optional<std::uint64_t> quota;
    std::optional<std::uint64_t> quota_messages;
    std::optional<std::uint64_t> quota_mailboxes;
    std::string handle; ///< what the source itself needs to find it again: a DN, the hash as stored
};

using EntryPtr = std::shared_ptr<UserEntry const>; ///< null: no such account

} // namespace mail::server
