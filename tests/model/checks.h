// At quiet points: what clients believe against the truth.
#pragma once

#include "tests/model/client.h"
#include "tests/model/random.h"

namespace mail::model {

/// What NOTIFY had to tell has been told, without a command.
void check_told(Client& client, World& world);
/// All of the selected mailbox is known, and right.
void check_mailbox(Client& client, World& world);
/// SEARCH, SORT and "$" find what there is. Settles.
void check_answers(Client& client, World& world, Random& random);
/// Asks for what it watches and does not know: from then on it must be told. Settles.
void learn_watched(Client& client, World& world);

} // namespace mail::model
