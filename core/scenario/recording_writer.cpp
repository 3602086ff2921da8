// A recording as a file: steps with their expectations, clients with what all their connects have in common.
#include "core/scenario/recorder.h"

#include "core/scenario/recorded_patterns.h"
#include "core/scenario/scalars.h"
#include "core/scenario/write_command.h"

namespace sessionscope {

/// Goes through the periods once, from the first to the last.
class RecordingWriter
{
public:
    explicit RecordingWriter(const Recorder &recorder) : m_recorder(recorder)
    {
        for (const auto &[key, client] : recorder.m_clients)
            m_common[key] = commonOf(client.connects);
    }

    Node write()
    {
        std::vector<Node> steps;
        const auto &periods = m_recorder.m_periods;
        for (std::size_t i = 0; i < periods.size(); ++i) {
            const Instant end = i + 1 < periods.size() ? periods[i + 1].at : m_recorder.m_latest;
            addSteps(periods[i], isApart(i), end - periods[i].at, steps);
        }
        Node root = mapNode(QStringLiteral("scenario"), scalarNode(m_recorder.m_name));
        setEntry(root, QStringLiteral("about"), scalarNode(about()));
        if (const auto broker = elsewhere())
            setEntry(root, QStringLiteral("broker"), brokerNode(*broker));
        if (misbehaves() || holdsBack())
            setEntry(root, QStringLiteral("invariants"), scalarNode(QStringLiteral("off")));
        setEntry(root, QStringLiteral("clients"), clients());
        setEntry(root, QStringLiteral("steps"), listNode(std::move(steps)));
        std::vector<Node> last{mapNode(QStringLiteral("expect"), atTheEnd())};
        setEntry(root, QStringLiteral("finally"), listNode(std::move(last)));
        return root;
    }

private:
    using Period = Recorder::Period;
    using Recorded = Recorder::Recorded;

    /// The entries that all of them have alike.
    static Node commonOf(const std::vector<Node> &connects)
    {
        if (connects.empty())
            return {};
        Node common = connects.front();
        for (const Node &connect : connects) {
            std::erase_if(common.entries, [&connect](const Node::Entry &entry) {
                const Node *same = connect.find(entry.key);
                return !same || writeDocument(*same) != writeDocument(entry.value);
            });
        }
        return common;
    }

    /// An end that was told to break rules breaks invariants, too.
    bool misbehaves() const
    {
        return std::ranges::any_of(m_recorder.m_periods, [](const Period &period) {
            return period.command && (std::holds_alternative<MisbehaveClient>(*period.command) ||
                                      std::holds_alternative<MisbehaveBroker>(*period.command));
        });
    }

    /// It ends while acknowledgements are held, and so with messages that are still open.
    bool holdsBack() const
    {
        const auto &rest = m_recorder.m_periods.back().rest;
        return rest &&
               std::ranges::any_of(rest->clients, [](const ClientView &client) { return client.heldAcksTotal > 0; });
    }

    QString nameOf(ClientKey key) const { return m_recorder.m_clients.at(key).name; }
    bool isOthers(ClientKey key) const { return key == m_recorder.m_others; }

    /// Where the clients connect; nothing when that is the bundled broker.
    std::optional<Endpoint> elsewhere() const
    {
        for (const auto &[key, client] : m_recorder.m_clients) {
            if (!m_recorder.isBundled(client.broker))
                return client.broker;
        }
        return std::nullopt;
    }

    QString about() const
    {
        QString text = QStringLiteral("Recorded by hand: what was done, and what was seen of it.");
        if (m_recorder.m_others.value)
            text += QStringLiteral(" The client %1 publishes what other programs published then.")
                        .arg(nameOf(m_recorder.m_others));
        if (m_recorder.m_underWay > 0)
            text +=
                QStringLiteral(" Left out: %1 messages that were under way when it began.").arg(m_recorder.m_underWay);
        if (m_recorder.m_missed > 0)
            text += QStringLiteral(" Left out: %1 records that came too fast.").arg(m_recorder.m_missed);
        if (m_unsaid > 0)
            text += QStringLiteral(" Left out: %1 commands that were refused or that no verb says.").arg(m_unsaid);
        if (m_recorder.m_leftOut > 0 && m_recorder.m_missed > 0)
            text += QStringLiteral(" Left out: %1 commands that came too fast or behind the limit of %2.")
                        .arg(m_recorder.m_leftOut)
                        .arg(Recorder::stepLimit);
        else if (m_recorder.m_leftOut > 0)
            text += QStringLiteral(" Left out: %1 commands behind the limit of %2.")
                        .arg(m_recorder.m_leftOut)
                        .arg(Recorder::stepLimit);
        if (m_recorder.m_seen > Recorder::recordLimit)
            text += QStringLiteral(" Left out: everything behind %1 records.").arg(Recorder::recordLimit);
        return text;
    }

