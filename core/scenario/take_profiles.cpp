#include "core/scenario/take_profiles.h"

#include "core/scenario/grammar.h"
#include "core/scenario/write_document.h"

namespace sessionscope {

namespace {

Node placed(Node node, const Place &place)
{
    node.place = place;
    return node;
}

class ProfileTaker
{
public:
    ProfileTaker(const LoadFile &load, Problems &problems) : m_load(load), m_problems(problems) {}

    void takeIntoClient(Node &client)
    {
        const auto profile = take(client);
        if (!profile)
            return;
        static const QStringList notTaken{QStringLiteral("profile"), QStringLiteral("about"), QStringLiteral("broker"),
                                          QStringLiteral("subscribe"), QStringLiteral("auth_method")};
        std::vector<Node::Entry> entries;
        for (const Node::Entry &entry : profile->entries) {
            if (!notTaken.contains(entry.key) && !client.find(entry.key))
                entries.push_back(entry);
        }
        if (const Node *method = profile->find(u"auth_method"); method && !client.find(u"authentication"))
            entries.push_back({QStringLiteral("authentication"), method->place,
                               placed(mapNode(QStringLiteral("method"), *method), method->place)});
        client.entries.insert(client.entries.begin(), entries.begin(), entries.end());
    }

    void takeIntoBroker(Node &broker)
    {
        if (const Node *url = broker.find(u"url"); url && broker.find(u"profile"))
            report(url->place, QStringLiteral("the profile names the broker: expected either url or profile"));
        const auto profile = take(broker);
        if (!profile)
            return;
        const Node *url = profile->find(u"broker");
        if (!url || url->text == u"bundled")
            return report(profile->place, QStringLiteral("\"broker\" is missing: expected the URL of a broker, which "
                                                         "the scenario is to be played against"));
        setEntry(broker, QStringLiteral("url"), *url);
        for (const char *key : {"username", "password", "tls"}) {
            const QString name = QLatin1String(key);
            if (const Node *value = profile->find(name); value && !broker.find(name))
                setEntry(broker, name, *value);
        }
    }

private:
    void report(const Place &place, const QString &what) { m_problems.push_back({place, what}); }

    /// Removes the key that names a profile and returns the profile, if it is in order.
    std::optional<Node> take(Node &map)
    {
        const auto found = std::ranges::find(map.entries, QStringLiteral("profile"), &Node::Entry::key);
        if (found == map.entries.end())
            return std::nullopt;
        const Node name = std::move(found->value);
        map.entries.erase(found);
        // Nothing but a text names a file.
        if (!name.isScalar()) {
            report(name.place, QStringLiteral("%1 is not the name of a profile").arg(kindText(name.kind)));
            return std::nullopt;
        }
        if (!m_load) {
            report(name.place, QStringLiteral("no other file can be read from here"));
            return std::nullopt;
        }
        const auto loaded = m_load(name.text, name.place.file, LoadKind::Profile);
        if (!loaded) {
            report(name.place, loaded.error());
            return std::nullopt;
        }
        auto document = readDocument(loaded->text, loaded->file);
        Problems wrong;
        if (document)
            checkProfile(*document, wrong);
        else
            wrong = document.error();
        m_problems.insert(m_problems.end(), wrong.begin(), wrong.end());
        if (!wrong.empty())
            return std::nullopt;
        return std::move(document).value();
    }

    const LoadFile &m_load;
    Problems &m_problems;
};

Node *entryOf(Node &map, QStringView key)
{
    const auto found = std::ranges::find(map.entries, key, &Node::Entry::key);
    return found == map.entries.end() ? nullptr : &found->value;
}

} // namespace

void takeProfiles(Node &root, const LoadFile &load, Problems &problems)
{
    ProfileTaker taker(load, problems);
    if (Node *broker = entryOf(root, u"broker"))
        taker.takeIntoBroker(*broker);
    if (Node *clients = entryOf(root, u"clients")) {
        for (Node::Entry &client : clients->entries)
            taker.takeIntoClient(client.value);
    }
}

void checkProfile(const Node &root, Problems &problems)
{
    checkShape(root, profileShape(), problems);
    if (root.find(u"profile") && root.entries.front().key != u"profile")
        problems.push_back({root.entries.front().place,
                            QStringLiteral("\"%1\" stands before the name: expected profile: NAME as the first key")
                                .arg(root.entries.front().key)});
}

} // namespace sessionscope
