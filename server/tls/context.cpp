// Loads, watches and renews.
#include "server/tls/context.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <functional>
#include <stdexcept>

namespace mail::server::tls {

using namespace std::chrono_literals;

namespace {

    constexpr auto expires_soon = 14 * 24h;
    constexpr auto between_reports = 24h;

    template <class Duration> auto days(Duration time)
    {
        return std::chrono::duration_cast<std::chrono::days>(time).count();
    }

    Remark validity(Certificate const& certificate, Time now)
    {
        auto const end = certificate.not_after();
        auto const what = fmt::format(
            "the certificate {} ({})", certificate.file(), fmt::join(certificate.names(), ", "));
        if (end <= now)
            return { log::level::err,
                fmt::format("{} expired on {}: clients refuse it; renew it", what, date_of(end)) };
        if (certificate.not_before() > now)
            return { log::level::err,
                fmt::format("{} is not valid before {}: clients refuse it; look at this machine's "
                            "clock, or get another one",
                    what, date_of(certificate.not_before())) };
        auto const text
            = fmt::format("{} is good until {}, for {} days", what, date_of(end), days(end - now));
        if (end - now < expires_soon)
            return { log::level::warn, text + "; renew it" };
        return { log::level::info, text };
    }

} // namespace

struct Context::Pair {
    config::TlsFiles files;
    WatchedFiles watched;
    WatchedFiles watched_response;
    Shown shown = {};

    explicit Pair(config::TlsFiles from)
        : files(std::move(from))
        , watched({ files.certificate, files.private_key })
        , watched_response({ files.ocsp_response })
    {
    }
};

Context::Context(config::TlsSettings settings, Time now)
    : settings_(std::move(settings))
    , tickets_(std::make_shared<TicketKeys>())
{
    std::string problems;
    auto const attempt = [&](std::function<void()> const& step) {
        try {
            step();
        } catch (std::runtime_error const& failure) {
            problems += (problems.empty() ? "" : "\n") + std::string(failure.what());
        }
    };
    for (auto const& files : settings_.certificates) {
        auto& pair = pairs_.emplace_back(files);
        attempt([&] { load(pair, now); });
    }
    if (settings_.client_certificate != config::ClientCertificate::none) {
        trust_files_.emplace(std::vector { settings_.client_ca, settings_.client_crl });
        attempt([&] { trust_ = std::make_shared<ClientTrust const>(settings_); });
    }
    if (problems.empty())
        attempt([&] { credentials_ = build(); });
    if (!problems.empty())
        throw std::runtime_error(problems);
}

Context::~Context() = default;

std::shared_ptr<Credentials const> Context::get() const
{
    std::lock_guard const lock(mutex_);
    return credentials_;
}

std::shared_ptr<Credentials const> Context::build() const
{
    std::vector<Shown> shown;
    for (auto const& pair : pairs_)
        shown.push_back(pair.shown);
    return std::make_shared<Credentials const>(settings_, std::move(shown), trust_, tickets_);
}

void Context::remark(log::level::level_enum level, std::string text)
{
    remarks_.push_back({ level, std::move(text) });
}

/// Throws, and leaves the pair as it was, when certificate or key are no good.
void Context::load(Pair& pair, Time now)
{
    pair.shown.certificate = std::make_shared<Certificate const>(pair.files);
    for (auto& doubt : pair.shown.certificate->doubts())
        remark(log::level::warn, std::move(doubt));
    load_response(pair, now);
}

/// Without a response the certificate is shown all the same.
void Context::load_response(Pair& pair, Time now)
{
    pair.shown.ocsp_response = nullptr;
    if (pair.files.ocsp_response.empty())
        return;
    try {
        pair.shown.ocsp_response = std::make_shared<OcspResponse const>(
            pair.files.ocsp_response, *pair.shown.certificate, now);
    } catch (std::runtime_error const& failure) {
        remark(log::level::warn, fmt::format("no OCSP response is stapled: {}", failure.what()));
    }
}

bool Context::look_at(Pair& pair, Time now, Look how)
{
    bool const is_new = pair.watched.have_changed() || how == Look::at_all;
    bool const has_response = pair.watched_response.have_changed();
    if (is_new) {
        auto const before = pair.shown.certificate;
        pair.watched.take();
        pair.watched_response.take();
        try {
            load(pair, now);
            if (!pair.shown.certificate->is_same_as(*before)) {
                auto told = validity(*pair.shown.certificate, now);
                remark(told.level, "renewed: " + told.text);
            }
            return true;
        } catch (std::runtime_error const& failure) {
            remark(log::level::err,
                fmt::format(
                    "the certificate {} stays the old one: {}", before->file(), failure.what()));
            return false;
        }
    }
    if (has_response) {
        load_response(pair, now);
        if (pair.shown.ocsp_response)
            remark(log::level::info,
                fmt::format("the OCSP response {} is stapled, until {}",
                    pair.files.ocsp_response.string(),
                    date_of(pair.shown.ocsp_response->next_update())));
        return true;
    }
    if (pair.shown.ocsp_response && pair.shown.ocsp_response->next_update() <= now) {
        load_response(pair, now); // says why it is of no use any more
        return true;
    }
    return false;
}

bool Context::look_at_trust(Look how)
{
    if (!trust_files_ || (!trust_files_->have_changed() && how != Look::at_all))
        return false;
    trust_files_->take();
    try {
        auto const before = std::exchange(trust_, std::make_shared<ClientTrust const>(settings_));
        if (before->digest() != trust_->digest())
            remark(log::level::info,
                fmt::format("renewed: the authorities of clients' certificates in {}{}",
                    settings_.client_ca.string(),
                    settings_.client_crl.empty() ? "" : " and those that are revoked"));
        return true;
    } catch (std::runtime_error const& failure) {
        remark(log::level::err,
            fmt::format("clients' certificates are checked as before: {}", failure.what()));
        return false;
    }
}

void Context::report(Time now)
{
    bool const is_first = last_report_ == Time {};
    if (!is_first && now - last_report_ < between_reports)
        return;
    last_report_ = now;
    for (auto const& pair : pairs_)
        if (auto told = validity(*pair.shown.certificate, now);
            is_first || told.level != log::level::info)
            remarks_.push_back(std::move(told));
    if (trust_)
        for (auto& doubt : trust_->doubts(now))
            remark(log::level::err, std::move(doubt));
}

std::vector<Remark> Context::look(Time now, Look how)
{
    std::lock_guard const looking(looking_);
    tickets_->rotate_if_due(TicketKeys::Clock::now());
    bool is_new = look_at_trust(how);
    for (auto& pair : pairs_)
        is_new = look_at(pair, now, how) || is_new;
    if (is_new) {
        auto made = build();
        std::lock_guard const lock(mutex_);
        credentials_.swap(made); // the old one goes with its last connection
    }
    report(now);
    return std::exchange(remarks_, {});
}

} // namespace mail::server::tls
