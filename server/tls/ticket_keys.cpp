// Makes, keeps and forgets keys of tickets.
#include "server/tls/ticket_keys.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>
#include <span>

namespace mail::server::tls {

TicketKeys::Key::~Key()
{
    ::OPENSSL_cleanse(cipher.data(), cipher.size());
    ::OPENSSL_cleanse(mac.data(), mac.size());
}

std::shared_ptr<TicketKeys::Key const> TicketKeys::make()
{
    auto key = std::make_shared<Key>();
    if (::RAND_bytes(key->name.data(), static_cast<int>(key->name.size())) != 1
        || ::RAND_priv_bytes(key->cipher.data(), static_cast<int>(key->cipher.size())) != 1
        || ::RAND_priv_bytes(key->mac.data(), static_cast<int>(key->mac.size())) != 1)
        fail("cannot make keys for session tickets");
    return key;
}

TicketKeys::TicketKeys(Clock::time_point now)
    : aes_(::EVP_CIPHER_fetch(nullptr, "AES-256-CBC", nullptr))
    , current_(make())
    , made_(now)
{
}

void TicketKeys::rotate_if_due(Clock::time_point now)
{
    std::lock_guard const lock(mutex_);
    if (now - made_ < period)
        return;
    // After a long sleep of the machine even the current key is too old to open anything.
    previous_ = now - made_ < 2 * period ? current_ : nullptr;
    current_ = make();
    made_ = now;
}

bool TicketKeys::use(Key const& key, EVP_MAC_CTX* mac)
{
    char digest[] = "SHA256";
    OSSL_PARAM const parameters[] = {
        ::OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY,
            const_cast<unsigned char*>(key.mac.data()), key.mac.size()), // only read
        ::OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        ::OSSL_PARAM_construct_end(),
    };
    return ::EVP_MAC_CTX_set_params(mac, parameters) == 1;
}

int TicketKeys::seal(
    unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac)
{
    std::shared_ptr<Key const> key;
    {
        std::lock_guard const lock(mutex_);
        key = current_;
    }
    std::ranges::copy(key->name, name);
    bool const done = ::RAND_bytes(iv, ::EVP_CIPHER_get_iv_length(aes_.get())) == 1
        && ::EVP_EncryptInit_ex2(cipher, aes_.get(), key->cipher.data(), iv, nullptr) == 1
        && use(*key, mac);
    return done ? 1 : -1;
}

int TicketKeys::open(
    unsigned char const* name, unsigned char const* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac)
{
    std::shared_ptr<Key const> key;
    bool is_current = false;
    {
        std::lock_guard const lock(mutex_);
        for (auto const& each : { current_, previous_ })
            if (each && std::ranges::equal(each->name, std::span(name, each->name.size())))
                key = each;
        is_current = key == current_;
    }
    if (!key)
        return 0; // a full handshake
    if (::EVP_DecryptInit_ex2(cipher, aes_.get(), key->cipher.data(), iv, nullptr) != 1
        || !use(*key, mac))
        return -1;
    return is_current ? 1 : 2; // 2: the client gets a new ticket
}

} // namespace mail::server::tls
