// [[listener]]
#include "config/reading.h"

#include "config/units.h"

#include <fmt/format.h>

namespace mail::config {

namespace {

    void read_mode(Section& in, Listener& out)
    {
        std::string written;
        if (!in.text("mode", written))
            return;
        bool const is_octal = !written.empty() && written.size() <= 4
            && written.find_first_not_of("01234567") == std::string::npos;
        if (!is_octal || std::stoul(written, nullptr, 8) > 0777) {
            in.complain("mode",
                fmt::format(
                    "is \"{}\"; write permissions in octal digits, such as \"0660\"", written));
        } else if (!out.endpoint.is_unix()) {
            in.complain("mode", "belongs to unix sockets only; leave it out");
        } else {
            out.mode = static_cast<unsigned>(std::stoul(written, nullptr, 8));
        }
    }

    void check_proxy_protocol(Reading& r, Section& in, Listener const& listener)
    {
        if (!listener.proxy_protocol)
            return;
        if (listener.endpoint.is_unix())
            in.complain("proxy_protocol",
                "belongs to TCP listeners only: a unix socket has no network that a proxy could be "
                "in; leave it out");
        else if (r.config.proxy.networks.empty())
            in.complain("proxy_protocol",
                "needs to know whom to believe; add a [proxy] section with the proxies' networks, "
                "such as networks = [\"10.0.0.5\"]");
    }

    void read_trusted_networks(Reading& r, Section& in, Listener& out)
    {
        std::vector<std::string> networks;
        if (!in.texts("trusted_networks", networks, r.checks.is_network,
                "write networks such as \"192.0.2.0/24\" or \"2001:db8::/32\""))
            return;
        if (out.protocol != Protocol::lmtp)
            in.complain("trusted_networks", "belongs to lmtp listeners only; leave it out");
        else if (out.endpoint.is_unix())
            in.complain("trusted_networks",
                "has no meaning for a unix socket, where mode says who may deliver; leave it out");
        else
            out.trusted_networks = std::move(networks);
    }

    /// Whether anybody on the network could deliver by LMTP, and how.
    void check_trust(Reading& r, Section& in, Listener const& listener)
    {
        auto const& endpoint = listener.endpoint;
        bool const trusts_some = listener.trusted_networks && !listener.trusted_networks->empty();
        if (trusts_some || (endpoint.is_loopback() && !listener.trusted_networks))
            return;
        if (r.config.lmtp.deliverers.empty())
            in.complain(listener.trusted_networks ? "trusted_networks" : "address",
                "lets nobody deliver: LMTP takes mail from whoever it trusts, which is this "
                "machine "
                "alone unless it is said; name the networks of your MTAs in trusted_networks, or "
                "the accounts by which they log in in deliverers of [lmtp]");
        else if (listener.tls == Tls::none && !endpoint.is_loopback())
            in.complain("tls",
                "MTAs that are not trusted log in, and no password may cross the network "
                "unencrypted; write tls = \"starttls\" or \"implicit\", or name their networks in "
                "trusted_networks");
    }

    /// Whoever reaches such a listener may try passwords and find out addresses.
    void check_mta_listener(Section& in, Listener const& listener)
    {
        if (!listener.endpoint.is_loopback())
            in.complain("address",
                fmt::format("{} can be reached from other machines, and the protocol has no "
                            "passwords; write \"unix:/path\", or listen at 127.0.0.1 or [::1]",
                    listener.endpoint.text()));
        if (listener.tls != Tls::none && !listener.endpoint.is_unix())
            in.complain("tls", "MTAs speak this protocol without TLS; write tls = \"none\"");
        if (listener.allow_plaintext_login && listener.protocol != Protocol::auth)
            in.complain("allow_plaintext_login", "nobody logs in by this protocol; leave it out");
    }

    void check_listener(Reading& r, Section& in, Listener const& listener, bool has_tls_section)
    {
        auto const& endpoint = listener.endpoint;
        bool const is_for_programs
            = listener.protocol == Protocol::lmtp || is_for_mtas(listener.protocol);
        if (endpoint.is_unix() && !is_for_programs)
            in.complain("address",
                "is a unix socket, which imap and pop3 listeners cannot have; write "
                "\"ADDRESS:PORT\"");
        if (listener.protocol == Protocol::lmtp && endpoint.port == 25) // RFC 2033 §5
            in.complain("address",
                "is the port of SMTP, where MTAs would take this for one; write another port, such "
                "as 24");
        if (is_for_mtas(listener.protocol))
            check_mta_listener(in, listener);
        if (endpoint.is_unix() && listener.tls != Tls::none)
            in.complain("tls", "a unix socket has no TLS; write tls = \"none\"");
        if (listener.tls != Tls::none && !has_tls_section)
            in.complain("tls",
                "needs a certificate; add a [tls] section with certificate and private_key, or "
                "write tls = \"none\"");
        if (listener.allow_plaintext_login && !endpoint.is_loopback())
            in.complain("allow_plaintext_login",
                fmt::format("passwords would cross the network unencrypted: allowed at loopback "
                            "addresses only, "
                            "and {} is none; write false, or listen at 127.0.0.1 or [::1]",
                    endpoint.text()));
        check_proxy_protocol(r, in, listener);
        if (endpoint.port == 0 && !endpoint.is_unix())
            return; // each takes a free port of its own
        for (auto const& other : r.config.listeners) {
            if (other.endpoint == endpoint)
                in.complain("address",
                    fmt::format("{} is taken by an earlier listener; each needs an address or port "
                                "of its own",
                        endpoint.text()));
        }
    }

} // namespace

void read_listener(Reading& r, Section& in, bool has_tls_section)
{
    static constexpr Choice<Protocol> protocols[] = { { "imap", Protocol::imap },
        { "pop3", Protocol::pop3 }, { "lmtp", Protocol::lmtp }, { "auth", Protocol::auth },
        { "policy", Protocol::policy }, { "socketmap", Protocol::socketmap } };
    static constexpr Choice<Tls> kinds[]
        = { { "implicit", Tls::implicit }, { "starttls", Tls::starttls }, { "none", Tls::none } };
    Listener listener;
    in.require("protocol", "\"imap\"");
    in.require("address", "\"127.0.0.1:993\"");
    bool complete = in.choice("protocol", listener.protocol, protocols);
    std::string address;
    if (!in.text("address", address)) {
        complete = false;
    } else if (auto const endpoint = parse_endpoint(address)) {
        listener.endpoint = *endpoint;
    } else {
        complete = false;
        in.complain("address",
            fmt::format(
                "is \"{}\"; write a numeric address and a port, such as "
                "\"127.0.0.1:993\" or \"[::1]:993\", "
                "\"0.0.0.0:993\" or \"[::]:993\" for all, or \"unix:/path\" for other programs",
                address));
    }
    if (listener.protocol == Protocol::imap || listener.protocol == Protocol::pop3)
        in.require("tls", "\"implicit\"");
    bool const has_good_tls = in.choice("tls", listener.tls, kinds) || !in.has("tls");
    in.flag("allow_plaintext_login", listener.allow_plaintext_login);
    in.flag("proxy_protocol", listener.proxy_protocol);
    if (complete)
        read_mode(in, listener);
    else {
        std::string ignored;
        in.text("mode", ignored);
    }
    read_trusted_networks(r, in, listener);
    if (complete && has_good_tls) {
        check_listener(r, in, listener, has_tls_section);
        if (listener.protocol == Protocol::lmtp)
            check_trust(r, in, listener);
        r.config.listeners.push_back(std::move(listener));
    }
    in.refuse_unknown();
}

} // namespace mail::config
