#include "tests/fuzz/plays.h"

#include "core/base/overloaded.h"
#include "core/lab/lab.h"
#include "core/scenario/invariants.h"
#include "core/trace/text.h"
#include "tests/fuzz/packet_maker.h"
#include "tests/vectors/invariants.h"

namespace sessionscope::fuzz {

namespace {

/// Ticks at one instant after which they have no end.
constexpr int tickLimit = 1000;
/// Effects of one event after which they have no bound: far above what the few messages of a play can cause.
constexpr std::size_t effectLimit = 20'000;

Version drawVersion(Choices &choices)
{
    return choices.pick({Version::V5, Version::V5, Version::V311, Version::V31});
}

/// What both plays share: a lab, its clock, its links and what must hold of everything it does.
class Play
{
public:
    Play(QByteArrayView input, std::optional<quint32> cap) : m_choices(input), m_invariants(cap, Peers::Strangers) {}
    virtual ~Play() = default;
    Q_DISABLE_COPY_MOVE(Play)

    QByteArray run()
    {
        while (!m_choices.isEmpty() && m_broken.isEmpty())
            act();
        if (m_broken.isEmpty())
            finish();
        return m_broken;
    }

protected:
    virtual void act() = 0;
    virtual void finish() = 0;
    /// A packet that the lab sends.
    virtual void judge(const LabLink &link, const Packet &packet) = 0;
    virtual void opens(LinkId) {}

    void feed(const LabEvent &event)
    {
        LabEffects effects;
        step(m_lab, event, m_now, effects);
        if (effects.size() > effectLimit)
            m_broken = "one event has effects without bound";
        std::vector<LinkId> closed;
        for (const LabEffect &effect : effects) {
            std::visit(Overloaded{[this](const OpenLink &open) { opens(open.link); },
                                  [this](const SendBytes &bytes) { sent(bytes.link, bytes.head + bytes.payload); },
                                  [&closed](const CloseLink &close) { closed.push_back(close.link); },
                                  [](const auto &) {}},
                       effect);
        }
        look();
        for (const LinkId link : closed)
            close(link, ClosedBy::Us);
    }

    void close(LinkId link, ClosedBy by)
    {
        std::erase(m_open, link);
        m_framers.erase(link);
        feed(LinkClosed{link, by, {}});
    }

    void passTime()
    {
        m_now += m_choices.pick<Duration>(
            {std::chrono::milliseconds(1), std::chrono::seconds(1), std::chrono::seconds(6), std::chrono::minutes(2)});
        if (!m_choices.oneIn(3))
            tick();
    }

    void tick()
    {
        for (int i = 0; i < tickLimit; ++i) {
            const auto due = nextDeadline(m_lab);
            if (!due || *due > m_now)
                return;
            feed(Tick{});
        }
        m_broken = "Ticks that are due at one instant have no end";
    }

    LinkId anyLink() { return m_open.empty() ? LinkId{} : m_open[m_choices.below(quint32(m_open.size()))]; }
    void breakWith(const QByteArray &what)
    {
        if (m_broken.isEmpty())
            m_broken = what;
    }

    Choices m_choices;
    Lab m_lab;
    Instant m_now;
    Invariants m_invariants;
    std::vector<LinkId> m_open;
    QByteArray m_broken;

private:
    void sent(LinkId id, const QByteArray &bytes)
    {
        LabLink *link = m_lab.links.find(id);
        if (!link)
            return breakWith("bytes for a link that is gone");
        Framer &framer = m_framers[id];
        framer.append(bytes);
        for (auto next = framer.next(); !std::holds_alternative<Framer::NeedMore>(next); next = framer.next()) {
            const auto *frame = std::get_if<QByteArray>(&next);
            const auto packet = frame ? decode(*frame, link->version) : DecodeResult(Malformed{});
            if (!packet)
                return breakWith("the lab sends what cannot be read");
            judge(*link, *packet);
        }
    }

    void look()
    {
        while (m_seen < m_lab.trace.last()) {
            ++m_seen.value;
            m_invariants.look(*m_lab.trace.record(m_seen));
        }
        if (!m_invariants.breaches().empty())
            breakWith(breachText(m_invariants.breaches().front()).toUtf8() + '\n' + lastRecords());
    }

    QByteArray lastRecords() const
    {
        constexpr quint64 lines = 40;
        QByteArray text;
        const TraceSeq last = m_lab.trace.last();
        for (TraceSeq seq{last.value > lines ? last.value - lines : 1}; seq <= last; ++seq.value) {
            const TraceRecord record = *m_lab.trace.record(seq);
            text += QByteArray::number(seq.value) + " <- " + QByteArray::number(record.cause.value) + "  link " +
                    QByteArray::number(record.link.value) + recordText(record, QStringLiteral("client")).toUtf8() +
                    '\n';
        }
        return text;
    }

