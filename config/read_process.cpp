// [process]
#include "config/reading.h"

namespace mail::config {

namespace {

    void read_paths(
        Reading& r, Section& in, std::string_view key, std::vector<std::filesystem::path>& out)
    {
        std::vector<std::string> texts;
        in.texts(
            key, texts, [](std::string_view text) { return !text.empty(); },
            "write paths such as \"/var/lib/mail-panel\"");
        for (auto const& text : texts)
            out.push_back(r.base / text);
    }

} // namespace

void read_process(Reading& r, Section& in)
{
    static constexpr Choice<Confine> choices[] = { { "required", Confine::required },
        { "possible", Confine::possible }, { "off", Confine::off } };
    auto& out = r.config.process;
    in.text("user", out.user);
    in.choice("confine", out.confine, choices);
    read_paths(r, in, "read", out.read);
    read_paths(r, in, "write", out.write);
}

} // namespace mail::config