    Node clients() const
    {
        Node clients;
        const auto broker = elsewhere();
        for (const auto &[key, client] : m_recorder.m_clients) {
            Node fields = m_common.at(key);
            for (Node::Entry &entry : policyNode(client.policy).entries)
                setEntry(fields, entry.key, std::move(entry.value));
            if (!client.method.isEmpty())
                addAuthentication(fields, client);
            if (client.hasPassword)
                setEntry(fields, QStringLiteral("password"),
                         mapNode(QStringLiteral("env"), scalarNode(Recorder::passwordVariable(client.name))));
            if (broker && !(client.broker == *broker)) {
                setEntry(fields, QStringLiteral("broker"), scalarNode(toUrl(client.broker)));
                if (Node tls = tlsNode(client.broker.tls, FileNames::Resolved); !tls.entries.empty())
                    setEntry(fields, QStringLiteral("tls"), std::move(tls));
            }
            setEntry(clients, client.name, fields.entries.empty() ? Node{} : std::move(fields));
        }
        return clients;
    }

    /// Data of a method may be secrets as much as a password: the file has variables for them.
    static void addAuthentication(Node &fields, const Recorded &client)
    {
        Node authentication = mapNode(QStringLiteral("method"), textNode(client.method));
        std::vector<Node> script;
        for (std::size_t number = 1; number <= client.scriptSize; ++number)
            script.push_back(scalarNode(QStringLiteral("${%1}").arg(Recorder::dataVariable(client.name, number))));
        if (!script.empty())
            setEntry(authentication, QStringLiteral("script"), listNode(std::move(script)));
        else
            setEntry(fields, QStringLiteral("username"), textNode(client.provedUser));
        setEntry(fields, QStringLiteral("authentication"), std::move(authentication));
    }

    /// Whether what was seen in a period came of its own command: nothing was under way when it began, or when the next
    /// one did.
    bool isApart(std::size_t index) const
    {
        const auto &periods = m_recorder.m_periods;
        const auto isFollowedAtRest = [&periods](std::size_t one) {
            std::size_t next = one + 1;
            while (next < periods.size() && periods[next].isInserted)
                ++next;
            return next == periods.size() || periods[next].at - periods[one].lastSeen >= Recorder::restAfter;
        };
        if (periods[index].isInserted)
            return true;
        std::size_t before = index;
        while (before > 0 && (before == index || periods[before].isInserted))
            --before;
        return (before == 0 || isFollowedAtRest(before)) && isFollowedAtRest(index);
    }

    void addSteps(const Period &period, bool isApart, Duration span, std::vector<Node> &steps)
    {
        if (auto step = actionOf(period)) {
            Node expected = isApart ? expectationOf(period.prompt, period.client) : Node{};
            if (expected.isMap())
                setEntry(*step, QStringLiteral("expect"), std::move(expected));
            steps.push_back(std::move(*step));
        }
        if (period.command && span >= Recorder::pauseFrom) {
            Node wait = mapNode(QStringLiteral("wait"), scalarNode(spanText(span)));
            if (Node expected = expectationOf(period.later, {}); expected.isMap())
                setEntry(wait, QStringLiteral("expect"), std::move(expected));
            steps.push_back(std::move(wait));
        }
        if (!period.rest)
            return;
        if (Node changed = changesOf(*period.rest); changed.isMap())
            steps.push_back(mapNode(QStringLiteral("expect"), std::move(changed)));
    }

    std::optional<Node> actionOf(const Period &period)
    {
        if (!period.command)
            return std::nullopt;
        auto verb = period.isRefused ? std::nullopt : verbOf(*period.command);
        if (!verb) {
            ++m_unsaid;
            return std::nullopt;
        }
        Node::Entry &entry = verb->entries.front();
        if (entry.key == u"connect")
            leaveOutCommon(entry.value, period.client);
        const bool standsAlone = entry.value.kind == Node::Kind::Null;
        const QString who = period.client.value ? nameOf(period.client) : QStringLiteral("broker");
        return mapNode(who, standsAlone ? scalarNode(entry.key) : std::move(*verb));
    }

    void leaveOutCommon(Node &connect, ClientKey client) const
    {
        const Node &common = m_common.at(client);
        std::erase_if(connect.entries, [&common](const Node::Entry &entry) { return common.find(entry.key); });
        if (connect.entries.empty())
            connect = {};
    }

    Node expectationOf(const Evidence &seen, ClientKey own) const
    {
        Node expected;
        for (const auto &[key, client] : m_recorder.m_clients) {
            const bool isOwn = key == own;
            const auto say = [&](const QString &subject, Node node) {
                setEntry(expected, isOwn ? subject : client.name + u'.' + subject, std::move(node));
            };
            Tally packets;
            for (const SeenPacket &packet : seen.packets) {
                if (packet.client != key)
                    continue;
                if (const auto *connack = packet.packet.as<ConnackPacket>())
                    say(QStringLiteral("connack"), connackPattern(*connack));
                if (const auto pattern = packetPattern(packet); pattern && !isOthers(key))
                    packets.add(*pattern);
            }
            if (!packets.isEmpty())
                say(QStringLiteral("packets"), packets.node());
            if (const Tally messages = messagesOf(seen, key); !messages.isEmpty())
                say(QStringLiteral("received"), messages.node());
            for (const SeenClose &close : seen.closes) {
                if (close.client == key)
                    say(QStringLiteral("closed"), closedPattern(close));
            }
        }
        Tally wills;
        for (const SeenWill &will : seen.wills) {
            Node pattern = mapNode(QStringLiteral("client"), textNode(will.clientId));
            setEntry(pattern, QStringLiteral("topic"), textNode(will.topic));
            wills.add(pattern);
        }
        if (!wills.isEmpty())
            setEntry(expected, QStringLiteral("broker.wills"), wills.node());
        return expected;
    }