    std::map<LinkId, Framer> m_framers;
    TraceSeq m_seen;
};

// ---- the broker among strangers ----

class BrokerPlay final : public Play
{
public:
    explicit BrokerPlay(QByteArrayView input) : Play(input, cap(input))
    {
        BrokerConfig config;
        config.maximumSessionExpiry = cap(input);
        m_choices.byte();
        config.receiveMaximum = m_choices.pick<quint16>({1, 2, 20});
        config.maximumQueuedMessages = m_choices.pick<qsizetype>({2, 50});
        config.maximumQueuedBytes = m_choices.pick<qsizetype>({3000, 1'000'000});
        config.maximumSubscriptions = m_choices.pick<qsizetype>({2, 50});
        config.maximumRetained = m_choices.pick<qsizetype>({1, 50});
        config.maximumSessions = m_choices.pick<qsizetype>({2, 50});
        config.queueQos0Offline = m_choices.oneIn(2);
        config.topicAliasMaximum = m_choices.pick<quint16>({0, 2});
        config.overflow = m_choices.pick(
            {Overflow::DropNewest, Overflow::DropOldest, Overflow::RefusePublisher, Overflow::EndSession});
        config.maximumQos = m_choices.oneIn(6) ? Qos::AtLeastOnce : Qos::ExactlyOnce;
        feed(ConfigureBroker{config});
    }

private:
    static std::optional<quint32> cap(QByteArrayView input)
    {
        const bool isCapped = !input.isEmpty() && quint8(input[0]) % 4 == 3;
        return isCapped ? std::optional<quint32>(5) : std::nullopt;
    }

    void act() override
    {
        const quint32 kind = m_choices.below(32);
        if (m_open.empty() || kind < 4)
            arrive();
        else if (kind < 24)
            write(anyLink());
        else if (kind < 26)
            close(anyLink(), m_choices.pick({ClosedBy::Peer, ClosedBy::PeerReset}));
        else if (kind < 29)
            passTime();
        else if (kind < 30)
            press(anyLink());
        else
            order();
        checkBounds();
    }

    void arrive()
    {
        constexpr std::size_t mostLinks = 6;
        if (m_open.size() >= mostLinks)
            return write(anyLink());
        const LinkId link = dealLink(m_lab);
        m_open.push_back(link);
        const Version version = drawVersion(m_choices);
        m_versions[link] = version;
        feed(LinkAccepted{link, {}});
        if (!m_choices.oneIn(16))
            deliver(link, drawBytes(m_choices, Packet{drawConnect(m_choices, version), {}}, version));
    }

    void write(LinkId link)
    {
        const Version version = m_versions[link];
        deliver(link, drawBytes(m_choices, drawPacket(m_choices, version, Sender::Client), version));
    }

    void deliver(LinkId link, const QByteArray &bytes)
    {
        if (std::find(m_open.begin(), m_open.end(), link) != m_open.end())
            feed(BytesArrived{link, bytes});
    }

    /// The stranger does not read, or reads again.
    void press(LinkId link)
    {
        if (m_choices.oneIn(2))
            feed(LinkBacklog{link, Network::highWaterMark + 1});
        else
            feed(LinkDrained{link});
    }

    void order()
    {
        const QByteArray who = m_choices.pick<QByteArray>({"A", "B", "C"});
        const quint32 kind = m_choices.below(12);
        if (kind < 4)
            feed(BrokerDo{KickClient{who}});
        else if (kind < 7)
            feed(BrokerDo{EndSession{who}});
        else if (kind < 9)
            feed(BrokerDo{StoreChanged{StoreState::Failing}});
        else if (kind < 11)
            feed(BrokerDo{StoreChanged{StoreState::Working}});
        else
            feed(BrokerDo{ShutDown{}});
    }

    void judge(const LabLink &link, const Packet &packet) override
    {
        const rules::Context context{link.version, Sender::Server, 0, link.requestProblemInformation};
        for (const rules::Finding &finding : rules::check(packet, context)) {
            // A will's payload is its owner's affair, and passed on as it is.
            if (qstrcmp(finding.statement, "v5 §3.3.2.3.2") != 0)
                breakWith(QByteArray("the broker breaks ") + finding.statement + ": " + finding.what);
        }
    }

