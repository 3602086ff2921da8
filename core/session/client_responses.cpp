// Request and response (v5 §4.10): an ordinary PUBLISH that names where its answer goes and how to know it again.
// The Correlation Data is the request's token; the Response Topic is this client's own, so no two can be mixed up.
#include "core/session/client_turn.h"

#include <QtEndian>

namespace sessionscope {

namespace {

QByteArray correlationOf(PublishToken token)
{
    QByteArray bytes(sizeof(quint64), Qt::Uninitialized);
    qToBigEndian(token.value, bytes.data());
    return bytes;
}

} // namespace

void ClientTurn::command(const RequestCommand &command)
{
    if (!is(ClientConnection::Connected))
        return refuse("not connected");
    if (!isV5())
        return refuse("requests with a Response Topic need MQTT 5.0");
    const QByteArray topic = responseTopicFor(command);
    if (topic.contains('+') || topic.contains('#'))
        return refuse("a Response Topic has no wildcards"); // MQTT-3.3.2-14
    if (!m_session.subscriptions.contains(topic))
        this->command(SubscribeCommand{{{topic, {.maximumQos = command.message.qos}}}, {}});

    const PublishToken token{m_session.nextToken};
    const QByteArray correlation = correlationOf(token);
    PublishCommand publish{command.message};
    publish.message.properties.add(PropertyId::ResponseTopic, topic);
    publish.message.properties.add(PropertyId::CorrelationData, correlation);
    this->command(publish);
    // A publish that was refused took no token.
    if (m_session.nextToken != token.value)
        m_session.awaitedResponses[correlation] = {token, topic, m_now, m_now + command.wait};
}

/// Of the Response Information, which a server gives as the start of such topics (v5 §3.2.2.3.15).
QByteArray ClientTurn::responseTopicFor(const RequestCommand &command) const
{
    if (!command.responseTopic.isEmpty())
        return command.responseTopic;
    QByteArray start = m_session.connack->properties.bytes(PropertyId::ResponseInformation).value_or("response");
    if (!start.endsWith('/'))
        start += '/';
    return start + m_session.record->clientId;
}

void ClientTurn::command(const RespondCommand &command)
{
    const auto topic = command.request.properties.bytes(PropertyId::ResponseTopic);
    if (!topic)
        return refuse("the message names no Response Topic");
    PublishCommand publish{{.topic = *topic, .payload = command.payload, .qos = command.request.qos}};
    if (const auto correlation = command.request.properties.bytes(PropertyId::CorrelationData))
        publish.message.properties.add(PropertyId::CorrelationData, *correlation);
    this->command(publish);
}

void ClientTurn::noteResponse(const PublishPacket &publish)
{
    if (m_session.awaitedResponses.empty())
        return;
    const auto correlation = publish.properties.bytes(PropertyId::CorrelationData);
    const auto found = correlation ? m_session.awaitedResponses.find(*correlation) : m_session.awaitedResponses.end();
    if (found == m_session.awaitedResponses.end() || found->second.responseTopic != publish.topic)
        return;
    const AwaitedResponse awaited = found->second;
    m_session.awaitedResponses.erase(found);
    emit(ResponseArrived{awaited.token, publish, m_now - awaited.askedAt});
}

void ClientTurn::dropOverdueResponses()
{
    std::erase_if(m_session.awaitedResponses, [this](const auto &entry) {
        if (entry.second.dueAt > m_now)
            return false;
        emit(ResponseOverdue{entry.second.token});
        return true;
    });
}

} // namespace sessionscope
