// Delivers into the store, or through the server that has it open.
#include "server/deliver.h"

#include "protocol/lmtp/delivery.h"
#include "protocol/lmtp/local_input.h"
#include "server/accounts/accounts.h"
#include "server/lmtp_client.h"
#include "server/log_journal.h"
#include "server/server.h"
#include "server/trust.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>

namespace mail::server {

namespace {

    using namespace std::chrono_literals;

    /// The message on a descriptor, brought into the form of the wire piece by piece.
    class Message {
    public:
        Message(int descriptor, std::uint64_t most)
            : descriptor_(descriptor)
            , most_(most)
        {
        }

        /// The next octets; empty at the end. Throws when the message is too large.
        std::string next()
        {
            std::string out;
            while (out.empty() && !ended_) {
                char block[65536];
                auto const got = ::read(descriptor_, block, sizeof block);
                if (got < 0 && errno != EINTR)
                    throw std::runtime_error(
                        fmt::format("cannot read the message: {}", std::strerror(errno)));
                if (got == 0) {
                    ended_ = true;
                    form_.finish(out);
                } else if (got > 0) {
                    form_.feed({ block, static_cast<std::size_t>(got) }, out);
                }
            }
            size_ += out.size();
            if (size_ > most_)
                throw std::runtime_error(fmt::format(
                    "the message is larger than {} octets (limits.message_size)", most_));
            return out;
        }

        std::uint64_t size() const { return size_; }

    private:
        int descriptor_;
        std::uint64_t most_;
        std::uint64_t size_ = 0;
        bool ended_ = false;
        lmtp::LocalInput form_;
    };

    lmtp::Address parse_address(std::string const& recipient)
    {
        auto const path = fmt::format("<{}>", recipient);
        std::string_view rest = path;
        auto const address = lmtp::take_path(rest);
        if (!address || address->is_null() || !rest.empty())
            throw std::runtime_error(fmt::format(
                "\"{}\" is no account or address; write one like alice@example.org", recipient));
        return *address;
    }

    /// Whether a process, commonly the server, has the store open.
    bool is_in_use(std::filesystem::path const& store)
    {
        int const fd = ::open((store / "lock").c_str(), O_RDWR | O_CLOEXEC);
        if (fd < 0)
            return false;
        bool const locked = ::flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
        ::close(fd);
        return locked;
    }

    /// Whether a plain connection from this machine may deliver there.
    bool takes_local_mail(config::Listener const& listener)
    {
        bool const is_v6 = listener.endpoint.host.find(':') != std::string::npos;
        Peer const self { .address = is_v6 ? "::1" : "127.0.0.1", .is_loopback = true };
        return listener.protocol == config::Protocol::lmtp && listener.tls != config::Tls::implicit
            && (listener.endpoint.is_unix() || listener.endpoint.port != 0)
            && is_trusted(listener, self);
    }

    config::Endpoint lmtp_endpoint(config::Config const& config)
    {
        auto const found = std::ranges::find_if(config.listeners, takes_local_mail);
        if (found != config.listeners.end())
            return found->endpoint;
        throw std::runtime_error(fmt::format(
            "the store {} is in use by a running server, and {} has no lmtp listener that takes "
            "mail from this machine: add one at 127.0.0.1 with tls = \"none\"",
            config.storage.path.string(), config.file.string()));
    }

    /// A server's parts without its listeners: for one delivery.
    class LocalStore {
    public:
        explicit LocalStore(config::Config const& config)
            : settings_(settings_from(config))
            , admission_(config.limits)
            , store_(storage::Store::open(
                  { config.storage.path, config.storage.map_size, config.storage.undelete_window }))
            , accounts_(config, admission_, store_->secret())
            , services_ { *store_, hub_, accounts_, journal_, settings_, workers_.get_executor() }
        {
        }
        ~LocalStore()
        {
            workers_.join();
            accounts_.join();
            store_.reset();
        }
        LocalStore(LocalStore const&) = delete;
        LocalStore& operator=(LocalStore const&) = delete;

        std::string deliver(lmtp::Address const& address, Message& message)
        {
            std::string done;
            std::exception_ptr failure;
            boost::asio::co_spawn(io_, run(address, message, done),
                [&](std::exception_ptr thrown) { failure = thrown; });
            io_.run();
            if (failure)
                std::rethrow_exception(failure);
            return done;
        }

    private:
        awaitable<void> run(lmtp::Address const& address, Message& message, std::string& done)
        {
            auto const executor = boost::asio::any_io_executor(io_.get_executor());
            auto const found = co_await lmtp::find_recipient(services_, executor, address);
            if (!found)
                throw std::runtime_error(
                    fmt::format("cannot deliver to {}: {}", address.text(), found.error().text()));
            auto const date = lmtp::date_now();
            auto const id = lmtp::make_delivery_id();
            lmtp::Trace trace;
            trace.recipient = found->address;
            trace.hostname = settings_.hostname;
            trace.id = id;
            trace.date = date;
            auto const fields = lmtp::trace_fields(trace);
            std::vector<lmtp::Recipient> recipients { *found };
            lmtp::Delivery delivery(services_, executor, std::move(recipients), date);
            co_await delivery.write(fields);
            for (auto octets = message.next(); !octets.empty(); octets = message.next())
                co_await delivery.write(octets);
            auto const outcomes = co_await delivery.finish();
            auto const& outcome = outcomes.front();
            if (!outcome.is_delivered())
                throw std::runtime_error(fmt::format("cannot deliver to {}: {}", found->address,
                    outcome.failure(settings_.over_quota).text()));
            done = fmt::format("delivered to {} as UID {}, {} octets", found->address,
                outcome.result->uid.value, message.size());
        }

        boost::asio::io_context io_ { 1 };
        boost::asio::thread_pool workers_ { 1 };
        session::Settings settings_;
        Admission admission_;
        std::unique_ptr<storage::Store> store_;
        Accounts accounts_;
        session::Hub hub_;
        LogJournal journal_;
        session::Services services_;
    };

} // namespace

std::string deliver(config::Config const& config, std::string const& recipient, int input)
{
    auto const address = parse_address(recipient);
    Message message(input, config.limits.message_size);
    // Another `deliver` may have the store for a moment, and a starting server does not listen yet.
    for (auto const deadline = Clock::now() + 10s;; std::this_thread::sleep_for(100ms)) {
        if (!is_in_use(config.storage.path))
            return LocalStore(config).deliver(address, message);
        try {
            LmtpClient client(lmtp_endpoint(config));
            auto const reply = client.deliver(recipient, [&] { return message.next(); });
            return fmt::format("delivered by the running server: {}", reply);
        } catch (NobodyListens const& nobody) {
            if (Clock::now() > deadline)
                throw std::runtime_error(
                    fmt::format("the store {} is in use by another process, and: {}",
                        config.storage.path.string(), nobody.what()));
        }
    }
}

} // namespace mail::server
