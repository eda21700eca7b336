// Forms of log lines.
#include "server/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>

namespace mail::server {

namespace {

    /// The priority that journald and syslog know, "<6>".
    class Priority final : public spdlog::custom_flag_formatter {
    public:
        void format(spdlog::details::log_msg const& message, std::tm const&,
            spdlog::memory_buf_t& out) override
        {
            char const digit = message.level >= spdlog::level::err ? '3'
                : message.level == spdlog::level::warn             ? '4'
                : message.level == spdlog::level::info             ? '6'
                                                                   : '7';
            out.append(std::string_view("<"));
            out.push_back(digit);
            out.append(std::string_view(">"));
        }
        std::unique_ptr<custom_flag_formatter> clone() const override
        {
            return std::make_unique<Priority>();
        }
    };

    /// JOURNAL_STREAM holds device and inode of the journal's socket: is it our stderr?
    bool stderr_is_journal()
    {
        auto const* stream = std::getenv("JOURNAL_STREAM");
        struct stat mine { };
        if (!stream || ::fstat(STDERR_FILENO, &mine) != 0)
            return false;
        return fmt::format("{}:{}", mine.st_dev, mine.st_ino) == stream;
    }

    spdlog::level::level_enum level_of(config::LogLevel level)
    {
        switch (level) {
        case config::LogLevel::debug:
            return spdlog::level::debug;
        case config::LogLevel::info:
            return spdlog::level::info;
        case config::LogLevel::warning:
            return spdlog::level::warn;
        case config::LogLevel::error:
            return spdlog::level::err;
        }
        return spdlog::level::info;
    }

} // namespace

void set_up_log(config::Log const& settings)
{
    auto logger = std::make_shared<spdlog::logger>(
        "mailroom", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    auto formatter = std::make_unique<spdlog::pattern_formatter>();
    bool const journald = settings.format == config::LogFormat::journald
        || (settings.format == config::LogFormat::automatic && stderr_is_journal());
    if (journald)
        formatter->add_flag<Priority>('*').set_pattern("%*%v");
    else
        formatter->set_pattern("%Y-%m-%d %H:%M:%S.%e %l: %v");
    logger->set_formatter(std::move(formatter));
    logger->set_level(level_of(settings.level));
    spdlog::set_default_logger(std::move(logger));
}

std::string escaped(std::string_view text)
{
    constexpr std::size_t longest = 200;
    std::string out;
    for (auto const c : text.substr(0, longest)) {
        auto const octet = static_cast<unsigned char>(c);
        if (octet < 0x20 || octet >= 0x7f || c == '"' || c == '\\')
            fmt::format_to(std::back_inserter(out), "\\x{:02x}", octet);
        else
            out += c;
    }
    if (text.size() > longest)
        out += "...";
    return out;
}

} // namespace mail::server
