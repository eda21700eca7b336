// The data items of STATUS in one table (RFC 9051 §6.3.11): for STATUS itself, for LIST's RETURN
// (STATUS (...)) and for whoever else tells them.
#pragma once

#include "protocol/imap/response.h"
#include "storage/ids.h"
#include "storage/mailboxes.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace mail::storage {
struct Account;
}

namespace mail::imap {

class Context;
class Parser;

enum class StatusItem : std::uint8_t {
    messages,
    recent, ///< RFC 3501
    uid_next,
    uid_validity,
    unseen,
    deleted,
    deleted_storage, ///< RFC 9208 §4.1.4
    size, ///< RFC 8438
    highest_mod_seq, ///< RFC 7162 §3.1.7
    append_limit, ///< RFC 7889
    mailbox_id, ///< RFC 8474
    count
};
using StatusItems = std::vector<StatusItem>; ///< each once, in the order in which they are told

/// status-att: adds one item that this client is offered.
void parse_status_item(Parser& in, StatusItems& items);
/// "(" status-att *(SP status-att) ")": adds to the items.
void parse_status_items(Parser& in, StatusItems& items);

/// What the items are told from.
struct StatusValues {
    storage::Mailbox mailbox; ///< its `unseen` is the reader's own
    storage::Place place {};
    std::uint64_t recent = 0;
    std::uint64_t append_limit = 0; ///< octets
};

/// Reads it in a transaction of its own; nobody's rights are checked. not_found. Costs a scan of
/// what no session was told of as \Recent when that is asked for, else a look-up or two.
storage::Result<StatusValues> read_status(
    Context& ctx, storage::Account const& owner, storage::Place place, StatusItems const& items);

/// Whoever asks for HIGHESTMODSEQ shows an interest in mod-sequences (RFC 7162 §3.1). To be called
/// before the responses.
void note_status_asked(Context& ctx, StatusItems const& items);

/// "* STATUS name (items)"
void tell_status(
    Context& ctx, std::string_view name, StatusItems const& items, StatusValues const& values);

} // namespace mail::imap
