// Messages from the client to the store.
#include "protocol/imap/incoming.h"

#include "protocol/imap/catenate.h"
#include "protocol/imap/context.h"
#include "protocol/imap/message_limit.h"
#include "protocol/imap/rights.h"
#include "protocol/imap/sequence_set.h"
#include "protocol/imap/uidplus.h"
#include "protocol/imap/yield.h"
#include "protocol/session/binary_parts.h"

#include <chrono>
#include <ctime>

namespace mail::imap {
namespace {

    constexpr std::size_t max_messages = 5000; ///< of one command
    constexpr std::size_t max_parsed = std::size_t { 8 }
        << 20; ///< octets of envelopes, structures and the like of one command's messages
    constexpr std::size_t most_held = std::size_t { 1 }
        << 20; ///< octets of bodies of one command that are in memory

    storage::InternalDate present_date()
    {
        auto const now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
        std::tm local {};
        ::localtime_r(&now, &local);
        storage::InternalDate date;
        date.seconds = now;
        date.zone_minutes = static_cast<std::int16_t>(local.tm_gmtoff / 60);
        return date;
    }

    Failure too_big()
    {
        return no("TOOBIG", "The message is larger than this server takes; send it in parts");
    }

    Failure too_empty()
    {
        return no("CANNOT", "An empty message cannot be kept; send at least one octet");
    }

