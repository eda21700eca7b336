// Chooses certificates by name, and makes the contexts that show them.
#include "server/tls/credentials.h"

#include "server/tls/handshake.h"
#include "server/tls/host_names.h"
#include "server/tls/level.h"

#include <algorithm>
#include <array>

namespace mail::server::tls {

std::vector<std::size_t> certificates_for(std::vector<Shown> const& all, std::string_view name)
{
    std::vector<std::size_t> chosen;
    auto const has_kind = [&](int kind) {
        return std::ranges::any_of(
            chosen, [&](std::size_t i) { return all[i].certificate->key_kind() == kind; });
    };
    for (bool const is_exact : { true, false })
        for (std::size_t i = 0; i < all.size(); ++i) {
            auto const& each = *all[i].certificate;
            bool const fits = is_exact ? std::ranges::find(each.names(), name) != each.names().end()
                                       : each.is_for(name);
            if (fits && !has_kind(each.key_kind()))
                chosen.push_back(i);
        }
    std::ranges::sort(chosen);
    return chosen;
}

std::vector<std::size_t> default_certificates(std::vector<Shown> const& all)
{
    std::vector<std::size_t> chosen { 0 };
    auto const& first = *all.front().certificate;
    for (std::size_t i = 1; i < all.size(); ++i) {
        auto const& each = *all[i].certificate;
        bool const is_new_kind = std::ranges::none_of(chosen, [&](std::size_t other) {
            return all[other].certificate->key_kind() == each.key_kind();
        });
        bool const is_for_all = std::ranges::all_of(
            first.names(), [&](auto const& name) { return each.is_for(name); });
        if (is_new_kind && is_for_all)
            chosen.push_back(i);
    }
    return chosen;
}

Credentials::Credentials(config::TlsSettings const& settings, std::vector<Shown> certificates,
    std::shared_ptr<ClientTrust const> trust, std::shared_ptr<TicketKeys> tickets)
    : certificates_(std::move(certificates))
    , trust_(std::move(trust))
    , tickets_(std::move(tickets))
    , client_names_(settings.client_names)
{
    default_ = context_with(settings, default_certificates(certificates_));
    for (auto const& each : certificates_)
        for (auto const& name : each.certificate->names())
            if (!by_name_.contains(name))
                by_name_.emplace(
                    name, context_with(settings, certificates_for(certificates_, name)));
}

Credentials::~Credentials() = default;

SSL_CTX* Credentials::context_with(
    config::TlsSettings const& settings, std::vector<std::size_t> const& which)
{
    for (auto const& [has, context] : contexts_)
        if (has == which)
            return context.get();
    return contexts_.emplace_back(which, make_context(settings, which)).second.get();
}

ContextPtr Credentials::make_context(
    config::TlsSettings const& settings, std::vector<std::size_t> const& which) const
{
    using namespace std::chrono_literals;
    ContextPtr context(::SSL_CTX_new(::TLS_server_method()));
    if (!context)
        fail("cannot set up TLS");
    auto* const c = context.get();
    set_level(c, settings);
    // The chain is what the administrator put into the file; looking for more costs each handshake.
    ::SSL_CTX_set_mode(c,
        SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE
            | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_NO_AUTO_CHAIN);
    // One recv takes a record's header and body, not two.
    ::SSL_CTX_set_read_ahead(c, 1);
    // Sessions are kept in tickets at the clients, none here.
    ::SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
    ::SSL_CTX_set_num_tickets(c, 1);
    std::chrono::seconds const session_time = trust_ ? 1h : TicketKeys::period;
    ::SSL_CTX_set_timeout(c, static_cast<long>(session_time.count()));
    std::string const id = trust_ ? trust_->digest() : "mailroom";
    ::SSL_CTX_set_session_id_context(
        c, reinterpret_cast<unsigned char const*>(id.data()), static_cast<unsigned>(id.size()));
    if (trust_)
        trust_->use_in(c);
    for (auto const i : which)
        certificates_[i].certificate->use_in(c);
    set_callbacks(c, *this);
    return context;
}

SSL_CTX* Credentials::context_for(std::string_view name) const
{
    auto const wanted = host_name(name);
    auto found = by_name_.find(wanted);
    if (found == by_name_.end())
        found = by_name_.find(wildcard_for(wanted));
    return found == by_name_.end() ? nullptr : found->second;
}

OcspResponse const* Credentials::ocsp_response_of(X509 const* certificate) const
{
    for (auto const& each : certificates_)
        if (each.certificate->get() == certificate)
            return each.ocsp_response.get();
    return nullptr;
}

} // namespace mail::server::tls
