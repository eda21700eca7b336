// Builds the server's parts and runs them.
#include "server/server.h"

#include "protocol/imap/capability.h"
#include "protocol/language.h"
#include "protocol/pop3/unique_id.h"
#include "server/accounts/accounts.h"
#include "server/accounts/app_password_accounts.h"
#include "server/accounts/users_file.h"
#include "server/accounts/weak_accounts.h"
#include "server/guessing/guarded_accounts.h"
#include "server/log.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>

#include <unistd.h>

#include <thread>

namespace mail::server {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

    constexpr auto write_grace = 2s; // for replies under way when the server goes down
    constexpr auto session_grace = 4s; // until run() no longer waits for sessions
    constexpr unsigned refused_at_once = 256; // refused clients that are told why at the same time

    storage::SpecialUse special_use(config::SpecialUse use)
    {
        switch (use) {
        case config::SpecialUse::none:
            return storage::SpecialUse::none;
        case config::SpecialUse::all:
            return storage::SpecialUse::all;
        case config::SpecialUse::archive:
            return storage::SpecialUse::archive;
        case config::SpecialUse::drafts:
            return storage::SpecialUse::drafts;
        case config::SpecialUse::flagged:
            return storage::SpecialUse::flagged;
        case config::SpecialUse::junk:
            return storage::SpecialUse::junk;
        case config::SpecialUse::sent:
            return storage::SpecialUse::sent;
        case config::SpecialUse::trash:
            return storage::SpecialUse::trash;
        }
        return storage::SpecialUse::none;
    }

    session::Pop3Order pop3_order(config::Pop3Order order)
    {
        switch (order) {
        case config::Pop3Order::arrival:
            return session::Pop3Order::arrival;
        case config::Pop3Order::newest:
            return session::Pop3Order::newest;
        case config::Pop3Order::date:
            return session::Pop3Order::date;
        }
        return session::Pop3Order::arrival;
    }

    session::Pop3 pop3_settings(config::Pop3 const& from)
    {
        session::Pop3 to;
        to.policy = { from.mailboxes, from.max_age, pop3_order(from.order),
            from.expire_days.value_or(session::pop3_never), from.login_delay };
        to.least_expire_days = from.account_expire_days;
        to.most_login_delay = from.account_login_delay;
        to.uidl_format = from.uidl_format;
        to.deletes
            = from.deletes_by_flag ? session::Pop3Deletes::flag : session::Pop3Deletes::expunge;
        to.tells_implementation = from.implementation;
        to.takeover_time = from.takeover_time;
        to.language = from.language;
        return to;
    }

    unsigned count_or_cores(unsigned count)
    {
        return count != 0 ? count : std::max(1u, std::thread::hardware_concurrency());
    }

} // namespace

config::Checks config_checks()
{
    return { .is_capability
        = [](std::string_view name) { return imap::switchable(name) != imap::Capability::count; },
        .is_network = [](std::string_view text) { return Network::parse(text).has_value(); },
        .is_language = [](std::string_view tag) { return find_language(tag).has_value(); },
        .problem_of_uidl_format = pop3::problem_of_uidl_format };
}

session::Settings settings_from(config::Config const& config)
{
    session::Settings settings;
    settings.hostname = config.hostname;
    auto const& from = config.limits;
    auto& to = settings.limits;
    to.message_octets = from.message_size;
    to.line_octets = from.line_length;
    to.command_literal_octets = from.command_literals;
    to.bad_commands = from.bad_commands;
    to.failed_logins = from.failed_logins;
    to.login_time = from.login_time;
    to.idle_time = from.idle_time;
    to.pop3_idle_time = from.pop3_idle_time;
    to.lmtp_idle_time = from.lmtp_idle_time;
    to.lmtp_recipients = from.lmtp_recipients;
    for (auto const& each : config.mailboxes)
        settings.new_account_mailboxes.push_back(
            { each.name, special_use(each.special_use), each.subscribed });
    settings.deliver_to_detail = config.lmtp.deliver_to_detail;
    settings.recipient_delimiter = config.lmtp.recipient_delimiter;
    settings.lmtp = { config.lmtp.deliverers, config.lmtp.announce_dsn, config.lmtp.create_detail,
        config.lmtp.detail_needs_post, config.lmtp.duplicate_window, config.lmtp.max_hops,
        config.lmtp.messages_per_session, config.lmtp.message_time };
    settings.sharing = { config.sharing.enabled, config.sharing.other_users, config.sharing.shared,
        config.sharing.shared_account, config.sharing.allow_anyone };
    settings.imap.capabilities_off = config.imap.capabilities_off;
    settings.imap.message_limit = config.imap.message_limit;
    settings.imap.save_limit = config.imap.save_limit;
    settings.imap.language = config.imap.language;
    settings.imap.keep_alive = config.imap.keep_alive;
    for (auto const& each : config.imap.networks) {
        auto& to_network = settings.imap.networks.emplace_back();
        to_network.capabilities_off = each.capabilities_off;
        for (auto const& network : each.networks)
            if (auto const parsed = Network::parse(network))
                to_network.networks.push_back(*parsed);
    }
    for (auto const& each : config.imap.metadata)
        settings.imap.server_metadata.emplace(each.entry, each.value);
    settings.pop3 = pop3_settings(config.pop3);
    settings.mta = { config.mta.domains, config.mta.rejects_unknown, config.mta.defers_on_trouble,
        config.limits.mta_idle_time };
    settings.quota_warning = config.quota.warning;
    if (config.quota.rejects)
        settings.over_quota = session::OverQuota::reject;
    return settings;
}

