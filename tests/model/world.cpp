// Two accounts, read from their store.
#include "tests/model/world.h"

#include "protocol/imap/object_id.h"
#include "protocol/session/namespaces.h"
#include "storage/acl.h"
#include "storage/verify.h"
#include "tests/support/sharing.h"

namespace mail::model {
namespace {

    constexpr std::size_t smallest = 40;

    FlagSet flags_of(storage::Flags const& flags, std::vector<std::string> const& keywords)
    {
        static constexpr char const* names[]
            = { "\\seen", "\\answered", "\\flagged", "\\deleted", "\\draft" };
        FlagSet set;
        for (unsigned bit = 0; bit < 5; ++bit)
            if ((flags.system >> bit & 1) != 0)
                set.insert(names[bit]);
        for (std::size_t bit = 0; bit < keywords.size(); ++bit)
            if (flags.has_keyword(bit))
                set.merge(flag_set(keywords[bit]));
        return set;
    }

} // namespace

FlagSet flag_set(std::string_view list)
{
    FlagSet set;
    std::string word;
    for (char const c : std::string(list) + " ") {
        if (c != ' ' && c != '(' && c != ')')
            word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        else if (!word.empty())
            set.insert(std::exchange(word, {}));
    }
    return set;
}

World::World()
    : alice_(services.account("alice"))
    , bob_(services.account("bob"))
{
    auto const made = services.store().volume_of(alice_).write(
        [&](storage::WriteTxn& txn) -> storage::Result<void> {
            auto const other = storage::create_mailbox(txn, alice_.id, { .name = "Other" });
            return other ? storage::Result<void> {} : other.error();
        });
    EXPECT_TRUE(made);
    test::share(services, "alice", shared, "bob", "lrswite");
}

std::vector<Place> World::mailboxes(std::string const& user)
{
    std::vector<Place> all;
    auto const& viewer = user == "alice" ? alice_ : bob_;
    auto const add = [&](storage::ReadTxn const& txn, storage::Account const& owner,
                         storage::Mailbox const& mailbox, std::string name) {
        storage::Viewpoint const from { { owner.id, mailbox.id }, viewer.id };
        all.push_back({ std::move(name), imap::object_id(from.place), from, mailbox });
        all.back().mailbox.unseen = storage::MailboxView(txn, from).unseen(mailbox);
    };
    {
        auto const txn = services.store().volume_of(viewer).read();
        for (auto const& mailbox : storage::list_mailboxes(txn, viewer.id))
            add(txn, viewer, mailbox, mailbox.name);
    }
    if (user == "alice")
        return all;
    std::string const identifiers[] = { user };
    auto const txn = services.store().volume_of(alice_).read();
    if (auto const mailbox = storage::find_mailbox(txn, alice_.id, shared); mailbox)
        if (auto const acl = storage::read_acl(txn, { alice_.id, mailbox->id });
            session::rights_in(acl, identifiers).has(storage::Right::read))
            add(txn, alice_, *mailbox, shared_from_outside);
    return all;
}

std::optional<Place> World::find(std::string const& user, std::string const& object_id)
{
    for (auto& place : mailboxes(user))
        if (place.object_id == object_id)
            return std::move(place);
    return std::nullopt;
}

std::optional<Place> World::find_name(std::string const& user, std::string const& name)
{
    for (auto& place : mailboxes(user))
        if (place.name == name)
            return std::move(place);
    return std::nullopt;
}

std::vector<Truth> World::messages(Place const& place)
{
    std::vector<Truth> found;
    auto const& owner = place.viewpoint.place.account == alice_.id ? alice_ : bob_;
    auto const txn = services.store().volume_of(owner).read();
    storage::MailboxView(txn, place.viewpoint)
        .scan(storage::all_uids, storage::Columns::all, [&](storage::HotRecord const& hot) {
            found.push_back({ hot.uid.value, flags_of(hot.flags, place.mailbox.keywords),
                hot.mod_seq.value, hot.size });
            return true;
        });
    return found;
}

bool World::is_subscribed(std::string const& user, std::string const& name)
{
    auto const& account = user == "alice" ? alice_ : bob_;
    auto const txn = services.store().volume_of(account).read();
    return storage::is_subscribed(txn, account.id, name);
}

std::vector<std::string> const& World::names(std::string const& user) const
{
    static std::vector<std::string> const alices { "INBOX", "INBOX", "Other", "Other", shared,
        shared, "Third", "Third/Sub", "Fourth" };
    static std::vector<std::string> const bobs { "INBOX", shared_from_outside,
        shared_from_outside };
    return user == "alice" ? alices : bobs;
}

std::vector<std::string> World::verify()
{
    std::vector<std::string> damage;
    for (auto const& account : { alice_, bob_ }) {
        auto const txn = services.store().volume_of(account).read();
        for (auto& line : storage::verify_account(txn, account.id))
            damage.push_back(std::move(line));
    }
    return damage;
}

std::string World::message(std::size_t number)
{
    auto text = "Subject: s" + std::to_string(number) + "\r\n\r\n";
    return text.append(smallest + number - text.size() - 2, 'x') + "\r\n";
}

std::string World::subject(std::uint64_t size) { return "s" + std::to_string(size - smallest); }

} // namespace mail::model
