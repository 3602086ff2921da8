// Records of the trace that the tests of the packet list show.
#pragma once

#include "core/mqtt/codec.h"
#include "core/trace/trace.h"

#include <QAbstractItemModel>

namespace sessionscope {

inline constexpr ClientKey ours{1};
inline constexpr ClientKey theirs{2};

inline TraceRecord recordOf(TraceEvent what, ClientKey client = ours)
{
    static quint64 seq = 0;
    TraceRecord record;
    record.seq = {++seq};
    record.client = client;
    record.link = {client.value};
    record.what = std::move(what);
    return record;
}

inline PacketTrace traceOf(PacketBody body, Direction direction = Direction::Sent)
{
    PacketTrace trace;
    trace.direction = direction;
    trace.head = encode(Packet{std::move(body), {}}, Version::V5);
    return trace;
}

inline PublishPacket publish(Qos qos, quint16 id, const QByteArray &topic, const QByteArray &payload)
{
    PublishPacket packet;
    packet.qos = qos;
    packet.packetId = {id};
    packet.topic = topic;
    packet.payload = payload;
    return packet;
}

inline AckPacket ack(PacketType type, quint16 id)
{
    AckPacket packet;
    packet.type = type;
    packet.packetId = {id};
    return packet;
}

/// One handshake, a cut, and somebody else's packet.
inline std::vector<TraceRecord> sample()
{
    std::vector<TraceRecord> records;
    records.push_back(recordOf(traceOf(publish(Qos::ExactlyOnce, 12, "plant/7/valve", "open"))));
    records.push_back(recordOf(traceOf(ack(PacketType::Pubrec, 12), Direction::Received)));
    records.push_back(recordOf(LinkTrace{LinkChange::Cut, {}}));
    records.push_back(recordOf(traceOf(publish(Qos::AtMostOnce, 0, "other", "x")), theirs));
    records.push_back(recordOf(ClientNote{PublishAccepted{}}));
    records.push_back(recordOf(ClientNote{MessageDelivered{publish(Qos::AtLeastOnce, 4, "cmd/7/open", "go")}}));
    return records;
}

/// A PUBLISH with a topic alias of 0, what is wrong with it, and a broken rule of 3.1.1.
inline std::vector<TraceRecord> brokenSample()
{
    std::vector<TraceRecord> records;
    auto packet = publish(Qos::AtMostOnce, 0, "t", "x");
    packet.properties.add(PropertyId::TopicAlias, 0U);
    records.push_back(recordOf(traceOf(packet, Direction::Received)));
    const rules::Finding alias{"MQTT-3.3.2-8", ReasonCode::TopicAliasInvalid, Sender::Server, "topic alias of 0"};
    records.push_back(recordOf(FindingTrace{alias, PacketType::Publish, Version::V5}));
    records.back().cause = records.front().seq;
    const rules::Finding qos{"v3:MQTT-3.3.1-4", ReasonCode::MalformedPacket, Sender::Server, "QoS of 3"};
    records.push_back(recordOf(FindingTrace{qos, PacketType::Publish, Version::V311}));
    return records;
}

inline QStringList column(const QAbstractItemModel &model, int column)
{
    QStringList cells;
    for (int row = 0; row < model.rowCount(); ++row)
        cells << model.index(row, column).data().toString();
    return cells;
}

} // namespace sessionscope
