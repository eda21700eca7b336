// Names that say two things: who logs in, and as whom.
#pragma once

#include "protocol/session/authenticator.h"

#include <string>
#include <string_view>

namespace mail::server {

/// Takes "user*master" apart, where `separator` is "*": `name` becomes the master's, and the
/// attempt acts as the user. Leaves all else alone; also where the attempt names somebody to act as
/// already.
void take_master_name(session::Attempt& attempt, std::string& name, std::string_view separator);

} // namespace mail::server
