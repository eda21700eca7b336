// Recounts what the store counts.
#include "storage/verify.h"
#include "storage/change_log.h"
#include "storage/expiry.h"
#include "storage/hot_blocks.h"
#include "storage/key_blocks.h"
#include "storage/names.h"
#include "storage/pop3_uidl.h"
#include "storage/records.h"
#include "storage/staged_body.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <tuple>

namespace mail::storage {
namespace {

    /// Calls each(key, value) for the rows of `kind`.
    template <class F> void for_rows(ReadTxn const& txn, AccountId account, Kind kind, F each)
    {
        Key const prefix(account, kind);
        Cursor cursor(txn, Table::index);
        for (bool more = cursor.seek(prefix); more && cursor.key().starts_with(prefix.view());
             more = cursor.next())
            each(cursor.key(), cursor.value());
    }

    class AccountCheck {
    public:
        AccountCheck(ReadTxn const& txn, AccountId account)
            : txn_(txn)
            , account_(account)
        {
        }

        std::vector<std::string> run()
        {
            auto const record = load_account(txn_, account_);
            if (!record)
                return { "the account has no record" };
            record_ = *record;
            check_mailboxes();
            check_names();
            check_messages();
            check_belongings();
            check_delivered();
            check_kept();
            check_cold();
            check_keys();
            check_log();
            return std::move(found_);
        }

    private:
        using MessageKey = std::pair<MailboxId, Uid>;

        template <class... Args>
        void expect(bool holds, fmt::format_string<Args...> format, Args&&... args)
        {
            if (!holds)
                found_.push_back(fmt::format(format, std::forward<Args>(args)...));
        }

        void check_mailboxes()
        {
            for_rows(
                txn_, account_, Kind::mailbox, [&](std::string_view key, std::string_view value) {
                    auto const mailbox = decode_mailbox(key, value);
                    expect(mailbox.id.value < record_.next_mailbox,
                        "mailbox {}: its id is not given out yet", mailbox.id.value);
                    expect(mailbox.uid_validity.value <= record_.uid_validity,
                        "mailbox {}: UIDVALIDITY {} is not given out yet", mailbox.id.value,
                        mailbox.uid_validity.value);
                    expect(mailbox.highest_mod_seq.value > 0
                            && mailbox.highest_mod_seq <= record_.mod_seq,
                        "mailbox {}: HIGHESTMODSEQ {} of {}", mailbox.id.value,
                        mailbox.highest_mod_seq.value, record_.mod_seq.value);
                    auto const checked = check_mailbox_name(mailbox.name);
                    expect(checked && *checked == mailbox.name, "mailbox {}: bad name",
                        mailbox.id.value);
                    live_.emplace(mailbox.id, mailbox);
                });
            expect(live_.size() == record_.usage.mailboxes, "{} mailboxes, counted {}",
                live_.size(), record_.usage.mailboxes);
            for_rows(txn_, account_, Kind::deleted_mailbox,
                [&](std::string_view key, std::string_view value) {
                    auto const mailbox = decode_mailbox(key, value);
                    expect(!live_.contains(mailbox.id), "mailbox {} is deleted and is not",
                        mailbox.id.value);
                    deleted_.emplace(mailbox.id, mailbox);
                });
        }

        void check_names()
        {
            std::size_t names = 0;
            for_rows(txn_, account_, Kind::mailbox_name,
                [&](std::string_view key, std::string_view value) {
                    ++names;
                    auto const mailbox = live_.find(MailboxId { load_big_endian(key.substr(17)) });
                    expect(mailbox != live_.end() && mailbox->second.name == value
                            && hash_name(value) == load_big_endian(key.substr(9, 8)),
                        "the name {} leads to no mailbox", value);
                });
            expect(names == live_.size(), "{} names of {} mailboxes", names, live_.size());
            std::size_t subscriptions = 0;
            for_rows(txn_, account_, Kind::subscription,
                [&](std::string_view, std::string_view) { ++subscriptions; });
            expect(subscriptions == record_.subscriptions, "{} subscriptions, counted {}",
                subscriptions, record_.subscriptions);
        }

