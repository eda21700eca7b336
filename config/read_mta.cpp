// [mta]
#include "config/reading.h"

namespace mail::config {

namespace {

    bool is_domain(std::string_view name)
    {
        return !name.empty() && name.size() <= 255
            && name.find_first_of("@ \t*,;<>\"") == name.npos;
    }

} // namespace

void read_mta(Reading& r, Section& in)
{
    auto& out = r.config.mta;
    in.texts("domains", out.domains, is_domain,
        "write domains such as \"example.org\", without @ and *");
    for (auto& domain : out.domains)
        domain = lower_case(domain);
    static constexpr Choice<bool> of_unknown[] = { { "dunno", false }, { "reject", true } };
    in.choice("unknown_recipient", out.rejects_unknown, of_unknown);
    static constexpr Choice<bool> of_trouble[] = { { "dunno", false }, { "defer", true } };
    in.choice("trouble", out.defers_on_trouble, of_trouble);
}

} // namespace mail::config
