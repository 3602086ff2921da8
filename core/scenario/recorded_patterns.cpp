#include "core/scenario/recorded_patterns.h"

#include "core/scenario/write_command.h"

namespace sessionscope {

namespace {

template<class Source> FactTexts lastingFactsOf(const FactRows<Source> &rows, const Source &moment)
{
    static const QStringList lasting{
        QStringLiteral("connection"),   QStringLiteral("state"),         QStringLiteral("session"),
        QStringLiteral("expiry"),       QStringLiteral("subscriptions"), QStringLiteral("inflight_out"),
        QStringLiteral("awaiting_rel"), QStringLiteral("waiting"),       QStringLiteral("held_acks"),
        QStringLiteral("mqueue"),       QStringLiteral("dropped"),       QStringLiteral("will")};
    FactTexts facts;
    for (const FactRow<Source> &row : rows) {
        if (!lasting.contains(row.name))
            continue;
        const FactValue value = row.get(moment);
        const auto *text = std::get_if<QByteArray>(&value);
        if (!std::holds_alternative<std::monostate>(value))
            facts.emplace_back(row.name, text ? QString::fromUtf8(*text) : factText(value));
    }
    return facts;
}

/// The fact of this name as the tables find it.
FactValue packetFact(const SeenPacket &seen, QStringView name)
{
    return std::ranges::find(packetFacts(), name, &FactRow<SeenPacket>::name)->get(seen);
}

} // namespace

void Tally::add(const Node &pattern)
{
    const QByteArray text = writeDocument(pattern);
    const auto known = std::ranges::find(m_rows, text, &Row::text);
    if (known != m_rows.end())
        ++known->times;
    else
        m_rows.push_back({text, pattern, 1});
}

Node Tally::node() const
{
    std::vector<Node> items;
    for (const Row &row : m_rows) {
        items.push_back(row.pattern);
        setEntry(items.back(), QStringLiteral("times"), numberNode(row.times));
    }
    return listNode(std::move(items));
}

Node messagePattern(const PublishPacket &publish)
{
    Node node = mapNode(QStringLiteral("topic"), textNode(publish.topic));
    if (Node payload = payloadNode(publish.payload); payload.isScalar())
        setEntry(node, QStringLiteral("payload"), std::move(payload));
    return node;
}

std::optional<Node> packetPattern(const SeenPacket &seen)
{
    Node node = mapNode(seen.direction == Direction::Sent ? QStringLiteral("sent") : QStringLiteral("received"),
                        scalarNode(QString::fromLatin1(packetTypeName(seen.packet.type()))));
    if (const auto *publish = seen.packet.as<PublishPacket>()) {
        if (!publish->dup)
            return std::nullopt;
        setEntry(node, QStringLiteral("dup"), flagNode(true));
        if (!publish->topic.isEmpty())
            setEntry(node, QStringLiteral("topic"), textNode(publish->topic));
        return node;
    }
    if (seen.direction == Direction::Sent)
        return std::nullopt;
    const FactValue reasons = packetFact(seen, u"reasons");
    if (const auto *codes = std::get_if<QByteArrayList>(&reasons)) {
        std::vector<Node> items;
        for (const QByteArray &code : *codes)
            items.push_back(textNode(code));
        setEntry(node, QStringLiteral("reasons"), listNode(std::move(items)));
        return node;
    }
    const auto *ack = seen.packet.as<AckPacket>();
    if (!ack)
        return std::nullopt;
    setEntry(node, QStringLiteral("reason"), reasonNode(quint8(ack->reason)));
    return node;
}

Node connackPattern(const ConnackPacket &connack)
{
    Node node = mapNode(QStringLiteral("reason"), reasonNode(connack.reason));
    setEntry(node, QStringLiteral("session_present"), flagNode(connack.sessionPresent));
    return node;
}

Node closedPattern(const SeenClose &close)
{
    Node node;
    for (const FactRow<SeenClose> &row : closeFacts()) {
        const FactValue value = row.get(close);
        if (const auto *text = std::get_if<QByteArray>(&value))
            setEntry(node, row.name, textNode(*text));
        else if (const auto *reason = std::get_if<qint64>(&value))
            setEntry(node, row.name, reasonNode(quint8(*reason)));
    }
    return node;
}

FactTexts lastingFacts(const ClientMoment &moment)
{
    return lastingFactsOf(clientFacts(), moment);
}

FactTexts lastingFacts(const ServerMoment &moment)
{
    return lastingFactsOf(serverFacts(), moment);
}

bool isNothing(const QString &factText)
{
    return factText == u"0" || factText == u"false" || factText == u"closed" || factText == u"none";
}

} // namespace sessionscope
