// Mailboxes and subscriptions (docs/storage-format.md §4.2 to §4.4).
#include "storage/mailboxes.h"
#include "storage/change_log.h"
#include "storage/expiry.h"
#include "storage/metadata.h"
#include "storage/names.h"
#include "storage/records.h"

#include <algorithm>

namespace mail::storage {
namespace {

    Key name_key(AccountId account, std::string_view name, MailboxId id)
    {
        return Key(account, Kind::mailbox_name).u64(hash_name(name)).u64(id.value);
    }

    /// The mailbox of this canonical name.
    std::optional<MailboxId> find_id(ReadTxn const& txn, AccountId account, std::string_view name)
    {
        auto const prefix = Key(account, Kind::mailbox_name).u64(hash_name(name));
        Cursor cursor(txn, Table::index);
        for (bool more = cursor.seek(prefix); more && cursor.key().starts_with(prefix.view());
             more = cursor.next())
            if (cursor.value() == name)
                return MailboxId { load_big_endian(cursor.key().substr(prefix.view().size())) };
        return std::nullopt;
    }

    /// A subscription's row: at its name's hash with a number that tells equal hashes apart.
    struct SubscriptionRow {
        Key key; ///< of the row, or where it goes
        bool exists = false;
    };

    Result<SubscriptionRow> find_subscription(
        ReadTxn const& txn, AccountId account, std::string_view name)
    {
        auto const prefix = Key(account, Kind::subscription).u64(hash_name(name));
        std::uint16_t number = 0;
        Cursor cursor(txn, Table::index);
        for (bool more = cursor.seek(prefix); more && cursor.key().starts_with(prefix.view());
             more = cursor.next()) {
            auto const found = load_big_endian(cursor.key().substr(prefix.view().size()));
            if (cursor.value() == name)
                return SubscriptionRow { Key(prefix).u16(static_cast<std::uint16_t>(found)), true };
            if (found >= UINT16_MAX)
                return Errc::limit;
            number = static_cast<std::uint16_t>(found + 1);
        }
        return SubscriptionRow { Key(prefix).u16(number), false };
    }

    bool is_below(std::string_view name, std::string_view parent)
    {
        return name.size() > parent.size() && name.starts_with(parent)
            && name[parent.size()] == hierarchy_delimiter;
    }

    /// The mailboxes above `name` that do not exist, from the top.
    std::vector<std::string> missing_parents(
        ReadTxn const& txn, AccountId account, std::string const& name)
    {
        std::vector<std::string> missing;
        for (auto at = name.find(hierarchy_delimiter); at != std::string::npos;
             at = name.find(hierarchy_delimiter, at + 1))
            if (auto parent = name.substr(0, at); !find_id(txn, account, parent))
                missing.push_back(std::move(parent));
        return missing;
    }

    /// Who may see a mailbox may see what is made below it.
    void inherit_acl(WriteTxn& txn, AccountId account, Mailbox const& mailbox)
    {
        auto const end = mailbox.name.rfind(hierarchy_delimiter);
        if (end == std::string::npos)
            return;
        auto const parent = find_id(txn, account, mailbox.name.substr(0, end));
        if (!parent)
            return;
        if (auto const acl = txn.get(Table::index, Key(account, Kind::acl, *parent))) {
            std::string const copy(*acl);
            txn.put(Table::index, Key(account, Kind::acl, mailbox.id), copy);
        }
    }

    /// Whether the account may have so many more mailboxes.
    Result<void> admit_mailboxes(AccountRecord const& record, std::size_t more, Quota const& quota)
    {
        if (record.usage.mailboxes + more > max_mailboxes)
            return Errc::limit;
        if (!fits_quota(record, { .mailboxes = more }, quota))
            return Errc::over_quota;
        return {};
    }

