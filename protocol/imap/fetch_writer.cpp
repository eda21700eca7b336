// FETCH responses, slice by slice.
#include "protocol/imap/fetch_writer.h"

#include "protocol/imap/context.h"
#include "protocol/imap/date_time.h"
#include "protocol/imap/extract.h"
#include "protocol/imap/flags.h"
#include "protocol/imap/object_id.h"
#include "protocol/imap/untagged.h"
#include "protocol/imap/wanted.h"
#include "protocol/imap/yield.h"
#include "protocol/mime/structure.h"
#include "storage/mailboxes.h"
#include "storage/messages.h"

#include <algorithm>

namespace mail::imap {

namespace {

    using storage::ColdRecord;
    using storage::HotRecord;
    using storage::ReadTxn;
    using storage::Uid;
    using ItemKind = FetchItem::Kind;

    constexpr std::size_t slice_messages
        = 4096; ///< looked at in one transaction, when they give little output
    constexpr std::uint64_t slice_octets = 512
        * 1024; ///< of bodies and structures that are read in one transaction, at little output

    /// Sequence numbers of ascending UIDs of one view, mostly without a search.
    class Numbers {
    public:
        explicit Numbers(session::UidMap const& map)
            : map_(map)
        {
        }
        std::uint32_t of(Uid uid)
        {
            if (uid < range_.first || range_.last < uid)
                find(uid);
            return first_number_ + (uid.value - range_.first.value);
        }

    private:
        void find(Uid uid)
        {
            auto const ranges = map_.uids().ranges();
            auto const range = std::ranges::lower_bound(ranges, uid, {}, &storage::UidRange::last);
            range_ = *range;
            first_number_ = map_.seq_of(range_.first)->value;
        }

        session::UidMap const& map_;
        storage::UidRange range_ { Uid { 1 }, Uid { 0 } };
        std::uint32_t first_number_ = 0;
    };

    class FetchWriter {
    public:
        FetchWriter(Context& ctx, FetchJob const& job)
            : terms_(ctx.terms)
            , out_(ctx.out.buffer())
            , job_(job)
            , mailbox_(ctx.mailbox())
            , wanted_(job.uids)
            , numbers_(mailbox_.map())
            , globals_(
                  terms_.speaks_utf8() ? mime::Globals::are_messages : mime::Globals::are_leaves)
            , needs_cold_(job.items.needs_cold())
            , columns_(job.items.columns())
            , has_binary_(job.items.has_binary())
            , tells_mod_seq_(terms_.tells_mod_seq() && !job.items.has(ItemKind::mod_seq))
            , tells_uid_(
                  terms_.tells_mod_seq() && !terms_.uids_only() && !job.items.has(ItemKind::uid))
            , tells_flags_(!job.items.has(ItemKind::flags))
        {
            learn_keywords(mailbox_.mailbox().keywords);
        }

        /// Writes about as much as the output should hold; false when all is written.
        bool write_slice(ReadTxn const& txn)
        {
            looked_at_ = 0;
            octets_read_ = 0;
            storage::MailboxView const view(txn, mailbox_.viewpoint());
            if (under_way_ && !resume(txn, view))
                return true;
            auto const found = [&](HotRecord const& hot, ColdRecord const& cold) {
                message(txn, hot, cold);
                return goes_on();
            };
            auto const found_hot = [&](HotRecord const& hot) {
                message(txn, hot, no_cold_);
                return goes_on();
            };
            auto const missing = [&](Uid uid) {
                kept_message(txn, view, uid);
                return goes_on();
            };
            auto const scan_both = [&](storage::UidRange range, auto const& each) {
                view.scan_with_cold(range, std::cref(each));
            };
            auto const scan_hot = [&](storage::UidRange range, auto const& each) {
                view.scan(range, columns_, std::cref(each));
            };
            if (needs_cold_)
                scan_wanted(wanted_, scan_both, found, missing);
            else
                scan_wanted(wanted_, scan_hot, found_hot, missing);
            return under_way_ || !wanted_.done();
        }

        FetchSent take_sent() { return std::move(sent_); }

    private:
        bool is_full() const { return out_.size() >= Output::high_water; }
        bool goes_on()
        {
            return !under_way_ && !is_full() && octets_read_ < slice_octets
                && ++looked_at_ < slice_messages;
        }

        void message(ReadTxn const& txn, HotRecord const& hot, ColdRecord const& cold)
        {
            if (job_.changed_since && hot.mod_seq <= *job_.changed_since)
                return;
            if (has_binary_ && leaves_all_out(hot, cold))
                return;
            begin_fetch(out_, terms_, terms_.uids_only() ? 0 : numbers_.of(hot.uid), hot.uid);
            out_.append(" (", 2);
            item_ = 0;
            is_first_ = true;
            write_items(txn, hot, cold);
        }