        void check_messages()
        {
            std::map<MailboxId, Mailbox> recount;
            std::map<MailboxId, Uid> last;
            std::size_t blocks = 0;
            for_rows(
                txn_, account_, Kind::flags, [&](std::string_view key, std::string_view flags) {
                    ++blocks;
                    MailboxId const id { load_big_endian(key.substr(9, 8)) };
                    auto const live = live_.find(id);
                    auto const mailbox = live != live_.end() ? live : deleted_.find(id);
                    if (live == live_.end() && mailbox == deleted_.end()) {
                        expect(false, "messages in mailbox {}, which is not there", id.value);
                        return;
                    }
                    auto const facts
                        = txn_.get(Table::index, Key(account_, Kind::facts, id, uid_in_key(key)));
                    if (!facts) {
                        expect(false, "mailbox {}: the block at UID {} has no facts", id.value,
                            uid_in_key(key).value);
                        return;
                    }
                    expect(check_flags(flags).count <= max_in_block,
                        "mailbox {}: the block at UID {} is too large", id.value,
                        uid_in_key(key).value);
                    expect(last[id] < uid_in_key(key), "mailbox {}: blocks overlap at UID {}",
                        id.value, uid_in_key(key).value);
                    for_each_in_block({ flags, *facts }, [&](HotRecord const& message) {
                        expect(last[id] < message.uid && uid_in_key(key) <= message.uid,
                            "mailbox {}: UID {} out of order", id.value, message.uid.value);
                        last[id] = message.uid;
                        check_message(mailbox->second, message);
                        count_message(recount[id], message, +1);
                        return true;
                    });
                    expect(last[id] == last_in_block(flags), "mailbox {}: a block ends at UID {}",
                        id.value, last[id].value);
                });
            for_rows(
                txn_, account_, Kind::facts, [&](std::string_view, std::string_view) { --blocks; });
            expect(blocks == 0, "there are facts of other blocks than of the account's");
            Usage usage { .mailboxes = live_.size() };
            for (auto const& [id, mailbox] : live_) {
                auto const& counted = recount[id];
                expect(std::tie(mailbox.messages, mailbox.unseen, mailbox.deleted, mailbox.octets,
                           mailbox.deleted_octets)
                        == std::tie(counted.messages, counted.unseen, counted.deleted,
                            counted.octets, counted.deleted_octets),
                    "mailbox {}: counts {} {} {} {} {}, holds {} {} {} {} {}", id.value,
                    mailbox.messages, mailbox.unseen, mailbox.deleted, mailbox.octets,
                    mailbox.deleted_octets, counted.messages, counted.unseen, counted.deleted,
                    counted.octets, counted.deleted_octets);
                usage.messages += counted.messages;
                usage.octets += counted.octets;
            }
            expect(usage == record_.usage,
                "the account counts {} messages of {} octets, and holds {} of {}",
                record_.usage.messages, record_.usage.octets, usage.messages, usage.octets);
        }

        void check_message(Mailbox const& mailbox, HotRecord const& message)
        {
            auto const id = mailbox.id.value;
            auto const uid = message.uid.value;
            expect(
                message.uid < mailbox.uid_next, "mailbox {}: UID {} is not given out yet", id, uid);
            expect(message.mod_seq <= mailbox.highest_mod_seq, "mailbox {}: UID {} has MODSEQ {}",
                id, uid, message.mod_seq.value);
            for (std::size_t bit = mailbox.keywords.size(); bit < max_keywords; ++bit)
                expect(!message.flags.has_keyword(bit), "mailbox {}: UID {} has keyword {}", id,
                    uid, bit);
            auto const cold = get_cold(txn_, account_, mailbox.id, message.uid);
            expect(cold.has_value(), "mailbox {}: UID {} has no cold record", id, uid);
            expect(!cold
                    || (is_given_out(cold->email_id.value, record_.next_email)
                        && is_given_out(cold->thread_id, record_.next_thread)),
                "mailbox {}: UID {} has a bad email or thread id", id, uid);
            expect(messages_.emplace(mailbox.id, message.uid).second,
                "mailbox {}: UID {} is there twice", id, uid);
            check_body(message);
        }

        /// By this account, or by another one from which the message came.
        bool is_given_out(std::uint64_t id, std::uint64_t next) const
        {
            auto const number = id & ((std::uint64_t { 1 } << own_number_bits) - 1);
            AccountId const by { id >> own_number_bits };
            return number != 0 && by != AccountId {} && (by != account_ || number < next);
        }

        void check_body(HotRecord const& message)
        {
            if (!bodies_.insert(message.body).second)
                return;
            auto const size = body_size(txn_, message.body);
            expect(size && *size == message.size, "body {}: UID {} expects {} octets",
                message.body.value, message.uid.value, message.size);
            if (!size)
                return;
            try {
                std::string text;
                for (std::uint64_t at = 0; at < *size; at += text.size()) {
                    text.clear();
                    if (!read_body(txn_, message.body, at, UINT64_MAX, text) || text.empty()) {
                        expect(false, "body {} ends at {} of {}", message.body.value, at, *size);
                        break;
                    }
                }
            } catch (Damaged const& damage) {
                found_.emplace_back(damage.what());
            }
        }

