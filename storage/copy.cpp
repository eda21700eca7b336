// COPY and MOVE: new hot and cold rows that share the bodies.
#include "storage/change_log.h"
#include "storage/hot_blocks.h"
#include "storage/key_blocks.h"
#include "storage/records.h"
#include "storage/seen.h"
#include "storage/staged_body.h"

#include <deque>

namespace mail::storage {
namespace {

    inline constexpr std::size_t chunk
        = 512; // messages that are read before they are written: cursors die by a put

    /// What is to be copied, counted before anything is written.
    struct Plan {
        UidSet source;
        Usage usage;
        std::array<std::uint64_t, max_keywords / 64> keywords {}; ///< that any of the messages has
    };

    Plan plan_copy(ReadTxn const& txn, AccountId account, MailboxId from, UidSet const& uids)
    {
        Plan plan;
        scan_messages(txn, account, from, uids, Columns::all, [&](HotRecord const& record) {
            plan.source.add(record.uid);
            plan.usage.octets += record.size;
            plan.usage.messages += 1;
            for (std::size_t i = 0; i < plan.keywords.size(); ++i)
                plan.keywords[i] |= record.flags.keywords[i];
            return true;
        });
        return plan;
    }

    /// Where the keyword bits of one mailbox are in another.
    class KeywordMap {
    public:
        /// Adds the keywords in `used` to the target, in memory. limit.
        Result<bool> fill(Mailbox const& source, Mailbox& target,
            std::array<std::uint64_t, max_keywords / 64> const& used)
        {
            bool added = false;
            for (std::size_t bit = 0; bit < max_keywords; ++bit) {
                if (((used[bit / 64] >> (bit % 64)) & 1) == 0)
                    continue;
                auto const found
                    = resolve_keywords(target, { source.keywords.at(bit) }, MissingKeywords::add);
                if (!found)
                    return found.error();
                map_[bit] = found->bits;
                added |= found->added;
            }
            return added;
        }

        Flags apply(Flags const& flags, FlagMask const& keeps) const
        {
            Flags mapped { .system = static_cast<std::uint8_t>(flags.system & keeps.system) };
            for (std::size_t word = 0; word < flags.keywords.size(); ++word)
                for (auto left = flags.keywords[word]; left != 0; left &= left - 1) {
                    auto const& bits
                        = map_[word * 64 + static_cast<std::size_t>(std::countr_zero(left))];
                    for (std::size_t i = 0; i < bits.size(); ++i)
                        mapped.keywords[i] |= bits[i];
                }
            return mapped;
        }

    private:
        std::array<std::array<std::uint64_t, max_keywords / 64>, max_keywords> map_ {};
    };

    /// One message that is read and not yet written.
    struct Source {
        HotRecord hot;
        std::string_view cold;
        KeyViews keys;
    };

    /// What is read of some messages before it is written.
    class Sources {
    public:
        std::vector<Source> const& read(
            ReadTxn const& txn, AccountId account, MailboxId mailbox, UidRange range)
        {
            sources_.clear();
            texts_.clear();
            std::string cold_octets;
            AllKeysReader keys(txn, { account, mailbox });
            scan_with_cold(
                txn, account, mailbox, range, [&](HotRecord const& hot, ColdRecord const& cold) {
                    encode_cold(cold_octets, cold);
                    sources_.push_back({ hot, keep(cold_octets), keys.find(hot.uid) });
                    for (auto& key : sources_.back().keys)
                        key = keep(key);
                    return sources_.size() < chunk;
                });
            return sources_;
        }

    private:
        std::string_view keep(std::string_view text) { return texts_.emplace_back(text); }

        std::vector<Source> sources_;
        std::deque<std::string> texts_;
    };

