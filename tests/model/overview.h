// What a client that used NOTIFY believes of mailboxes beside the selected one, of STATUS and LIST.
#pragma once

#include "tests/model/response.h"

#include <map>
#include <optional>
#include <string>

namespace mail::model {

class Overview {
public:
    using Counts = std::map<std::string, std::uint64_t>; ///< by item of STATUS

    std::map<std::string, Counts>
        counts; ///< by name; of what is not there the client knows nothing
    std::map<std::string, std::optional<bool>> names; ///< the user's own; whether subscribed
    bool knows_names = false;

    void hear_status(Response const& status);
    /// A name that changed, or one of the answers to LIST.
    void hear_list(Response const& list);
    /// A line of LIST may be older than what the client itself did meanwhile.
    std::size_t lists_heard() const { return lists_heard_; }

    // What the client did itself
    void create(std::string const& name);
    void rename(std::string const& from, std::string const& to);

private:
    std::size_t lists_heard_ = 0;
};

} // namespace mail::model