    /// Whatever strangers do, what they can make grow stays within its limit.
    void checkBounds()
    {
        const Broker &broker = m_lab.broker;
        const BrokerConfig &config = broker.config;
        qsizetype queued = 0;
        qsizetype subscriptions = 0;
        qsizetype connected = 0;
        qsizetype filterBytes = 0;
        qsizetype queuedBytes = 0;
        qsizetype openBytes = 0;
        for (const auto &session : broker.sessions) {
            const SessionMessages &messages = session->messagesOrNone();
            queued += messages.queue.size();
            queuedBytes += messages.queue.bytes();
            openBytes += messages.outbox.bytes();
            subscriptions += qsizetype(session->subscriptions.size());
            for (const auto &subscription : session->subscriptions)
                filterBytes += subscriptionBytes(subscription->filter);
            connected += session->isConnected() ? 1 : 0;
            if (messages.queue.size() > config.maximumQueuedMessages ||
                messages.queue.bytes() > config.maximumQueuedBytes)
                breakWith("a queue is longer than its limit");
            if (qsizetype(session->subscriptions.size()) > config.maximumSubscriptions)
                breakWith("a session has more subscriptions than its limit");
        }
        if (queued != broker.queuedMessages || subscriptions != broker.subscriptions.size() ||
            connected != broker.connectedSessions || filterBytes != broker.subscriptionBytes ||
            queuedBytes != broker.queuedBytes || openBytes != broker.openBytes)
            breakWith("the broker's totals are not the sums of its sessions");
        if (qsizetype(broker.sessions.size()) > config.maximumSessions)
            breakWith("more sessions than the limit");
        // Without the broker's own, which stand below $SYS.
        std::vector<MessagePtr> retained;
        m_lab.broker.retained.match("#", m_now, retained);
        if (qsizetype(retained.size()) > config.maximumRetained)
            breakWith("more retained messages than the limit");
        if (broker.connections.size() > m_open.size())
            breakWith("a connection of the broker has no link");
        if (!broker.overflown.empty())
            breakWith("a session that overflowed has not ended");
        for (const auto &[link, connection] : broker.connections) {
            if (connection.owedAnswers && qsizetype(connection.owedAnswers->size()) > config.maximumHeldMessages)
                breakWith("answers that wait for the store grow");
        }
    }

    void finish() override
    {
        tick();
        checkBounds();
        m_invariants.lookAtRest(viewOf(m_lab, m_now));
        while (!m_open.empty())
            close(m_open.back(), ClosedBy::Peer);
        for (const char *who : {"A", "B", "C"})
            feed(BrokerDo{EndSession{who}});
        if (!m_lab.broker.connections.empty() || m_lab.broker.connectedSessions != 0 || m_lab.links.size() != 0)
            breakWith("connections are left");
        if (m_lab.broker.sessions.empty() && m_lab.broker.subscriptions.nodeCount() != 0)
            breakWith("subscriptions are left");
    }

    std::map<LinkId, Version> m_versions;
};

// ---- our client at a strange server ----

class ClientPlay final : public Play
{
public:
    explicit ClientPlay(QByteArrayView input) : Play(input, {})
    {
        m_version = drawVersion(m_choices);
        ClientPolicy policy;
        policy.adoptUnknownSession = m_choices.oneIn(3);
        policy.resubscribeWhenFresh = m_choices.oneIn(2);
        policy.cleanAfterUnansweredResume = m_choices.oneIn(3);
        policy.useTopicAliases = m_choices.oneIn(2);
        policy.v3SendMaximum = m_choices.pick<quint16>({1, 20});
        policy.republishLost = m_choices.oneIn(3);
        policy.reconnect.automatic = m_choices.oneIn(3);
        policy.followRedirects = m_choices.oneIn(3);
        feed(AddClient{key, "client", {}, policy});
    }

private:
    static constexpr ClientKey key{1};

    void opens(LinkId link) override { m_opening.push_back(link); }

    void act() override
    {
        if (!m_opening.empty())
            return connectLink();
        const quint32 kind = m_choices.below(16);
        if (m_open.empty() && kind < 12)
            return feed(ClientDo{key, connectCommand()});
        if (!m_open.empty() && kind < 9)
            return answer();
        if (kind < 11)
            return passTime();
        if (!m_open.empty() && kind < 12)
            return close(m_open.front(), m_choices.pick({ClosedBy::Peer, ClosedBy::PeerReset}));
        command();
    }