    /// Copies the messages of `range`, which all exist or are skipped, with cold records, keys and
    /// references.
    void copy_range(WriteTxn& txn, AccountId account, MailboxId from, UidRange range,
        Mailbox& target, ModSeq mod_seq, KeywordMap const& keywords, FlagMask const& keeps)
    {
        BlockAppender blocks(txn, account, target.id);
        KeyAppender key_blocks(txn, account, target.id);
        Sources reader;
        for (auto next = range.first; next <= range.last;) {
            auto const& sources = reader.read(txn, account, from, { next, range.last });
            for (auto const& source : sources) {
                auto hot = source.hot;
                next.value = hot.uid.value + 1;
                hot.uid = Uid { target.uid_next.value++ };
                hot.flags = keywords.apply(hot.flags, keeps);
                hot.mod_seq = mod_seq;
                hot.save_date = txn.now();
                blocks.append(hot);
                key_blocks.append(hot.uid, source.keys);
                txn.put(Table::index, Key(account, Kind::cold, target.id, hot.uid), source.cold);
                add_reference(txn, hot.body);
                count_message(target, hot, +1);
            }
            if (sources.size() < chunk)
                break;
        }
        blocks.flush();
        key_blocks.flush();
    }

    enum class Fate { stays, goes };

    /// The copies are \Seen for the viewer where the originals are.
    void copy_seen(WriteTxn& txn, AccountId account, MailboxId from, MailboxId to,
        Copied const& copied, AccountId viewer)
    {
        if (viewer == AccountId {} || viewer == account)
            return;
        auto const originals = seen_by(txn, { account, from }, viewer);
        auto seen = seen_by(txn, { account, to }, viewer);
        auto uid = copied.target.ranges().front().first; // the copies are consecutive
        copied.source.for_each([&](Uid original) {
            if (originals.contains(original))
                seen.add(uid);
            ++uid.value;
        });
        put_seen(txn, { account, to }, viewer, seen);
    }

    Result<Copied> copy_those(WriteTxn& txn, AccountId account, MailboxId from, UidSet const& uids,
        MailboxId to, Fate fate, OnBehalf const& who)
    {
        auto const source = get_mailbox(txn, account, from);
        if (!source)
            return source.error();
        auto target = get_mailbox(txn, account, to);
        if (!target)
            return target.error();
        auto record = load_account(txn, account);
        if (!record)
            return record.error();
        auto plan = plan_copy(txn, account, from, uids);
        Copied copied { .uid_validity = target->uid_validity,
            .source = {},
            .target = {},
            .mod_seq = record->mod_seq };
        if (plan.source.empty())
            return copied;
        if (fate == Fate::stays && !fits_quota(*record, plan.usage, who.quota))
            return Errc::over_quota;
        if (plan.usage.messages > max_uid.value - target->uid_next.value + 1)
            return Errc::limit;
        if (!who.keeps.keywords)
            plan.keywords = {};
        KeywordMap keywords;
        auto const added = keywords.fill(*source, *target, plan.keywords);
        if (!added)
            return added.error();

        auto const first = target->uid_next;
        copied.mod_seq = next_mod_seq(*record);
        for (auto const& range : plan.source.ranges())
            copy_range(txn, account, from, range, *target, copied.mod_seq, keywords, who.keeps);
        copied.target.add(UidRange { first, Uid { target->uid_next.value - 1 } });
        copied.source = std::move(plan.source);
        if ((who.keeps.system & Flags::seen) != 0)
            copy_seen(txn, account, from, to, copied, who.viewer);
        target->highest_mod_seq = copied.mod_seq;
        save_mailbox(txn, account, *target);
        record->usage.octets += plan.usage.octets;
        record->usage.messages += plan.usage.messages;
        if (*added)
            log_change(txn, account, *record, to, Change::Kind::mailbox_changed);
        log_change(txn, account, *record, to, Change::Kind::appended, copied.target);
        save_account(txn, account, *record);
        return copied;
    }

} // namespace

Result<Copied> copy_messages(WriteTxn& txn, AccountId account, MailboxId from, UidSet const& uids,
    MailboxId to, OnBehalf const& who)
{
    return copy_those(txn, account, from, uids, to, Fate::stays, who);
}

Result<Copied> move_messages(WriteTxn& txn, AccountId account, MailboxId from, UidSet const& uids,
    MailboxId to, OnBehalf const& who)
{
    auto copied = copy_those(txn, account, from, uids, to, Fate::goes, who);
    if (!copied || copied->source.empty())
        return copied;
    auto const gone = expunge(txn, account, from, copied->source);
    if (!gone)
        return gone.error();
    copied->mod_seq = gone->mod_seq;
    return copied;
}

} // namespace mail::storage