Server::Server(config::Config config, Converse converse,
    std::function<void(config::Config const&)> const& bound)
    : config_(std::move(config))
    , settings_(settings_from(config_))
    , admission_(config_.limits)
    , converse_(converse)
{
    if (!config_.tls.certificates.empty())
        tls_ = std::make_unique<tls::Context>(config_.tls);
    for (auto const& written : config_.proxy.networks)
        if (auto const network = Network::parse(written))
            proxies_.push_back(*network);
    for (unsigned i = 0; i < count_or_cores(config_.threads.io); ++i)
        threads_.push_back(std::make_unique<IoThread>());
    bind_listeners();
    if (bound)
        bound(config_);
    workers_ = std::make_unique<asio::thread_pool>(count_or_cores(config_.threads.workers));
    store_ = storage::Store::open(
        { config_.storage.path, config_.storage.map_size, config_.storage.undelete_window });
    accounts_ = std::make_unique<Accounts>(config_, admission_, store_->secret());
    app_passwords_ = std::make_unique<AppPasswordAccounts>(*accounts_, config_);
    guard_ = std::make_unique<GuardedAccounts>(
        *app_passwords_, config_.auth, config_.storage.path / "known-networks", store_->secret());
    store_->on_commit(
        [this](std::span<storage::Committed const> commits) { hub_.committed(commits); });
    services_ = std::make_unique<session::Services>(session::Services {
        *store_, hub_, *guard_, journal_, settings_, workers_->get_executor() });
    files_timer_ = std::make_unique<asio::steady_timer>(threads_.front()->io());
    minute_timer_ = std::make_unique<asio::steady_timer>(threads_.front()->io());
    shutdown_timer_ = std::make_unique<asio::steady_timer>(threads_.front()->io());
    if (!config_.auth.weak_schemes && !config_.auth.users_file.empty())
        for (auto const& line : advice_on_weak_accounts(read_users(config_.auth.users_file)))
            log::warn("{}", line);
    listen();
}

Server::~Server()
{
    acceptors_.clear();
    workers_->stop(); // what is queued belongs to sessions that are gone
    workers_->join();
    accounts_->join();
    save_logins();
    store_.reset(); // finishes what is queued; its last words go to loops that are still there
}

void Server::bind_listeners()
{
    for (auto const& listener : config_.listeners) {
        auto const at = acceptors_.size();
        acceptors_.push_back(std::make_unique<Acceptor>(
            threads_.front()->io(), listener, [this, at](int socket, int family, Peer peer) {
                take_in(acceptors_[at]->listener(), socket, family, std::move(peer));
            }));
    }
}

void Server::listen()
{
    for (auto const& acceptor : acceptors_) {
        acceptor->listen();
        auto const& opened = acceptor->listener();
        log::info("{} listens at {}", config::name_of(opened.protocol), opened.endpoint.text());
    }
}

std::vector<config::Listener> Server::listeners() const
{
    std::vector<config::Listener> all;
    for (auto const& acceptor : acceptors_)
        all.push_back(acceptor->listener());
    return all;
}

void Server::take_in(config::Listener const& listener, int socket, int family, Peer peer)
{
    auto visit = admission_.enter();
    if (admission_.sessions() > config_.limits.sessions + refused_at_once) {
        ::close(socket); // to tell all of them why would itself take the server down
        return;
    }
    auto const least
        = std::ranges::min_element(threads_, {}, [](auto const& t) { return t->sessions(); });
    auto& thread = **least;
    thread.count_session(1);
    auto task = [this, &thread, &listener, socket, family, peer = std::move(peer),
                    visit = std::move(visit)]() mutable {
        adopt(thread, listener, socket, family, std::move(peer), std::move(visit));
    };
    asio::dispatch(thread.io(), std::move(task));
}