    static Tally messagesOf(const Evidence &seen, ClientKey key)
    {
        Tally messages;
        for (const SeenPacket &message : seen.messages) {
            const auto *publish = message.packet.as<PublishPacket>();
            if (message.client == key && publish)
                messages.add(messagePattern(*publish));
        }
        return messages;
    }

    using Subjects = std::vector<std::pair<QString, FactTexts>>;

    /// Both ends of every client, by the subject that a file asks about.
    Subjects endsOf(const LabView &view) const
    {
        Subjects subjects;
        for (const auto &[key, client] : m_recorder.m_clients) {
            const auto mine = std::ranges::find(view.clients, key, &ClientView::key);
            if (mine == view.clients.end())
                continue;
            subjects.emplace_back(client.name + QStringLiteral(".client"), lastingFacts(ClientMoment{&*mine, view.at}));
            if (!m_recorder.isBundled(client.broker))
                continue;
            const QByteArray &clientId = mine->record ? mine->record->clientId : mine->connect.clientId;
            if (clientId.isEmpty())
                continue; // it has not connected yet
            const auto theirs = std::ranges::find(view.broker.sessions, clientId, &ServerSessionView::clientId);
            const ServerSessionView *session = theirs == view.broker.sessions.end() ? nullptr : &*theirs;
            subjects.emplace_back(QStringLiteral("broker.sessions.") + client.name,
                                  lastingFacts(ServerMoment{session, view.at}));
        }
        return subjects;
    }

    /// Facts that are not as they were told last.
    Node changesOf(const LabView &view)
    {
        Node changes;
        for (const auto &[subject, facts] : endsOf(view)) {
            std::map<QString, QString> &told = m_told[subject];
            Node changed;
            std::map<QString, QString> now;
            for (const auto &[fact, text] : facts) {
                now[fact] = text;
                const auto before = told.find(fact);
                if (before == told.end() ? !isNothing(text) : before->second != text)
                    setEntry(changed, fact, scalarNode(text));
            }
            told = std::move(now);
            if (changed.isMap())
                setEntry(changes, subject, std::move(changed));
        }
        return changes;
    }

    Node atTheEnd() const
    {
        Node expected;
        Evidence all;
        for (const Period &period : m_recorder.m_periods) {
            for (const Evidence *seen : {&period.prompt, &period.later}) {
                all.messages.insert(all.messages.end(), seen->messages.begin(), seen->messages.end());
                all.findings.insert(all.findings.end(), seen->findings.begin(), seen->findings.end());
            }
        }
        for (const auto &[key, client] : m_recorder.m_clients) {
            if (isOthers(key))
                continue;
            const Tally messages = messagesOf(all, key);
            setEntry(expected, client.name + QStringLiteral(".received"),
                     messages.isEmpty() ? scalarNode(QStringLiteral("none")) : messages.node());
        }
        if (auto findings = findingsNode(all))
            setEntry(expected, QStringLiteral("findings"), std::move(*findings));
        if (const auto &rest = m_recorder.m_periods.back().rest) {
            for (const auto &[subject, facts] : endsOf(*rest)) {
                Node state;
                for (const auto &[fact, text] : facts)
                    setEntry(state, fact, scalarNode(text));
                setEntry(expected, subject, std::move(state));
            }
        }
        return expected;
    }

    /// Nothing when one of them has a section for a number: a file cannot name it.
    static std::optional<Node> findingsNode(const Evidence &all)
    {
        QStringList statements;
        for (const SeenFinding &seen : all.findings) {
            const QString statement = QString::fromUtf8(seen.finding.statement);
            if (statementShape().wrong(scalarNode(statement)))
                return std::nullopt;
            if (!statements.contains(statement))
                statements << statement;
        }
        if (statements.isEmpty())
            return scalarNode(QStringLiteral("none"));
        std::vector<Node> items;
        for (const QString &statement : statements)
            items.push_back(scalarNode(statement));
        return listNode(std::move(items));
    }

    const Recorder &m_recorder;
    std::map<ClientKey, Node> m_common;
    std::map<QString, std::map<QString, QString>> m_told; ///< by subject
    int m_unsaid = 0;
};

QByteArray Recorder::file() const
{
    return writeDocument(RecordingWriter(*this).write());
}

} // namespace sessionscope
