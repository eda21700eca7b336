// What an account may have of its own for POP3: pop3_view=, pop3_expire=, pop3_login_delay=.
#pragma once

#include "protocol/session/pop3_policy.h"

#include <string>
#include <string_view>

namespace mail::server {

bool is_pop3_setting(std::string_view key);
/// Takes the value of one of them; returns what is wrong with it, empty when nothing is.
std::string read_pop3_setting(
    std::string_view key, std::string_view value, session::Pop3Overrides& out);

} // namespace mail::server
