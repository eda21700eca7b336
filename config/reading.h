// The config file while it is being read. The reader of a section that is more than a few keys is a
// file of its own, read_<section>.cpp.
#pragma once

#include "config/reader.h"
#include "config/section.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mail::config {

struct Reading {
    Config config;
    std::vector<Problem> problems;
    std::filesystem::path base; ///< of relative paths
    Files files = Files::must_exist;
    Checks checks;
};

/// A problem of `key` when this user cannot read the file; `advice` says what to do.
void require_readable(Reading& r, Section& in, std::string_view key,
    std::filesystem::path const& file, std::string_view advice);
std::string lower_case(std::string text); ///< ASCII

// Sections
void read_auth(Reading& r, Section& in);
enum class Nesting { outer, inner }; ///< inner: the source of another source
/// nullopt: it has mistakes.
std::optional<AuthSource> read_auth_source(Reading& r, Section& in, Nesting nesting);
void read_guessing(Section& in, Guessing& out);
void read_imap(Reading& r, Section& in);
void read_listener(Reading& r, Section& in, bool has_tls_section); ///< after read_lmtp
void read_lmtp(Reading& r, Section& in);
void read_mta(Reading& r, Section& in);
void read_oauth(Reading& r, Section& in); ///< [auth.oauth]
void read_pop3(Reading& r, Section& in);
void read_process(Reading& r, Section& in);
void read_proxy(Reading& r, Section& in);
void read_tls(Reading& r, Section& in);

} // namespace mail::config
