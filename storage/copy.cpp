// COPY and MOVE: new hot and cold rows that share the bodies.
#include "storage/change_log.h"
#include "storage/hot_blocks.h"
#include "storage/key_blocks.h"
#include "storage/records.h"
#include "storage/seen.h"
#include "storage/staged_body.h"

#include <algorithm>
#include <span>

namespace mail::storage {
namespace {

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

    /// Messages of a set, read some at a time: what is read of the store dies by a write.
    class Sources {
    public:
        struct Source {
            HotRecord hot;
            std::string_view cold; ///< as it is stored
            KeyViews keys;
        };

        Sources(Place place, UidSet const& uids)
            : place_(place)
            , ranges_(uids.ranges())
        {
        }

        /// The next ones; none at the end. They live until the next call.
        std::span<Source const> read(ReadTxn const& txn)
        {
            sources_.clear();
            sizes_.clear();
            octets_.clear();
            ColdReader cold(txn, place_);
            AllKeysReader keys(txn, place_);
            scan_messages(txn, place_.account, place_.mailbox, next_piece(), Columns::all,
                [&](HotRecord const& hot) {
                    sources_.push_back({ hot, {}, {} });
                    keep(cold.find(hot.uid));
                    for (auto const& key : keys.find(hot.uid))
                        keep(key);
                    return true;
                });
            auto const* size = sizes_.data();
            std::string_view rest = octets_;
            auto const next = [&] {
                auto const text = rest.substr(0, *size);
                rest.remove_prefix(*size++);
                return text;
            };
            for (auto& source : sources_) {
                source.cold = next();
                for (auto& key : source.keys)
                    key = next();
            }
            return sources_;
        }

    private:
        /// All octets stand behind each other and may move while they grow: views come last.
        void keep(std::string_view text)
        {
            octets_ += text;
            sizes_.push_back(text.size());
        }

        UidSet next_piece()
        {
            constexpr std::uint32_t most = 512; // about half a megabyte
            UidSet piece;
            for (auto left = most; left != 0 && !ranges_.empty();) {
                auto range = ranges_.front();
                range.first = std::max(range.first, from_);
                if (range.last.value - range.first.value >= left)
                    range.last.value = range.first.value + left - 1;
                else
                    ranges_ = ranges_.subspan(1);
                left -= range.last.value - range.first.value + 1;
                from_.value = range.last.value + 1;
                piece.add(range);
            }
            return piece;
        }

        Place place_;
        std::span<UidRange const> ranges_; ///< that are not read to their end
        Uid from_;
        std::vector<Source> sources_;
        std::vector<std::size_t> sizes_; ///< octets of each text
        std::string octets_; ///< the texts
    };

    /// Copies the messages, which all exist, with cold records, keys and references.
    void copy_all(WriteTxn& txn, Place from, UidSet const& uids, Mailbox& target, ModSeq mod_seq,
        KeywordMap const& keywords, FlagMask const& keeps)
    {
        auto const account = from.account;
        BlockAppender blocks(txn, account, target.id);
        KeyAppender key_blocks(txn, account, target.id);
        Sources sources(from, uids);
        for (auto some = sources.read(txn); !some.empty(); some = sources.read(txn))
            for (auto const& source : some) {
                auto hot = source.hot;
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
        copy_all(txn, { account, from }, plan.source, *target, copied.mod_seq, keywords, who.keeps);
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