void Server::adopt(IoThread& thread, config::Listener const& listener, int socket, int family,
    Peer peer, Admission::Visit visit)
{
    auto const who = peer;
    try {
        asio::generic::stream_protocol const protocol(family, family == AF_UNIX ? 0 : IPPROTO_TCP);
        Socket owned(thread.io());
        boost::system::error_code error;
        owned.assign(protocol, socket, error);
        if (error) {
            ::close(socket);
            throw boost::system::system_error(error);
        }
        auto const offer = listener.tls == config::Tls::starttls
            ? Connection::StartTls::offered
            : Connection::StartTls::not_offered;
        Guest guest;
        guest.visit = std::move(visit);
        guest.connection = std::make_unique<Connection>(std::move(owned), std::move(peer),
            listener.protocol, listener.tls != config::Tls::none ? tls_->get() : nullptr, offer);
        guest.connection->set_handshake_limit(config_.limits.handshake_time);
        guest.listener = &listener;
        guest.services = services_.get();
        guest.converse = converse_ ? converse_ : converse_in(listener.protocol);
        guest.proxies = &proxies_;
        thread.enter(*guest.connection);
        asio::co_spawn(thread.io(), serve(std::move(guest)),
            [&thread](std::exception_ptr) { thread.count_session(-1); });
    } catch (std::exception const& failure) {
        log::error("cannot take in {}: {}", text_of(who), failure.what());
        thread.count_session(-1);
    }
}

bool Server::run()
{
    for (auto const& acceptor : acceptors_)
        acceptor->start();
    every_minute();
    every_two_seconds();
    for (std::size_t i = 1; i < threads_.size(); ++i)
        threads_[i]->start();
    threads_.front()->run();
    for (auto const& thread : threads_)
        thread->join();
    return drained_ && !accounts_->is_busy();
}

void Server::stop()
{
    asio::post(threads_.front()->io(), [this] { begin_shutdown(); });
}

void Server::begin_shutdown()
{
    if (std::exchange(stopping_, true))
        return;
    log::info("shutting down: {} sessions", admission_.sessions());
    minute_timer_->cancel();
    files_timer_->cancel();
    for (auto const& acceptor : acceptors_)
        acceptor->close();
    for (auto const& thread : threads_)
        asio::post(thread->io(), [&t = *thread] { t.stop_connections(write_grace); });
    await_sessions(Clock::now() + session_grace);
}

void Server::await_sessions(Clock::time_point deadline)
{
    auto const left = admission_.sessions();
    if (left == 0 || Clock::now() >= deadline) {
        drained_ = left == 0;
        if (!drained_)
            log::warn("{} sessions did not end in time", left);
        for (auto const& thread : threads_)
            thread->finish();
        return;
    }
    shutdown_timer_->expires_after(10ms);
    shutdown_timer_->async_wait(
        [this, deadline](boost::system::error_code) { await_sessions(deadline); });
}

/// On a worker: files may lie on a disk that is slow.
void Server::look_at_tls(tls::Context::Look how)
{
    if (!tls_)
        return;
    asio::post(*workers_, [this, how] {
        try {
            for (auto const& remark : tls_->look(std::chrono::system_clock::now(), how))
                log::log(remark.level, "{}", remark.text);
        } catch (std::exception const& failure) {
            log::error("cannot look for renewed certificates: {}", failure.what());
        }
    });
}

void Server::reload() { look_at_tls(tls::Context::Look::at_all); }

void Server::every_two_seconds()
{
    look_at_tls(tls::Context::Look::at_changes);
    files_timer_->expires_after(2s);
    files_timer_->async_wait([this](boost::system::error_code error) {
        if (!error)
            every_two_seconds();
    });
}

void Server::every_minute()
{
    asio::post(*workers_, [this] { save_logins(); });
    if (++minutes_ % 60 == 2) // soon after the start, then hourly
        sweep_store();
    if (minutes_ % 60 == 0)
        guard_->log_counts();
    minute_timer_->expires_after(1min);
    minute_timer_->async_wait([this](boost::system::error_code error) {
        if (!error)
            every_minute();
    });
}

void Server::save_logins()
{
    try {
        app_passwords_->save();
        guard_->save();
    } catch (std::exception const& failure) {
        log::error("cannot write what is remembered of logins: {}", failure.what());
    }
}

void Server::sweep_store()
{
    asio::post(*workers_, [this] {
        try {
            auto const freed = store_->sweep_expunged(std::chrono::system_clock::now());
            if (freed > 0)
                log::info("freed {} messages that the undelete window no longer keeps", freed);
        } catch (std::exception const& failure) {
            log::error("cannot free expunged messages: {}", failure.what());
        }
    });
}

} // namespace mail::server