        void check_kept()
        {
            std::set<MessageKey> expiring;
            for_rows(
                txn_, account_, Kind::expiry, [&](std::string_view key, std::string_view value) {
                    auto const expiry = decode_expiry(key, value);
                    if (expiry.what == Expiry::What::mailbox)
                        expect(deleted_.erase(expiry.mailbox) == 1,
                            "mailbox {} expires and is not deleted", expiry.mailbox.value);
                    expiry.uids.for_each([&](Uid uid) { expiring.emplace(expiry.mailbox, uid); });
                });
            for (auto const& [id, mailbox] : deleted_)
                expect(false, "mailbox {} is deleted and never expires", id.value);
            for_rows(txn_, account_, Kind::kept, [&](std::string_view key, std::string_view value) {
                MailboxId const mailbox { load_big_endian(key.substr(9, 8)) };
                auto const kept = decode_kept(value);
                expect(kept.record.uid == uid_in_key(key), "mailbox {}: UID {} is kept as {}",
                    mailbox.value, uid_in_key(key).value, kept.record.uid.value);
                expect(expiring.erase({ mailbox, kept.record.uid }) == 1,
                    "mailbox {}: UID {} is kept and never expires", mailbox.value,
                    kept.record.uid.value);
                expect(messages_.emplace(mailbox, kept.record.uid).second,
                    "mailbox {}: UID {} is kept and not expunged", mailbox.value,
                    kept.record.uid.value);
                expect(get_cold(txn_, account_, mailbox, kept.record.uid).has_value(),
                    "mailbox {}: the kept UID {} has no cold record", mailbox.value,
                    kept.record.uid.value);
                check_body(kept.record);
            });
            expect(expiring.empty(), "{} messages expire and are not kept", expiring.size());
        }

        /// What stands beside the messages: lists, annotations, keys, the \Seen of others.
        void check_belongings()
        {
            for (auto const kind : { Kind::acl, Kind::metadata, Kind::url_key, Kind::seen })
                for_rows(txn_, account_, kind, [&](std::string_view key, std::string_view value) {
                    MailboxId const id { load_big_endian(key.substr(9, 8)) };
                    expect(live_.contains(id) || deleted_.contains(id)
                            || (kind == Kind::metadata && id == MailboxId {}),
                        "a row of kind {} of mailbox {}, which is not there",
                        static_cast<int>(kind), id.value);
                    if (kind != Kind::seen)
                        return;
                    auto const seen = RecordReader(value).uids();
                    expect(!seen.empty(), "mailbox {}: nothing is seen by {}", id.value,
                        load_big_endian(key.substr(17)));
                    seen.for_each([&](Uid uid) {
                        expect(messages_.contains({ id, uid }),
                            "mailbox {}: UID {} is seen by {} and not there", id.value, uid.value,
                            load_big_endian(key.substr(17)));
                    });
                });
            for_rows(
                txn_, account_, Kind::pop3_uidl, [&](std::string_view key, std::string_view value) {
                    MailboxId const id { load_big_endian(key.substr(9, 8)) };
                    expect(messages_.contains({ id, uid_in_key(key) }),
                        "mailbox {}: an id for POP3 of UID {}, which is not there", id.value,
                        uid_in_key(key).value);
                    expect(is_pop3_uidl(value), "mailbox {}: UID {} has a bad id for POP3",
                        id.value, uid_in_key(key).value);
                });
            std::uint64_t threads = 0;
            for_rows(txn_, account_, Kind::thread, [&](std::string_view, std::string_view value) {
                ++threads;
                auto const thread = RecordReader(value).number<std::uint64_t>();
                expect(is_given_out(thread, record_.next_thread), "thread {} is not given out yet",
                    thread);
            });
            expect(threads == record_.thread_rows, "{} links of threads, counted {}", threads,
                record_.thread_rows);
        }

        void check_delivered()
        {
            constexpr std::size_t prefix = 9; // AccountId and kind
            std::uint64_t counted = 0;
            std::uint64_t notes = 0;
            for_rows(
                txn_, account_, Kind::delivered, [&](std::string_view key, std::string_view value) {
                    auto const number = RecordReader(value).number<std::uint64_t>();
                    if (key.size() == prefix) {
                        counted = number;
                        return;
                    }
                    ++notes;
                    auto by_time = Key(account_, Kind::delivered_until).u64(number);
                    for (char const c : key.substr(prefix))
                        by_time.u8(static_cast<std::uint8_t>(c));
                    expect(txn_.get(Table::index, by_time).has_value(),
                        "a delivery is noted until {} and not found by that", number);
                });
            std::uint64_t by_time = 0;
            for_rows(txn_, account_, Kind::delivered_until,
                [&](std::string_view, std::string_view) { ++by_time; });
            expect(notes == counted && by_time == notes, "{} deliveries, {} by time, counted {}",
                notes, by_time, counted);
        }

