// Messages on their way from one account to another.
#include "storage/transfer.h"
#include "storage/change_log.h"
#include "storage/hot_blocks.h"
#include "storage/key_blocks.h"
#include "storage/records.h"
#include "storage/staged_body.h"
#include "storage/threads.h"

#include <algorithm>

namespace mail::storage {
namespace {

    /// The bits of a message's flags in another mailbox; \Seen goes to `seen` when it is the
    /// viewer's alone there.
    Flags map_flags(Flags const& flags, std::vector<KeywordBits> const& keywords)
    {
        Flags mapped { .system = flags.system };
        for (std::size_t bit = 0; bit < keywords.size(); ++bit)
            if (flags.has_keyword(bit))
                for (std::size_t word = 0; word < mapped.keywords.size(); ++word)
                    mapped.keywords[word] |= keywords[bit].bits[word];
        return mapped;
    }

    Usage usage_of(TakenMessages const& taken)
    {
        Usage usage { .messages = taken.messages.size() };
        for (auto const& message : taken.messages)
            usage.octets += message.hot.size;
        return usage;
    }

    /// The copy keeps its email and thread id (RFC 8474 §5.1, §5.2); what else belongs to the
    /// thread finds it by the message's links.
    void bring_thread(
        WriteTxn& txn, AccountId account, AccountRecord& record, std::string const& taken)
    {
        auto const cold = decode_cold(taken);
        std::vector<std::uint64_t> links;
        for (std::size_t at = 0; at + 8 <= cold.thread_links.size(); at += 8)
            links.push_back(load<std::uint64_t>(cold.thread_links.data() + at));
        join_thread(txn, account, record, links, cold.thread_id);
    }

} // namespace

Result<TakenMessages> take_messages(ReadTxn const& txn, Viewpoint const& from, UidSet const& uids)
{
    MailboxView const view(txn, from);
    auto mailbox = view.mailbox();
    if (!mailbox)
        return mailbox.error();
    TakenMessages taken { .source = {}, .messages = {}, .keywords = std::move(mailbox->keywords) };
    bool too_many = false;
    std::size_t octets = 0;
    AllKeysReader keys(txn, from.place);
    for (auto const& range : uids.ranges()) {
        view.scan_with_cold(range, [&](HotRecord const& hot, ColdRecord const& cold) {
            too_many = taken.messages.size() == max_taken_messages || octets > max_taken_octets;
            if (too_many)
                return false;
            taken.source.add(hot.uid);
            auto& message = taken.messages.emplace_back(TakenMessages::Message { hot, {} });
            encode_cold(message.cold, cold);
            octets += message.cold.size();
            std::ranges::copy(keys.find(hot.uid), message.keys.begin());
            return true;
        });
        if (too_many)
            return Errc::limit;
    }
    return taken;
}

Result<Copied> put_messages(
    WriteTxn& txn, AccountId account, MailboxId to, TakenMessages const& taken, OnBehalf const& who)
{
    auto target = get_mailbox(txn, account, to);
    if (!target)
        return target.error();
    auto record = load_account(txn, account);
    if (!record)
        return record.error();
    Copied copied { .uid_validity = target->uid_validity,
        .source = taken.source,
        .target = {},
        .mod_seq = record->mod_seq };
    if (taken.messages.empty())
        return copied;
    auto const usage = usage_of(taken);
    if (!fits_quota(*record, usage, who.quota))
        return Errc::over_quota;
    if (usage.messages > max_uid.value - target->uid_next.value + 1)
        return Errc::limit;
    for (auto const& message : taken.messages)
        if (!has_body(txn, message.hot.body))
            return Errc::expunged;
    std::array<std::uint64_t, max_keywords / 64> used {};
    for (auto const& message : taken.messages)
        for (std::size_t word = 0; word < used.size(); ++word)
            used[word] |= who.keeps.keywords ? message.hot.flags.keywords[word] : 0;
    std::vector<KeywordBits> keywords(taken.keywords.size());
    bool added_keywords = false;
    for (std::size_t bit = 0; bit < taken.keywords.size(); ++bit) {
        if (((used[bit / 64] >> (bit % 64)) & 1) == 0)
            continue;
        auto const found = resolve_keywords(*target, { taken.keywords[bit] }, MissingKeywords::add);
        if (!found)
            return found.error();
        keywords[bit] = *found;
        added_keywords |= found->added;
    }

    copied.mod_seq = next_mod_seq(*record);
    bool const is_private = who.viewer != AccountId {} && who.viewer != account;
    auto seen = is_private ? seen_by(txn, { account, to }, who.viewer) : UidSet {};
    BlockAppender blocks(txn, account, to);
    KeyAppender key_blocks(txn, account, to);
    for (auto const& message : taken.messages) {
        auto hot = message.hot;
        hot.uid = Uid { target->uid_next.value++ };
        hot.flags = map_flags(hot.flags, keywords);
        hot.flags.system = static_cast<std::uint8_t>(hot.flags.system & who.keeps.system);
        if (is_private && hot.flags.has(Flags::seen)) {
            seen.add(hot.uid);
            hot.flags.system
                = static_cast<std::uint8_t>(hot.flags.system & ~unsigned { Flags::seen });
        }
        hot.mod_seq = copied.mod_seq;
        hot.save_date = txn.now();
        blocks.append(hot);
        txn.put(Table::index, Key(account, Kind::cold, to, hot.uid), message.cold);
        bring_thread(txn, account, *record, message.cold);
        key_blocks.append(hot.uid, { message.keys[0], message.keys[1], message.keys[2] });
        add_reference(txn, hot.body);
        count_message(*target, hot, +1);
        copied.target.add(hot.uid);
    }
    blocks.flush();
    key_blocks.flush();
    if (is_private)
        put_seen(txn, { account, to }, who.viewer, seen);
    target->highest_mod_seq = copied.mod_seq;
    save_mailbox(txn, account, *target);
    record->usage.octets += usage.octets;
    record->usage.messages += usage.messages;
    if (added_keywords)
        log_change(txn, account, *record, to, Change::Kind::mailbox_changed);
    log_change(txn, account, *record, to, Change::Kind::appended, copied.target);
    save_account(txn, account, *record);
    return copied;
}

} // namespace mail::storage