        /// A response without any item would be none.
        bool leaves_all_out(HotRecord const& hot, ColdRecord const& cold)
        {
            auto const& items = job_.items.list;
            bool const all = std::ranges::none_of(
                items, [&](FetchItem const& item) { return is_showable(item, cold, hot.size); });
            sent_.unknown_encoding |= all;
            return all;
        }

        bool is_newly_seen(Uid uid) const
        {
            return !job_.newly_seen.empty() && job_.newly_seen.contains(uid);
        }

        /// One that is expunged, of which this session was not told yet.
        void kept_message(ReadTxn const& txn, storage::MailboxView const& view, Uid uid)
        {
            auto const hot = view.get_kept(uid);
            if (!hot)
                return sent_.gone.add(uid);
            if (!needs_cold_)
                return message(txn, *hot, no_cold_);
            auto const cold = view.get_cold(uid);
            if (!cold)
                return sent_.gone.add(uid);
            message(txn, *hot, *cold);
        }

        /// Goes on with a message whose octets did not fit into one slice; true when it is written.
        bool resume(ReadTxn const& txn, storage::MailboxView const& view)
        {
            if (extract_ && !pump(txn))
                return false;
            auto const uid = *under_way_;
            auto const hot = view.get_kept(uid);
            auto const cold = view.get_cold(uid);
            if (!hot || !cold) // half a response cannot be taken back
                throw storage::Damaged("a message was removed for good while it was being sent");
            return write_items(txn, *hot, *cold);
        }

        void separate()
        {
            if (!is_first_)
                out_.push_back(' ');
            is_first_ = false;
        }

        /// The items from item_ on and the end of the line; false when octets remain to be pumped.
        bool write_items(ReadTxn const& txn, HotRecord const& hot, ColdRecord const& cold)
        {
            under_way_ = hot.uid;
            auto const& items = job_.items.list;
            while (item_ < items.size()) {
                auto const& item = items[item_++];
                if (has_binary_ && !is_showable(item, cold, hot.size)) {
                    sent_.unknown_encoding = true;
                    continue;
                }
                separate();
                write_item(txn, item, hot, cold);
                if (extract_ && !pump(txn))
                    return false;
                if (octets_read_ >= slice_octets)
                    return false;
            }
            if (is_newly_seen(hot.uid)) {
                if (tells_flags_) {
                    separate();
                    write_flags(txn, hot);
                }
                if (tells_uid_) { // RFC 7162 §3.2.4
                    out_.append(" UID ", 5);
                    append_number(out_, hot.uid.value);
                }
                if (tells_mod_seq_) {
                    out_.push_back(' ');
                    write_mod_seq(hot);
                }
            }
            out_.append(")\r\n", 3);
            under_way_.reset();
            return true;
        }

        void write_item(
            ReadTxn const& txn, FetchItem const& item, HotRecord const& hot, ColdRecord const& cold)
        {
            switch (item.kind) {
            case ItemKind::uid:
                out_.append("UID ", 4);
                return append_number(out_, hot.uid.value);
            case ItemKind::flags:
                return write_flags(txn, hot);
            case ItemKind::internal_date:
                out_.append("INTERNALDATE ", 13);
                return append_date_time(out_, hot.internal_date);
            case ItemKind::size:
                out_.append("RFC822.SIZE ", 12);
                return append_number(out_, hot.size);
            case ItemKind::mod_seq:
                return write_mod_seq(hot);
            case ItemKind::envelope:
                out_.append("ENVELOPE ", 9).append(cold.envelope);
                return;
            case ItemKind::body:
                out_.append("BODY ", 5);
                return mime::StructureView(cold.structure).write_body(out_, globals_);
            case ItemKind::body_structure:
                out_.append("BODYSTRUCTURE ", 14);
                return mime::StructureView(cold.structure).write_bodystructure(out_, globals_);
            case ItemKind::save_date:
                out_.append("SAVEDATE ", 9);
                return append_date_time(out_, { .seconds = hot.save_date, .zone_minutes = 0 });
            case ItemKind::preview:
                out_.append("PREVIEW ", 8);
                return append_string(out_, cold.preview);
            case ItemKind::email_id:
                out_.append("EMAILID (").append(object_id(cold.email_id)).push_back(')');
                return;
            case ItemKind::thread_id:
                out_.append("THREADID (").append(thread_object_id(cold.thread_id)).push_back(')');
                return;
            case ItemKind::binary:
            case ItemKind::binary_size:
                return begin_binary(item, hot, cold);
            case ItemKind::section:
                return begin_section(txn, item, hot, cold);
            }
        }

        void write_flags(ReadTxn const& txn, HotRecord const& hot)
        {
            for (std::size_t i = 0; i < known_bits_.size(); ++i)
                if ((hot.flags.keywords[i] & ~known_bits_[i])
                    != 0) { // another session made a keyword meanwhile
                    auto const place = mailbox_.place();
                    if (auto const now = storage::get_mailbox(txn, place.account, place.mailbox))
                        learn_keywords(now->keywords);
                    break;
                }
            out_.append("FLAGS ", 6);
            append_flags(
                out_, hot.flags, keywords_, terms_.tells_recent() && mailbox_.is_recent(hot.uid));
        }

