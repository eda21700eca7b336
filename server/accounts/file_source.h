// The users file as a source of accounts.
#pragma once

#include "server/accounts/source.h"
#include "server/accounts/users_file.h"

#include <filesystem>

namespace mail::server {

/// Answers at once; a file that is gone or has mistakes leaves the accounts as they were.
class FileSource final : public Source {
public:
    explicit FileSource(std::filesystem::path path); ///< throws with all of the file's mistakes

    std::string const& name() const override { return name_; }
    EntryPtr find(std::string const& name) override;
    EntryPtr find_by_address(std::string const& address) override;
    bool has_domain(std::string_view domain) const override;
    bool stores_verifiers() const override { return true; }
    bool replace(UserEntry const& entry, Verifiers const& with) override;
    std::array<bool, sasl::scram_hashes> keys_of_all() const override;
    EntryPtr stand_in(std::string_view name) const override;

private:
    std::filesystem::path path_;
    std::string name_;
    mutable UsersFile file_;
};

} // namespace mail::server