    /// Puts one mailbox; its name is free. The caller saves the account record.
    Mailbox put_mailbox(WriteTxn& txn, AccountId account, AccountRecord& record, std::string name,
        SpecialUse special_use)
    {
        Mailbox mailbox;
        mailbox.id.value = record.next_mailbox++;
        mailbox.name = std::move(name);
        // By the clock where it is ahead, so that also a store that was lost and made anew goes on
        // upwards.
        auto const clock = static_cast<std::uint32_t>(txn.now());
        record.uid_validity = std::max(record.uid_validity + 1, clock);
        mailbox.uid_validity.value = record.uid_validity;
        mailbox.uid_next.value = 1;
        mailbox.recent_from.value = 1;
        mailbox.special_use = special_use;
        mailbox.highest_mod_seq = next_mod_seq(record);
        ++record.usage.mailboxes;
        save_mailbox(txn, account, mailbox);
        inherit_acl(txn, account, mailbox);
        txn.put(Table::index, name_key(account, mailbox.name, mailbox.id), mailbox.name);
        log_change(txn, account, record, mailbox.id, Change::Kind::mailbox_created);
        return mailbox;
    }

    /// Makes the mailbox and its parents. Checks everything before it writes anything.
    Result<Mailbox> make_mailbox(WriteTxn& txn, AccountId account, AccountRecord& record,
        std::string const& name, SpecialUse use, Quota const& quota)
    {
        if (find_id(txn, account, name))
            return Errc::already_exists;
        auto const parents = missing_parents(txn, account, name);
        if (auto const admitted = admit_mailboxes(record, parents.size() + 1, quota); !admitted)
            return admitted.error();
        for (auto const& parent : parents)
            put_mailbox(txn, account, record, parent, SpecialUse::none);
        return put_mailbox(txn, account, record, name, use);
    }

    Result<void> put_subscription(
        WriteTxn& txn, AccountId account, AccountRecord& record, std::string const& name)
    {
        auto const row = find_subscription(txn, account, name);
        if (!row)
            return row.error();
        if (row->exists)
            return {};
        if (record.subscriptions >= max_subscriptions)
            return Errc::limit;
        txn.put(Table::index, row->key, name);
        ++record.subscriptions;
        next_mod_seq(record);
        log_change(txn, account, record, find_id(txn, account, name).value_or(MailboxId {}),
            Change::Kind::subscription, name);
        return {};
    }

