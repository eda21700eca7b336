// Overwrites what was secret before its memory goes back.
#pragma once

#include <openssl/crypto.h>

#include <string>

namespace mail {

/// The octets are gone, also where the compiler sees nobody who reads the string again.
inline void wipe(std::string& secret) { ::OPENSSL_cleanse(secret.data(), secret.size()); }

} // namespace mail
