// LIST: the names of mailboxes (RFC 9051 §6.3.9, RFC 5258).
// SPECIAL-USE (RFC 6154) and CHILDREN (RFC 3348) are told always; RFC 5819, 8440 and 9590 add
// responses behind those of LIST.
#include "protocol/imap/annotations.h"
#include "protocol/imap/commands.h"
#include "protocol/imap/context.h"
#include "protocol/imap/matched_names.h"
#include "protocol/imap/parser.h"
#include "protocol/imap/rights.h"
#include "protocol/imap/special_use.h"
#include "protocol/imap/yield.h"

#include <map>
#include <optional>

namespace mail::imap {
namespace {

    using session::NameEntry;
    using session::NameTree;

    /// LIST's answers to one command.
    class Telling {
    public:
        Telling(Context& ctx, ListArgs const& args, NameTree const& tree)
            : ctx_(ctx)
            , args_(args)
            , tree_(tree)
        {
        }

        /// For RECURSIVEMATCH, before tell(): notes the levels above the name, if it is selected.
        void note_levels(MatchedName const& each)
        {
            if (!meets_criteria(*each.entry))
                return;
            session::for_each_level_above(*each.name, [&](std::string_view level) {
                auto& below = below_[std::string(level)];
                below.is_selected = true;
                below.is_hidden |= !each.match.name;
            });
        }

        /// Writes the lines of the name, if it is to be told.
        void tell(MatchedName const& each)
        {
            auto const& [name, entry, match] = each;
            auto const below = below_.find(*name);
            bool const is_parent = below != below_.end();
            bool const is_selected = match.name
                && (meets_criteria(*entry)
                    || (!args_.has_criteria() && match.level && entry->has_children));
            // The children themselves tell of the parent when they are told (RFC 5258 §3.5).
            if (!is_selected && !(match.name && is_parent && below->second.is_hidden))
                return;
            auto const* mailbox = tree_.mailbox_of(*entry);
            bool const is_readable = mailbox && mailbox->rights.has(storage::Right::read);
            std::optional<StatusValues> status;
            if (is_selected && is_readable && !args_.return_status.empty()) {
                auto values
                    = read_status(ctx_, mailbox->owner, place_of(*mailbox), args_.return_status);
                if (!values)
                    mailbox = nullptr; // it went away meanwhile
                else
                    status = std::move(*values);
            }
            tell_name(*name, *entry, mailbox, is_parent);
            if (status)
                tell_status(ctx_, *name, args_.return_status, *status);
            if (is_selected && mailbox)
                tell_more(*name, *mailbox);
        }

    private:
        struct Below {
            bool is_selected = false; ///< a name below meets the criteria
            bool is_hidden = false; ///< and one of them does not match the patterns
        };

        static storage::Place place_of(session::ListedMailbox const& mailbox)
        {
            return { mailbox.owner.id, mailbox.mailbox.id };
        }

        bool meets_criteria(NameEntry const& entry) const
        {
            auto const* mailbox = tree_.mailbox_of(entry);
            if (args_.select_subscribed && !entry.subscribed)
                return false;
            if (args_.select_special_use
                && special_use_for(ctx_, mailbox) == storage::SpecialUse::none)
                return false;
            return args_.select_subscribed || mailbox;
        }

        void tell_name(std::string const& name, NameEntry const& entry,
            session::ListedMailbox const* mailbox, bool is_parent)
        {
            std::string attributes;
            if (ctx_.terms.offers(Capability::children) || args_.return_children)
                attributes.append(" ").append(children_attribute(entry, mailbox));
            if (!mailbox)
                attributes += " \\NonExistent \\Noselect"; // some clients know the second only
            else if (!mailbox->rights.has(storage::Right::read))
                attributes += " \\Noselect";
            if (entry.subscribed && (args_.select_subscribed || args_.return_subscribed))
                attributes += " \\Subscribed";
            append_special_use(attributes, special_use_for(ctx_, mailbox));
            auto line = ctx_.out.untagged("LIST");
            line.open();
            if (!attributes.empty())
                line.atom(std::string_view(attributes).substr(1));
            line.close().string("/").mailbox(name);
            if (is_parent)
                tell_child_info(line);
        }

        void tell_child_info(Line& line) const
        {
            line.open().string("CHILDINFO").open();
            if (args_.select_subscribed)
                line.string("SUBSCRIBED");
            if (args_.select_special_use)
                line.string("SPECIAL-USE");
            line.close().close();
        }

        /// MYRIGHTS (RFC 8440) and METADATA (RFC 9590).
        void tell_more(std::string const& name, session::ListedMailbox const& mailbox)
        {
            if (args_.return_my_rights) {
                std::string rights;
                append_rights(rights, mailbox.rights);
                ctx_.out.untagged("MYRIGHTS").mailbox(name).astring(rights);
            }
            if (args_.return_metadata.empty() || !may_annotate(mailbox.rights))
                return;
            auto const seen = ctx_.session.read_at(mailbox.owner, [&](storage::ReadTxn const& txn) {
                return read_annotations(ctx_, txn, place_of(mailbox));
            });
            auto line = ctx_.out.untagged("METADATA");
            line.mailbox(name).list(args_.return_metadata, [&](std::string const& entry) {
                auto const value = seen.find(entry);
                if (value == seen.end())
                    tell_annotation(line, entry, std::nullopt);
                else
                    tell_annotation(line, entry, value->second);
            });
        }

        Context& ctx_;
        ListArgs const& args_;
        NameTree const& tree_;
        std::map<std::string, Below, std::less<>> below_;
    };

    awaitable<Result<void>> list(Context& ctx, ListArgs args)
    {
        if (args.asks_for_root()) {
            tell_root(ctx, "LIST", args.reference);
            co_return Result<void> {};
        }
        auto const tree = co_await session::read_names(ctx.session);
        auto const names = co_await match_names(ctx, args, tree);
        note_status_asked(ctx, args.return_status);
        Telling telling(ctx, args, tree);
        Turn turn;
        for (auto const& each : names) {
            if (!args.recursive_match)
                break;
            telling.note_levels(each);
            if (turn.is_over()) {
                co_await yield(ctx);
                turn.begin();
            }
        }
        for (auto const& each : names) {
            telling.tell(each);
            if (ctx.out.is_full())
                co_await ctx.out.flush();
            if (turn.is_over()) {
                co_await yield(ctx);
                turn.begin();
            }
        }
        co_return Result<void> {};
    }

} // namespace

awaitable<Result<void>> run_list(Context& ctx, Parser& in)
{
    return command<parse_list, list>(ctx, in);
}

} // namespace mail::imap
