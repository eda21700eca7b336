// [imap]
#include "config/reading.h"

#include <algorithm>

namespace mail::config {

using namespace std::chrono_literals;

namespace {

    void read_capabilities_off(Reading& r, Section& in, std::vector<std::string>& out)
    {
        in.texts("capabilities_off", out, r.checks.is_capability,
            "write names of extensions as CAPABILITY lists them, such as \"UIDONLY\"");
    }

    /// "/shared/", then levels of printable ASCII without wildcards (RFC 5464 §3.2).
    bool is_shared_entry(std::string_view name)
    {
        return name.starts_with("/shared/") && !name.ends_with('/') && name.size() <= 500
            && name.find("//") == name.npos && name.find_first_of("*%") == name.npos
            && std::all_of(name.begin(), name.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
    }

    void read_metadata(Reading& r, Section& in, std::vector<ImapMetadata>& out)
    {
        for (auto const* each : in.tables("metadata")) {
            Section section(r.problems, *each, "imap.metadata");
            ImapMetadata metadata;
            section.require("entry", "\"/shared/comment\"");
            section.require("value", "\"Mail of example.org\"");
            if (section.text("entry", metadata.entry)) {
                metadata.entry = lower_case(metadata.entry);
                if (!is_shared_entry(metadata.entry))
                    section.complain("entry",
                        "is no name of an entry of the server; write one such as "
                        "\"/shared/comment\" or \"/shared/admin\"");
                auto const is_same
                    = [&](ImapMetadata const& other) { return other.entry == metadata.entry; };
                if (std::any_of(out.begin(), out.end(), is_same))
                    section.complain("entry", "is there twice; remove one of them");
            }
            section.text("value", metadata.value);
            section.refuse_unknown();
            out.push_back(std::move(metadata));
        }
    }

} // namespace

void read_imap(Reading& r, Section& in)
{
    auto& out = r.config.imap;
    read_capabilities_off(r, in, out.capabilities_off);
    in.count("message_limit", out.message_limit, 0, 1'000'000'000);
    in.count("save_limit", out.save_limit, 0, 1'000'000'000);
    for (auto const& limit : { std::pair { "message_limit", out.message_limit },
             std::pair { "save_limit", out.save_limit } })
        if (limit.second != 0 && limit.second < 1000)
            in.complain(limit.first,
                "is below 1000, with which clients cannot work; write 1000 "
                "or more, or 0 for no limit");
    if (in.text("language", out.language) && r.checks.is_language
        && !r.checks.is_language(out.language))
        in.complain("language", "is not spoken; write one of those that LANGUAGE lists");
    in.duration("keep_alive", out.keep_alive, 0s, 25min);
    read_metadata(r, in, out.metadata);
    for (auto const* each : in.tables("network")) {
        Section section(r.problems, *each, "imap.network");
        ImapNetwork network;
        section.require("networks", "[\"192.0.2.0/24\"]");
        section.texts("networks", network.networks, r.checks.is_network,
            "write networks such as \"192.0.2.0/24\" or \"2001:db8::/32\"");
        read_capabilities_off(r, section, network.capabilities_off);
        section.refuse_unknown();
        out.networks.push_back(std::move(network));
    }
}

} // namespace mail::config
