#include "ui/packets/packet_words.h"

#include "core/base/overloaded.h"
#include "ui/common/words.h"
#include "ui/packets/packet_peek.h"

#include <QCoreApplication>

namespace sessionscope {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(PacketWords)
};

QString joined(const QStringList &parts)
{
    return parts.join(QStringLiteral(" \u00b7 "));
}

void addReasonString(const Properties &properties, QStringList &parts)
{
    if (const auto text = properties.bytes(PropertyId::ReasonString))
        parts << words::text(*text);
}

QString connectSummary(const ConnectPacket &connect)
{
    const Version version = Version(connect.protocolLevel);
    const bool v5 = version == Version::V5;
    QStringList parts{connect.clientId.isEmpty() ? Words::tr("(no Client ID)") : words::text(connect.clientId),
                      QStringLiteral("%1 %2")
                          .arg(v5 ? QStringLiteral("Clean Start") : QStringLiteral("Clean Session"))
                          .arg(int(connect.cleanStart))};
    if (v5)
        parts
            << Words::tr("expiry %1").arg(words::expiry(connect.properties.integer(PropertyId::SessionExpiryInterval)));
    parts << Words::tr("keep alive %1 s").arg(connect.keepAlive);
    if (connect.will)
        parts << Words::tr("will %1").arg(words::text(connect.will->topic));
    parts << words::version(version);
    return joined(parts);
}

QString connackSummary(const ConnackPacket &connack, Version version)
{
    QStringList parts{QStringLiteral("Session Present %1").arg(int(connack.sessionPresent)),
                      words::connackReason(connack.reason, version)};
    if (const auto expiry = connack.properties.integer(PropertyId::SessionExpiryInterval))
        parts << Words::tr("expiry %1").arg(words::expiry(expiry));
    if (const auto id = connack.properties.bytes(PropertyId::AssignedClientIdentifier))
        parts << Words::tr("assigned Client ID %1").arg(words::text(*id));
    addReasonString(connack.properties, parts);
    return joined(parts);
}

QString payloadWords(QByteArrayView payload, PayloadShown shown)
{
    if (shown == PayloadShown::All)
        return words::payloadInFull(payload.toByteArray());
    // No more of a large payload than the preview can show.
    constexpr qsizetype most = 512;
    return words::payloadPreview(payload.first(std::min(payload.size(), most)).toByteArray());
}

QString publishSummary(const PacketTrace &packet, PayloadShown shown)
{
    const PacketPeek seen = peek(packet);
    QStringList parts{words::qos(seen.qos)};
    if (seen.dup)
        parts << QStringLiteral("DUP");
    if (seen.retain)
        parts << Words::tr("retain");
    parts << (seen.topic.isEmpty() ? Words::tr("(topic alias)") : words::text(seen.topic.toByteArray()));
    parts << payloadWords(seen.payload, shown);
    return joined(parts);
}

QString subscribeSummary(const SubscribePacket &subscribe)
{
    QStringList entries;
    for (const SubscribePacket::Entry &entry : subscribe.entries) {
        const QString options = words::subscriptionOptions(entry.filter, entry.options);
        entries << words::text(entry.filter) + QLatin1Char(' ') + words::qos(entry.options.maximumQos) +
                       (options.isEmpty() ? QString() : QLatin1Char(' ') + options);
    }
    QStringList parts{entries.join(QStringLiteral(", "))};
    if (const auto id = subscribe.properties.integer(PropertyId::SubscriptionIdentifier))
        parts << Words::tr("identifier %1").arg(*id);
    return joined(parts);
}

QString reasonsSummary(const QList<ReasonCode> &reasons, PacketType type)
{
    QStringList texts;
    for (const ReasonCode reason : reasons)
        texts << words::reason(reason, type);
    return texts.join(QStringLiteral(", "));
}

QString unsubscribeSummary(const UnsubscribePacket &packet)
{
    QStringList filters;
    for (const QByteArray &filter : packet.filters)
        filters << words::text(filter);
    return filters.join(QStringLiteral(", "));
}

QString disconnectSummary(const DisconnectPacket &packet)
{
    QStringList parts{words::reason(packet.reason, PacketType::Disconnect)};
    if (const auto expiry = packet.properties.integer(PropertyId::SessionExpiryInterval))
        parts << Words::tr("new expiry %1").arg(words::expiry(expiry));
    addReasonString(packet.properties, parts);
    return joined(parts);
}

QString decodedSummary(const Packet &packet, Version version)
{
    return std::visit(
        Overloaded{
            [](const ConnectPacket &connect) { return connectSummary(connect); },
            [version](const ConnackPacket &connack) { return connackSummary(connack, version); },
            [](const AckPacket &ack) {
                QStringList parts{words::reason(ack.reason, ack.type)};
                addReasonString(ack.properties, parts);
                return joined(parts);
            },
            [](const SubscribePacket &subscribe) { return subscribeSummary(subscribe); },
            [](const SubackPacket &suback) { return reasonsSummary(suback.reasons, PacketType::Suback); },
            [](const UnsubscribePacket &unsubscribe) { return unsubscribeSummary(unsubscribe); },
            [](const UnsubackPacket &unsuback) { return reasonsSummary(unsuback.reasons, PacketType::Unsuback); },
            [](const DisconnectPacket &disconnect) { return disconnectSummary(disconnect); },
            [](const AuthPacket &auth) { return words::reason(auth.reason, PacketType::Auth); },
            [](const auto &) { return QString(); },
        },
        packet.body);
}

} // namespace

QString packetSummary(const PacketTrace &packet, PayloadShown shown)
{
    if (packet.malformed)
        return Words::tr("malformed: %1").arg(malformedWords(*packet.malformed));
    if (peek(packet).type == PacketType::Publish)
        return publishSummary(packet, shown);
    const DecodeResult decoded = decode(packet.frame(), packet.version);
    return decoded ? decodedSummary(*decoded, packet.version)
                   : Words::tr("malformed: %1").arg(malformedWords(decoded.error()));
}

QString malformedWords(const Malformed &malformed)
{
    const auto problem = QString::fromLatin1(problemText(malformed.problem));
    const QString place = Words::tr("%1, at byte %2").arg(problem).arg(malformed.offset);
    return *malformed.field ? place + QStringLiteral(" (%1)").arg(QString::fromLatin1(malformed.field)) : place;
}

} // namespace sessionscope