    /// RFC 3501 §6.3.5: the messages go, INBOX stays, and what is below it, too.
    Result<void> rename_inbox(
        WriteTxn& txn, AccountId account, std::string const& to, Quota const& quota)
    {
        auto const inbox = find_mailbox(txn, account, "INBOX");
        if (!inbox)
            return inbox.error();
        auto const made = create_mailbox(txn, account, { .name = to }, quota);
        if (!made)
            return made.error();
        copy_metadata(txn, account, inbox->id, made->id); // RFC 5464 §4.1
        UidSet const all(UidRange { Uid { 1 }, max_uid });
        // A move within the account: adds nothing to it, and a new mailbox has room for all
        // keywords.
        auto const moved = move_messages(txn, account, inbox->id, all, made->id);
        if (!moved)
            return moved.error();
        auto record = load_account(txn, account);
        if (!record)
            return record.error();
        next_mod_seq(*record);
        log_change(txn, account, *record, made->id, Change::Kind::mailbox_renamed, inbox->name);
        save_account(txn, account, *record);
        return {};
    }

} // namespace

Result<Mailbox> get_mailbox(ReadTxn const& txn, AccountId account, MailboxId id)
{
    Key const key(account, Kind::mailbox, id);
    auto const value = txn.get(Table::index, key);
    if (!value)
        return value.error();
    return decode_mailbox(key, *value);
}

Result<Mailbox> find_mailbox(ReadTxn const& txn, AccountId account, std::string_view name)
{
    auto const id = find_id(txn, account, canonical_mailbox_name(name));
    if (!id)
        return Errc::not_found;
    return get_mailbox(txn, account, *id);
}

std::vector<Mailbox> list_mailboxes(ReadTxn const& txn, AccountId account)
{
    std::vector<Mailbox> found;
    Key const prefix(account, Kind::mailbox);
    Cursor cursor(txn, Table::index);
    for (bool more = cursor.seek(prefix); more && cursor.key().starts_with(prefix.view());
         more = cursor.next())
        found.push_back(decode_mailbox(cursor.key(), cursor.value()));
    std::sort(found.begin(), found.end(), [](Mailbox const& a, Mailbox const& b) {
        bool const a_last = a.name != "INBOX";
        bool const b_last = b.name != "INBOX";
        return a_last != b_last ? b_last : a.name < b.name;
    });
    return found;
}

std::vector<std::string> list_subscriptions(ReadTxn const& txn, AccountId account)
{
    std::vector<std::string> found;
    Key const prefix(account, Kind::subscription);
    Cursor cursor(txn, Table::index);
    for (bool more = cursor.seek(prefix); more && cursor.key().starts_with(prefix.view());
         more = cursor.next())
        found.emplace_back(cursor.value());
    std::sort(found.begin(), found.end());
    return found;
}

bool is_subscribed(ReadTxn const& txn, AccountId account, std::string_view name)
{
    auto const row = find_subscription(txn, account, canonical_mailbox_name(name));
    return row && row->exists;
}

Result<Mailbox> create_mailbox(
    WriteTxn& txn, AccountId account, NewMailbox const& wanted, Quota const& quota)
{
    auto const name = check_mailbox_name(wanted.name);
    if (!name)
        return name.error();
    auto record = load_account(txn, account);
    if (!record)
        return record.error();
    auto const made = make_mailbox(txn, account, *record, *name, wanted.special_use, quota);
    if (!made)
        return made.error();
    if (wanted.subscribed)
        (void)put_subscription(
            txn, account, *record, *name); // at its bound: the mailbox is made all the same
    save_account(txn, account, *record);
    return *made;
}

Result<void> delete_mailbox(WriteTxn& txn, AccountId account, std::string_view name)
{
    auto const mailbox = find_mailbox(txn, account, name);
    if (!mailbox)
        return mailbox.error();
    if (mailbox->name == "INBOX")
        return Errc::not_permitted;
    auto record = load_account(txn, account);
    if (!record)
        return record.error();
    txn.erase(Table::index, Key(account, Kind::mailbox, mailbox->id));
    txn.erase(Table::index, name_key(account, mailbox->name, mailbox->id));
    // The messages stay where they are; without this mailbox's record nobody finds them but the
    // sweeper.
    txn.put(
        Table::index, Key(account, Kind::deleted_mailbox, mailbox->id), encode_mailbox(*mailbox));
    --record->usage.mailboxes;
    record->usage.messages -= mailbox->messages;
    record->usage.octets -= mailbox->octets;
    auto const mod_seq = next_mod_seq(*record);
    put_expiry(txn, account,
        { .time = txn.now(),
            .mod_seq = mod_seq,
            .mailbox = mailbox->id,
            .what = Expiry::What::mailbox });
    log_change(txn, account, *record, mailbox->id, Change::Kind::mailbox_deleted, mailbox->name);
    save_account(txn, account, *record);
    return {};
}

Result<void> rename_mailbox(WriteTxn& txn, AccountId account, std::string_view from_name,
    std::string_view to_name, Quota const& quota)
{
    auto const to = check_mailbox_name(to_name);
    if (!to)
        return to.error();
    auto const from = canonical_mailbox_name(from_name);
    if (!find_id(txn, account, from))
        return Errc::not_found;
    if (find_id(txn, account, *to))
        return Errc::already_exists;
    if (from == "INBOX")
        return rename_inbox(txn, account, *to, quota);
    if (is_below(*to, from))
        return Errc::not_permitted;

    auto const is_renamed
        = [&](std::string const& name) { return name == from || is_below(name, from); };
    std::vector<Mailbox> renamed;
    for (auto& mailbox : list_mailboxes(txn, account)) {
        if (!is_renamed(mailbox.name))
            continue;
        auto const name = check_mailbox_name(*to + mailbox.name.substr(from.size()));
        if (!name)
            return name.error();
        if (auto const other = find_id(txn, account, *name);
            other && !is_renamed(get_mailbox(txn, account, *other)->name))
            return Errc::already_exists;
        renamed.push_back(std::move(mailbox));
    }
    auto record = load_account(txn, account);
    if (!record)
        return record.error();
    auto const parents = missing_parents(txn, account, *to);
    if (auto const admitted = admit_mailboxes(*record, parents.size(), quota); !admitted)
        return admitted.error();
    for (auto const& parent : parents)
        put_mailbox(txn, account, *record, parent, SpecialUse::none);
    next_mod_seq(*record);
    for (auto const& mailbox : renamed) // all first: "a/b" may become "a" and "a/b/b" "a/b"
        txn.erase(Table::index, name_key(account, mailbox.name, mailbox.id));
    for (auto& mailbox : renamed) {
        auto const name_before = mailbox.name;
        mailbox.name.replace(0, from.size(), *to);
        txn.put(Table::index, name_key(account, mailbox.name, mailbox.id), mailbox.name);
        save_mailbox(txn, account, mailbox);
        log_change(txn, account, *record, mailbox.id, Change::Kind::mailbox_renamed, name_before);
    }
    save_account(txn, account, *record);
    return {};
}

Result<void> set_special_use(WriteTxn& txn, AccountId account, MailboxId id, SpecialUse special_use)
{
    auto mailbox = get_mailbox(txn, account, id);
    if (!mailbox)
        return mailbox.error();
    if (mailbox->special_use == special_use)
        return {};
    auto record = load_account(txn, account);
    if (!record)
        return record.error();
    mailbox->special_use = special_use;
    save_mailbox(txn, account, *mailbox);
    next_mod_seq(*record);
    log_change(txn, account, *record, id, Change::Kind::mailbox_changed);
    save_account(txn, account, *record);
    return {};
}

Result<void> subscribe(WriteTxn& txn, AccountId account, std::string_view name)
{
    auto const checked = check_mailbox_name(name);
    if (!checked)
        return checked.error();
    auto record = load_account(txn, account);
    if (!record)
        return record.error();
    if (auto const put = put_subscription(txn, account, *record, *checked); !put)
        return put.error();
    save_account(txn, account, *record);
    return {};
}

Result<void> unsubscribe(WriteTxn& txn, AccountId account, std::string_view name)
{
    auto const canonical = canonical_mailbox_name(name);
    auto record = load_account(txn, account);
    if (!record)
        return record.error();
    auto const row = find_subscription(txn, account, canonical);
    if (!row || !row->exists)
        return {};
    txn.erase(Table::index, row->key);
    --record->subscriptions;
    next_mod_seq(*record);
    log_change(txn, account, *record, find_id(txn, account, canonical).value_or(MailboxId {}),
        Change::Kind::subscription, canonical);
    save_account(txn, account, *record);
    return {};
}

Result<void> claim_recent(WriteTxn& txn, AccountId account, MailboxId id, Uid uid)
{
    auto mailbox = get_mailbox(txn, account, id);
    if (!mailbox)
        return mailbox.error();
    if (uid <= mailbox->recent_from)
        return {};
    auto record = load_account(txn, account);
    if (!record)
        return record.error();
    mailbox->recent_from = uid;
    save_mailbox(txn, account, *mailbox);
    next_mod_seq(*record);
    log_change(txn, account, *record, id, Change::Kind::mailbox_changed);
    save_account(txn, account, *record);
    return {};
}

} // namespace mail::storage
