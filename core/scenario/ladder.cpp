#include "core/scenario/ladder.h"

#include "core/base/overloaded.h"
#include "core/scenario/scalars.h"
#include "core/trace/masker.h"
#include "core/trace/text.h"

#include <set>

namespace sessionscope {

namespace {

using RowKind = LadderRow::Kind;

constexpr QStringView betweenEnds = u" · ";

void keepOnly(Properties &properties, std::initializer_list<PropertyId> kept)
{
    Properties rest;
    for (const Property &property : properties) {
        if (std::ranges::find(kept, property.id) != kept.end())
            rest.append(property);
    }
    properties = rest;
}

/// What an arrow has room for: of the properties those that decide what becomes of a session or a message.
Packet shortened(Packet packet)
{
    std::visit(
        [](auto &body) {
            if constexpr (requires { body.properties; })
                keepOnly(body.properties, {PropertyId::SessionExpiryInterval, PropertyId::MessageExpiryInterval,
                                           PropertyId::AssignedClientIdentifier, PropertyId::ServerKeepAlive,
                                           PropertyId::TopicAlias, PropertyId::SubscriptionIdentifier,
                                           PropertyId::AuthenticationMethod, PropertyId::ServerReference});
        },
        packet.body);
    if (auto *connect = std::get_if<ConnectPacket>(&packet.body)) {
        connect->userName.reset();
        connect->password.reset();
    }
    return packet;
}

/// Without what differs between two runs, or between two brokers that behave alike: packet identifiers, client ids,
/// time that has passed, and what a broker says about itself.
Packet bare(Packet packet)
{
    std::visit(
        [](auto &body) {
            if constexpr (requires { body.packetId; })
                body.packetId = {};
            if constexpr (requires { body.properties; })
                keepOnly(body.properties, {PropertyId::SubscriptionIdentifier, PropertyId::ResponseTopic,
                                           PropertyId::CorrelationData, PropertyId::ContentType});
        },
        packet.body);
    if (auto *connect = std::get_if<ConnectPacket>(&packet.body))
        connect->clientId.clear();
    return packet;
}

bool loses(FaultAct act)
{
    return act == FaultAct::CutBefore || act == FaultAct::CutWithin || act == FaultAct::Dropped;
}

class LadderFold
{
public:
    explicit LadderFold(const QStringList &names) { m_ladder.lanes = names; }

    void look(const TraceRecord &original)
    {
        const TraceRecord record = m_masker.safe(original);
        m_hasClients = m_hasClients || record.role == Role::Client;
        std::visit([&](const auto &what) { take(record, what); }, record.what);
    }

    void stand(const Standing &standing)
    {
        // A row an end: both in one would be too long to be drawn.
        for (const QString &end : m_masker.safe(standing.text).split(betweenEnds.toString())) {
            LadderRow row{.seq = standing.after, .at = standing.at, .kind = RowKind::Standing, .text = end};
            row.lane = laneOf(standing.client);
            add(std::move(row));
        }
    }

    Ladder result()
    {
        auto &rows = m_ladder.rows;
        if (rows.size() > ladderRowLimit) {
            m_ladder.leftOut = rows.size() - ladderRowLimit;
            rows.erase(rows.begin(), rows.begin() + qsizetype(m_ladder.leftOut));
        }
        return std::move(m_ladder);
    }

private:
    qsizetype laneOf(ClientKey client) const
    {
        return client.value >= 1 && client.value <= m_ladder.lanes.size() ? qsizetype(client.value) - 1 : -1;
    }

    void add(LadderRow row) { m_ladder.rows.push_back(std::move(row)); }

    void addEvent(const TraceRecord &record, RowKind kind)
    {
        add({.seq = record.seq,
             .at = record.at,
             .kind = kind,
             .lane = record.role == Role::Client ? laneOf(record.client) : -1,
             .text = m_masker.safe(record, eventText(record))});
    }

    void take(const TraceRecord &record, const PacketTrace &trace)
    {
        if (record.role != Role::Client)
            return;
        LadderRow row{.seq = record.seq, .at = record.at, .lane = laneOf(record.client), .direction = trace.direction};
        const auto packet =
            trace.malformed ? Result<Packet, Malformed>(*trace.malformed) : decode(trace.frame(), trace.version);
        if (packet) {
            row.text = m_masker.safe(record, packetText(shortened(*packet), trace.version));
            row.detail = m_masker.safe(record, packetText(*packet, trace.version));
            row.sameness = packetText(bare(*packet), trace.version);
        } else {
            row.text = m_masker.safe(record, eventText(record).mid(2));
            row.sameness = row.text;
        }
        if (row.detail == row.text)
            row.detail.clear();
        row.isLost = row.direction == Direction::Sent && m_cutting.contains(record.client);
        add(std::move(row));
    }

    void take(const TraceRecord &record, const LinkTrace &link)
    {
        if (record.role != Role::Client || !endsConnection(link.change))
            return;
        m_cutting.erase(record.client);
        const bool isOrderly = link.change == LinkChange::ClosedByUs || link.change == LinkChange::ClosedByPeer;
        addEvent(record, isOrderly ? RowKind::Closed : RowKind::Cut);
    }

