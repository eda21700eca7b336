// Encoding of records: version, length of the fixed part (so that fields can be added behind),
// fixed part, then strings (docs/storage-format.md §2.2).
#include "storage/records.h"
#include "storage/ascii.h"

#include <fmt/format.h>

#include <algorithm>

namespace mail::storage {
namespace {

    inline constexpr std::uint8_t record_version = 1;

    // Which bounds of the account's own quota there are (§4.1).
    inline constexpr unsigned quota_is_set = 8;
    struct QuotaResource {
        unsigned bit;
        std::optional<std::uint64_t> Quota::*resource;
    };
    inline constexpr std::array<QuotaResource, 3> quota_resources { {
        { 1, &Quota::octets },
        { 2, &Quota::messages },
        { 4, &Quota::mailboxes },
    } };

    /// Writes version and length, `fixed` writes the fields.
    template <class F> void write_fixed(std::string& out, F fixed)
    {
        out.push_back(static_cast<char>(record_version));
        auto const length_at = out.size();
        RecordWriter writer(out);
        writer.number(std::uint16_t {});
        auto const begin = out.size();
        fixed(writer);
        store(out.data() + length_at, static_cast<std::uint16_t>(out.size() - begin));
    }

    /// The fixed part; `reader` then stands behind it, whatever later versions added to it.
    RecordReader read_fixed(RecordReader& reader)
    {
        auto const version = reader.number<std::uint8_t>();
        if (version != record_version)
            throw Damaged(
                fmt::format("a record of the store has version {}: update this program", version));
        auto const length = reader.number<std::uint16_t>();
        return RecordReader(reader.take(length));
    }

} // namespace

Result<AccountRecord> load_account(ReadTxn const& txn, AccountId account)
{
    auto const value = txn.get(Table::index, Key(account, Kind::account));
    if (!value)
        return value.error();
    RecordReader reader(*value);
    auto fixed = read_fixed(reader);
    AccountRecord record;
    record.mod_seq.value = fixed.number<std::uint64_t>();
    record.log_floor.value = fixed.number<std::uint64_t>();
    record.log_entries = fixed.number<std::uint64_t>();
    record.next_mailbox = fixed.number<std::uint64_t>();
    record.next_email = fixed.number<std::uint64_t>();
    record.next_thread = fixed.number<std::uint64_t>();
    record.uid_validity = fixed.number<std::uint32_t>();
    record.usage.mailboxes = fixed.number<std::uint32_t>();
    record.subscriptions = fixed.number<std::uint32_t>();
    record.usage.octets = fixed.number<std::uint64_t>();
    record.usage.messages = fixed.number<std::uint64_t>();
    record.thread_rows = fixed.number<std::uint64_t>();
    record.thread_rows_after_sweep = fixed.number<std::uint64_t>();
    auto const has = fixed.number<std::uint8_t>();
    if ((has & quota_is_set) != 0)
        record.quota.emplace();
    for (auto const& [bit, resource] : quota_resources)
        if (auto const bound = fixed.number<std::uint64_t>(); (has & bit) != 0)
            (*record.quota).*resource = bound;
    return record;
}

void save_account(WriteTxn& txn, AccountId account, AccountRecord const& record)
{
    std::string value;
    write_fixed(value, [&](RecordWriter& out) {
        out.number(record.mod_seq.value).number(record.log_floor.value).number(record.log_entries);
        out.number(record.next_mailbox).number(record.next_email).number(record.next_thread);
        out.number(record.uid_validity).number(static_cast<std::uint32_t>(record.usage.mailboxes));
        out.number(record.subscriptions);
        out.number(record.usage.octets).number(record.usage.messages);
        out.number(record.thread_rows).number(record.thread_rows_after_sweep);
        unsigned has = record.quota ? quota_is_set : 0U;
        for (auto const& [bit, resource] : quota_resources)
            has |= record.quota && (*record.quota).*resource ? bit : 0U;
        out.number(static_cast<std::uint8_t>(has));
        for (auto const& [bit, resource] : quota_resources)
            out.number(record.quota ? ((*record.quota).*resource).value_or(0) : 0);
    });
    txn.put(Table::index, Key(account, Kind::account), value);
}

Quota effective_quota(AccountRecord const& record, Quota const& configured)
{
    return record.quota.value_or(configured);
}

bool fits_quota(
    AccountRecord const& record, Usage const& more, Quota const& configured, Usage const& freed)
{
    auto const quota = effective_quota(record, configured);
    auto const fits = [&](std::uint64_t Usage::*what, std::optional<std::uint64_t> bound) {
        auto const used = record.usage.*what;
        auto const added = more.*what;
        return !bound || added <= freed.*what || (used <= *bound && added <= *bound - used);
    };
    return fits(&Usage::octets, quota.octets) && fits(&Usage::messages, quota.messages)
        && fits(&Usage::mailboxes, quota.mailboxes);
}

Result<Usage> account_usage(ReadTxn const& txn, AccountId account)
{
    auto const record = load_account(txn, account);
    if (!record)
        return record.error();
    return record->usage;
}

Result<Quota> effective_quota(ReadTxn const& txn, AccountId account, Quota const& configured)
{
    auto const record = load_account(txn, account);
    if (!record)
        return record.error();
    return effective_quota(*record, configured);
}

Result<void> check_quota(ReadTxn const& txn, AccountId account, Usage const& more,
    Quota const& configured, Usage const& freed)
{
    auto record = load_account(txn, account);
    if (!record)
        return record.error();
    for (auto const what : { &Usage::octets, &Usage::messages, &Usage::mailboxes })
        record->usage.*what -= std::min(record->usage.*what, freed.*what);
    if (!fits_quota(*record, more, configured, freed))
        return Errc::over_quota;
    return {};
}

Result<void> set_quota(WriteTxn& txn, AccountId account, std::optional<Quota> const& quota)
{
    auto record = load_account(txn, account);
    if (!record)
        return record.error();
    record->quota = quota;
    save_account(txn, account, *record);
    return {};
}

std::string encode_mailbox(Mailbox const& mailbox)
{
    std::string value;
    write_fixed(value, [&](RecordWriter& out) {
        out.number(mailbox.uid_validity.value).number(mailbox.uid_next.value);
        out.number(mailbox.messages)
            .number(mailbox.unseen)
            .number(mailbox.deleted)
            .number(mailbox.octets);
        out.number(mailbox.highest_mod_seq.value).number(mailbox.recent_from.value);
        out.number(static_cast<std::uint16_t>(mailbox.special_use));
        out.number(mailbox.deleted_octets);
    });
    RecordWriter out(value);
    out.string(mailbox.name).varint(mailbox.keywords.size());
    for (auto const& keyword : mailbox.keywords)
        out.string(keyword);
    return value;
}

void save_mailbox(WriteTxn& txn, AccountId account, Mailbox const& mailbox)
{
    txn.put(Table::index, Key(account, Kind::mailbox, mailbox.id), encode_mailbox(mailbox));
}

Mailbox decode_mailbox(std::string_view key, std::string_view value)
{
    RecordReader reader(value);
    auto fixed = read_fixed(reader);
    Mailbox mailbox;
    mailbox.id.value = load_big_endian(key.substr(key.size() - 8));
    mailbox.uid_validity.value = fixed.number<std::uint32_t>();
    mailbox.uid_next.value = fixed.number<std::uint32_t>();
    mailbox.messages = fixed.number<std::uint32_t>();
    mailbox.unseen = fixed.number<std::uint32_t>();
    mailbox.deleted = fixed.number<std::uint32_t>();
    mailbox.octets = fixed.number<std::uint64_t>();
    mailbox.highest_mod_seq.value = fixed.number<std::uint64_t>();
    mailbox.recent_from.value = fixed.number<std::uint32_t>();
    mailbox.special_use = static_cast<SpecialUse>(fixed.number<std::uint16_t>());
    mailbox.deleted_octets = fixed.number<std::uint64_t>();
    mailbox.name = reader.string();
    for (auto left = reader.varint(); left > 0; --left)
        mailbox.keywords.emplace_back(reader.string());
    return mailbox;
}

void encode_cold(std::string& out, ColdRecord const& record)
{
    out.clear();
    write_fixed(out, [&](RecordWriter& fixed) {
        fixed.number(record.email_id.value).number(record.thread_id);
        for (auto const part : { record.envelope, record.structure, record.search_fields,
                 record.preview, record.thread_links })
            fixed.number(static_cast<std::uint32_t>(part.size()));
    });
    for (auto const part : { record.envelope, record.structure, record.search_fields,
             record.preview, record.thread_links })
        out.append(part);
}

ColdReader::ColdReader(ReadTxn const& txn, Place place)
    : cursor_(txn, Table::index)
    , prefix_(place.account, Kind::cold, place.mailbox)
{
}

std::string_view ColdReader::find(Uid uid)
{
    constexpr int patience = 8; // steps over expunged messages before it seeks
    auto key = prefix_;
    key.u32(uid.value);
    for (int step = 0; is_placed_ && cursor_.key() < key.view() && step < patience; ++step)
        is_placed_ = cursor_.next();
    if (!is_placed_ || cursor_.key() < key.view())
        is_placed_ = cursor_.seek(key);
    if (!is_placed_ || cursor_.key() != key.view())
        throw Damaged("a message lacks its cold record: restore the store from a backup");
    return cursor_.value();
}

ColdRecord decode_cold(std::string_view value)
{
    RecordReader reader(value);
    auto fixed = read_fixed(reader);
    ColdRecord record;
    record.email_id.value = fixed.number<std::uint64_t>();
    record.thread_id = fixed.number<std::uint64_t>();
    for (auto* const part : { &record.envelope, &record.structure, &record.search_fields,
             &record.preview, &record.thread_links })
        *part = reader.take(fixed.number<std::uint32_t>());
    return record;
}

Result<KeywordBits> resolve_keywords(
    Mailbox& mailbox, std::vector<std::string> const& keywords, MissingKeywords missing)
{
    KeywordBits found;
    auto const before = mailbox.keywords.size();
    for (auto const& keyword : keywords) {
        auto const at = std::find_if(mailbox.keywords.begin(), mailbox.keywords.end(),
            [&](std::string const& known) { return ascii::equal_without_case(known, keyword); });
        auto const bit = static_cast<std::size_t>(at - mailbox.keywords.begin());
        if (at == mailbox.keywords.end()) {
            if (missing == MissingKeywords::ignore)
                continue;
            if (bit >= max_keywords || keyword.empty() || keyword.size() > max_keyword) {
                mailbox.keywords.resize(before);
                return Errc::limit;
            }
            mailbox.keywords.push_back(keyword);
            found.added = true;
        }
        found.bits[bit / 64] |= std::uint64_t { 1 } << (bit % 64);
    }
    return found;
}

void count_flags(Mailbox& mailbox, Flags const& flags, int sign)
{
    auto const step = static_cast<std::uint32_t>(sign); // wraps: adding 2^32-1 takes one away
    if (!flags.has(Flags::seen))
        mailbox.unseen += step;
    if (flags.has(Flags::deleted))
        mailbox.deleted += step;
}

void count_message(Mailbox& mailbox, HotRecord const& message, int sign)
{
    count_flags(mailbox, message.flags, sign);
    auto const octets = message.size * static_cast<std::uint64_t>(static_cast<std::int64_t>(sign));
    mailbox.messages += static_cast<std::uint32_t>(sign);
    mailbox.octets += octets;
    if (message.flags.has(Flags::deleted))
        mailbox.deleted_octets += octets;
}

} // namespace mail::storage