    /// Opened, and mostly answered by a CONNACK, or failed.
    void connectLink()
    {
        const LinkId link = m_opening.back();
        m_opening.pop_back();
        if (m_choices.oneIn(6))
            return feed(LinkFailed{link, {}});
        m_open.push_back(link);
        feed(LinkOpened{link, {}});
        if (m_open.empty() || m_choices.oneIn(6))
            return;
        ConnackPacket connack;
        connack.sessionPresent = m_choices.oneIn(3);
        if (m_version == Version::V5 && m_choices.oneIn(2))
            connack.properties.add(PropertyId::ReceiveMaximum, 1 + m_choices.below(3));
        if (m_version == Version::V5 && m_choices.oneIn(2))
            connack.properties.add(PropertyId::TopicAliasMaximum, m_choices.below(3));
        feed(BytesArrived{link, drawBytes(m_choices, Packet{connack, {}}, m_version)});
    }

    ClientCommand connectCommand()
    {
        if (m_hasConnected && m_choices.oneIn(2))
            return ReconnectCommand{};
        m_hasConnected = true;
        ConnectPacket packet;
        packet.protocolLevel = quint8(m_version);
        if (m_version == Version::V31)
            packet.protocolName = "MQIsdp";
        packet.clientId = "A";
        packet.cleanStart = m_choices.oneIn(3);
        packet.keepAlive = m_choices.pick<quint16>({0, 5});
        if (m_version == Version::V5) {
            packet.properties.add(PropertyId::SessionExpiryInterval, m_choices.pick<quint32>({0, 4, 1000}));
            packet.properties.add(PropertyId::ReceiveMaximum, 1 + m_choices.below(3));
            packet.properties.add(PropertyId::TopicAliasMaximum, m_choices.below(3));
        }
        return ConnectCommand{packet};
    }

    void answer()
    {
        const LinkId link = m_open.front();
        feed(BytesArrived{link, drawBytes(m_choices, drawPacket(m_choices, m_version, Sender::Server), m_version)});
    }

    void command()
    {
        switch (m_choices.below(10)) {
        case 0:
            return feed(ClientDo{key, SubscribeCommand{{{"a", {}}, {"b/+", {}}}, {}}});
        case 1:
            return feed(ClientDo{key, UnsubscribeCommand{{"a"}, {}}});
        case 2:
            return feed(ClientDo{key, DisconnectCommand{}});
        case 3:
            return feed(ClientDo{key, PingCommand{}});
        case 4:
            return m_choices.oneIn(4) ? feed(ClientDo{key, ForgetCommand{}}) : feed(CutLink{key, CloseHow::Reset});
        default:
            break;
        }
        Message message;
        message.topic = m_choices.pick<QByteArray>({"a", "a/topic/of/some/length"});
        message.payload = QByteArray::number(++m_published);
        message.qos = Qos(m_choices.below(3));
        feed(ClientDo{key, PublishCommand{message}});
    }

    void judge(const LabLink &link, const Packet &packet) override
    {
        const rules::Context context{link.version, Sender::Client, 0, true};
        const auto findings = rules::check(packet, context);
        // What the server announced is the session's to see, and a topic alias is only checked against it.
        const bool isAlias = packet.as<PublishPacket>() && !findings.isEmpty() &&
                             packet.as<PublishPacket>()->properties.contains(PropertyId::TopicAlias);
        if (!findings.isEmpty() && !isAlias)
            breakWith(QByteArray("our client breaks ") + findings.first().statement + ": " + findings.first().what);
    }

    void finish() override
    {
        tick();
        const ClientSession &session = m_lab.clients.at(key).session;
        if (session.inbox.openOnConnection() > 0xFFFF || session.inboundAliases.size() > 3)
            breakWith("the server makes the client's books grow");
        while (!m_open.empty())
            close(m_open.back(), ClosedBy::Peer);
        feed(RemoveClient{key});
        m_opening.clear();
    }

    Version m_version = Version::V5;
    std::vector<LinkId> m_opening;
    bool m_hasConnected = false;
    int m_published = 0;
};

} // namespace

QByteArray playPackets(QByteArrayView input)
{
    constexpr int mostPackets = 12;
    Choices choices(input);
    const Version version = drawVersion(choices);
    const quint32 pieces = choices.byte();
    const Sender sender = choices.oneIn(2) ? Sender::Server : Sender::Client;
    QByteArray stream;
    if (choices.oneIn(4))
        stream += drawBytes(choices, Packet{drawConnect(choices, version), {}}, version);
    for (int i = 0; i < mostPackets && !choices.isEmpty(); ++i)
        stream += drawBytes(choices, drawPacket(choices, version, sender), version);
    return vectors::brokenInvariant(stream, version, pieces);
}

QByteArray playBroker(QByteArrayView input)
{
    return BrokerPlay(input).run();
}

QByteArray playClient(QByteArrayView input)
{
    return ClientPlay(input).run();
}

} // namespace sessionscope::fuzz