        void check_keys()
        {
            auto keyless = messages_;
            std::map<MailboxId, Uid> last;
            for_rows(txn_, account_, Kind::keys, [&](std::string_view key, std::string_view value) {
                MailboxId const mailbox { load_big_endian(key.substr(9, 8)) };
                expect(last[mailbox] < uid_in_key(key), "mailbox {}: keys overlap at UID {}",
                    mailbox.value, uid_in_key(key).value);
                for_each_keyed(value, [&](Uid uid) {
                    expect(last[mailbox] < uid && uid_in_key(key) <= uid,
                        "mailbox {}: the keys of UID {} are out of order", mailbox.value,
                        uid.value);
                    last[mailbox] = uid;
                    expect(keyless.erase({ mailbox, uid }) == 1,
                        "mailbox {}: keys of UID {}, which is not there", mailbox.value, uid.value);
                });
            });
            for (auto const& [mailbox, uid] : keyless)
                expect(false, "mailbox {}: UID {} has no keys", mailbox.value, uid.value);
        }

        void check_cold()
        {
            for_rows(txn_, account_, Kind::cold, [&](std::string_view key, std::string_view) {
                MailboxId const mailbox { load_big_endian(key.substr(9, 8)) };
                expect(messages_.contains({ mailbox, uid_in_key(key) }),
                    "mailbox {}: a cold record of UID {}, which is not there", mailbox.value,
                    uid_in_key(key).value);
            });
        }

        void check_log()
        {
            std::uint64_t entries = 0;
            changes_since(txn_, account_, ModSeq {}, [&](Change const& change) {
                ++entries;
                expect(change.mod_seq >= record_.log_floor && change.mod_seq <= record_.mod_seq,
                    "the log has MODSEQ {}", change.mod_seq.value);
                return true;
            });
            expect(entries == record_.log_entries, "{} log entries, counted {}", entries,
                record_.log_entries);
        }

        ReadTxn const& txn_;
        AccountId account_;
        AccountRecord record_;
        std::map<MailboxId, Mailbox> live_, deleted_;
        std::set<MessageKey> messages_; // live, of deleted mailboxes, kept
        std::set<BodyId> bodies_; // that were read
        std::vector<std::string> found_;
    };

    std::map<std::uint64_t, std::uint64_t> count_all_references(ReadTxn const& txn)
    {
        std::map<std::uint64_t, std::uint64_t> references;
        Cursor cursor(txn, Table::index);
        for (bool more = cursor.seek(Key().u64(0)); more; more = cursor.next())
            switch (static_cast<Kind>(cursor.key()[8])) {
            case Kind::facts:
                for_each_body(cursor.value(), [&](BodyId body) { ++references[body.value]; });
                break;
            case Kind::kept:
                ++references[decode_kept(cursor.value()).record.body.value];
                break;
            default:
                break;
            }
        return references;
    }

} // namespace

std::vector<std::string> verify_account(ReadTxn const& txn, AccountId account)
{
    return AccountCheck(txn, account).run();
}

std::vector<std::string> verify_volume(ReadTxn const& txn)
{
    std::vector<std::string> found;
    auto const references = count_all_references(txn);
    std::set<std::uint64_t> staged;
    for (auto const body : list_staged(txn))
        staged.insert(body.value);
    std::set<std::uint64_t> stored;
    Cursor cursor(txn, Table::bodies);
    for (bool more = cursor.seek(Key().u64(0)); more; more = cursor.next())
        stored.insert(load_big_endian(cursor.key().substr(0, 8)));
    for (auto const body : stored)
        if (!references.contains(body) && !staged.contains(body))
            found.push_back(fmt::format("body {} is stored and nobody refers to it", body));
    for (auto const& [body, count] : references) {
        if (!stored.contains(body))
            found.push_back(fmt::format("body {} is referred to and not stored", body));
        if (auto const counted = count_references(txn, BodyId { body }); counted != count)
            found.push_back(
                fmt::format("body {} is referred to {} times, counted {}", body, count, counted));
    }
    Cursor rows(txn, Table::references);
    for (bool more = rows.seek(Key().u64(0)); more; more = rows.next())
        if (!references.contains(load_big_endian(rows.key())))
            found.push_back(fmt::format(
                "references of body {}, which nobody refers to", load_big_endian(rows.key())));
    return found;
}

} // namespace mail::storage
