#include "core/scenario/leftovers.h"

namespace sessionscope {

bool Sweeper::goOn(Instant now)
{
    if (m_phase == Phase::Leaving) {
        m_deadline = now + limit;
        look();
        leave();
        m_phase = Phase::Ending;
        return m_ids.empty();
    }
    if (m_phase == Phase::Ending) {
        end();
        m_phase = Phase::Clearing;
        return false;
    }
    if (m_phase == Phase::Clearing && (!isConnecting() || now >= m_deadline)) {
        clear();
        m_phase = Phase::Done;
        return false;
    }
    return m_phase == Phase::Done || now >= m_deadline;
}

/// What was said on the wire, and not what the scenario says: only that can have left something.
void Sweeper::look()
{
    const Trace &trace = m_lab.trace;
    const auto retain = [this](const QByteArray &topic) {
        if (!topic.isEmpty() && !m_retained.contains(topic) && m_retained.size() < retainedLimit)
            m_retained << topic;
    };
    for (TraceSeq seq = trace.first(); seq <= trace.last(); ++seq.value) {
        const auto record = trace.record(seq);
        const auto *packet = record ? std::get_if<PacketTrace>(&record->what) : nullptr;
        if (!packet || packet->malformed || record->role != Role::Client)
            continue;
        const auto read = decode(packet->frame(), packet->version);
        if (!read)
            continue;
        const Used used{record->client, packet->version};
        if (const auto *connect = read->as<ConnectPacket>()) {
            if (!connect->clientId.isEmpty())
                m_ids[connect->clientId] = used;
            if (connect->will && connect->will->retain)
                retain(connect->will->topic);
        } else if (const auto *connack = read->as<ConnackPacket>()) {
            if (const auto given = connack->properties.bytes(PropertyId::AssignedClientIdentifier))
                m_ids[*given] = used;
        } else if (const auto *publish = read->as<PublishPacket>()) {
            if (publish->retain && packet->direction == Direction::Sent)
                retain(publish->topic);
        }
    }
}

/// A client that just went would have its will published, and one that comes back by itself would be in the way.
void Sweeper::leave()
{
    for (const auto &[key, client] : m_lab.clients) {
        if (client.session.connection == ClientConnection::Connected)
            m_submit(ClientDo{key, DisconnectCommand{}});
    }
}

void Sweeper::end()
{
    std::vector<AddClient> sweepers;
    std::vector<LabCommand> connects;
    for (const auto &[clientId, used] : m_ids) {
        const auto client = m_lab.clients.find(used.client);
        if (client == m_lab.clients.end())
            continue;
        AddClient add{ClientKey{firstKey + m_sweeping++}, clientId, client->second.broker, {}};
        add.authentication = client->second.authentication;
        ConnectPacket connect;
        connect.protocolLevel = quint8(used.version);
        connect.protocolName = used.version == Version::V31 ? "MQIsdp" : "MQTT";
        connect.clientId = clientId;
        connect.userName = m_scenario.clients.at(used.client.value - 1).connect.userName;
        sweepers.push_back(std::move(add));
        connects.push_back(completed(ClientDo{used.client, ConnectCommand{connect}}, m_scenario, m_options, m_lab));
    }
    std::vector<ClientKey> gone;
    for (const auto &[key, client] : m_lab.clients)
        gone.push_back(key);
    for (const ClientKey key : gone)
        m_submit(RemoveClient{key});
    for (std::size_t i = 0; i < sweepers.size(); ++i) {
        m_submit(sweepers[i]);
        std::get<ClientDo>(connects[i]).key = sweepers[i].key;
        m_submit(connects[i]);
    }
}

void Sweeper::clear()
{
    bool isCleared = false;
    for (quint32 i = 0; i < m_sweeping; ++i) {
        const LabClient *client = clientOf(i);
        if (!client || client->session.connection != ClientConnection::Connected)
            continue;
        for (const QByteArray &topic : isCleared ? QByteArrayList() : m_retained) {
            Message message;
            message.topic = topic;
            message.retain = true;
            m_submit(ClientDo{client->key, PublishCommand{message}});
        }
        isCleared = true;
        m_submit(ClientDo{client->key, DisconnectCommand{}});
    }
}

bool Sweeper::isConnecting() const
{
    for (quint32 i = 0; i < m_sweeping; ++i) {
        const LabClient *client = clientOf(i);
        if (client && (client->session.connection == ClientConnection::Opening ||
                       client->session.connection == ClientConnection::AwaitConnack))
            return true;
    }
    return false;
}

const LabClient *Sweeper::clientOf(quint32 index) const
{
    const auto found = m_lab.clients.find(ClientKey{firstKey + index});
    return found == m_lab.clients.end() ? nullptr : &found->second;
}

} // namespace sessionscope
