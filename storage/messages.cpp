// Reading messages, and appending them.
#include "storage/messages.h"
#include "storage/change_log.h"
#include "storage/expiry.h"
#include "storage/hot_blocks.h"
#include "storage/key_blocks.h"
#include "storage/records.h"
#include "storage/seen.h"
#include "storage/staged_body.h"
#include "storage/threads.h"

namespace mail::storage {
namespace {

    bool is_live(ReadTxn const& txn, AccountId account, MailboxId mailbox)
    {
        return txn.get(Table::index, Key(account, Kind::mailbox, mailbox)).has_value();
    }

    /// Calls `each` for the hot records with UIDs in `range`, whether or not the mailbox is
    /// deleted.
    template <class F>
    void scan_blocks(ReadTxn const& txn, AccountId account, MailboxId mailbox, UidRange range,
        Columns columns, F each)
    {
        BlockCursor cursor(txn, account, mailbox, columns);
        bool going = true;
        for (bool more = cursor.seek(range.first); more && going; more = cursor.next())
            for_each_in_block(cursor.block(), [&](HotRecord const& record) {
                if (record.uid < range.first)
                    return true;
                going = record.uid <= range.last && each(record);
                return going;
            });
    }

    Result<HotRecord> find_hot(ReadTxn const& txn, AccountId account, MailboxId mailbox, Uid uid)
    {
        Result<HotRecord> found = Errc::not_found;
        scan_blocks(
            txn, account, mailbox, { uid, uid }, Columns::all, [&](HotRecord const& record) {
                found = record;
                return false;
            });
        return found;
    }

} // namespace

void scan_messages(ReadTxn const& txn, AccountId account, MailboxId mailbox, UidRange range,
    Columns columns, std::function<bool(HotRecord const&)> const& each)
{
    if (is_live(txn, account, mailbox))
        scan_blocks(txn, account, mailbox, range, columns, each);
}

void scan_messages(ReadTxn const& txn, AccountId account, MailboxId mailbox, UidSet const& uids,
    Columns columns, std::function<bool(HotRecord const&)> const& each)
{
    if (!is_live(txn, account, mailbox))
        return;
    AscendingUids wanted(uids);
    BlockCursor cursor(txn, account, mailbox, columns);
    bool going = true;
    for (auto from = wanted.from(Uid { 1 }); from && going && cursor.seek(*from);
         from = wanted.from(Uid { last_in_block(cursor.block().flags).value + 1 }))
        for_each_in_block(cursor.block(), [&](HotRecord const& record) {
            going = !wanted.contains(record.uid) || each(record);
            return going;
        });
}

Result<HotRecord> get_message(ReadTxn const& txn, AccountId account, MailboxId mailbox, Uid uid)
{
    if (!is_live(txn, account, mailbox))
        return Errc::not_found;
    return find_hot(txn, account, mailbox, uid);
}

Result<HotRecord> get_kept_message(
    ReadTxn const& txn, AccountId account, MailboxId mailbox, Uid uid)
{
    if (auto const live = find_hot(txn, account, mailbox, uid))
        return live;
    auto const kept = txn.get(Table::index, Key(account, Kind::kept, mailbox, uid));
    if (!kept)
        return kept.error();
    return decode_kept(*kept).record;
}

UidSet list_uids(ReadTxn const& txn, AccountId account, MailboxId mailbox)
{
    UidSet uids;
    if (!is_live(txn, account, mailbox))
        return uids;
    BlockCursor cursor(txn, account, mailbox, Columns::flags);
    for (bool more = cursor.seek(Uid { 1 }); more; more = cursor.next()) {
        auto const block = cursor.block();
        auto const header = check_flags(block.flags);
        Uid const first { load<std::uint32_t>(block.flags.data() + flags_header + at_uid) };
        if (header.last.value - first.value + 1 == header.count) { // without gaps
            uids.add(UidRange { first, header.last });
            continue;
        }
        for_each_in_block(block, [&](HotRecord const& record) {
            uids.add(record.uid);
            return true;
        });
    }
    return uids;
}

Result<ColdRecord> get_cold(ReadTxn const& txn, AccountId account, MailboxId mailbox, Uid uid)
{
    auto const value = txn.get(Table::index, Key(account, Kind::cold, mailbox, uid));
    if (!value)
        return value.error();
    return decode_cold(*value);
}

void scan_with_cold(ReadTxn const& txn, AccountId account, MailboxId mailbox, UidRange range,
    std::function<bool(HotRecord const&, ColdRecord const&)> const& each)
{
    if (!is_live(txn, account, mailbox))
        return;
    ColdReader cold(txn, { account, mailbox });
    scan_blocks(txn, account, mailbox, range, Columns::all,
        [&](HotRecord const& record) { return each(record, decode_cold(cold.find(record.uid))); });
}

Result<Appended> append_message(
    WriteTxn& txn, AccountId account, MailboxId id, NewMessage const& message, OnBehalf const& who)
{
    auto record = load_account(txn, account);
    if (!record)
        return record.error();
    auto mailbox = get_mailbox(txn, account, id);
    if (!mailbox)
        return mailbox.error();
    Usage const usage { .octets = message.body.size(), .messages = 1 };
    if (!who.ignores_quota && !fits_quota(*record, usage, who.quota, who.freed))
        return Errc::over_quota;
    if (mailbox->uid_next > max_uid)
        return Errc::limit;
    auto const keywords = resolve_keywords(*mailbox,
        who.keeps.keywords ? message.keywords : std::vector<std::string> {}, MissingKeywords::add);
    if (!keywords)
        return keywords.error();
    if (auto const adopted = adopt_body(txn, message.body); !adopted)
        return adopted.error();

    auto const mod_seq = next_mod_seq(*record);
    auto system_flags = static_cast<std::uint8_t>(message.system_flags & who.keeps.system);
    if (who.viewer != AccountId {} && who.viewer != account && (system_flags & Flags::seen) != 0) {
        system_flags = static_cast<std::uint8_t>(system_flags & ~unsigned { Flags::seen });
        auto seen = seen_by(txn, { account, id }, who.viewer);
        seen.add(mailbox->uid_next);
        put_seen(txn, { account, id }, who.viewer, seen);
    }
    HotRecord hot { .uid = mailbox->uid_next,
        .flags = { .system = system_flags, .keywords = keywords->bits },
        .mod_seq = mod_seq,
        .internal_date = message.internal_date,
        .save_date = txn.now(),
        .size = message.body.size(),
        .body = message.body.impl().id,
        .sent = message.sent };
    BlockAppender blocks(txn, account, id);
    blocks.append(hot);
    blocks.flush();

    ColdRecord cold { .envelope = message.envelope,
        .structure = message.structure,
        .search_fields = message.search_fields,
        .preview = message.preview,
        .thread_links = encode_links(message.thread_links) };
    cold.email_id.value = unique_id(account, record->next_email++);
    cold.thread_id = find_thread(txn, account, *record, message.thread_links);
    std::string value;
    encode_cold(value, cold);
    txn.put(Table::index, Key(account, Kind::cold, id, hot.uid), value);
    KeyAppender keys(txn, account, id);
    keys.append(hot.uid, { message.keys[0], message.keys[1], message.keys[2] });
    keys.flush();

    ++mailbox->uid_next.value;
    mailbox->highest_mod_seq = mod_seq;
    count_message(*mailbox, hot, +1);
    save_mailbox(txn, account, *mailbox);
    record->usage.octets += usage.octets;
    record->usage.messages += 1;
    if (keywords->added)
        log_change(txn, account, *record, id, Change::Kind::mailbox_changed);
    log_change(txn, account, *record, id, Change::Kind::appended, UidSet(hot.uid));
    save_account(txn, account, *record);
    return Appended {
        .mailbox = id, .uid_validity = mailbox->uid_validity, .uid = hot.uid, .mod_seq = mod_seq
    };
}

} // namespace mail::storage
