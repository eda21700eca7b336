// PAM as a source of accounts. PAM checks passwords and lists nobody: the system's accounts,
// domains or another source say who there is.
#pragma once

#include "config/auth_source.h"
#include "server/accounts/pam_process.h"
#include "server/accounts/pool.h"
#include "server/accounts/source.h"

#include <memory>

namespace mail::server {

class PamSource final : public Source {
public:
    /// `accounts` is asked who there is, where the settings say so; null otherwise.
    PamSource(config::AuthSource const& settings, std::unique_ptr<Source> accounts);

    std::string const& name() const override { return name_; }
    SourceTerms terms() const override;
    EntryPtr find(std::string const& name) override;
    EntryPtr find_by_address(std::string const& address) override;
    bool checks_passwords() const override { return true; }
    Verdict check_password(UserEntry const& entry, Tried const& tried) override;
    bool looks_at_addresses() const override { return true; } // modules may, such as pam_access
    std::array<bool, sasl::scram_hashes> keys_of_all() const override { return {}; }

private:
    config::AuthSource settings_;
    config::PamAccounts const& pam_; ///< of them
    std::string name_;
    std::unique_ptr<Source> accounts_;
    Pool<PamProcess> processes_;
};

} // namespace mail::server
