#include "protocol/lmtp/recipient.h"

#include "protocol/lmtp/detail.h"
#include "protocol/session/write.h"

namespace mail::lmtp {

namespace {

    awaitable<std::optional<session::User>> find_user(session::Services& services, Address address)
    {
        auto const spellings = spellings_of(address);
        for (auto const& spelling : spellings) {
            auto user = co_await services.authenticator.find_recipient(spelling.text());
            if (user)
                co_return user;
        }
        co_return std::nullopt;
    }

} // namespace

awaitable<std::optional<Match>> match_recipient(session::Services& services, Address address)
{
    auto whole = co_await find_user(services, address);
    if (whole)
        co_return Match { std::move(*whole), {} };
    auto split = split_detail(address, services.settings.recipient_delimiter);
    if (!split)
        co_return std::nullopt;
    auto user = co_await find_user(services, split->base);
    if (!user)
        co_return std::nullopt;
    co_return Match { std::move(*user), std::move(split->detail) };
}

namespace {

    awaitable<Result<std::optional<Match>>> try_match(session::Services& services, Address address)
    {
        try {
            auto found = co_await match_recipient(services, std::move(address));
            co_return found;
        } catch (session::AccountsUnavailable const&) {
            co_return Failure("451", "4.3.0", "The accounts cannot be looked up: try again later");
        }
    }

    /// Sets the mailbox for a detail.
    void choose_mailbox(
        session::Services& services, std::string const& detail, Recipient& recipient)
    {
        auto const& settings = services.settings.lmtp;
        auto const txn = services.store.volume_of(recipient.account).read();
        recipient.mailbox = find_detail_mailbox(txn, recipient.account.id, detail);
        if (!recipient.mailbox.empty() && settings.detail_needs_post
            && !may_anyone_post(txn, recipient.account.id, recipient.mailbox))
            recipient.mailbox.clear();
        else if (recipient.mailbox.empty() && settings.create_detail) {
            recipient.mailbox = detail;
            recipient.creates_mailbox = true;
        }
    }

} // namespace

awaitable<Result<Recipient>> find_recipient(
    session::Services& services, boost::asio::any_io_executor executor, Address address)
{
    auto const found = co_await try_match(services, address);
    if (!found)
        co_return found.error();
    if (!*found)
        co_return Failure("550", "5.1.1", "No such user here: check the address");

    auto const& name = (*found)->user.name;
    auto account = services.store.find_account(name);
    if (!account) {
        // The first delivery makes the account, which waits for a sync: not on this thread.
        auto open = [&] {
            return services.store.open_account(name, services.settings.new_account_mailboxes);
        };
        account = co_await session::work(services.workers, executor, open);
        if (!account)
            co_return to_failure(account.error());
    }
    Recipient recipient;
    recipient.address = address.text();
    recipient.account = *account;
    recipient.quota = (*found)->user.quota;
    if (services.settings.deliver_to_detail && !(*found)->detail.empty())
        choose_mailbox(services, (*found)->detail, recipient);
    co_return recipient;
}

} // namespace mail::lmtp