    bool close_list(Parser& in)
    {
        in.close();
        return true;
    }

} // namespace

MessageHead parse_message_head(Parser& in)
{
    MessageHead head;
    in.space();
    if (in.is_next('(')) {
        head.flags = in.flag_list();
        in.space();
    }
    if (in.is_next('"')) {
        head.date = in.date_time();
        in.space();
    }
    if (in.accept_word("CATENATE", Capability::catenate)) {
        head.data = MessageHead::Data::parts;
        in.space();
        in.open();
        return head;
    }
    if (in.accept_word("UTF8", Capability::utf8_accept)) {
        // Not RFC: gone in RFC 9755, sent by clients of RFC 6855.
        head.data = MessageHead::Data::utf8;
        in.space();
        in.open();
        head.is_binary = in.accept('~'); // without BINARY, too
    }
    head.is_binary |= in.streamed_literal().is_binary;
    return head;
}

IncomingMessages::IncomingMessages(
    Context& ctx, CommandText& text, session::Located target, storage::Usage freed)
    : ctx_(ctx)
    , text_(text)
    , target_(std::move(target))
    , freed_(freed)
{
}

storage::OnBehalf IncomingMessages::who() const
{
    return { .viewer = ctx_.account(), .quota = *quota_, .keeps = flags_allowed(target_.rights) };
}

storage::Result<void> IncomingMessages::check_rights(storage::ReadTxn const& txn) const
{
    auto const rights = ctx_.session.rights_at(txn, target_.place());
    if (rights.has(storage::Right::insert))
        return {};
    return rights.has(storage::Right::lookup) ? storage::Errc::denied : storage::Errc::not_found;
}

ResponseCode IncomingMessages::appenduid(
    storage::UidValidity validity, storage::UidSet const& uids) const
{
    if (!tells_new_uids(ctx_, target_))
        return {};
    std::string code = "APPENDUID ";
    append_number(code, validity.value);
    code += ' ';
    append_set(code, uids);
    return code;
}

/// One more message may come (RFC 9738: all or nothing).
Result<void> IncomingMessages::check_count() const
{
    if (auto const may = check_limit(save_limit(ctx_), messages_.size() + 1); !may)
        return may.error();
    if (messages_.size() >= max_messages || parsed_ >= max_parsed)
        return no("LIMIT", "Too many messages in one APPEND: send them in several");
    return {};
}

/// What is known before the octets come: a message of this size may be kept with those before it.
Result<void> IncomingMessages::check_room(std::uint64_t octets) const
{
    if (octets > ctx_.session.settings().limits.message_octets)
        return too_big();
    storage::Usage const more { .octets = octets_ + octets, .messages = messages_.size() + 1 };
    return imap::check_room(ctx_, target_.account, *quota_, more, freed_);
}

awaitable<Result<void>> IncomingMessages::take(MessageHead head)
{
    if (auto const may = check_count(); !may)
        co_return may.error();
    if (!quota_)
        quota_ = co_await ctx_.session.quota_of(target_.account);
    auto& volume = ctx_.session.volume_of(target_.account);
    auto const executor = ctx_.session.stream().executor();
    intake_.emplace(volume, executor);
    has_nul_ = false;
    if (head.data != MessageHead::Data::parts && text_.octets() == 0)
        co_return too_empty();
    auto taking
        = head.data == MessageHead::Data::parts ? take_parts() : take_literal(head.is_binary);
    auto const taken = co_await std::move(taking);
    if (!taken)
        co_return taken.error();
    if (head.data == MessageHead::Data::utf8) {
        auto const closed = co_await text_.parse(close_list);
        if (!closed)
            co_return closed.error();
    }
    if (intake_->size() == 0)
        co_return too_empty();
    auto message = intake_->finish();
    intake_.reset();
    if (has_nul_) {
        auto encoded = co_await session::encode_binary_parts(volume, executor, std::move(message));
        if (!encoded)
            co_return to_failure(encoded.error());
        message = std::move(*encoded);
    }
    add(std::move(message), std::move(head));
    co_return co_await spill();
}

void IncomingMessages::add(storage::NewMessage message, MessageHead head)
{
    message.system_flags = head.flags.system;
    message.keywords = std::move(head.flags.keywords);
    message.internal_date = head.date.value_or(present_date());
    octets_ += message.body.size();
    parsed_ += message.envelope.size() + message.structure.size() + message.search_fields.size()
        + message.preview.size();
    for (auto const& key : message.keys)
        parsed_ += key.size();
    messages_.push_back(std::move(message));
}

/// Octets of many bodies do not stay in memory until the command ends.
awaitable<Result<void>> IncomingMessages::spill()
{
    std::size_t held = 0;
    for (auto const& message : messages_)
        held += message.body.held();
    if (messages_.size() < 2 || held < most_held)
        co_return Result<void> {};
    auto write = [&](storage::WriteTxn& txn) -> storage::Result<void> {
        for (auto const& message : messages_)
            if (auto const spilled = storage::spill(txn, message.body); !spilled)
                return spilled.error();
        return {};
    };
    auto const written = co_await ctx_.session.write_at(target_.account, write);
    if (!written)
        co_return to_failure(written.error());
    co_return Result<void> {};
}

awaitable<Result<void>> IncomingMessages::take_literal(bool is_binary)
{
    auto const limit = ctx_.session.settings().limits.message_octets;
    if (text_.octets() > limit - std::min(limit, intake_->size()))
        co_return too_big();
    auto const room = check_room(intake_->size() + text_.octets());
    if (!room)
        co_return room.error();
    co_await text_.request();
    for (;;) {
        auto const octets = co_await text_.read();
        if (octets.empty())
            co_return Result<void> {};
        has_nul_ = has_nul_ || (is_binary && octets.find('\0') != std::string_view::npos);
        auto const taken = co_await intake_->write(octets);
        if (!taken)
            co_return to_failure(taken.error());
    }
}

awaitable<Result<void>> IncomingMessages::take_parts()
{
    using Kind = CatPart::Kind;
    auto place = CatPlace::first;
    auto const next = [&](Parser& in) { return parse_cat_part(in, place); };
    for (std::size_t count = 0;; ++count) {
        auto part = co_await text_.parse(next);
        if (!part)
            co_return part.error();
        if (part->kind == Kind::end)
            co_return Result<void> {};
        if (count == max_cat_parts)
            co_return no("LIMIT", "A message is put together from 10000 parts at most; use fewer");
        place = CatPlace::later;
        auto taking = part->kind == Kind::url ? copy_from_url(std::move(part->url))
                                              : take_literal(part->kind == Kind::utf8);
        auto const taken = co_await std::move(taking);
        if (!taken)
            co_return taken.error();
        if (part->kind != Kind::utf8)
            continue;
        auto const closed = co_await text_.parse(close_list);
        if (!closed)
            co_return closed.error();
    }
}

awaitable<Result<void>> IncomingMessages::copy_from_url(std::string text)
{
    co_await yield(ctx_);
    auto source = open_cat_url(ctx_, text);
    if (!source)
        co_return source.error();
    auto const room = check_room(intake_->size() + source->octets.size());
    if (!room)
        co_return room.error();
    std::string octets;
    auto const step = [&](storage::ReadTxn const& txn) { source->octets.read(txn, octets); };
    while (!source->octets.is_done()) {
        octets.clear();
        ctx_.session.read_at(source->owner, step);
        auto const taken = co_await intake_->write(octets);
        if (!taken)
            co_return to_failure(taken.error());
        co_await yield(ctx_);
    }
    co_return Result<void> {};
}

} // namespace mail::imap
