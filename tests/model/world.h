// The truth: what the store holds for whom, read without the server.
#pragma once

#include "storage/mailbox_view.h"
#include "tests/model/response.h"
#include "tests/support/test_services.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace mail::model {

struct Truth {
    std::uint32_t uid = 0;
    FlagSet flags;
    std::uint64_t mod_seq = 0;
    std::uint64_t size = 0;
};

/// A mailbox as a user sees it.
struct Place {
    std::string name; ///< the user's
    std::string object_id; ///< MAILBOXID
    storage::Viewpoint viewpoint;
    storage::Mailbox mailbox; ///< with the user's own UNSEEN
};

class World {
public:
    static constexpr auto shared = "Shared"; ///< alice's mailbox that bob may have rights to
    static constexpr auto shared_from_outside = "Other Users/alice/Shared";

    World();

    test::TestServices services;

    /// All that the user may read.
    std::vector<Place> mailboxes(std::string const& user);
    std::optional<Place> find(std::string const& user, std::string const& object_id);
    std::optional<Place> find_name(std::string const& user, std::string const& name);
    std::vector<Truth> messages(Place const& place);
    bool is_subscribed(std::string const& user, std::string const& name);
    /// Names that clients of the user give; not all of them are there.
    std::vector<std::string> const& names(std::string const& user) const;
    /// Damage in the store, if any.
    std::vector<std::string> verify();

    // A message's subject, "s3", can be told by its size.
    static std::string message(std::size_t number);
    static std::string subject(std::uint64_t size);

private:
    storage::Account alice_;
    storage::Account bob_;
};

/// "(\Seen $One)" in lower case.
FlagSet flag_set(std::string_view list);

} // namespace mail::model