        void learn_keywords(std::vector<std::string> const& keywords)
        {
            keywords_ = keywords;
            for (std::size_t bit = 0; bit < keywords_.size(); ++bit)
                known_bits_[bit / 64] |= std::uint64_t { 1 } << (bit % 64);
        }

        void write_mod_seq(HotRecord const& hot)
        {
            mailbox_.show(hot.mod_seq);
            out_.append("MODSEQ (", 8);
            append_number(out_, hot.mod_seq.value);
            out_.push_back(')');
        }

        /// The section's octets are to be pumped.
        void begin_section(
            ReadTxn const& txn, FetchItem const& item, HotRecord const& hot, ColdRecord const& cold)
        {
            octets_read_ += cold.structure.size();
            begin(item, extract_section(txn, hot, cold.structure, item.section, item.partial));
        }

        void begin_binary(FetchItem const& item, HotRecord const& hot, ColdRecord const& cold)
        {
            octets_read_ += cold.structure.size();
            auto const part
                = find_binary_part(item.section, mime::StructureView(cold.structure), hot.size);
            if (part)
                begin(item, Extract::decoded(hot.body, part->range, part->how, item.partial));
            else
                begin(item, std::nullopt);
        }

        void begin(FetchItem const& item, std::optional<Extract> extract)
        {
            out_.append(item.label);
            if (!extract)
                out_.append(item.kind == ItemKind::binary_size ? " 0" : " NIL");
            else
                octets_read_ += extract->octets_read();
            extracted_ = &item;
            extract_ = std::move(extract);
            is_announced_ = false;
        }

        /// Writes octets of the item under way until the output is full, or enough was done for one
        /// slice; true when it is complete.
        bool pump(ReadTxn const& txn)
        {
            while (!extract_->is_measured()) {
                if (octets_read_ >= slice_octets)
                    return false;
                octets_read_ += extract_->measure(txn);
            }
            if (!is_announced_)
                announce();
            while (!extract_->is_done()) {
                if (is_full() || octets_read_ >= slice_octets)
                    return false;
                octets_read_ += extract_->read(txn, out_);
            }
            extract_.reset();
            return true;
        }

        /// A literal, whose length is known now, or just the length.
        void announce()
        {
            is_announced_ = true;
            out_.push_back(' ');
            if (extracted_->kind == ItemKind::binary_size) {
                append_number(out_, extract_->size());
                extract_ = Extract::in_memory({});
                return;
            }
            if (extracted_->kind == ItemKind::binary && extract_->has_nul())
                out_.push_back('~'); // literal8 (RFC 3516 §4.3)
            out_.push_back('{');
            append_number(out_, extract_->size());
            out_.append("}\r\n", 3);
        }

        Agreement const& terms_;
        std::string& out_;
        FetchJob const& job_;
        session::SelectedMailbox& mailbox_;
        Wanted wanted_;
        Numbers numbers_;
        mime::Globals globals_;
        bool needs_cold_;
        storage::Columns columns_;
        bool has_binary_;
        bool tells_mod_seq_;
        bool tells_uid_;
        bool tells_flags_;
        ColdRecord no_cold_ {};
        std::vector<std::string> keywords_;
        std::array<std::uint64_t, storage::max_keywords / 64> known_bits_ {};
        std::size_t looked_at_ = 0;
        std::uint64_t octets_read_ = 0; ///< of bodies and structures, in this slice
        FetchSent sent_;

        std::optional<Uid> under_way_; ///< a message of which a part is written
        std::size_t item_ = 0; ///< its next item
        bool is_first_ = true; ///< no item of it is written
        std::optional<Extract> extract_; ///< octets of the item before that are still to be written
        FetchItem const* extracted_ = nullptr; ///< that item
        bool is_announced_ = false; ///< its length is written
    };

} // namespace

bool is_showable(FetchItem const& item, ColdRecord const& cold, std::uint64_t size)
{
    if (!item.is_binary())
        return true;
    auto const part = find_binary_part(item.section, mime::StructureView(cold.structure), size);
    return !part || part->is_decodable;
}

awaitable<FetchSent> send_fetch(Context& ctx, FetchJob job)
{
    FetchWriter writer(ctx, job);
    auto const slice = [&](ReadTxn const& txn) { return writer.write_slice(txn); };
    while (ctx.mailbox().read(slice)) {
        if (ctx.out.is_full())
            co_await ctx.out.flush();
        co_await yield(ctx);
    }
    if (ctx.out.is_full())
        co_await ctx.out.flush();
    co_return writer.take_sent();
}

} // namespace mail::imap
