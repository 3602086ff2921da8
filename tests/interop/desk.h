// Our client engine at the test's desk: the engine, everything it has told so far, and the packets and commands that
// the tests give it most.
#pragma once

#include "core/engine/engine.h"
#include "core/net/socket_network.h"

#include <algorithm>

namespace sessionscope::interop {

/// An engine and everything it has told so far.
class Desk
{
public:
    Desk()
    {
        QObject::connect(&m_engine, &Engine::batchReady, &m_engine, [this] {
            auto batch = m_engine.takeBatch();
            m_view = batch.view;
            for (auto &record : batch.records)
                m_records.push_back(std::move(record));
        });
    }

    ClientKey add(const QByteArray &name, const Endpoint &broker, const ClientPolicy &policy = {})
    {
        const auto key = m_engine.newClientKey();
        m_engine.submit(AddClient{.key = key, .name = name, .broker = broker, .policy = policy});
        return key;
    }
    void tell(ClientKey key, ClientCommand command) { m_engine.submit(ClientDo{key, std::move(command)}); }
    void cut(ClientKey key, CloseHow how = CloseHow::Reset) { m_engine.submit(CutLink{key, how}); }

    const ClientView *client(ClientKey key) const
    {
        const auto found = std::find_if(m_view.clients.begin(), m_view.clients.end(),
                                        [&](const auto &each) { return each.key == key; });
        return found == m_view.clients.end() ? nullptr : &*found;
    }
    ClientConnection connection(ClientKey key) const
    {
        return client(key) ? client(key)->connection : ClientConnection::Closed;
    }
    bool isConnected(ClientKey key) const { return connection(key) == ClientConnection::Connected; }
    /// Of the newest CONNACK; -1 when there was none since the last connect.
    int sessionPresent(ClientKey key) const
    {
        return isConnected(key) && client(key)->connack ? int(client(key)->connack->sessionPresent) : -1;
    }
    /// Publishes that are not completed.
    qsizetype open(ClientKey key) const { return client(key) ? client(key)->sentTotal : -1; }

    template<class Note, class Test> int countNotes(ClientKey key, Test test) const
    {
        return int(std::count_if(m_records.begin(), m_records.end(), [&](const TraceRecord &record) {
            const auto *note = std::get_if<ClientNote>(&record.what);
            const auto *effect = note ? std::get_if<Note>(&note->effect) : nullptr;
            return record.client == key && effect && test(*effect);
        }));
    }
    int delivered(ClientKey key, const QByteArray &payload) const
    {
        return countNotes<MessageDelivered>(key, [&](const auto &note) { return note.publish.payload == payload; });
    }
    /// The messages that arrived, in order.
    std::vector<PublishPacket> messages(ClientKey key) const
    {
        std::vector<PublishPacket> found;
        countNotes<MessageDelivered>(key, [&](const auto &note) {
            found.push_back(note.publish);
            return true;
        });
        return found;
    }
    /// SUBSCRIBEs and UNSUBSCRIBEs answered without a failure.
    int answered(ClientKey key) const
    {
        return countNotes<RequestCompleted>(key, [](const auto &note) { return !isFailure(note.reasons.value(0)); });
    }
    int completed(ClientKey key) const
    {
        return countNotes<PublishCompleted>(key, [](const auto &) { return true; });
    }
    /// The reason of the last DISCONNECT that the server sent; nothing when there was none.
    std::optional<ReasonCode> sentAway(ClientKey key) const
    {
        std::optional<ReasonCode> reason;
        countNotes<DisconnectReceived>(key, [&](const auto &note) {
            reason = note.reason;
            return true;
        });
        return reason;
    }

private:
    Engine m_engine{[] { return std::make_unique<SocketNetwork>(); }};
    LabView m_view;
    std::vector<TraceRecord> m_records;
};

/// A name for a client or topic that no other test of this program uses; short enough for a client of 3.1.
inline QByteArray fresh(const char *name)
{
    static int last = 0;
    return name + QByteArrayLiteral("-") + QByteArray::number(++last);
}

enum class Session
{
    Kept,
    EndsWithConnection
};

/// As each version says it.
inline ConnectPacket connectPacket(Version version, Session session, const QByteArray &clientId)
{
    ConnectPacket packet;
    packet.protocolName = version == Version::V31 ? "MQIsdp" : "MQTT";
    packet.protocolLevel = quint8(version);
    packet.clientId = clientId;
    packet.cleanStart = session == Session::EndsWithConnection || version == Version::V5;
    packet.keepAlive = 60;
    if (version == Version::V5 && session == Session::Kept)
        packet.properties.add(PropertyId::SessionExpiryInterval, 300);
    return packet;
}

inline PublishCommand publish(const QByteArray &topic, const QByteArray &payload, Qos qos,
                              const Properties &properties = {})
{
    return {{.topic = topic, .payload = payload, .qos = qos, .properties = properties, .expiresAt = {}}};
}

inline SubscribeCommand subscribe(const QByteArray &filter,
                                  const SubscriptionOptions &options = {.maximumQos = Qos::ExactlyOnce},
                                  const Properties &properties = {})
{
    return {{{filter, options}}, properties};
}

} // namespace sessionscope::interop