    void take(const TraceRecord &record, const FaultTrace &fault)
    {
        if (loses(fault.act)) {
            // The record of a packet that was sent stands before the fault on it, of one that arrives there is none.
            for (auto row = m_ladder.rows.rbegin(); row != m_ladder.rows.rend(); ++row) {
                if (row->seq == record.cause && row->kind == RowKind::Packet && row->direction == Direction::Sent)
                    row->isLost = true;
                if (row->seq <= record.cause)
                    break;
            }
        }
        // The client does not know yet that nothing leaves any more.
        if (fault.act == FaultAct::CutAfter || fault.act == FaultAct::CutWithin)
            m_cutting.insert(record.client);
        addEvent(record, RowKind::Fault);
    }

    void take(const TraceRecord &record, const CommandTrace &)
    {
        // Before the first client there is only how the broker is set up.
        if (record.role == Role::Broker && m_hasClients)
            addEvent(record, RowKind::Broker);
    }

    void take(const TraceRecord &record, const FindingTrace &) { addEvent(record, RowKind::Finding); }

    void take(const TraceRecord &record, const ClientNote &note)
    {
        if (std::holds_alternative<SessionEnded>(note.effect) || std::holds_alternative<PublishLost>(note.effect) ||
            std::holds_alternative<AnswerOverdue>(note.effect))
            addEvent(record, RowKind::Session);
    }

    void take(const TraceRecord &record, const BrokerNote &note)
    {
        const auto *changed = std::get_if<ServerSessionChanged>(&note.effect);
        const bool isNews =
            changed && (changed->change == SessionChange::Detached || changed->change == SessionChange::Ended);
        if (isNews || std::holds_alternative<WillPublished>(note.effect) ||
            std::holds_alternative<MessageDropped>(note.effect) || std::holds_alternative<BrokerClose>(note.effect))
            addEvent(record, RowKind::Session);
    }

    Masker m_masker;
    Ladder m_ladder;
    bool m_hasClients = false;
    std::set<ClientKey> m_cutting; ///< clients whose link is cut, which they are about to hear
};

QString exchangesText(const QList<ExchangeView> &exchanges, qsizetype total)
{
    if (total == 0)
        return QStringLiteral("nothing in flight");
    QStringList parts;
    constexpr qsizetype shown = 4;
    for (const ExchangeView &one : exchanges.mid(0, shown))
        parts << QStringLiteral("#%1 waits for %2")
                     .arg(one.packetId.value)
                     .arg(QString::fromLatin1(packetTypeName(one.waitsFor)));
    if (total > parts.size())
        parts << QStringLiteral("%1 more").arg(total - parts.size());
    return parts.join(QStringLiteral(", "));
}

QString endText(const std::optional<Instant> &endsAt, Instant now)
{
    return endsAt ? QStringLiteral("ends in ") + spanText(*endsAt - now) : QStringLiteral("does not expire");
}

QString clientEndText(const ClientView &view, Instant now)
{
    if (!view.record)
        return QStringLiteral("client: no session");
    QString text = QStringLiteral("client: session kept, %1, %2")
                       .arg(endText(view.record->endsAt, now), exchangesText(view.sent, view.sentTotal));
    if (view.heldTotal > 0)
        text += QStringLiteral(", %1 received and not released").arg(view.heldTotal);
    return text;
}

QString serverEndText(const ServerSessionView *view, Instant now)
{
    if (!view)
        return QStringLiteral("broker: no session");
    QString text = QStringLiteral("broker: session kept, %1, %2")
                       .arg(endText(view->endsAt, now), exchangesText(view->sent, view->sentTotal));
    if (view->queuedTotal > 0)
        text += QStringLiteral(", %1 queued").arg(view->queuedTotal);
    if (view->heldTotal > 0)
        text += QStringLiteral(", %1 received and not released").arg(view->heldTotal);
    return text;
}

} // namespace

Standing standingOf(const LabView &view, ClientKey client, bool isSeen, TraceSeq after)
{
    Standing standing{.after = after, .at = view.at, .client = client, .text = {}};
    const auto end = std::ranges::find(view.clients, client, &ClientView::key);
    if (end == view.clients.end())
        return standing;
    standing.text = clientEndText(*end, view.at);
    if (!isSeen)
        return standing;
    const QByteArray &clientId = end->record ? end->record->clientId : end->connect.clientId;
    const auto session = std::ranges::find(view.broker.sessions, clientId, &ServerSessionView::clientId);
    const bool isThere = session != view.broker.sessions.end();
    standing.text += betweenEnds;
    standing.text += serverEndText(isThere ? &*session : nullptr, view.at);
    return standing;
}

Ladder ladderOf(const Trace &trace, const QStringList &names, const std::vector<Standing> &standings)
{
    LadderFold fold(names);
    auto standing = standings.begin();
    for (TraceSeq seq = trace.first(); seq <= trace.last(); ++seq.value) {
        if (const auto record = trace.record(seq))
            fold.look(*record);
        for (; standing != standings.end() && standing->after <= seq; ++standing)
            fold.stand(*standing);
    }
    return fold.result();
}

Ladder ladderOf(const Recording &recording)
{
    QStringList names;
    const quint32 last = recording.clients.empty() ? 0 : recording.clients.rbegin()->first.value;
    for (quint32 key = 1; key <= std::min(last, quint32(ladderRowLimit)); ++key)
        names << recording.nameOf(ClientKey{key});
    LadderFold fold(names);
    auto standing = recording.standings.begin();
    for (const TraceRecord &record : recording.records) {
        fold.look(record);
        for (; standing != recording.standings.end() && standing->after <= record.seq; ++standing)
            fold.stand(*standing);
    }
    return fold.result();
}

} // namespace sessionscope
